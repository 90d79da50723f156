// An operator in front of parked orders, over HTTP: each decision once, audited, and refused without effect where it can
// not be.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { choosePort } from '../../src/local/ports.ts';
import { closeChecked } from '../support/invariants.ts';
import { closedBreaker, parkOrders, payByHand, postResolution, postResolutionOnce } from '../support/operators.ts';
import { ended, eventTypesOf, getOrder, placeOrder, putProduct, settledOrder } from '../support/orders.ts';
import { startTestStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const retry = { action: 'retry', reason: 'the provider is well again' };
let stack: Stack;
const accepted: string[] = [];

beforeAll(async () => {
  stack = await startTestStack({ env: { PROVIDER_OUTAGE_LIMIT_MS: '1500', UNDO_ATTEMPTS: '2', ...closedBreaker } });
  await putProduct(stack.url, 'book');
});
afterAll(() => closeChecked(stack, { accepted }));

async function park(): Promise<string> {
  const [id = ''] = await parkOrders(stack);
  accepted.push(id);
  return id;
}
const auditOf = async (id: string) =>
  (
    await stack.db.query<Record<string, unknown>>(
      'select step, action, value, actor, reason, outcome, detail from resolution_audit where order_id = $1 order by id',
      [id],
    )
  ).rows;
const problemOf = async (answer: Response) => ({
  status: answer.status,
  type: ((await answer.json()) as { type?: string }).type,
});

describe('a decision about a parked order', () => {
  test('is carried out once, whatever is repeated and however many at once', async () => {
    const id = await park();
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 8 }, () => postResolution(stack.url, id, retry, key)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 202));
    expect(answers.filter(({ headers }) => headers.get('Idempotency-Replayed') === null)).toHaveLength(1);
    expect(answers.map(({ headers }) => headers.get('Location'))).toEqual(answers.map(() => `/orders/${id}`));
    const bodies = await Promise.all(answers.map((answer) => answer.text()));
    expect(new Set(bodies).size).toBe(1);
    expect(JSON.parse(bodies[0] ?? '')).toEqual({ orderId: id, step: 'charge-payment', actor: 'local', ...retry });

    await ended(stack.url, id, 'confirmed');
    // Long after: the order has ended, and the repeat still gets its answer.
    expect(await (await postResolution(stack.url, id, retry, key)).text()).toBe(bodies[0]);
    expect(await problemOf(await postResolution(stack.url, id, { ...retry, reason: 'other' }, key))).toMatchObject({
      status: 422,
      type: '/problems/idempotency-key-reused',
    });
    expect((await eventTypesOf(stack.url, id)).filter((type) => type === 'order.resumed')).toHaveLength(1);
    expect(await auditOf(id)).toEqual([
      { step: 'charge-payment', value: null, actor: 'local', outcome: 'followed', detail: null, ...retry },
    ]);
  });

  test('that skips the charge takes the payment that was made by hand; a wrong one parks again', async () => {
    const id = await park();
    const skip = { action: 'skip', reason: 'paid over the telephone' };
    expect((await postResolution(stack.url, id, { ...skip, value: 'pi_unheard_of' })).status).toBe(202);
    await until(async () => (await auditOf(id)).length === 2, 'the first skip did not help');
    expect((await getOrder(stack.url, id)).attention?.reason).toContain('refuses to show the payment');

    const value = await payByHand(stack, id);
    expect((await postResolution(stack.url, id, { ...skip, value })).status).toBe(202);
    // The mark goes a moment after the answer: a parked order is settled, too.
    await until(async () => (await getOrder(stack.url, id)).status === 'confirmed', 'the second skip helps');
    expect(await getOrder(stack.url, id)).toMatchObject({
      payment: { state: 'captured', capturedMinor: 1_000 },
    });
    expect(await auditOf(id)).toMatchObject([
      { action: 'skip', value: 'pi_unheard_of', outcome: 'followed' },
      { action: 'skip', value: 'pi_unheard_of', outcome: 'parked-again' },
      { action: 'skip', value, outcome: 'followed', actor: 'local', reason: 'paid over the telephone' },
    ]);
    await expect(stack.db.query("update resolution_audit set actor = 'nobody'")).rejects.toThrow('append-only');
  });

  test('that says since when what it is about is parked is refused once something else is parked, and changes nothing', async () => {
    const id = await park();
    const seen = (await getOrder(stack.url, id)).attention;
    if (!seen) throw new Error('Expected the order to be parked');
    const skip = { action: 'skip', value: 'pi_unheard_of', reason: 'paid over the telephone', since: seen.since };
    const key = randomUUID();
    const decided = await postResolution(stack.url, id, skip, key);
    expect(decided.status).toBe(202);
    await until(async () => (await auditOf(id)).length === 2, 'the skip did not help');
    const attention = (await getOrder(stack.url, id)).attention;
    if (!attention) throw new Error('Expected the order to be parked anew');

    // Somebody else still has the first card in front of them.
    const late = await postResolution(stack.url, id, { ...retry, since: seen.since });
    expect(late.status).toBe(409);
    expect(await late.json()).toMatchObject({
      type: '/problems/parking-differs',
      detail: `It is parked at charge-payment since ${attention.since}: ${attention.reason}`,
    });
    expect(await auditOf(id)).toHaveLength(2);
    expect((await getOrder(stack.url, id)).attention).toEqual(attention);
    // The decision that was carried out keeps its answer, and its key carries no other: also when the answer was never bound.
    const other = { ...skip, since: attention.since };
    for (const isBound of [true, false]) {
      if (!isBound) await stack.db.query('delete from idempotency_keys where key = $1', [key]);
      expect(await problemOf(await postResolution(stack.url, id, other, key))).toEqual({
        status: 422,
        type: '/problems/idempotency-key-reused',
      });
    }
    const repeated = await postResolution(stack.url, id, skip, key);
    expect(await repeated.text()).toBe(await decided.text());

    // The same instant, as another client writes it.
    const since = new Date(Date.parse(attention.since) + 3_600_000).toISOString().replace('Z', '000+01:00');
    expect((await postResolution(stack.url, id, { ...retry, since })).status).toBe(202);
    await until(async () => (await getOrder(stack.url, id)).status === 'confirmed', 'the order is confirmed');
    const { rows } = await stack.db.query<{ since: Date }>(
      'select since from resolution_audit where order_id = $1 order by id',
      [id],
    );
    expect(rows.map((row) => row.since.toISOString())).toEqual([seen.since, seen.since, attention.since]);
  });

  test('is refused without effect where it is not possible', async () => {
    const id = await park();
    const refusals: [Response, number, string][] = [
      [await postResolution(stack.url, id, retry, null), 400, 'missing-idempotency-key'],
      [await postResolution(stack.url, id, { action: 'retry', value: 'pi_1', reason: 'x' }), 422, 'invalid-body'],
      [await postResolution(stack.url, id, { action: 'skip', reason: 'x' }), 409, 'resolution-not-possible'],
      [await postResolution(stack.url, id, { ...retry, value: 'pi_1' }), 422, 'invalid-body'],
      [await postResolution(stack.url, id, { ...retry, actor: 'me' }), 422, 'invalid-body'],
      [await postResolution(stack.url, id, { ...retry, since: 'yesterday' }), 422, 'invalid-body'],
      [await postResolution(stack.url, id, { ...retry, since: '2026-01-01T00:00:00Z' }), 409, 'parking-differs'],
      [await postResolution(stack.url, 'order_01kax3v7ehe4sbg0krv6m4fxxv', retry), 404, 'order-not-found'],
    ];
    for (const [answer, status, slug] of refusals) {
      expect(await problemOf(answer)).toEqual({ status, type: `/problems/${slug}` });
    }
    expect((await getOrder(stack.url, id)).attention?.step).toBe('charge-payment');
    expect(await auditOf(id)).toEqual([]);

    // Decided: it is not parked any more, whether it still goes on or has ended.
    expect((await postResolution(stack.url, id, { action: 'compensate', reason: 'gave up' })).status).toBe(202);
    await until(async () => (await getOrder(stack.url, id)).status === 'cancelled', 'the order is cancelled');
    expect(await problemOf(await postResolution(stack.url, id, retry))).toEqual({
      status: 409,
      type: '/problems/order-not-parked',
    });
    const { id: running } = await placeOrder(stack.url);
    accepted.push(running);
    expect((await postResolution(stack.url, running, retry)).status).toBe(409);
    await settledOrder(stack.url, running);
  });

  test('about a parked undo can be a retry, not a compensation', async () => {
    const wanted = { paymentMethod: 'pm_card_chargeDeclined' };
    const fault = { operation: 'cancel', mode: 'error_500' };
    const [id = ''] = await parkOrders(stack, { step: 'refund-payment', wanted, fault });
    accepted.push(id);
    const refused = await postResolution(stack.url, id, { action: 'compensate', reason: 'again' });
    expect(await problemOf(refused)).toEqual({ status: 409, type: '/problems/resolution-not-possible' });
    expect((await postResolution(stack.url, id, retry)).status).toBe(202);
    await until(async () => (await getOrder(stack.url, id)).status === 'rejected', 'the undo is done');
  });

  test('while nobody answers is a 503 within 2 s, and is carried out once when it is repeated', async () => {
    const id = await park();
    const key = randomUUID();
    const away = await stack.startApi({ TEMPORAL_ADDRESS: '127.0.0.1:1' }, await choosePort(0));
    await stack.worker?.stop(12_000);
    for (const url of [away.url, stack.url]) {
      const before = Date.now();
      const answer = await postResolutionOnce(url, id, retry, key);
      expect(Date.now() - before).toBeLessThan(2_000);
      expect(answer.status).toBe(503);
      expect(answer.headers.get('Retry-After')).not.toBeNull();
    }
    await away.stop(12_000);
    await stack.startWorker();
    await until(async () => (await postResolution(stack.url, id, retry, key)).status === 202, 'it is decided');
    await until(async () => (await getOrder(stack.url, id)).status === 'confirmed', 'the order is confirmed');
    expect(await auditOf(id)).toHaveLength(1);
  });
});

test('the provider’s last words are kept, with what comes next, and no business no among them', async () => {
  const id = await park();
  const { rows } = await stack.db.query<{ attempt: number; message: string; next_try_at: Date | null }>(
    'select attempt, message, next_try_at from step_attempts where order_id = $1 order by id',
    [id],
  );
  expect(rows.length).toBeGreaterThan(0);
  expect(rows[0]).toMatchObject({ attempt: 1, message: expect.any(String), next_try_at: expect.any(Date) });
  await postResolution(stack.url, id, { action: 'compensate', reason: 'the test is over' });

  const declined = await placeOrder(stack.url, { paymentMethod: 'pm_card_chargeDeclined' });
  accepted.push(declined.id);
  await settledOrder(stack.url, declined.id);
  const none = await stack.db.query('select 1 from step_attempts where order_id = $1', [declined.id]);
  expect(none.rows).toEqual([]);
  await until(async () => (await getOrder(stack.url, id)).status === 'cancelled', 'the order is cancelled');
});
