// A worker that loses its power around the label, the dispatch and a sale that is taken back. Each time there is one parcel, and the
// order ends as it was said.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { closeChecked } from '../support/invariants.ts';
import { eventTypesOf, getOrder, putProduct } from '../support/orders.ts';
import {
  advance,
  becomes,
  cancelOrder,
  carrierJournal,
  onHand,
  packAndLabel,
  packed,
  placeToShip,
  shipmentsIn,
} from '../support/shipping.ts';
import { startTestStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

let stack: Stack;
const accepted: string[] = [];

beforeAll(async () => {
  stack = await startTestStack({ worker: false, webhooks: true });
  await putProduct(stack.url, 'book', { onHand: 1_000 });
});
afterAll(() => closeChecked(stack, { accepted }));

const place = async (): Promise<string> => {
  const id = await placeToShip(stack);
  accepted.push(id);
  return id;
};
const times = (items: readonly { effect: string }[], effect: string): number =>
  items.filter((item) => item.effect === effect).length;

test.each(['after carrier.create', 'inside shipments.recordFacts'])(
  'a worker killed %s leaves an order that is delivered, by one parcel',
  async (point) => {
    const crashing = await stack.startCrashingWorker(point);
    const id = await place();
    expect((await packed(stack, id)).status).toBe(200);
    expect(await crashing.ended).toBe('signal SIGKILL');
    const worker = await stack.startWorker();
    await packAndLabel(stack, id);
    await advance(stack, id);
    await advance(stack, id);
    await becomes(stack, id, 'delivered');
    // Its last look at the carrier would come to the next test's worker, and kill that too early.
    await stack.temporal.workflow.getHandle(id).result();
    expect(times(await carrierJournal(stack, id), 'created')).toBe(1);
    const types = await eventTypesOf(stack.url, id);
    for (const type of ['shipment.created', 'shipment.dispatched', 'order.shipped', 'order.delivered'])
      expect([type, types.filter((other) => other === type).length]).toEqual([type, 1]);
    await worker.stop(12_000);
  },
  90_000,
);

test.each(['inside orders.cancel', 'after carrier.cancel'])(
  'a worker killed %s leaves a sale that is taken back, once',
  async (point) => {
    const before = await onHand(stack);
    const crashing = await stack.startCrashingWorker(point);
    const id = await place();
    await packAndLabel(stack, id);
    const first = await cancelOrder(stack, id);
    expect([202, 503]).toContain(first.status);
    expect(await crashing.ended).toBe('signal SIGKILL');
    const worker = await stack.startWorker();
    await until(async () => (await cancelOrder(stack, id)).status === 202, 'whoever asks again is told');
    await becomes(stack, id, 'cancelled');
    const order = await getOrder(stack.url, id);
    expect(order.payment).toMatchObject({ state: 'refunded', refundedMinor: 2_000 });
    expect(shipmentsIn(order)).toEqual([expect.objectContaining({ status: 'cancelled', dispatchedAt: null })]);
    expect(await onHand(stack)).toBe(before);
    expect(times(await carrierJournal(stack, id), 'cancelled')).toBe(1);
    await worker.stop(12_000);
  },
  90_000,
);
