// Shipping over HTTP: what the warehouse and the carrier tell, in any order, twice or not at all; and a sale that is taken back before
// it has left.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { closeChecked } from '../support/invariants.ts';
import { eventTypesOf, getOrder, placeOrder, putProduct, settledOrder } from '../support/orders.ts';
import {
  advance,
  becomes,
  cancelOrder,
  carrierFault,
  carrierJournal,
  decide,
  onHand,
  packAndLabel,
  packed,
  parksAt,
  placeToShip,
  shipmentsIn,
} from '../support/shipping.ts';
import { startTestStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

let stack: Stack;
const accepted: string[] = [];

beforeAll(async () => {
  const looks = { CARRIER_FIRST_LOOK_MS: '3000', CARRIER_SLOW_LOOK_MS: '3000' };
  stack = await startTestStack({ webhooks: true, env: looks });
  await putProduct(stack.url, 'book', { onHand: 1_000 });
});
afterAll(() => closeChecked(stack, { accepted }));

const place = async (): Promise<string> => {
  const id = await placeToShip(stack);
  accepted.push(id);
  return id;
};

test('an order is packed, shipped and delivered, though news come twice, late and not at all', async () => {
  const id = await place();
  expect((await getOrder(stack.url, id)).status).toBe('confirmed');
  // The answer of the label gets lost: there is one all the same.
  await carrierFault(stack, { operation: 'create', mode: 'drop_after_effect' });
  // What the warehouse has packed is not what is to be sent: it is told, and nothing is recorded.
  const wrong = await packed(stack, id, 1, [{ sku: 'book', quantity: 1 }]);
  expect([wrong.status, await wrong.json()]).toMatchObject([409, { type: '/problems/shipment-changed' }]);
  expect((await packed(stack, id, 1, [])).status).toBe(422);
  expect(
    (
      await packed(stack, id, 1, [
        { sku: 'book', quantity: 1 },
        { sku: 'book', quantity: 1 },
      ])
    ).status,
  ).toBe(200);
  await packAndLabel(stack, id);
  expect((await packed(stack, id)).status).toBe(200);
  expect((await packed(stack, id, 7)).status).toBe(404);

  const match = { reference: `${id}:shipment:1` };
  await carrierFault(stack, { operation: 'webhook', mode: 'delay', delayMs: 2_500, match });
  await carrierFault(stack, { operation: 'webhook', mode: 'duplicate', match });
  await advance(stack, id);
  await advance(stack, id, 'lost');
  await parksAt(stack, id, 'deliver-shipment');
  // It turns up again, and nobody has to decide any more.
  await advance(stack, id, 'delivered');
  await becomes(stack, id, 'delivered');
  await until(async () => (await getOrder(stack.url, id)).attention === null, 'nothing is parked any more');
  await stack.temporal.workflow.getHandle(id).result();

  const order = await getOrder(stack.url, id);
  expect(order['items']).toEqual([expect.objectContaining({ quantity: 2, shippedQuantity: 2, deliveredQuantity: 2 })]);
  expect(shipmentsIn(order)).toEqual([expect.objectContaining({ number: 1, status: 'delivered', waiting: null })]);
  const types = await eventTypesOf(stack.url, id);
  expect(types.filter((type) => /^(shipment|order\.(shipped|delivered))/.test(type))).toEqual([
    'shipment.planned',
    'shipment.packed',
    'shipment.created',
    'shipment.dispatched',
    ...(types.indexOf('order.shipped') < types.indexOf('shipment.lost')
      ? ['order.shipped', 'shipment.lost']
      : ['shipment.lost', 'order.shipped']),
    'shipment.delivered',
    'order.delivered',
  ]);
  expect((await carrierJournal(stack, id)).filter(({ effect }) => effect === 'created')).toHaveLength(1);
  expect((await cancelOrder(stack, id)).status).toBe(409);
});

test('news that never come are asked for, also where somebody has ended the shipment’s workflow', async () => {
  const id = await place();
  await stack.temporal.workflow.getHandle(`${id}:shipment:1`).terminate('by mistake');
  await packAndLabel(stack, id);
  const match = { reference: `${id}:shipment:1` };
  await carrierFault(stack, { operation: 'webhook', mode: 'drop_before_effect', times: 'always', match });
  await advance(stack, id);
  await becomes(stack, id, 'shipped');
  // Too late to be taken back.
  const answer = await cancelOrder(stack, id);
  expect([answer.status, await answer.json()]).toMatchObject([409, { type: '/problems/order-not-cancellable' }]);
  await advance(stack, id, 'returned');
  await parksAt(stack, id, 'deliver-shipment');
  expect((await decide(stack, id, 'compensate')).status).toBe(409);
  // Sent once more; the second parcel arrives.
  expect((await decide(stack, id, 'retry')).status).toBe(202);
  await until(async () => shipmentsIn(await getOrder(stack.url, id)).length === 2, 'it is to be sent once more');
  await until(async () => (await getOrder(stack.url, id)).waiting?.for === 'warehouse', 'it waits for the warehouse');
  await packAndLabel(stack, id, 2);
  await advance(stack, id, 'dispatched', 2);
  await advance(stack, id, 'delivered', 2);
  await becomes(stack, id, 'delivered');
});

test('a sale of which nothing has left is taken back: label void, money back, goods on the shelf', async () => {
  const before = await onHand(stack);
  const id = await place();
  expect(await onHand(stack)).toBe(before - 2);
  await packAndLabel(stack, id);
  const answers = await Promise.all([cancelOrder(stack, id), cancelOrder(stack, id)]);
  expect(answers.map(({ status }) => status)).toEqual([202, 202]);
  await becomes(stack, id, 'cancelled');

  const order = await getOrder(stack.url, id);
  expect(order).toMatchObject({ attention: null, waiting: null, payment: { state: 'refunded', refundedMinor: 2_000 } });
  expect(shipmentsIn(order)).toEqual([expect.objectContaining({ status: 'cancelled' })]);
  expect(await onHand(stack)).toBe(before);
  expect((await carrierJournal(stack, id)).filter(({ effect }) => effect === 'cancelled')).toHaveLength(1);
  const packing = await packed(stack, id);
  expect([packing.status, await packing.json()]).toMatchObject([409, { type: '/problems/shipment-cancelled' }]);
  expect((await cancelOrder(stack, id)).status).toBe(202);
  const types = await eventTypesOf(stack.url, id);
  expect(types.slice(types.indexOf('shipment.cancelled'))).toEqual([
    'shipment.cancelled',
    'order.cancellation_requested',
    'payment.refunded',
    'inventory.restocked',
    'order.cancelled',
  ]);

  // The parcel leaves all the same, with the label that was void: that is never swallowed.
  await advance(stack, id, 'dispatched');
  await parksAt(stack, id, 'follow-shipment');
  expect(await getOrder(stack.url, id)).toMatchObject({ status: 'cancelled', payment: { refundedMinor: 2_000 } });
  expect((await decide(stack, id, 'skip')).status).toBe(202);
  await until(async () => (await getOrder(stack.url, id)).attention === null, 'somebody has taken it as it is');
});

test('what has nothing to ship ends with its sale, as ever', async () => {
  const { id } = await placeOrder(stack.url, { items: [{ sku: 'book', quantity: 1 }] });
  accepted.push(id);
  expect(await settledOrder(stack.url, id)).toMatchObject({ status: 'confirmed', waiting: null, shipments: [] });
  expect(await stack.temporal.workflow.getHandle(id).result()).toEqual({ status: 'confirmed' });
  expect((await cancelOrder(stack, id)).status).toBe(409);
});
