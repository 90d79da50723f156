// Hot queries on 100,000 orders: by index, whatever grows. Counted by the plan, not timed.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql, type RawBuilder } from 'kysely';
import type { Database } from '../../src/adapters/postgres/database.ts';
import { createEventLog } from '../../src/adapters/postgres/events.ts';
import { figureQueries } from '../../src/adapters/postgres/figures.ts';
import { countQuery } from '../../src/adapters/postgres/order-counts.ts';
import { createNoticeFeed } from '../../src/adapters/postgres/notice-feed.ts';
import { createReconciliationBooks } from '../../src/adapters/postgres/reconciliation-books.ts';
import { createReconciliationWork } from '../../src/adapters/postgres/reconciliation.ts';
import { adjustmentsQuery, holdsQuery } from '../../src/adapters/postgres/stock-reading.ts';
import { carrySumsOn, movedOf } from '../../src/adapters/postgres/stock-sums.ts';
import { createTally } from '../../src/adapters/postgres/tally.ts';
import { createWebhookSubscriptions } from '../../src/adapters/postgres/webhook.ts';
import { openTestDatabase, stockProduct } from '../support/database.ts';
import { fillWithOrders, nthId as id, readsOf } from '../support/many-orders.ts';

const ORDERS = 100_000;
let db: Database;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ db, close } = await openTestDatabase());
  await stockProduct(db, 'book', 1_000);
  await fillWithOrders(db, ORDERS);
}, 120_000);
afterAll(() => close());

const one = 'order_00000000000000000000012345';
const hot: [string, RawBuilder<unknown>][] = [
  ['one order', sql`select * from orders where id = ${one}`],
  ['the key of a repeat', sql`select * from idempotency_keys where tenant = 'local' and key = 'key-77'`],
  [
    'a page of orders',
    sql`select * from orders o where o.tenant = 'local' and (o.placed_at, o.id) < (now() - interval '1 hour', ${one}) order by o.placed_at desc, o.id desc limit 21`,
  ],
  [
    'a page of one status',
    sql`select * from orders o where o.tenant = 'local' and o.status = 'placed' order by o.placed_at desc, o.id desc limit 21`,
  ],
  [
    'a page of one customer',
    sql`select * from orders o where o.tenant = 'local' and o.customer_id = 'customer-7' order by o.placed_at desc, o.id desc limit 21`,
  ],
  [
    'a correlation',
    sql`select * from orders o where o.tenant = 'local' and o.correlation_id = 'c-77' order by o.placed_at desc, o.id desc limit 21`,
  ],
  [
    'parked orders',
    sql`select * from orders o where o.tenant = 'local' and o.attention is not null order by o.placed_at desc, o.id desc limit 21`,
  ],
  [
    'orders that wait for a review',
    sql`select * from orders o where o.tenant = 'local' and o.waiting is not null and o.waiting ->> 'for' = 'review' order by o.placed_at desc, o.id desc limit 21`,
  ],
  [
    'whether a customer has had an order confirmed',
    sql`select 1 from (
          select e.status from orders o join orders e on e.tenant = o.tenant and e.customer_id = o.customer_id and e.placed_at <= o.placed_at
          where o.id = ${one} order by e.placed_at desc, e.id desc limit 1000) earlier where status = 'confirmed'`,
  ],
  [
    'how many orders of a customer are recent',
    sql`select count(*) from (
          select 1 from orders o join orders e on e.tenant = o.tenant and e.customer_id = o.customer_id and e.placed_at <= o.placed_at
          where o.id = ${one} and e.placed_at > o.placed_at - 3600000 * interval '1 millisecond' limit 6) recent`,
  ],
  [
    'a page of the feed',
    sql`select * from events where position > 50000 and tenant = 'local' order by position limit 100`,
  ],
  [
    'a page of the feed of one type',
    sql`select * from events where position > 50000 and tenant = 'local' and event_type = any('{order.placed}') order by position limit 100`,
  ],
  [
    'the feed of a tenant without events',
    sql`select * from events where position > 0 and tenant = 'nobody' order by position limit 100`,
  ],
  ['an order’s events', sql`select * from events where order_id = ${one} and sequence > 0 order by sequence limit 100`],
  ['what is to be numbered', sql`select id from events where position is null order by id limit 1000`],
  ['the last position', sql`select max(position) from events`],
  ['what is to be launched', sql`select id from orders where launch_after < now() order by launch_after limit 200`],
  [
    'how many wait',
    sql`select count(*) from (select 1 from orders where event_count = 1 and launch_after is not null limit 100001) as counted`,
  ],
  [
    'who has settled',
    sql`select id from orders o where o.id = any(${[one]}::text[]) and o.status in ('confirmed', 'rejected', 'cancelled')`,
  ],
  [
    'what of an order is parked',
    sql`select step from parked_steps where order_id = ${one} and closed_at is null order by parked_steps.since, id`,
  ],
  ['what a workflow has open', sql`select id from parked_steps where workflow_id = ${one} and closed_at is null`],
  ['a parking', sql`select id from parked_steps where workflow_id = ${one} and run_id = 'run' and number = 1`],
  ['whether a newer parking is known', sql`select 1 from parked_steps where workflow_id = ${one} and number > 1`],
  [
    'those parked longest',
    sql`select p.id from parked_steps p join orders o on o.id = p.order_id where p.tenant = 'local' and p.closed_at is null order by p.since, p.id limit 20`,
  ],
  [
    'a decision about a parking',
    sql`select 1 from resolution_audit where parked_step_id = 77 and outcome = 'followed'`,
  ],
  [
    'whether anybody waits for a product, when an order takes some of it',
    sql`select 1 from backorders where true and tenant = 'local' and sku = any('{book}'::text[]) and state = 'waiting' limit 1`,
  ],
  [
    'who is the first to wait for a product',
    sql`select order_id, quantity - filled from backorders where tenant = 'local' and sku = 'pen-7' and state = 'waiting' order by position limit 1`,
  ],
  [
    'whether an order has reserved',
    sql`select 1 from reservations where order_id = ${one} union all select 1 from backorders where order_id = ${one} limit 1`,
  ],
  ['who is to be told of stock', sql`select order_id from backorders where news_at < now() order by news_at limit 100`],
  [
    'who holds a product',
    holdsQuery({ tenant: 'local', sku: 'book', after: { orderId: one, warehouse: 'main' }, limit: 21 }),
  ],
  ['what people changed of a product', adjustmentsQuery({ tenant: 'local', sku: 'book', before: null, limit: 21 })],
  ['an order’s ledger', sql`select sum(amount_minor) from ledger where order_id = ${one}`],
];

test.each(hot)('%s is found by an index, with few pages touched', async (_name, query) => {
  const { rows } = await sql<{ 'QUERY PLAN': Plan[] }>`explain (analyze, buffers, format json) ${query}`.execute(db);
  const [top] = rows[0]?.['QUERY PLAN'] ?? [];
  if (!top) throw new Error('Expected a plan; found none');
  const plan = JSON.stringify(top.Plan);
  expect(plan).not.toContain('Seq Scan');
  expect(top.Plan['Shared Hit Blocks'] + top.Plan['Shared Read Blocks']).toBeLessThan(250);
});

type Plan = { Plan: { 'Shared Hit Blocks': number; 'Shared Read Blocks': number } };

// Their cost may grow with what is parked (1,000 steps here) or not launched, up to their limits; never with what was placed.
test.each(Object.entries(figureQueries({ backlogLimit: 100_000 })))(
  'monitoring finds %s by an index',
  async (_name, query) => {
    const { rows } = await sql<{ 'QUERY PLAN': Plan[] }>`explain (analyze, buffers, format json) ${query}`.execute(db);
    const [top] = rows[0]?.['QUERY PLAN'] ?? [];
    if (!top) throw new Error('Expected a plan; found none');
    const scanned = [...JSON.stringify(top.Plan).matchAll(/"Node Type":"Seq Scan"[^{}]*?"Relation Name":"(\w+)"/g)].map(
      ([, table]) => table,
    );
    const growing = ['orders', 'events', 'parked_steps', 'webhook_deliveries'];
    expect(growing.filter((table) => scanned.includes(table))).toEqual([]);
    expect(top.Plan['Shared Hit Blocks'] + top.Plan['Shared Read Blocks']).toBeLessThan(1_500);
  },
);

test('how many orders stand where is counted by indexes', async () => {
  const { rows } = await sql`explain (format json) ${countQuery({ tenant: 'local' })}`.execute(db);
  expect(JSON.stringify(rows)).not.toMatch(/"Seq Scan"/);
});

test('no page that reconciliation reads scans a table that grows', async () => {
  const { reconciliationId } = await createReconciliationWork({ db }).begin({ workflowId: 'plans', graceMs: 1 });
  await sql`
    insert into reconciliation_copies (reconciliation_id, kind, object, copy)
    select ${reconciliationId}, 'payment', 'pi_' || n, jsonb_build_object('providerId', 'pi_' || n, 'orderId', ${id},
      'key', ${id} || ':create:1', 'state', '{"kind": "captured"}'::jsonb, 'capturedMinor', 1000, 'amountMinor', 1000, 'currency', 'EUR')
    from generate_series(1, 20000) n`.execute(db);
  await sql`
    insert into reconciliation_copies (reconciliation_id, kind, object, copy)
    select ${reconciliationId}, 'dispute', 'du_' || n, jsonb_build_object('disputeId', 'du_' || n, 'found', null)
    from generate_series(1, 20000) n`.execute(db);
  await sql`analyze reconciliation_copies`.execute(db);
  const soon = new Date(Date.now() + 3_600_000).toISOString();
  const span = { reconciliationId, listFrom: soon, since: '2026-01-01T00:00:00Z', until: soon, dryRun: false };

  await db.transaction().execute(async (tx) => {
    const books = createReconciliationBooks({ db: tx });
    const pages = [
      books.payments,
      books.refunds,
      books.disputes,
      books.unsettledDisputes,
      books.ledgerWithoutCopy,
      books.openOrders,
      books.closedOrders,
      books.notices,
    ];
    for (const read of pages) {
      const { next } = await read({ span, cursor: null, limit: 200 });
      if (next !== null) await read({ span, cursor: next, limit: 200 });
    }
    await books.findPayment({ paymentId: 'pi_7', found: null });
    await books.findDispute({ disputeId: 'du_7', paymentId: null, found: null });
    await books.findOrder({ orderId: one, until: soon });
    await books.knownOrders({ orderIds: [one] });
    const { rows } = await sql<{ table: string }>`
      select relname as "table" from pg_stat_xact_user_tables where seq_scan > 0
        and relname in ('orders', 'payments', 'ledger', 'disputes', 'events', 'order_lines', 'reconciliation_copies')`.execute(
      tx,
    );
    expect(rows).toEqual([]);
  });
});

test('counting a few new events reads no others but those of their orders', async () => {
  const sold = { totalMinor: 1_000, currency: 'EUR', items: [{ sku: 'book', quantity: 1, warehouse: 'main' }] };
  await sql`update tally_cursor set counted_to = ${ORDERS - 3}`.execute(db);
  await sql`
    insert into events (tenant, order_id, sequence, event_id, event_type, "timestamp", source, data, correlation_id, causation_id, position)
    select 'local', ${id}, 2, 'confirmed-' || n, 'order.confirmed', now(), 's', ${JSON.stringify(sold)}::jsonb, 'c', 'e' || n, ${ORDERS} + n
    from generate_series(1, 200) n`.execute(db);
  await sql`analyze events`.execute(db);
  const reads = await readsOf(db, () => createTally({ db }).count({ limit: 1_000 }), ['events']);
  expect(reads['events']).toMatchObject({ whole: 0 });
  expect(reads['events']?.read).toBeLessThan(2_000);
});

test('a page of the feed of some types reads no more of them than it tells, nor the others between', async () => {
  const reads = await readsOf(
    db,
    () =>
      createEventLog({ db }).feed({
        tenant: 'local',
        after: 0,
        types: ['order.confirmed', 'order.rejected'],
        limit: 10,
      }),
    ['events'],
  );
  expect(reads['events']?.whole).toBe(0);
  expect(reads['events']?.read).toBeLessThan(50);
});

test('whoever follows the feed finds out that there is nothing new without reading it', async () => {
  await createNoticeFeed({ db }).begin();
  await sql`update notice_feed set fed_to = (select max(position) from events)`.execute(db);
  await sql`update tally_cursor set counted_to = (select max(position) from events), caught_up_at = now()`.execute(db);
  const feed = { limit: 100, kinds: [], maxAgeMs: 1, paymentDelayMs: 0 };
  const reads = await readsOf(
    db,
    async () => [await createTally({ db }).count({ limit: 10 }), await createNoticeFeed({ db }).feed(feed)],
    ['events'],
  );
  expect(reads['events']?.whole).toBe(0);
  expect(reads['events']?.read).toBeLessThan(10);
});

test('deliveries that were skipped are found without reading the others', async () => {
  const reads = await readsOf(
    db,
    () =>
      createWebhookSubscriptions({ db }).listDeliveries({
        tenant: 'local',
        id: 'whsub_1',
        state: 'skipped',
        orderId: null,
        before: null,
        limit: 100,
      }),
    ['webhook_deliveries'],
  );
  expect(reads['webhook_deliveries']).toEqual({ whole: 0, read: 0 });
});

test('what has been sold of a product is added up once, however often its stock is compared', async () => {
  const compare = async () => {
    const { reconciliationId } = await createReconciliationWork({ db }).begin({
      workflowId: `sums-${Math.random()}`,
      graceMs: 1,
    });
    const at = new Date().toISOString();
    const span = { reconciliationId, listFrom: at, since: at, until: at, dryRun: true };
    return createReconciliationBooks({ db }).stock({ span, cursor: null, limit: 200 });
  };
  const first = await compare();
  expect(await carrySumsOn(db, { withinMs: 5_000 })).toBe(true);
  expect(await compare()).toEqual(first);
  // Nor is one that never moved looked for among the movements of the others.
  await stockProduct(db, 'a-new-one', 0);
  const reads = await readsOf(db, () => carrySumsOn(db, { withinMs: 5_000, through: 1_000_000 }), ['stock_movements']);
  expect(reads['stock_movements']?.whole).toBe(0);
  expect(reads['stock_movements']?.read).toBeLessThan(2_000);
  const { rows } = await sql<{ 'QUERY PLAN': unknown[] }>`
    explain (analyze, format json) select ${movedOf} from stock s where s.sku = 'book'`.execute(db);
  const read = [...JSON.stringify(rows).matchAll(/"Relation Name":"stock_movements"[^{}]*?"Actual Rows":([\d.]+)/g)];
  expect(read).toHaveLength(1);
  expect(Number(read[0]?.[1])).toBeLessThan(1_000);
});
