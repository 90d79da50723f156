// Cancelling over HTTP: a definite answer at every moment, the same however often it is asked, and an order that ends as was said.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { choosePort } from '../../src/local/ports.ts';
import { insist } from '../support/insisting.ts';
import { closeChecked } from '../support/invariants.ts';
import { closedBreaker, heal, parkOrders } from '../support/operators.ts';
import { eventTypesOf, getOrder, placeOrder, putProduct, settledOrder } from '../support/orders.ts';
import { startTestStack, type OrderBody, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const RACES = 40;
// Most of them while the order is worked on, however quick the machine is: from at once to a few seconds after the placing.
const pauseOf = (turn: number): number => 1.22 ** turn;

let stack: Stack;
const accepted: string[] = [];

beforeAll(async () => {
  stack = await startTestStack({ env: { PROVIDER_OUTAGE_LIMIT_MS: '1500', UNDO_ATTEMPTS: '2', ...closedBreaker } });
  await putProduct(stack.url, 'book', { onHand: 1_000 });
});
afterAll(() => closeChecked(stack, { accepted }));

const place = async (wanted: Parameters<typeof placeOrder>[1] = {}): Promise<string> => {
  const { id } = await placeOrder(stack.url, wanted);
  accepted.push(id);
  return id;
};
type Cancelling = { url?: string; body?: object };
const cancel = (id: string, options: Cancelling = {}): Promise<Response> => insist(() => cancelOnce(id, options));
const cancelOnce = (
  id: string,
  { url = stack.url, body = { reason: 'changed my mind' } }: Cancelling = {},
): Promise<Response> =>
  fetch(`${url}/orders/${id}/cancel`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
const problemOf = async (answer: Response) => ({
  status: answer.status,
  type: ((await answer.json()) as { type?: string }).type,
});
const cancelled = (id: string): Promise<unknown> =>
  until(async () => (await getOrder(stack.url, id)).status === 'cancelled', 'it is cancelled');

test('an order that waits for its customer is cancelled: its payment is void, its stock free', async () => {
  const id = await place({ paymentMethod: 'pm_card_authenticationRequired' });
  await until(async () => (await getOrder(stack.url, id)).waiting?.for === 'customer', 'it waits for its customer');

  const answers = await Promise.all([cancel(id), cancel(id)]);
  answers.push(await cancel(id, { body: { reason: 'twice' } }));

  expect(answers.map(({ status, headers }) => [status, headers.get('Location')])).toEqual(
    answers.map(() => [202, `/orders/${id}`]),
  );
  expect(((await answers[0].json()) as OrderBody).id).toBe(id);
  await cancelled(id);
  expect(await getOrder(stack.url, id)).toMatchObject({
    waiting: null,
    payment: { state: 'voided', capturedMinor: 0 },
  });
  // Long after: the same.
  expect((await cancel(id)).status).toBe(202);
  expect(await eventTypesOf(stack.url, id)).toEqual([
    'order.placed',
    'inventory.reserved',
    'payment.action_required',
    'order.cancellation_requested',
    'payment.voided',
    'inventory.released',
    'order.cancelled',
  ]);
  const { rows } = await stack.db.query<{ data: object }>(
    "select data from events where order_id = $1 and event_type = 'order.cancelled'",
    [id],
  );
  expect(rows).toEqual([{ data: { actor: 'local', reason: 'changed my mind' } }]);
});

test('what is parked needs no operator any more', async () => {
  const [id = ''] = await parkOrders(stack);
  accepted.push(id);
  expect((await cancel(id)).status).toBe(202);
  await cancelled(id);
  expect(await getOrder(stack.url, id)).toMatchObject({ attention: null, payment: { capturedMinor: 0 } });
});

test('what has ended otherwise says so, and changes nothing', async () => {
  const sold = await place();
  expect((await settledOrder(stack.url, sold)).status).toBe('confirmed');
  const declined = await place({ paymentMethod: 'pm_card_chargeDeclined' });
  expect((await settledOrder(stack.url, declined)).status).toBe('rejected');
  for (const id of [sold, declined]) {
    const before = await getOrder(stack.url, id);
    expect(await problemOf(await cancel(id))).toEqual({ status: 409, type: '/problems/order-not-cancellable' });
    expect(await getOrder(stack.url, id)).toEqual(before);
  }
});

test('bad requests are refused, and change nothing', async () => {
  const id = await place({ paymentMethod: 'pm_card_authenticationRequired' });
  await until(async () => (await getOrder(stack.url, id)).waiting !== null, 'it waits');
  for (const body of [{}, { reason: '' }, { reason: 'x', actor: 'me' }])
    expect(await problemOf(await cancel(id, { body }))).toEqual({ status: 422, type: '/problems/invalid-body' });
  expect((await cancel('order_01kax3v7ehe4sbg0krv6m4fxxv')).status).toBe(404);
  expect(await getOrder(stack.url, id)).toMatchObject({ status: 'reserved', waiting: { for: 'customer' } });
  expect((await cancel(id)).status).toBe(202);
  await cancelled(id);
});

test('at every moment: what was answered is how the order ends', async () => {
  const race = async (turn: number): Promise<[answer: number, ends: string]> => {
    const id = await place({ paymentMethod: turn % 5 === 4 ? 'pm_card_chargeDeclined' : 'pm_card_visa' });
    await sleep(pauseOf(turn));
    const answer = await cancel(id);
    await until(
      async () => ['confirmed', 'rejected', 'cancelled'].includes((await getOrder(stack.url, id)).status),
      'its end',
    );
    return [answer.status, (await getOrder(stack.url, id)).status];
  };
  const seen = await Promise.all(Array.from({ length: RACES }, (_none, turn) => race(turn)));
  for (const [answer, ends] of seen)
    expect([answer, ends === 'cancelled']).toEqual([ends === 'cancelled' ? 202 : 409, ends === 'cancelled']);
  // On a busy machine every one of them comes in time. What comes too late has a test of its own, above.
  expect(seen.map(([answer]) => answer)).toContain(202);
}, 120_000);

test('an order whose workflow nobody started yet is started, and cancelled', async () => {
  // An api that can not reach Temporal accepts it; as if it had died before the start.
  await stack.api?.stop(12_000);
  const away = await stack.startApi({ TEMPORAL_ADDRESS: '127.0.0.1:1' }, await choosePort(0));
  const { id } = await placeOrder(away.url, { paymentMethod: 'pm_card_authenticationRequired' });
  accepted.push(id);
  expect((await cancelOnce(id, { url: away.url })).status).toBe(503);
  await stack.db.query("update orders set launch_after = now() + interval '1 hour' where id = $1", [id]);
  await away.stop(12_000);

  await stack.startApi();
  expect((await cancel(id)).status).toBe(202);
  await cancelled(id);
});

test('while Temporal does not run it says so in time', async () => {
  await heal(stack);
  const api = await stack.startApi({ TEMPORAL_ADDRESS: '127.0.0.1:1' }, await choosePort(0));
  const id = await place({ paymentMethod: 'pm_card_authenticationRequired' });
  const begun = Date.now();
  expect(await problemOf(await cancelOnce(id, { url: api.url }))).toEqual({
    status: 503,
    type: '/problems/service-unavailable',
  });
  // The contract says 2 s; a loaded machine is not held to it to the millisecond.
  expect(Date.now() - begun).toBeLessThan(3_000);
  await api.stop(12_000);
  expect((await cancel(id)).status).toBe(202);
  await cancelled(id);
});
