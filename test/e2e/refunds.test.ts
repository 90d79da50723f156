// Refunds that operators ask for: over HTTP in, in rows, at the provider and in the explanation out, long after the order has closed.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { closeChecked } from '../support/invariants.ts';
import { closedBreaker, heal, postResolution, postResolutionOnce } from '../support/operators.ts';
import { eventTypesOf, getOrder, placeOrder, putProduct, settledOrder } from '../support/orders.ts';
import { dashboard, parks, providerIdOf } from '../support/follow-ups.ts';
import {
  findRefund,
  postRefund,
  refundPaths,
  requestRefund,
  settledRefund,
  sold,
  type RefundBody,
} from '../support/refund-paths.ts';
import { startTestStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

let stack: Stack;
beforeAll(async () => {
  const env = { PROVIDER_OUTAGE_LIMIT_MS: '4000', ...closedBreaker };
  stack = await startTestStack({ webhooks: true, env });
  await putProduct(stack.url, 'book', { onHand: 1_000 });
});
afterAll(() => closeChecked(stack));

const problemOf = async (answer: Response) => {
  const { type, detail } = (await answer.json()) as { type: string; detail: string };
  return { status: answer.status, type, detail };
};
const cardOf = async (id: string) =>
  (await (await fetch(`${stack.url}/orders/${id}/explanation`)).json()) as {
    waitingFor: { what: string } | null;
    mustAct: { who: string };
    parked: { step: string; atStake: { amountMinor: number } }[];
    money: { balanceMinor: number; toRefundMinor: number };
  };
const refundedAt = async (id: string): Promise<number[]> =>
  (await stack.journal(id)).filter(({ effect }) => effect === 'refunded').map(({ amountMinor }) => amountMinor);

describe.each(refundPaths)('$name', ({ ends, walk }) => {
  test('ends as it should, on the order and in its books', async () => {
    const { orderId } = await walk(stack);
    const order = (await getOrder(stack.url, orderId)) as unknown as {
      status: string;
      payment: { refundedMinor: number };
      refunds: RefundBody[];
    };
    expect(order).toMatchObject({
      status: 'confirmed',
      payment: { capturedMinor: 1_000, refundedMinor: ends.refundedMinor },
    });
    expect(order.refunds).toMatchObject([{ number: 1, state: ends.state, settledAt: expect.any(String) }]);
    expect(await refundedAt(orderId)).toEqual(ends.refundedMinor === 0 ? [] : [ends.refundedMinor]);
    // The provider's notices are followed too: what was asked for is no news, and puts nobody to work.
    await until(async () => (await getOrder(stack.url, orderId)).attention === null, 'nothing is parked');
  });
});

test('is accepted once for each key, told by events, and found by its Location', async () => {
  const id = await sold(stack);
  const key = randomUUID();
  const first = await postRefund(stack.url, id, { amountMinor: 250 }, key);
  expect(first.status).toBe(202);
  expect(first.headers.get('location')).toBe(`/orders/${id}/refunds/1`);
  const said = await first.text();
  await settledRefund(stack.url, id);
  const repeat = await postRefund(stack.url, id, { amountMinor: 250 }, key);
  expect([repeat.status, await repeat.text()]).toEqual([202, said]);
  expect(repeat.headers.get('idempotency-replayed')).toBe('true');
  expect(await problemOf(await postRefund(stack.url, id, { amountMinor: 251 }, key))).toMatchObject({ status: 422 });
  expect(await findRefund(stack.url, id)).toMatchObject({ amountMinor: 250, state: 'completed' });
  const { items } = (await (await fetch(`${stack.url}/orders/${id}/refunds`)).json()) as { items: RefundBody[] };
  expect(items).toHaveLength(1);
  expect((await fetch(`${stack.url}/orders/${id}/refunds/2`)).status).toBe(404);
  const types = await eventTypesOf(stack.url, id);
  expect(types.slice(-3)).toEqual(['refund.requested', 'payment.refunded', 'refund.completed']);
  expect(await refundedAt(id)).toEqual([250]);
});

test('by units and for all that is left, one after the other, gives back all and no more', async () => {
  const { id } = await placeOrder(stack.url, { items: [{ sku: 'book', quantity: 3 }] });
  await settledOrder(stack.url, id);
  await requestRefund(stack.url, id, { items: [{ sku: 'book', quantity: 2 }] });
  expect(await problemOf(await postRefund(stack.url, id, { items: [{ sku: 'book', quantity: 2 }] }))).toEqual({
    ...{ status: 409, type: '/problems/refund-too-large' },
    detail: '2 units of one line are asked for: 3 were sold, 2 of them refunded',
  });
  expect(await problemOf(await postRefund(stack.url, id, { amountMinor: 1_001 }))).toEqual({
    ...{ status: 409, type: '/problems/refund-too-large', detail: '1001 are asked for, 1000 are left to be refunded' },
  });
  expect(await requestRefund(stack.url, id, {})).toMatchObject({ number: 2, amountMinor: 1_000 });
  await settledRefund(stack.url, id, 1);
  await settledRefund(stack.url, id, 2);
  expect((await refundedAt(id)).sort()).toEqual([1_000, 2_000]);
  expect(await getOrder(stack.url, id)).toMatchObject({ status: 'confirmed', payment: { state: 'refunded' } });
  expect(await postRefund(stack.url, id, {})).toMatchObject({ status: 409 });
});

test('is refused for an order that was not sold, and for a wish that says too much', async () => {
  const { id } = await placeOrder(stack.url, { paymentMethod: 'pm_card_chargeDeclined' });
  await settledOrder(stack.url, id);
  expect(await problemOf(await postRefund(stack.url, id, {}))).toMatchObject({
    ...{ status: 409, type: '/problems/order-not-refundable' },
  });
  const both = { amountMinor: 1, items: [{ sku: 'book', quantity: 1 }] };
  for (const wish of [both, { amountMinor: 0 }, { items: [] }, { reason: '' }, { more: 1 }])
    expect((await postRefund(stack.url, id, wish)).status).toBe(422);
});

test('parked, the explanation says what is at stake, and the order takes the decision over HTTP', async () => {
  const id = await sold(stack);
  await stack.fault({ operation: 'refund', mode: 'error_500', times: 'always', match: { orderId: id } });
  await requestRefund(stack.url, id, { amountMinor: 600 });
  const underWay = await cardOf(id);
  expect(underWay).toMatchObject({ waitingFor: { what: expect.stringContaining('600 EUR') } });
  await until(async () => (await getOrder(stack.url, id)).attention?.step === 'pay-refund', 'the refund parks');
  expect(await cardOf(id)).toMatchObject({
    mustAct: { who: 'operator' },
    parked: [{ step: 'pay-refund', atStake: { amountMinor: 600 }, possibleActions: ['retry', 'skip', 'compensate'] }],
    money: { balanceMinor: 1_000, toRefundMinor: 600 },
  });
  await heal(stack);
  expect((await postResolution(stack.url, id, { action: 'retry', reason: 'it is well again' })).status).toBe(202);
  expect(await settledRefund(stack.url, id)).toMatchObject({ state: 'completed' });
  expect(await refundedAt(id)).toEqual([600]);
  expect(await cardOf(id)).toMatchObject({ waitingFor: null, money: { balanceMinor: 400, toRefundMinor: 0 } });
});

test('whose workflow somebody has ended in Temporal is started again, and what was parked is over then', async () => {
  const id = await sold(stack);
  await stack.fault({ operation: 'refund', mode: 'error_500', times: 'always', match: { orderId: id } });
  await requestRefund(stack.url, id, { amountMinor: 600 });
  await until(async () => (await getOrder(stack.url, id)).attention?.step === 'pay-refund', 'the refund parks');
  await stack.temporal.workflow.getHandle(`${id}:refund:1`).terminate('a mistake');
  await heal(stack);
  expect((await postResolutionOnce(stack.url, id, { action: 'retry', reason: 'is it there?' })).status).toBe(503);
  expect(await settledRefund(stack.url, id)).toMatchObject({ state: 'completed' });
  await until(async () => (await getOrder(stack.url, id)).attention === null, 'nothing is parked');
  expect(await refundedAt(id)).toEqual([600]);
});

test('beside one that somebody makes in the dashboard: that one parks as ever, and only for what it took', async () => {
  const id = await sold(stack);
  await requestRefund(stack.url, id, { amountMinor: 300 });
  await settledRefund(stack.url, id);
  await dashboard(stack, 'refunds', { payment_intent: await providerIdOf(stack, id), amount: '100' });
  await parks(stack, id, 'worth 700');
  expect((await cardOf(id)).parked).toMatchObject([{ step: 'follow-payment', atStake: { amountMinor: 100 } }]);
});
