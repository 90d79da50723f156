// Paid as it ships, over HTTP: authorized with the sale, captured with what a carrier takes over, void where nothing left.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { captured, decideCapture, expire, parkedSteps, putTwoWarehouses } from '../support/capture-paths.ts';
import { closeChecked } from '../support/invariants.ts';
import { heal } from '../support/operators.ts';
import { ended, eventTypesOf, getOrder, placeOrder, postOrder, settledOrder, workflowEnd } from '../support/orders.ts';
import { address, advance, becomes, cancelOrder, packAndLabel, placeToShip, shipmentsIn } from '../support/shipping.ts';
import { startTestStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

let stack: Stack;
const accepted: string[] = [];
const asItShips = { capture: 'per-shipment' };

beforeAll(async () => {
  // A capture parks within seconds; the breaker would leave the provider alone for longer than that.
  const env = { PROVIDER_OUTAGE_LIMIT_MS: '4000', PROVIDER_BREAKER_FAILURES: '1000000' };
  stack = await startTestStack({ webhooks: true, env });
  await putTwoWarehouses(stack);
});
afterAll(() => closeChecked(stack, { accepted }));

type Card = { money: Record<string, unknown>; parked: Record<string, unknown>[] };
const explain = async (id: string): Promise<Card> =>
  (await (await fetch(`${stack.url}/orders/${id}/explanation`)).json()) as Card;

const effectsOf = async (id: string): Promise<string[]> =>
  (await stack.journal(id))
    .filter(({ effect }) => effect !== 'none' && effect !== 'created')
    .map(({ effect, amountMinor }) => `${effect} ${amountMinor}`);

test('an order of two shipments is captured with each, and its refunds are of what is captured', async () => {
  const items = [
    { sku: 'book', quantity: 1 },
    { sku: 'pen', quantity: 1 },
  ];
  const { id, ...placed } = await placeOrder(stack.url, { items, extra: { shipping: address, ...asItShips } });
  accepted.push(id);
  expect(placed).toMatchObject({ capture: 'per-shipment', payment: { state: 'pending', authorizedMinor: 0 } });
  await until(async () => shipmentsIn(await getOrder(stack.url, id)).length === 2, 'it is divided');
  expect((await getOrder(stack.url, id)).payment).toMatchObject({
    state: 'authorized',
    capturedMinor: 0,
    authorizedMinor: 1_333,
  });
  expect((await explain(id)).money).toMatchObject({ authorizedMinor: 1_333, balanceMinor: 0 });

  await packAndLabel(stack, id, 1);
  await advance(stack, id, 'dispatched', 1);
  await captured(stack, id, 1_000);
  const refund = await fetch(`${stack.url}/orders/${id}/refunds`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID() },
    body: JSON.stringify({ items: [{ sku: 'pen', quantity: 1 }], reason: 'no more pens' }),
  });
  expect([refund.status, ((await refund.json()) as { type: string }).type]).toEqual([409, '/problems/not-captured']);

  await packAndLabel(stack, id, 2);
  await advance(stack, id, 'dispatched', 2);
  await advance(stack, id, 'delivered', 2);
  await advance(stack, id, 'delivered', 1);
  await captured(stack, id, 1_333);
  await becomes(stack, id, 'delivered');
  await workflowEnd(stack, id);
  await until(async () => (await getOrder(stack.url, id)).payment.state === 'captured', 'the payment is over');
  expect(await effectsOf(id)).toEqual(['authorized 1333', 'captured 1000', 'captured 333']);
  const types = (await eventTypesOf(stack.url, id)).filter((type) => type.startsWith('payment.'));
  expect(types.slice(0, 1)).toEqual(['payment.authorized']);
  expect(types.filter((type) => type === 'payment.capture_completed')).toHaveLength(2);
});

test('an order that is cancelled before anything left is void, and takes nothing', async () => {
  const id = await placeToShip(stack, 2, asItShips);
  accepted.push(id);
  await packAndLabel(stack, id);
  expect((await cancelOrder(stack, id)).status).toBe(202);
  await ended(stack.url, id, 'cancelled');
  expect((await getOrder(stack.url, id)).payment).toMatchObject({
    state: 'voided',
    capturedMinor: 0,
    authorizedMinor: 0,
  });
  expect(await effectsOf(id)).toEqual(['authorized 2000', 'canceled 2000']);
  await workflowEnd(stack, id);
});

test('an order whose authorization is declined is rejected', async () => {
  const wanted = { paymentMethod: 'pm_card_chargeDeclined', extra: { shipping: address, ...asItShips } };
  const { id } = await placeOrder(stack.url, wanted);
  accepted.push(id);
  expect(await settledOrder(stack.url, id)).toMatchObject({ status: 'rejected', payment: { state: 'declined' } });
  await workflowEnd(stack, id);
});

test('a capture that the provider does not answer parks beside its order, which is delivered, until it is retried', async () => {
  const id = await placeToShip(stack, 2, asItShips);
  accepted.push(id);
  await stack.fault({ operation: 'capture', mode: 'error_500', times: 'always', match: { orderId: id } });
  await packAndLabel(stack, id);
  await advance(stack, id);
  await advance(stack, id);
  await becomes(stack, id, 'delivered');
  await until(async () => (await parkedSteps(stack, id)).includes('capture-payment'), 'the capture parks');
  const card = await explain(id);
  expect(card.parked).toEqual([
    expect.objectContaining({ step: 'capture-payment', atStake: expect.objectContaining({ amountMinor: 2_000 }) }),
  ]);
  await heal(stack);
  expect((await decideCapture(stack, id, { action: 'retry' })).status).toBe(202);
  await captured(stack, id, 2_000);
  await until(async () => (await getOrder(stack.url, id)).attention === null, 'nothing is parked');
  expect(await effectsOf(id)).toEqual(['authorized 2000', 'captured 2000']);
  await workflowEnd(stack, id);
});

test('what ships after its authorization has ended parks, and may be given up', async () => {
  const id = await placeToShip(stack, 2, asItShips);
  accepted.push(id);
  await expire(stack, id);
  await until(async () => (await parkedSteps(stack, id)).includes('follow-payment'), 'somebody is told');
  await packAndLabel(stack, id);
  await advance(stack, id);
  await advance(stack, id);
  await until(async () => (await parkedSteps(stack, id)).includes('capture-payment'), 'the capture parks');
  expect((await decideCapture(stack, id, { action: 'compensate' })).status).toBe(202);
  await until(async () => (await eventTypesOf(stack.url, id)).includes('payment.capture_given_up'), 'it is given up');
  expect((await decideCapture(stack, id, { step: 'follow-payment', action: 'skip' })).status).toBe(202);
  await until(async () => (await getOrder(stack.url, id)).attention === null, 'nothing is parked');
  expect(await getOrder(stack.url, id)).toMatchObject({
    status: 'delivered',
    payment: { state: 'voided', capturedMinor: 0 },
  });
  await workflowEnd(stack, id);
});

test('an order that does not ship can not be paid as it ships', async () => {
  const answer = await postOrder(stack.url, { extra: asItShips });
  expect(answer.status).toBe(422);
  expect(await answer.json()).toMatchObject({ type: '/problems/invalid-body', errors: [{ pointer: '/capture' }] });
});
