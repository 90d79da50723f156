// What people find in Temporal's Web UI: the queries of docs/temporal-ui.md, asked of a real server about real orders (each is accepted, and
// finds what the page says of it), and what the page of a workflow shows.
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { queriesOf } from '../../scripts/temporal-ui/queries.mjs';
import { closeChecked } from '../support/invariants.ts';
import { closedBreaker, heal } from '../support/operators.ts';
import { getOrder, placeOrder, putProduct } from '../support/orders.ts';
import { address, cancelOrder } from '../support/shipping.ts';
import { startTestStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const documented = queriesOf(await readFile(new URL('../../docs/temporal-ui.md', import.meta.url), 'utf8'));
const customerId = `customer-${randomUUID()}`;
const DECIDED = 'customer-of-many';
let stack: Stack;
let kinds: Awaited<ReturnType<typeof placeKinds>>;
const accepted: string[] = [];

beforeAll(async () => {
  const env = { PROVIDER_OUTAGE_LIMIT_MS: '1500', UNDO_ATTEMPTS: '2', RECONCILE_GRACE_MS: '1000', ...closedBreaker };
  stack = await startTestStack({ webhooks: true, env });
  await putProduct(stack.url, 'book');
  kinds = await placeKinds();
}, 60_000);
afterAll(() => closeChecked(stack, { accepted }));

type Order = Awaited<ReturnType<typeof getOrder>>;

const becomes = (id: string, is: (order: Order) => boolean): Promise<void> =>
  until(async () => is(await getOrder(stack.url, id)), `order ${id} is as it was wanted`);

async function place(wanted: Parameters<typeof placeOrder>[1], is: (order: Order) => boolean): Promise<string> {
  const { id } = await placeOrder(stack.url, wanted);
  accepted.push(id);
  await becomes(id, is);
  return id;
}

const post = async (path: string, body: object): Promise<{ id: string }> => {
  const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID() };
  const answer = await fetch(`${stack.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`POST ${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as { id: string };
};

/** One of each kind that a query tells from others; answers with ids of workflows. */
async function placeKinds() {
  await stack.fault({ operation: 'create', mode: 'error_500', times: 'always' });
  const isParked = ({ attention }: Order): boolean => attention !== null;
  const [parked, decided] = await Promise.all([place({}, isParked), place({ customerId: DECIDED }, isParked)]);
  await heal(stack);
  const retry = { filter: { customerId: DECIDED }, action: 'retry', reason: 'it is well again' };
  const { id: decision } = await post('/resolutions', retry);

  const isWaiting = ({ waiting }: Order): boolean => waiting !== null;
  const is = (status: string) => (order: Order) => order.status === status;
  const withCustomer = { paymentMethod: 'pm_card_threeDSecure2Required' };
  const [sold, declined, waiting, cancelled, ships, disputed, refunding] = await Promise.all([
    place({ customerId, items: [{ sku: 'book', quantity: 10 }] }, is('confirmed')),
    place({ paymentMethod: 'pm_card_chargeDeclined' }, is('rejected')),
    place(withCustomer, isWaiting),
    place(withCustomer, isWaiting),
    place({ extra: { shipping: address } }, isWaiting),
    place({ paymentMethod: 'pm_card_createDispute' }, isParked),
    place({ paymentMethod: 'pm_card_refundFail' }, is('confirmed')),
  ]);
  await cancelOrder(stack, cancelled);
  await post(`/orders/${refunding}/refunds`, { reason: 'was not liked' });
  await post(`/orders/${sold}/returns`, { items: [{ sku: 'book', quantity: 1 }], reason: 'too heavy' });
  const { id: comparison } = await post('/reconciliations', { dryRun: true });
  await becomes(cancelled, is('cancelled'));
  await becomes(refunding, isParked);
  await becomes(decided, is('confirmed'));
  const terminated = `not-an-order-${randomUUID()}`;
  await stack.temporal.workflow.start('nobodyKnows', { taskQueue: 'nobody-polls', workflowId: terminated });
  await stack.temporal.workflow.getHandle(terminated).terminate('seen by a query');
  const orders = { sold, declined, waiting, cancelled, parked, decided, ships, disputed, refunding };
  return { ...orders, comparison, decision, terminated };
}

type Found = (kinds: Awaited<ReturnType<typeof placeKinds>>) => string[];

/** By the heading: which of what was placed it finds, and nothing else of it. `:…` is a workflow beside an order. */
const finds: Record<string, Found> = {
  'Parked now': ({ parked, disputed, refunding }) => [parked, `${disputed}:payment`, `${refunding}:refund:1`],
  'Parked at one step': ({ parked }) => [parked],
  'One order and all that belongs to it': ({ ships }) => [ships, `${ships}:shipment:1`],
  'Orders of one customer': ({ sold }) => [sold],
  'Orders that are worth much': ({ sold }) => [sold],
  'Orders that have not come to their end': ({ waiting, parked, ships }) => [waiting, parked, ships],
  'Open for long, and nobody was asked': ({ waiting, ships }) => [waiting, ships],
  Rejected: ({ declined }) => [declined],
  Cancelled: ({ cancelled }) => [cancelled],
  'Shipments that have not arrived': ({ ships }) => [`${ships}:shipment:1`],
  'Refunds that are not done': ({ refunding }) => [`${refunding}:refund:1`],
  'Returns that are not done': ({ sold }) => [`${sold}:return:1`],
  'Payments that changed without their order': ({ disputed }) => [`${disputed}:payment`],
  'Comparisons of the books and decisions about many': ({ comparison, decision }) => [comparison, decision],
  'Ended in Temporal rather than by us': ({ terminated }) => [terminated],
  // Takes minutes to become true; that it is accepted is seen here.
  'Workflow tasks that fail again and again': () => [],
  // Workers have no version here.
  'By the version of the workers': () => [],
  'Worked on by workers without a version': ({ terminated: _byNoWorker, comparison, decision, ...orders }) => [
    ...Object.values(orders),
    ...[
      comparison,
      decision,
      `${orders.ships}:shipment:1`,
      `${orders.disputed}:payment`,
      `${orders.refunding}:refund:1`,
    ],
    ...[`${orders.refunding}:payment`, `${orders.sold}:return:1`],
  ],
  'By a patch': ({ parked, decided, disputed, refunding }) => [
    parked,
    decided,
    `${disputed}:payment`,
    `${refunding}:refund:1`,
  ],
};

/** What stands in the page for what a reader puts in. */
const filledIn = (query: string): string =>
  query
    .replace('order_00000000000000000000000000', kinds.ships)
    .replace("'customer-1'", `'${customerId}'`)
    .replace('2026-11-01T00:00:00Z', new Date().toISOString());

async function ask(query: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { workflowId } of stack.temporal.workflow.list({ query }))
    found.push(workflowId.replace(/:pi_.*/, ''));
  return found.sort();
}

test('every query of the page is known here, and every one known here is on the page', () => {
  expect(documented.map(({ title }) => title).sort()).toEqual(Object.keys(finds).sort());
});

test.each(documented.map((one) => [one.title, one] as const))('%s', async (title, { query, link }) => {
  const expected = finds[title]?.(kinds).sort();
  let found: string[] = [];
  // Visibility is a moment behind.
  await until(
    async () => {
      found = await ask(filledIn(query));
      return JSON.stringify(found) === JSON.stringify(expected);
    },
    title,
    10_000,
  ).catch(() => undefined);
  expect(found).toEqual(expected);
  expect(new URL(link).searchParams.get('query')).toBe(query);
});

/** What a worker says of a workflow now, on the page's tab _User Metadata_. */
async function cardOf(workflowId: string): Promise<string> {
  const { queryResult } = await stack.temporal.workflowService.queryWorkflow({
    namespace: stack.namespace,
    execution: { workflowId },
    query: { queryType: '__temporal_workflow_metadata' },
  });
  const { data } = queryResult?.payloads?.[0] ?? {};
  return (JSON.parse(Buffer.from(data ?? '').toString()) as { currentDetails: string }).currentDetails;
}

test('an order names the shipments that it waits for, and each says itself whom it waits for', async () => {
  const shipment = `${kinds.ships}:shipment:1`;
  expect(await cardOf(kinds.ships)).toContain(`**Waits for** its shipments: ${shipment}.`);
  const card = await cardOf(shipment);
  expect(card).toContain('**Waits for** the warehouse to pack it. Until 20');
  expect(card).toContain(
    `**Who must act:** warehouse. Pack it, and say so (POST /orders/${kinds.ships}/shipments/1/packed).`,
  );
  expect(card).toContain('- pack-shipment: under way');
});

test('an order that waits for its customer says so, and until when', async () => {
  const step = '- charge-payment: waits for the customer';
  // While the provider is asked again, the step is under way.
  let card = '';
  await until(async () => (card = await cardOf(kinds.waiting)).includes(step), 'the step waits, too', 10_000).catch(
    () => undefined,
  );
  expect(card).toContain(step);
  expect(card).toContain('**Waits for** the customer. Until 20');
  expect(card).toContain('**Who must act:** customer. ');
});

test('business that is parked says who must act, and how', async () => {
  const card = await cardOf(`${kinds.refunding}:refund:1`);
  expect(card).toContain('**Waits for** an operator’s decision about a refund that was asked for');
  expect(card).toMatch(/\*\*Who must act:\*\* operator\. Decide: retry, skip, compensate \(POST .*, "since": "20/);
});

test.each(['ships', 'refunding'] as const)('the page of the workflow links to the order (%s)', async (kind) => {
  const orderId = kinds[kind];
  const id = kind === 'ships' ? orderId : `${orderId}:refund:1`;
  const details = (await (await stack.temporal.workflow.getHandle(id).describe()).staticDetails()) ?? '';
  const links = [...details.matchAll(/\[[^\]]+\]\(([^)]+)\)/g)].map(([, link = '']) => new URL(link));
  expect(links).toHaveLength(4);
  for (const { pathname, search } of links.slice(0, 3)) {
    const answer = await fetch(`${stack.url}${pathname}${search}`);
    expect(answer.status).toBe(200);
    // The console's page asks for what it shows.
    expect(await answer.text()).toContain(pathname.startsWith('/console/') ? '/console/assets/' : orderId);
  }
  expect(await ask(links[3]?.searchParams.get('query') ?? '')).toContain(id);
});

test('a timer says what for', async () => {
  const { events } = await stack.temporal.workflow.getHandle(kinds.waiting).fetchHistory();
  const timers = events?.filter(({ timerStartedEventAttributes: timer }) => timer) ?? [];
  expect(timers.length).toBeGreaterThan(0);
  for (const { userMetadata } of timers)
    expect(Buffer.from(userMetadata?.summary?.data ?? '').toString()).toContain('ask the provider again');
});
