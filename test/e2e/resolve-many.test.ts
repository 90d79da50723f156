// One decision about many parked orders: counted first, then worked off once for each, also when it is cancelled or its
// worker is killed in the middle. "The middle" is made by holding the rows of outcomes.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ManagedProcess } from '../../src/local/managed-process.ts';
import { closeChecked } from '../support/invariants.ts';
import { closedBreaker, parkOrders, postResolution } from '../support/operators.ts';
import { ended, getOrder, placeOrder, putProduct, settledOrder } from '../support/orders.ts';
import { startTestStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

type Progress = {
  id: string;
  state: string;
  counts: { total: number; resolved: number; refused: number; unanswered: number; left: number };
  unresolved: { orderId: string; outcome: string; detail: string }[];
};

const decision = { filter: { step: 'charge-payment' }, action: 'retry', reason: 'the provider is well again' };
let stack: Stack;
let worker: ManagedProcess | null;
const accepted: string[] = [];

beforeAll(async () => {
  stack = await startTestStack({ env: { PROVIDER_OUTAGE_LIMIT_MS: '1500', UNDO_ATTEMPTS: '2', ...closedBreaker } });
  worker = stack.worker;
  await putProduct(stack.url, 'book', { onHand: 1_000 });
});
afterAll(() => closeChecked(stack, { accepted }), 120_000);

const post = (body: object, key: string | null = randomUUID()): Promise<Response> =>
  fetch(`${stack.url}/resolutions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...(key === null ? {} : { 'Idempotency-Key': key }) },
    body: JSON.stringify(body),
  });
const progressOf = async (id: string): Promise<Progress> =>
  (await (await fetch(`${stack.url}/resolutions/${id}`)).json()) as Progress;
const statusAndType = async (answer: Response) => [answer.status, ((await answer.json()) as { type: string }).type];

async function park(count: number): Promise<string[]> {
  const ids = await parkOrders(stack, { count });
  accepted.push(...ids);
  return ids;
}

async function acceptMany(body: object): Promise<Progress> {
  const answer = await post(body);
  expect(answer.status).toBe(202);
  const progress = (await answer.json()) as Progress;
  expect(answer.headers.get('Location')).toBe(`/resolutions/${progress.id}`);
  return progress;
}

const inState = (id: string, state: string): Promise<void> =>
  until(async () => (await progressOf(id)).state === state, `resolution ${id} is ${state}`);

// As many as are told at once: while none of their outcomes can be kept, nobody else has a turn.
const ROUND = 4;

/** Lets the first round be, and holds the outcomes of the second until they are let go. */
async function holdSecondRound(id: string): Promise<() => Promise<void>> {
  const client = await stack.db.connect();
  await client.query('begin');
  // In two steps: rows that `offset` skips would be locked as well.
  await client.query(
    `select 1 from resolution_orders where resolution_id = $1 and workflow_id in (
       select workflow_id from resolution_orders where resolution_id = $1 order by workflow_id offset $2 limit $2
     ) for update`,
    [id, ROUND],
  );
  return async () => {
    await client.query('rollback');
    client.release();
  };
}

/** Waits until the worker has given up on the held outcomes and comes to them again. */
const inSecondRoundAgain = (id: string): Promise<void> =>
  until(async () => {
    const { raw } = await stack.temporal.workflow.getHandle(id).describe();
    return (await progressOf(id)).counts.resolved === ROUND && (raw.pendingActivities?.[0]?.attempt ?? 1) >= 2;
  }, 'the first round is done, and the second is held');

async function expectDecidedOnce(ids: readonly string[]): Promise<void> {
  const { rows } = await stack.db.query<{ order_id: string; times: number }>(
    `select order_id, count(*) as times from resolution_audit where outcome = 'followed' and order_id = any($1) group by order_id`,
    [ids],
  );
  expect(rows.map(({ times }) => times)).toEqual(ids.map(() => 1));
}

test('is counted by a dry run, refused when the count differs, and then carried out once for each order', async () => {
  const ids = await park(32);
  const { id: other } = await placeOrder(stack.url, { customerId: 'customer-2' });
  accepted.push(other);
  await settledOrder(stack.url, other);

  const preview = await post({ ...decision, dryRun: true }, null);
  expect(preview.status).toBe(200);
  const { count, sample } = (await preview.json()) as { count: number; sample: { orderId: string; step: string }[] };
  expect(count).toBe(32);
  expect(sample).toHaveLength(20);
  expect(ids).toEqual(expect.arrayContaining(sample.map(({ orderId }) => orderId)));

  const refusals: [object, string | null, number, string][] = [
    [decision, null, 400, 'missing-idempotency-key'],
    [{ ...decision, expectedCount: 31 }, randomUUID(), 409, 'resolution-count-differs'],
    [{ ...decision, filter: { customerId: 'nobody' } }, randomUUID(), 409, 'resolution-not-possible'],
    [{ ...decision, filter: { parkedBefore: '2020-01-01T00:00:00Z' } }, randomUUID(), 409, 'resolution-not-possible'],
    [{ ...decision, action: 'skip' }, randomUUID(), 422, 'invalid-body'],
    [{ ...decision, filter: { everything: true } }, randomUUID(), 422, 'invalid-body'],
  ];
  for (const [body, key, status, slug] of refusals) {
    expect(await statusAndType(await post(body, key))).toEqual([status, `/problems/${slug}`]);
  }
  expect((await stack.db.query('select 1 from resolutions')).rows).toEqual([]);
  expect((await getOrder(stack.url, ids[0] ?? '')).attention).not.toBeNull();

  const key = randomUUID();
  const answers = await Promise.all([1, 2, 3].map(() => post({ ...decision, expectedCount: 32 }, key)));
  expect(answers.filter(({ headers }) => headers.get('Idempotency-Replayed') === null)).toHaveLength(1);
  const [first, ...others] = await Promise.all(answers.map((answer) => answer.text()));
  for (const text of others) expect(text).toBe(first);
  const { id } = JSON.parse(first ?? '') as Progress;
  await inState(id, 'finished');
  expect((await progressOf(id)).counts).toEqual({ total: 32, resolved: 32, refused: 0, unanswered: 0, left: 0 });
  for (const order of ids) await ended(stack.url, order, 'confirmed');
  await expectDecidedOnce(ids);
  const { rows } = await stack.db.query(
    `select distinct bulk_id, actor, action, outcome from resolution_audit where order_id = any($1)`,
    [ids],
  );
  expect(rows).toEqual([{ bulk_id: id, actor: 'local', action: 'retry', outcome: 'followed' }]);
  expect(await statusAndType(await fetch(`${stack.url}/resolutions/${id}/cancel`, { method: 'POST' }))).toEqual([
    409,
    '/problems/resolution-finished',
  ]);
  expect((await fetch(`${stack.url}/resolutions/resolution_01kax3v7ehe4sbg0krv6m4fxxv`)).status).toBe(404);
}, 90_000);

test('passes over a step that has parked anew since it was chosen, and says so', async () => {
  const ids = (await park(2 * ROUND + 1)).toSorted();
  const last = ids.at(-1) ?? '';
  const since = (await getOrder(stack.url, ids[0] ?? '')).attention?.since;
  await worker?.stop(12_000);
  const many = await acceptMany(decision);
  const letGo = await holdSecondRound(many.id);
  worker = await stack.startWorker();
  await inSecondRoundAgain(many.id);
  // It has not had its turn: what somebody else decides about it does not help, and it parks over that.
  const skip = { action: 'skip', value: 'pi_unheard_of', reason: 'paid over the telephone' };
  const key = randomUUID();
  await until(async () => (await postResolution(stack.url, last, skip, key)).status === 202, 'it is decided');
  await until(
    async () => (await getOrder(stack.url, last)).attention?.reason.includes('refuses to show') === true,
    'it parks anew',
  );
  const { attention } = await getOrder(stack.url, last);
  await letGo();
  await inState(many.id, 'finished');

  const { counts, unresolved } = await progressOf(many.id);
  expect(counts).toEqual({ total: 2 * ROUND + 1, resolved: 2 * ROUND, refused: 1, unanswered: 0, left: 0 });
  expect(unresolved).toMatchObject([
    { orderId: last, detail: expect.stringContaining(`parked at charge-payment since ${attention?.since}`) },
  ]);
  expect((await getOrder(stack.url, last)).attention).toEqual(attention);
  // Each was told about the parking that was chosen, which its workflow compares.
  const { rows } = await stack.db.query<{ since: Date }>(
    'select since from resolution_audit where bulk_id = $1 and order_id = $2',
    [many.id, ids[0]],
  );
  expect(rows.map((row) => row.since.toISOString())).toEqual([since]);

  expect((await postResolution(stack.url, last, { action: 'retry', reason: 'the test is over' })).status).toBe(202);
  for (const id of ids)
    await until(async () => (await getOrder(stack.url, id)).status === 'confirmed', `${id} is confirmed`);
}, 90_000);

test('cancelled in the middle leaves the rest parked; a worker killed in the middle is taken over', async () => {
  const ids = await park(30);
  await worker?.stop(12_000);
  const cancelled = await acceptMany(decision);
  const letGo = await holdSecondRound(cancelled.id);
  worker = await stack.startWorker();
  await inSecondRoundAgain(cancelled.id);
  const answer = await fetch(`${stack.url}/resolutions/${cancelled.id}/cancel`, { method: 'POST' });
  expect([answer.status, ((await answer.json()) as Progress).state]).toEqual([202, 'cancelling']);
  await letGo();
  await inState(cancelled.id, 'cancelled');
  const { counts } = await progressOf(cancelled.id);
  // The second round was told, though nobody could write that down: the audit trail knows.
  expect(counts).toEqual({ total: 30, resolved: 8, refused: 0, unanswered: 0, left: 22 });
  const stillParked: string[] = [];
  await until(async () => {
    stillParked.splice(0, Infinity);
    for (const id of ids) if ((await getOrder(stack.url, id)).attention) stillParked.push(id);
    return stillParked.length === counts.left;
  }, 'those that were told go on, the others stay');

  await worker.stop(12_000);
  const killed = await acceptMany({ ...decision, expectedCount: stillParked.length });
  const letGoAgain = await holdSecondRound(killed.id);
  worker = await stack.startWorker();
  await inSecondRoundAgain(killed.id);
  // Somebody else decides about one that has not had its turn: the workflow may not answer at once, but it refuses nothing.
  const [last = ''] = stillParked.toSorted().slice(-1);
  const compensate = { action: 'compensate', reason: 'the customer has called' };
  const key = randomUUID();
  const answers: number[] = [];
  await until(async () => {
    answers.push((await postResolution(stack.url, last, compensate, key)).status);
    return answers.at(-1) !== 503;
  }, 'it is decided');
  expect(answers.at(-1)).toBe(202);
  process.kill(worker.pid, 'SIGKILL');
  await worker.ended;
  await letGoAgain();
  worker = await stack.startWorker();
  await inState(killed.id, 'finished');

  const after = await progressOf(killed.id);
  expect(after.counts).toMatchObject({ total: stillParked.length, refused: 1, unanswered: 0, left: 0 });
  expect(after.unresolved).toMatchObject([{ orderId: last, workflowId: last, outcome: 'refused' }]);
  await expectDecidedOnce(ids);
  for (const id of ids) {
    const { attention } = await settledOrder(stack.url, id);
    // The bound of a charge is so short here that one which the killed worker was making has parked again.
    if (attention) await postResolution(stack.url, id, { action: 'retry', reason: 'the worker is back' });
    const end = id === last ? 'cancelled' : 'confirmed';
    await until(async () => (await getOrder(stack.url, id)).status === end, `${id} ends ${end}`);
  }
}, 150_000);
