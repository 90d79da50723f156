// One order, several workflows of it parked at once: each is seen, decided about and audited by itself.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { checkScrapes, firing, scrape } from '../support/scraping.ts';
import { closeChecked } from '../support/invariants.ts';
import {
  closedBreaker,
  heal,
  parkOrders,
  payByHand,
  postResolution,
  postResolutionOnce,
} from '../support/operators.ts';
import { getOrder, placeOrder, putProduct, workflowEnd } from '../support/orders.ts';
import { startTestStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

type Parked = { step: string; since: string; reason: string; workflowId: string; atStake: object };
const retry = { action: 'retry', reason: 'the provider is well again' };
const doubt = '1000 EUR (minor units) that may have been taken and 1 unit held.';

let stack: Stack;
const accepted: string[] = [];

beforeAll(async () => {
  const env = { PROVIDER_OUTAGE_LIMIT_MS: '1500', UNDO_ATTEMPTS: '2', ...closedBreaker };
  stack = await startTestStack({ webhooks: true, env });
  await putProduct(stack.url, 'book');
});
afterAll(() => closeChecked(stack, { accepted }));

async function parkedOf(id: string): Promise<Parked[]> {
  const answer = await fetch(`${stack.url}/orders/${id}/explanation`);
  return ((await answer.json()) as { parked: Parked[] }).parked;
}
const problemOf = async (answer: Response) => {
  const { type, detail } = (await answer.json()) as { type: string; detail: string };
  return { status: answer.status, type, detail };
};

/** An order parked at its charge, and two payments that are not its own, which can not be given back. */
async function parkThree(): Promise<{ id: string; followers: [string, string] }> {
  const [id = ''] = await parkOrders(stack);
  accepted.push(id);
  await stack.fault({ operation: 'refund', mode: 'error_500', times: 'always' });
  const followers: string[] = [];
  for (const amountMinor of [700, 300]) {
    followers.push(`${id}:payment:${await payByHand(stack, id, amountMinor)}`);
    await until(async () => (await parkedOf(id)).length === 1 + followers.length, 'the payment parks');
  }
  await heal(stack);
  const [first = '', second = ''] = followers;
  return { id, followers: [first, second] };
}

/** Keeps every change of the order waiting, so that a decision is taken and can not be followed yet. */
async function whileHeld<T>(id: string, work: () => Promise<T>): Promise<T> {
  const client = await stack.db.connect();
  try {
    await client.query('begin');
    await client.query('select 1 from orders where id = $1 for update', [id]);
    return await work();
  } finally {
    await client.query('rollback');
    client.release();
  }
}

test('an order’s parked steps are decided about one by one, and the longest parked is shown', async () => {
  const { id, followers } = await parkThree();
  const parked = await parkedOf(id);
  expect(parked).toMatchObject([
    // What the strays have taken, 1000 as well, is not the order's: its own charge is in doubt.
    { step: 'charge-payment', workflowId: id, atStake: { amountMinor: 1_000, units: 1, sentence: doubt } },
    { step: 'follow-payment', workflowId: followers[0], atStake: { amountMinor: 700, units: 0 } },
    { step: 'follow-payment', workflowId: followers[1], atStake: { amountMinor: 300, units: 0 } },
  ]);
  const [{ step, reason, since } = { step: '', reason: '', since: '' }] = parked;
  expect((await getOrder(stack.url, id)).attention).toEqual({ step, reason, since });
  const preview = await fetch(`${stack.url}/resolutions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ filter: {}, dryRun: true, ...retry }),
  });
  expect(await preview.json()).toMatchObject({ count: 3, sample: [{ workflowId: id }, {}, {}] });

  const refusals: [object, string, string][] = [
    [{ step: 'follow-payment' }, 'parked-step-ambiguous', followers[1]],
    [{ step: 'close-order' }, 'order-not-parked', `parked at charge-payment (${id})`],
    [{ step: 'charge-payment', workflowId: followers[0] }, 'order-not-parked', 'parked at charge-payment'],
  ];
  for (const [named, slug, says] of refusals) {
    const refused = await problemOf(await postResolution(stack.url, id, { ...retry, ...named }));
    expect(refused).toMatchObject({ status: 409, type: `/problems/${slug}`, detail: expect.stringContaining(says) });
  }

  // Ended in Temporal while it was parked: a decision has it started again, and its mark goes when it gets through.
  await stack.temporal.workflow.getHandle(followers[0]).terminate('by hand');
  expect((await postResolutionOnce(stack.url, id, { ...retry, workflowId: followers[0] })).status).toBe(503);
  await until(async () => (await parkedOf(id)).length === 2, 'the first payment is given back');

  const key = randomUUID();
  const byStep = { ...retry, step: 'follow-payment' };
  const [decided, second] = await whileHeld(id, async () => {
    const first = await postResolution(stack.url, id, byStep, key);
    return [first, await problemOf(await postResolution(stack.url, id, byStep))] as const;
  });
  expect(decided.status).toBe(202);
  expect(second).toEqual({
    status: 409,
    type: '/problems/order-not-parked',
    detail: `local decided about follow-payment a moment ago: retry (${retry.reason})`,
  });
  await until(async () => (await parkedOf(id)).length === 1, 'the second payment is given back');
  expect((await getOrder(stack.url, id)).attention?.step).toBe('charge-payment');
  // The same request again, when only another step is parked: it has been answered.
  const repeat = await postResolution(stack.url, id, byStep, key);
  expect([repeat.status, await repeat.text()]).toEqual([202, await decided.text()]);

  for (const follower of followers) await workflowEnd(stack, follower);
  expect((await postResolution(stack.url, id, retry)).status).toBe(202);
  await until(async () => (await getOrder(stack.url, id)).status === 'confirmed', 'the order is confirmed');
  expect([(await getOrder(stack.url, id)).attention, await parkedOf(id)]).toEqual([null, []]);
  const { rows } = await stack.db.query(
    "select workflow_id, step from resolution_audit where order_id = $1 and outcome = 'followed' order by id",
    [id],
  );
  expect(rows).toEqual([
    { workflow_id: followers[1], step: 'follow-payment' },
    { workflow_id: id, step: 'charge-payment' },
  ]);
}, 120_000);

test('a decision about many is one for each parked step of an order', async () => {
  const { id, followers } = await parkThree();
  const answer = await fetch(`${stack.url}/resolutions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID() },
    body: JSON.stringify({ filter: {}, expectedCount: 3, ...retry }),
  });
  expect(answer.status).toBe(202);
  const { id: bulk } = (await answer.json()) as { id: string };
  const progress = async () =>
    (await (await fetch(`${stack.url}/resolutions/${bulk}`)).json()) as { state: string; counts: object };
  await until(async () => (await progress()).state === 'finished', 'it is over');
  expect((await progress()).counts).toEqual({ total: 3, resolved: 3, refused: 0, unanswered: 0, left: 0 });
  await until(async () => (await getOrder(stack.url, id)).status === 'confirmed', 'the order is confirmed');
  for (const follower of followers) await workflowEnd(stack, follower);
  expect(await parkedOf(id)).toEqual([]);
  const { rows } = await stack.db.query<{ workflow_id: string }>(
    "select workflow_id from resolution_audit where bulk_id = $1 and outcome = 'followed' order by workflow_id",
    [bulk],
  );
  expect(rows.map(({ workflow_id }) => workflow_id)).toEqual([id, ...followers].toSorted());
}, 120_000);

test('alerts and dashboards name what the processes show, and fire by what these show', async () => {
  const before = await scrape(stack);
  const subscription = { url: 'http://127.0.0.1:1/', eventTypes: ['order.parked'] };
  const made = await fetch(`${stack.url}/webhook-subscriptions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(subscription),
  });
  expect(made.status).toBe(201);
  const [id = ''] = await parkOrders(stack);
  accepted.push(id);
  const shows = async (sample: RegExp): Promise<boolean> => sample.test((await scrape(stack)).api);
  await until(() => shows(/^orders_parked\{step="charge-payment"\} 1$/m), 'the parked order is shown');
  await until(() => shows(/^webhook_pending_messages\{subscription="whsub_\w+"\} [1-9]/m), 'what is not told is shown');
  await until(() => shows(/^figures_known\{witness="temporal"\} 1$/m), 'what waits in Temporal is shown');
  const after = await scrape(stack);
  for (const text of Object.values(after)) expect(text).not.toMatch(/order_[0-9a-hjkmnp-tv-z]{26}|customer-\d|anna/);

  await checkScrapes(after);
  // The first that somebody is asked, the second what the provider was asked meanwhile.
  expect(await firing({ before, after }, ['OrdersParked', 'ProviderFailing'])).toEqual([
    'OrdersParked',
    'ProviderFailing',
  ]);
  const quiet = [
    'BooksNotCompared',
    'BrokerBehind',
    'CarrierFailing',
    'DatabaseBehind',
    'EventLoopLate',
    'FeedBehind',
    'FiguresUnknown',
    'HttpFailing',
    'ManyOrdersParked',
    'NoWorkerPolls',
    'PoolExhausted',
    'ProcessDown',
    'ProcessRestarting',
    'ReplicaGone',
    'StockUnsound',
    'TallyBehind',
    'WorkerIdle',
  ];
  expect(await firing({ before, after }, quiet)).toEqual([]);
  expect((await postResolution(stack.url, id, retry)).status).toBe(202);
  await until(async () => (await getOrder(stack.url, id)).status === 'confirmed', 'the order is confirmed');

  // An answer that waits on purpose is counted, and is not slow.
  const measured = async (): Promise<(string | undefined)[]> => {
    const { api } = await scrape(stack);
    const route = 'method="POST",route="/orders"';
    return [`http_requests_total{${route},status="200"} `, `http_request_duration_seconds_count{${route}} `].map(
      (name) =>
        api
          .split('\n')
          .find((line) => line.startsWith(name))
          ?.slice(name.length),
    );
  };
  const [, quick] = await measured();
  accepted.push((await placeOrder(stack.url, { headers: { Prefer: 'wait=20' } })).id);
  await until(async () => (await measured())[0] === '1', 'it is counted');
  expect(await measured()).toEqual(['1', quick]);
}, 120_000);
