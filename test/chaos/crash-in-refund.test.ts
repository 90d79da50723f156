// A worker that loses its power while it gives something back: another takes over, and the customer gets it once.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { closeChecked } from '../support/invariants.ts';
import { getOrder, putProduct } from '../support/orders.ts';
import { requestRefund, settledRefund, sold } from '../support/refund-paths.ts';
import { startTestStack, type Stack } from '../support/stack.ts';

let stack: Stack;
let orderIds: string[] = [];
// Each costs the ten seconds after which a provider call is missed.
const points = ['after provider.refund', 'inside refunds.settlePart'] as const;

beforeAll(async () => {
  stack = await startTestStack({ webhooks: true });
  await putProduct(stack.url, 'book');
  orderIds = await Promise.all(points.map(() => sold(stack)));
  await stack.worker?.stop(12_000);
});
afterAll(() => closeChecked(stack, { accepted: orderIds }));

test.each(points.map((point, index) => [point, index] as const))(
  'a worker killed %s leaves a refund that is made once',
  async (point, index) => {
    const orderId = orderIds[index] ?? '';
    const crashing = await stack.startCrashingWorker(point);
    await requestRefund(stack.url, orderId, { amountMinor: 300 });
    // The crash is what ends it: a point that is never reached is a test that proves nothing.
    expect(await crashing.ended).toBe('signal SIGKILL');

    const worker = await stack.startWorker();
    expect(await settledRefund(stack.url, orderId)).toMatchObject({ state: 'completed', amountMinor: 300 });
    const refunded = (await stack.journal(orderId)).filter(({ effect }) => effect === 'refunded');
    expect(refunded.map(({ amountMinor }) => amountMinor)).toEqual([300]);
    await stack.temporal.workflow.getHandle(`${orderId}:refund:1`).result();
    expect(await getOrder(stack.url, orderId)).toMatchObject({ attention: null, payment: { refundedMinor: 300 } });
    await worker.stop(12_000);
  },
  90_000,
);
