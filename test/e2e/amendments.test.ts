// Changes of an order after its sale: over HTTP in, in rows, at the provider and at the warehouse out.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  amend,
  amendPaths,
  findAmendment,
  postAmendment,
  settledAmendment,
  versionOf,
  type AmendmentBody,
} from '../support/amend-paths.ts';
import { closeChecked } from '../support/invariants.ts';
import { closedBreaker } from '../support/operators.ts';
import { eventTypesOf, getOrder, putProduct } from '../support/orders.ts';
import { settledRefund } from '../support/refund-paths.ts';
import { advance, becomes, packAndLabel, packed, placeToShip, shipmentsIn } from '../support/shipping.ts';
import { startTestStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

let stack: Stack;
beforeAll(async () => {
  const env = { PROVIDER_OUTAGE_LIMIT_MS: '4000', ...closedBreaker };
  stack = await startTestStack({ webhooks: true, env });
  await putProduct(stack.url, 'book', { onHand: 1_000 });
  await putProduct(stack.url, 'pen', { onHand: 0 });
  const east = { name: 'East', priority: 1, ships: true };
  const headers = { 'Content-Type': 'application/json' };
  await fetch(`${stack.url}/warehouses/east`, { method: 'PUT', headers, body: JSON.stringify(east) });
  await fetch(`${stack.url}/products/pen/stock-adjustments`, {
    method: 'POST',
    headers: { ...headers, 'Idempotency-Key': randomUUID() },
    body: JSON.stringify({ delta: 50, reason: 'delivered', warehouse: 'east' }),
  });
});
afterAll(() => closeChecked(stack));

const problemOf = async (answer: Response) => {
  const { type, detail } = (await answer.json()) as { type: string; detail: string };
  return { status: answer.status, type, detail };
};
const balanceAt = async (id: string): Promise<number> =>
  (await stack.journal(id)).reduce(
    (sum, { effect, amountMinor }) =>
      sum + (effect === 'captured' ? amountMinor : effect === 'refunded' ? -amountMinor : 0),
    0,
  );

test.each(amendPaths)('$name ends as it should, on the order and at the provider', async ({ ends, isOver, walk }) => {
  const id = await walk(stack);
  const amendment = await findAmendment(stack.url, id);
  expect(amendment).toMatchObject({ state: ends.state, refusal: ends.code ? { code: ends.code } : null });
  if (amendment.refundNumber !== null) await settledRefund(stack.url, id, amendment.refundNumber);
  expect(await getOrder(stack.url, id)).toMatchObject({ totalMinor: ends.totalMinor });
  expect(await balanceAt(id)).toBe(isOver ? 0 : ends.totalMinor);
  // Its payments are followed afterwards: there is no news in them, and nobody is put to work.
  await until(async () => (await getOrder(stack.url, id)).attention === null, 'nothing is parked');
});

describe('over HTTP', () => {
  const dearer = { items: [{ sku: 'book', quantity: 3 }], paymentMethod: 'pm_card_visa' };

  test('it is accepted once for each key, found by its Location, and told by events', async () => {
    const id = await placeToShip(stack);
    expect(await getOrder(stack.url, id)).not.toHaveProperty('amendments');
    const version = await versionOf(stack.url, id);
    const key = randomUUID();
    const first = await postAmendment(stack.url, id, dearer, { key, version });
    expect(first.status).toBe(202);
    expect(first.headers.get('location')).toBe(`/orders/${id}/amendments/1`);
    const said = await first.text();
    await settledAmendment(stack.url, id);
    const repeat = await postAmendment(stack.url, id, dearer, { key, version });
    expect([repeat.status, await repeat.text()]).toEqual([202, said]);
    expect(repeat.headers.get('idempotency-replayed')).toBe('true');
    const other = await postAmendment(stack.url, id, { ...dearer, reason: 'other' }, { key, version });
    expect(await problemOf(other)).toMatchObject({ status: 422, type: '/problems/idempotency-key-reused' });
    const { items } = (await (await fetch(`${stack.url}/orders/${id}/amendments`)).json()) as {
      items: AmendmentBody[];
    };
    expect(items).toMatchObject([{ number: 1, state: 'applied', chargeMinor: 1_000 }]);
    expect((await fetch(`${stack.url}/orders/${id}/amendments/2`)).status).toBe(404);
    const types = await eventTypesOf(stack.url, id);
    expect(types).toEqual(expect.arrayContaining(['amendment.requested', 'order.amended']));
  });

  test('it says what is wrong with a request before anything is done', async () => {
    const id = await placeToShip(stack);
    const version = await versionOf(stack.url, id);
    const send = (headers: Record<string, string>): Promise<Response> =>
      fetch(`${stack.url}/orders/${id}/amendments`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID(), ...headers },
        body: JSON.stringify({ ...dearer, reason: 'r' }),
      });
    expect(await problemOf(await send({}))).toMatchObject({ status: 428, type: '/problems/missing-if-match' });
    for (const tag of ['*', 'W/"1"', '1', '"1", "2"'])
      expect(await problemOf(await send({ 'If-Match': tag }))).toMatchObject({ status: 400 });
    expect(await problemOf(await send({ 'If-Match': '"1"' }))).toMatchObject({
      ...{ status: 412, type: '/problems/order-changed', detail: expect.stringContaining(version) },
    });
    const { items } = dearer;
    const refused: [object, string][] = [
      [{ items }, 'payment-method-needed'],
      [{ items: [{ sku: 'book', quantity: 2 }] }, 'nothing-to-amend'],
      [{ items: [{ sku: 'unheard-of', quantity: 2 }] }, 'unknown-sku'],
      [{}, 'invalid-body'],
    ];
    for (const [wish, slug] of refused)
      expect(await problemOf(await postAmendment(stack.url, id, wish, { version }))).toMatchObject({
        ...{ status: 422, type: `/problems/${slug}` },
      });
    const conditional = await fetch(`${stack.url}/orders/${id}`, { headers: { 'If-None-Match': version } });
    expect(conditional.status).toBe(200);
    await packed(stack, id);
    const late = await postAmendment(stack.url, id, dearer);
    expect(await problemOf(late)).toMatchObject({
      status: 409,
      detail: expect.stringContaining('Shipment 1 is packed'),
    });
  });
});

test('what an order was paid with is charged again where that was agreed upon, and a no leaves the order as it was', async () => {
  const saving = { savePaymentMethod: true };
  const [id, empty] = await Promise.all([
    placeToShip(stack, 2, saving),
    placeToShip(stack, 2, { ...saving, paymentMethod: 'pm_sim_declines_off_session' }),
  ]);
  const dearer = { items: [{ sku: 'book', quantity: 3 }] };
  await amend(stack.url, id, dearer);
  await amend(stack.url, empty, dearer);
  expect(await settledAmendment(stack.url, id)).toMatchObject({ state: 'applied', chargeMinor: 1_000 });
  expect(await getOrder(stack.url, id)).toMatchObject({ totalMinor: 3_000, payment: { capturedMinor: 3_000 } });
  expect(await balanceAt(id)).toBe(3_000);

  expect(await settledAmendment(stack.url, empty)).toMatchObject({
    ...{ state: 'refused', refusal: { code: 'payment.declined', declineCode: 'insufficient_funds' } },
  });
  expect(await getOrder(stack.url, empty)).toMatchObject({ totalMinor: 2_000, items: [{ quantity: 2 }] });
  expect(await balanceAt(empty)).toBe(2_000);
});

test('what an amendment adds in another warehouse is packed and delivered, and what it removes never leaves', async () => {
  const id = await placeToShip(stack, 1);
  await amend(stack.url, id, { items: [{ sku: 'pen', quantity: 2 }], paymentMethod: 'pm_card_visa' });
  expect(await settledAmendment(stack.url, id)).toMatchObject({ state: 'applied', chargeMinor: 1_000 });
  expect(shipmentsIn(await getOrder(stack.url, id))).toMatchObject([
    { number: 1, status: 'cancelled' },
    { number: 2, status: 'pending', warehouse: 'east', items: [{ sku: 'pen', quantity: 2 }] },
  ]);
  expect((await packed(stack, id, 1)).status).toBe(409);
  await packAndLabel(stack, id, 2);
  await advance(stack, id, 'dispatched', 2);
  await advance(stack, id, 'delivered', 2);
  await becomes(stack, id, 'delivered');
  await stack.temporal.workflow.getHandle(id).result();
  expect(await balanceAt(id)).toBe(2_000);
});
