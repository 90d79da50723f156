// A worker that loses its power around a capture. Each time what was handed over is captured once.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { captured } from '../support/capture-paths.ts';
import { closeChecked } from '../support/invariants.ts';
import { getOrder, placeOrder, putProduct } from '../support/orders.ts';
import { address, advance, becomes, packAndLabel } from '../support/shipping.ts';
import { startTestStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

let stack: Stack;
const accepted: string[] = [];

beforeAll(async () => {
  stack = await startTestStack({ worker: false, webhooks: true });
  await putProduct(stack.url, 'book', { onHand: 1_000 });
});
afterAll(() => closeChecked(stack, { accepted }));

const items = [{ sku: 'book', quantity: 2 }];
const asItShips = { shipping: address, capture: 'per-shipment' };

test.each(['after provider.capture', 'inside captures.settle'])(
  'a worker killed %s leaves an order that is paid for what was handed over, once',
  async (point) => {
    const crashing = await stack.startCrashingWorker(point);
    const { id } = await placeOrder(stack.url, { items, extra: asItShips });
    accepted.push(id);
    await until(
      async () => (await getOrder(stack.url, id)).waiting?.for === 'warehouse',
      'it waits for the warehouse',
      80_000,
    );
    await packAndLabel(stack, id);
    await advance(stack, id);
    await advance(stack, id);
    expect(await crashing.ended).toBe('signal SIGKILL');
    const worker = await stack.startWorker();
    await becomes(stack, id, 'delivered');
    await captured(stack, id, 2_000);
    await until(async () => (await getOrder(stack.url, id)).payment.state === 'captured', 'the payment is over');
    const effects = (await stack.journal(id)).map(({ effect }) => effect);
    expect(effects.filter((effect) => effect === 'authorized' || effect === 'captured')).toEqual([
      'authorized',
      'captured',
    ]);
    await stack.temporal.workflow.getHandle(id).result();
    await stack.temporal.workflow.getHandle(`${id}:capture:1`).result();
    await worker.stop(12_000);
  },
  90_000,
);
