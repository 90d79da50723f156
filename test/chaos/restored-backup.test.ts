// A database that was restored from a backup, behind Temporal and the provider: noticed before anything is done on it, and
// recovered so that every order that was answered is there again and nothing is charged a second time.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { typeidUnboxed } from 'typeid-js';
import { PROCESS_ORDER } from '../../src/contracts/process-order.ts';
import { RECONCILE } from '../../src/contracts/reconcile.ts';
import { closeChecked } from '../support/invariants.ts';
import { closedBreaker, postResolution, refundByHand } from '../support/operators.ts';
import { eventTypesOf, getOrder, placeOrder, postOrder, putProduct, settledOrder } from '../support/orders.ts';
import { runRecover, startRecover } from '../support/recovering.ts';
import { startTestStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

type Told = { id: string; wanted: Parameters<typeof postOrder>[1]; body: string };
type Feed = { items: { position: number; orderId: string; eventType: string }[] };

const EARLIER = typeidUnboxed('order');
const COMPARISON = 'comparison-2';

let stack: Stack;
const told: Record<string, Told> = {};
let lastPosition: number;
let restore: () => Promise<void>;
let workerUrl: string;

/** Places an order and remembers what its client was answered. */
async function place(name: string, wanted: Parameters<typeof postOrder>[1] = {}): Promise<string> {
  const withKey = { key: `key-of-${name.replaceAll(' ', '-')}`, ...wanted };
  const answer = await postOrder(stack.url, withKey);
  expect(answer.status).toBe(202);
  const body = await answer.text();
  const { id } = JSON.parse(body) as { id: string };
  told[name] = { id, wanted: withKey, body };
  return id;
}
const idOf = (name: string): string => {
  const found = told[name];
  if (!found) throw new Error(`Expected ${name} to have been placed`);
  return found.id;
};
const capturesOf = async (name: string): Promise<number> =>
  (await stack.journal(idOf(name))).filter(({ effect }) => effect === 'captured').length;
const waits = (name: string): Promise<void> =>
  until(async () => (await getOrder(stack.url, idOf(name))).waiting !== null, `${name} waits for its customer`);
async function authenticate(name: string): Promise<void> {
  const intents = (await (await fetch(`${stack.simulatorUrl}/_simulator/journal?orderId=${idOf(name)}`)).json()) as {
    items: { paymentIntentId: string }[];
  };
  const intent = intents.items.at(-1)?.paymentIntentId ?? '';
  const path = `_simulator/payment_intents/${intent}/authenticate`;
  const answer = await fetch(`${stack.simulatorUrl}/${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ outcome: 'succeed' }),
  });
  expect(answer.ok).toBe(true);
}
async function startUnworked(type: string, workflowId: string, input: object): Promise<void> {
  await stack.temporal.workflow.start(type, { taskQueue: 'orders', workflowId, args: [input] });
  const query = `WorkflowId = '${workflowId}' and ExecutionStatus = 'Running'`;
  await until(async () => (await stack.temporal.workflow.count(query)).count > 0, `${workflowId} is listed`);
}
const statusOf = async (workflowId: string): Promise<string> =>
  (await stack.temporal.workflow.getHandle(workflowId).describe()).status.name;
const feed = async (after: number): Promise<Feed['items']> =>
  ((await (await fetch(`${stack.url}/events?after=${after}&limit=100`)).json()) as Feed).items;

beforeAll(async () => {
  stack = await startTestStack({ env: { ...closedBreaker, CUSTOMER_WAIT_LIMIT_MS: '600000' } });
  await putProduct(stack.url, 'book', { onHand: 100 });
  await putProduct(stack.url, 'rare', { onHand: 1 });
  await putProduct(stack.url, 'gift', { priceMinor: 0 });

  await place('sold before');
  await settledOrder(stack.url, idOf('sold before'));
  await place('waits before', { paymentMethod: 'pm_card_threeDSecure2Required' });
  await waits('waits before');
  // A comparison that is under way when the backup is taken.
  await stack.db.query(
    `insert into reconciliations (id, requested_by, workflow_id) values ('reconciliation_old', 'schedule', 'comparison-1')`,
  );
  ({ restore } = await stack.database.backUp());

  // The gap: what the backup does not know.
  await authenticate('waits before');
  await place('sold');
  await place('free', { items: [{ sku: 'gift', quantity: 1 }] });
  await place('declined', { paymentMethod: 'pm_card_chargeDeclined' });
  await place('short', { items: [{ sku: 'rare', quantity: 2 }] });
  await place('given back');
  await place('waits', { paymentMethod: 'pm_card_threeDSecure2Required' });
  await place('with address', { extra: { metadata: { channel: 'web' } } });
  for (const name of ['waits before', 'sold', 'free', 'declined', 'short', 'given back', 'with address'])
    await settledOrder(stack.url, idOf(name));
  // Another one is put into stock, which the backup does not know, and both are sold.
  await putProduct(stack.url, 'rare', { onHand: 2 });
  for (const name of ['rare one', 'rare two']) {
    await place(name, { items: [{ sku: 'rare', quantity: 1 }] });
    expect((await settledOrder(stack.url, idOf(name))).status).toBe('confirmed');
  }
  await refundByHand(stack, idOf('given back'));
  await waits('waits');
  await stack.fault({ operation: 'confirm', mode: 'drop_after_effect', times: 1, match: {} });
  await place('in flight');
  await until(async () => (await capturesOf('in flight')) === 1, 'the money has moved');
  lastPosition = Math.max(...(await feed(0)).map(({ position }) => position));

  for (const process of [stack.api, stack.worker]) await process?.stop(0);
  // And what runs when the database is lost: another comparison, and an order as versions started it that told nothing of it.
  const earlier = { orderId: EARLIER, totalMinor: 1_234, currency: 'EUR', bounds: {} };
  await startUnworked(PROCESS_ORDER, EARLIER, earlier);
  await startUnworked(RECONCILE, COMPARISON, {});
  await restore();
}, 120_000);
afterAll(() => closeChecked(stack, { accepted: Object.values(told).map(({ id }) => id) }));

describe('a database that was restored from a backup', () => {
  test('is noticed before anything is created or moved', async () => {
    await stack.startApi({}, Number(new URL(stack.url).port), '/healthz');
    await until(async () => (await (await fetch(`${stack.url}/readyz`)).text()).includes('database-behind'), 'noticed');
    const { key } = told['sold']?.wanted ?? {};
    const again = await postOrder(stack.url, { ...(key === undefined ? {} : { key }) });
    expect([again.status, again.headers.get('Retry-After')]).toEqual([503, '60']);
    expect(await again.json()).toMatchObject({ type: '/problems/database-behind' });
    expect((await fetch(`${stack.url}/orders/${idOf('sold before')}`)).status).toBe(200);
    const health = (await (await fetch(`${stack.url}/health`)).json()) as { parts: Record<string, object> };
    expect(health.parts['restore']).toMatchObject({ state: 'failing', detail: expect.stringContaining('recover') });

    ({ healthUrl: workerUrl } = await stack.startWorker({}, '/healthz'));
    await until(
      async () => (await (await fetch(`${workerUrl}/health`)).text()).includes('npm run recover'),
      'the worker notices',
    );
    const { rows } = await stack.db.query('select id from events where position > $1', [lastPosition]);
    expect(rows).toEqual([]);
  });

  test('can be looked at without being changed', async () => {
    const { code, said } = await runRecover(stack, ['--dry-run']);
    expect(said).toContain('10 rebuilt, 1 restarted, 1 of them to be parked, 1 lost');
    expect(said).toContain(`comparison ${COMPARISON} would be ended`);
    expect(code).toBe(1);
    expect([await statusOf(COMPARISON), await statusOf(EARLIER)]).toEqual(['RUNNING', 'RUNNING']);
    const { rows } = await stack.db.query('select 1 from recoveries union all select 1 from recovered_orders');
    expect(rows).toEqual([]);
    expect((await stack.db.query('select id from orders')).rows).toHaveLength(2);
    // Meanwhile the worker could have begun to poll, if it would.
    expect((await fetch(`${workerUrl}/readyz`)).status).toBe(503);
  });

  test('is recovered, also by a command that was killed in the middle and is run again', async () => {
    const killed = startRecover(stack);
    await until(async () => (await stack.db.query('select 1 from recovered_orders')).rows.length > 2, 'it is at work');
    killed.kill('SIGKILL');
    const { code, said } = await runRecover(stack);
    expect(said).toMatch(/1 lost/);
    expect(code).toBe(1);
    const { rows } = await stack.db.query('select how, count(*)::int from recovered_orders group by how order by how');
    expect(rows).toEqual([
      { how: 'lost', count: 1 },
      { how: 'rebuilt', count: 10 },
      { how: 'restarted', count: 1 },
    ]);
    const { rows: told } = await stack.db.query(
      "select order_id from events where event_type = 'order.recovered' group by order_id having count(*) > 1",
    );
    expect(told).toEqual([]);
  });

  test('has no comparison any more of the world before, and names with the reason what can not come back', async () => {
    expect([await statusOf(COMPARISON), await statusOf(EARLIER)]).toEqual(['TERMINATED', 'TERMINATED']);
    const { rows } = await stack.db.query<{ failure: string }>(
      `select failure from reconciliations where id = 'reconciliation_old' and finished_at is not null`,
    );
    expect(rows).toEqual([{ failure: expect.stringContaining('restored from a backup') }]);
    const { rows: lost } = await stack.db.query(`select order_id, doubt from recovered_orders where how = 'lost'`);
    expect(lost).toEqual([
      { order_id: EARLIER, doubt: expect.stringMatching(/earlier version.*1234 EUR.*had not come to its end/) },
    ]);
  });

  test('has every order again, and each ends as it had ended', async () => {
    await until(async () => (await fetch(`${stack.url}/readyz`)).ok, 'the api accepts again');

    for (const name of ['sold', 'free', 'waits before', 'with address', 'in flight'])
      expect([name, (await settledOrder(stack.url, idOf(name))).status]).toEqual([name, 'confirmed']);
    expect(await settledOrder(stack.url, idOf('declined'))).toMatchObject({
      status: 'rejected',
      rejection: { code: 'payment.declined' },
      payment: { state: 'declined', declineCode: expect.any(String) },
    });
    expect(await settledOrder(stack.url, idOf('short'))).toMatchObject({
      status: 'rejected',
      rejection: { code: 'inventory.out_of_stock' },
    });
    await waits('waits');
    for (const name of ['sold', 'waits before', 'with address', 'in flight', 'given back'])
      expect([name, await capturesOf(name)]).toEqual([name, 1]);
    // Nor was another payment made: its key does not live for ever.
    for (const name of Object.keys(told)) {
      const creates = (await stack.journal(idOf(name))).filter(({ operation }) => operation === 'create');
      expect([name, creates.length]).toEqual([name, name === 'free' || name === 'short' ? 0 : 1]);
    }
    expect((await eventTypesOf(stack.url, idOf('sold'))).slice(0, 2)).toEqual(['order.placed', 'order.recovered']);
  });

  test('answers every repeat as it was answered first', async () => {
    for (const [name, { wanted, body }] of Object.entries(told)) {
      const again = await postOrder(stack.url, wanted);
      expect([name, again.status, again.headers.get('Idempotency-Replayed')]).toEqual([name, 202, 'true']);
      expect([name, await again.text()]).toEqual([name, body]);
    }
  });

  test('leaves to an operator what a step that runs again would misunderstand', async () => {
    const id = idOf('given back');
    const parked = await settledOrder(stack.url, id);
    expect(parked.attention).toMatchObject({ step: 'charge-payment', reason: expect.stringContaining('given back') });
    // Tried again, it is still not sold: the money is not there.
    expect((await postResolution(stack.url, id, { action: 'retry', reason: 'try' })).status).toBe(202);
    await until(async () => (await getOrder(stack.url, id)).attention?.step === 'confirm-order', 'it parks again');
    // Its workflow has just parked: on a busy machine it may take longer to answer than the api waits, and is asked once more.
    const given = { action: 'compensate', reason: 'given back' };
    const decide = async () => (await postResolution(stack.url, id, given, 'given-back')).status === 202;
    await until(decide, 'it is decided');
    await until(async () => (await getOrder(stack.url, id)).status === 'cancelled', 'it ends');
  });

  test('does not take back what was sold because there is too little stock now', async () => {
    const ends = await Promise.all(['rare one', 'rare two'].map((name) => settledOrder(stack.url, idOf(name))));
    const parked = ends.filter(({ attention }) => attention?.step === 'reserve-inventory');
    expect([parked.length, ends.filter(({ status }) => status === 'confirmed').length]).toEqual([1, 1]);
    await putProduct(stack.url, 'rare', { onHand: 1 });
    const id = parked[0]?.id ?? '';
    expect((await postResolution(stack.url, id, { action: 'retry', reason: 'counted' })).status).toBe(202);
    await until(async () => (await getOrder(stack.url, id)).status === 'confirmed', 'it is sold');
    for (const name of ['rare one', 'rare two']) expect([name, await capturesOf(name)]).toEqual([name, 1]);
  });

  test('gives no position of the feed a second time, and misses no event', async () => {
    await until(async () => {
      const items = await feed(lastPosition);
      return new Set(items.map(({ orderId }) => orderId)).size >= 11;
    }, 'a consumer hears of every recovered order');
    const positions = (await feed(lastPosition)).map(({ position }) => position);
    expect(Math.min(...positions)).toBeGreaterThan(lastPosition + 100_000);
  });

  test('is not taken for one again', async () => {
    expect(await runRecover(stack)).toMatchObject({ code: 0, said: expect.stringContaining('nothing to recover') });
    const { id } = await placeOrder(stack.url);
    expect((await settledOrder(stack.url, id)).status).toBe('confirmed');
    await authenticate('waits');
    expect((await settledOrder(stack.url, idOf('waits'))).status).toBe('confirmed');
    expect(await capturesOf('waits')).toBe(1);
  });
});
