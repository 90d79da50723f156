// A worker that loses its power while it changes an order: another takes over, and the difference is taken once.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { amend, settledAmendment } from '../support/amend-paths.ts';
import { closeChecked } from '../support/invariants.ts';
import { getOrder, putProduct } from '../support/orders.ts';
import { placeToShip } from '../support/shipping.ts';
import { startTestStack, type Stack } from '../support/stack.ts';

let stack: Stack;
let orderIds: string[] = [];
// Each costs a worker that is missed: ten seconds and more.
const points = ['after provider.confirm', 'inside amendments.apply'] as const;

beforeAll(async () => {
  stack = await startTestStack({ webhooks: true });
  await putProduct(stack.url, 'book');
  orderIds = await Promise.all(points.map(() => placeToShip(stack)));
  await stack.worker?.stop(12_000);
});
afterAll(() => closeChecked(stack, { accepted: orderIds }));

test.each(points.map((point, index) => [point, index] as const))(
  'a worker killed %s leaves an amendment that is applied once',
  async (point, index) => {
    const orderId = orderIds[index] ?? '';
    const crashing = await stack.startCrashingWorker(point);
    await amend(stack.url, orderId, { items: [{ sku: 'book', quantity: 3 }], paymentMethod: 'pm_card_visa' });
    // The crash is what ends it: a point that is never reached is a test that proves nothing.
    expect(await crashing.ended).toBe('signal SIGKILL');

    const worker = await stack.startWorker();
    expect(await settledAmendment(stack.url, orderId)).toMatchObject({ state: 'applied' });
    await stack.temporal.workflow.getHandle(`${orderId}:amendment:1`).result();
    expect(await getOrder(stack.url, orderId)).toMatchObject({ totalMinor: 3_000, attention: null, refunds: [] });
    const captured = (await stack.journal(orderId)).filter(({ effect }) => effect === 'captured');
    expect(captured.map(({ amountMinor }) => amountMinor)).toEqual([2_000, 1_000]);
    await worker.stop(12_000);
  },
  90_000,
);
