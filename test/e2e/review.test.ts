// Reviews over HTTP: nothing is charged before somebody has said yes, and whoever decides is told what stands.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createApiKeys } from '../../src/adapters/postgres/api-key.ts';
import { openDatabase, STEP_PATIENCE } from '../../src/adapters/postgres/database.ts';
import { Scope } from '../../src/domain/scope.ts';
import { createLogger } from '../../src/runtime/logger.ts';
import { choosePort } from '../../src/local/ports.ts';
import { closeChecked } from '../support/invariants.ts';
import { ended, eventTypesOf, getOrder, placeOrder, postOrder, putProduct } from '../support/orders.ts';
import { startTestStack, type OrderBody, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

let stack: Stack;
const accepted: string[] = [];

beforeAll(async () => {
  stack = await startTestStack({ env: { REVIEW_ABOVE_MINOR: 'EUR:1500', REVIEW_FIRST_ORDER: 'EUR:100000' } });
  await putProduct(stack.url, 'book', { onHand: 1_000 });
});
afterAll(() => closeChecked(stack, { accepted }));

const two = { items: [{ sku: 'book', quantity: 2 }] };
async function inReview(): Promise<string> {
  const { id } = await placeOrder(stack.url, two);
  accepted.push(id);
  await until(async () => (await getOrder(stack.url, id)).waiting?.for === 'review', 'it waits for its review');
  return id;
}
const review = (id: string, decision: string, { url = stack.url, more = {} } = {}): Promise<Response> =>
  fetch(`${url}/orders/${id}/review`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ decision, reason: 'looked at it', ...more }),
  });
const problemOf = async (answer: Response) => ({
  status: answer.status,
  type: ((await answer.json()) as { type?: string }).type,
});
const notInReview = { status: 409, type: '/problems/order-not-in-review' };
const heldOf = async (id: string): Promise<string[]> => {
  const { rows } = await stack.db.query<{ state: string }>('select state from reservations where order_id = $1', [id]);
  return rows.map(({ state }) => state);
};

test('what nobody has to look at is sold at once', async () => {
  const answer = await postOrder(stack.url, { headers: { Prefer: 'wait=20' } });
  const order = (await answer.json()) as OrderBody;
  accepted.push(order.id);
  expect(order).toMatchObject({ status: 'confirmed', review: null });
});

test('an order above the limit waits, is listed and explained, and is charged once it is approved', async () => {
  const answer = await postOrder(stack.url, { ...two, headers: { Prefer: 'wait=20' } });
  const placed = (await answer.json()) as OrderBody;
  const { id } = placed;
  accepted.push(id);
  expect(answer.status).toBe(200);
  expect(placed).toMatchObject({ status: 'reserved', waiting: { for: 'review' }, payment: { state: 'pending' } });
  expect(placed['review']).toMatchObject({ state: 'pending', reasons: [{ rule: 'amount' }], decidedAt: null });
  const listed = (await (await fetch(`${stack.url}/orders?waiting=review`)).json()) as { items: OrderBody[] };
  expect(listed.items.map((order) => order.id)).toContain(id);
  const explanation = await (await fetch(`${stack.url}/orders/${id}/explanation`)).json();
  expect(explanation).toMatchObject({
    waitingFor: { until: placed.waiting?.until },
    mustAct: { who: 'reviewer', how: expect.stringContaining(`POST /orders/${id}/review`) },
    money: { mayBeCapturedMinor: 0, sentence: expect.stringContaining('Nothing is taken') },
    stock: { heldUnits: 2 },
  });
  // The provider has never heard of it.
  expect(await stack.journal(id)).toEqual([]);

  const approved = await review(id, 'approve');
  expect([approved.status, ((await approved.json()) as OrderBody)['review']]).toMatchObject([
    200,
    { state: 'approved', decidedBy: 'local', reason: 'looked at it' },
  ]);
  await ended(stack.url, id, 'confirmed');
  expect((await review(id, 'approve')).status).toBe(200);
  expect(await problemOf(await review(id, 'reject'))).toEqual(notInReview);
  expect(await eventTypesOf(stack.url, id)).toEqual([
    'order.placed',
    'inventory.reserved',
    'order.review_requested',
    'order.review_approved',
    'payment.captured',
    'order.confirmed',
  ]);
});

test('a rejected one frees its stock, and the provider never hears of it', async () => {
  const id = await inReview();
  const answers = await Promise.all([review(id, 'reject'), review(id, 'reject'), review(id, 'reject')]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  await ended(stack.url, id, 'rejected');
  expect(await getOrder(stack.url, id)).toMatchObject({
    rejection: { code: 'review.rejected' },
    waiting: null,
    review: { state: 'rejected' },
    payment: { capturedMinor: 0 },
  });
  expect(await heldOf(id)).toEqual(['released']);
  expect(await stack.journal(id)).toEqual([]);
  expect(await problemOf(await review(id, 'approve'))).toEqual(notInReview);
});

test('a cancelled one needs no review any more', async () => {
  const id = await inReview();
  const cancelling = await fetch(`${stack.url}/orders/${id}/cancel`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ reason: 'changed my mind' }),
  });
  expect(cancelling.status).toBe(202);
  expect(await problemOf(await review(id, 'approve'))).toEqual(notInReview);
  await ended(stack.url, id, 'cancelled');
  expect(await getOrder(stack.url, id)).toMatchObject({ waiting: null, review: { state: 'cancelled' } });
  expect(await heldOf(id)).toEqual(['released']);
});

test('yes and no at once: one stands, and the other is told', async () => {
  const id = await inReview();
  const [yes, no] = await Promise.all([review(id, 'approve'), review(id, 'reject')]);
  expect([yes.status, no.status].sort()).toEqual([200, 409]);
  await ended(stack.url, id, yes.status === 200 ? 'confirmed' : 'rejected');
});

test('bad requests are refused, and change nothing', async () => {
  const id = await inReview();
  const before = await getOrder(stack.url, id);
  expect(await problemOf(await review(id, 'maybe'))).toEqual({ status: 422, type: '/problems/invalid-body' });
  expect((await review(id, 'approve', { more: { actor: 'me' } })).status).toBe(422);
  expect((await review('order_01kax3v7ehe4sbg0krv6m4fxxv', 'approve')).status).toBe(404);
  expect((await fetch(`${stack.url}/orders?waiting=nobody`)).status).toBe(400);
  expect(await getOrder(stack.url, id)).toEqual(before);
  expect((await review(id, 'reject')).status).toBe(200);
});

test('somebody ended its workflow: it is started again, waits as before, and hears the decision', async () => {
  const id = await inReview();
  const { waiting } = await getOrder(stack.url, id);
  await stack.temporal.workflow.getHandle(id).terminate('by hand');
  // Nobody is told before a workflow is there to hear it; the first answer may be that it takes too long.
  await until(async () => (await review(id, 'approve')).status === 200, 'it is decided');
  expect((await getOrder(stack.url, id))['review']).toMatchObject({ until: waiting?.until });
  await ended(stack.url, id, 'confirmed');
});

test('once escalated it is for the second group: who belongs to the first alone is refused, and changes nothing', async () => {
  const id = await inReview();
  const db = openDatabase({
    ...{ connectionString: stack.database.url, poolSize: 1, patience: STEP_PATIENCE },
    ...{ applicationName: 'test', logger: createLogger({ name: 'test', level: 'silent' }) },
  });
  const keys = createApiKeys({ db });
  const keyOf = async (scope: Scope): Promise<string> =>
    (await keys.create({ tenant: 'local', name: scope, scopes: [scope] })).secretKey;
  const [reader, first, second] = [
    await keyOf(Scope.read),
    await keyOf(Scope.review),
    await keyOf(Scope.reviewEscalated),
  ];
  await db.destroy();
  const api = await stack.startApi({ AUTH: 'keys' }, await choosePort(0));
  const approve = (key: string): Promise<Response> =>
    fetch(`${api.url}/orders/${id}/review`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${key}` },
      body: JSON.stringify({ decision: 'approve', reason: 'looked at it' }),
    });
  const refused = { status: 403, type: '/problems/insufficient-scope' };

  expect(await problemOf(await approve(reader))).toEqual(refused);
  await stack.db.query('update reviews set escalated_at = clock_timestamp() where order_id = $1', [id]);
  for (let time = 0; time < 2; time += 1) expect(await problemOf(await approve(first))).toEqual(refused);
  expect((await getOrder(stack.url, id))['review']).toMatchObject({ state: 'pending' });
  expect((await approve(second)).status).toBe(200);
  // It is decided, as they wanted: no reason to refuse.
  expect((await approve(first)).status).toBe(200);
  await ended(stack.url, id, 'confirmed');
  await api.stop(100);
});

test('while Temporal does not run nothing is decided, and it says so in time', async () => {
  const id = await inReview();
  const api = await stack.startApi({ TEMPORAL_ADDRESS: '127.0.0.1:1' }, await choosePort(0));
  const begun = Date.now();
  expect(await problemOf(await review(id, 'approve', { url: api.url }))).toEqual({
    status: 503,
    type: '/problems/service-unavailable',
  });
  // The contract says 2 s; a loaded machine is not held to it to the millisecond.
  expect(Date.now() - begun).toBeLessThan(3_000);
  // Nobody is served by it any more: it need not take its time.
  await api.stop(100);
  expect(await getOrder(stack.url, id)).toMatchObject({ review: { state: 'pending' } });
  // Whatever was on its way would have arrived by now.
  await sleep(500);
  expect(await getOrder(stack.url, id)).toMatchObject({ review: { state: 'pending' } });
  expect((await review(id, 'approve')).status).toBe(200);
  await ended(stack.url, id, 'confirmed');
});
