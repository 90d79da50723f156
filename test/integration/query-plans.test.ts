// Hot queries on 100,000 orders: by index, whatever grows. Counted by the plan, not timed.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql, type RawBuilder } from 'kysely';
import type { Database } from '../../src/adapters/postgres/database.ts';
import { figureQueries } from '../../src/adapters/postgres/figures.ts';
import { countQuery } from '../../src/adapters/postgres/order-counts.ts';
import { createReconciliationBooks } from '../../src/adapters/postgres/reconciliation-books.ts';
import { createReconciliationWork } from '../../src/adapters/postgres/reconciliation.ts';
import { adjustmentsQuery, holdsQuery } from '../../src/adapters/postgres/stock-reading.ts';
import { openTestDatabase, stockProduct } from '../support/database.ts';

const ORDERS = 100_000;
const PIECE = 10_000;
let db: Database;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ db, close } = await openTestDatabase());
  await stockProduct(db, 'book', 1_000);
  await sql`set statement_timeout = 0`.execute(db);
  await db.connection().execute(async (connection) => {
    await sql`set statement_timeout = 0`.execute(connection);
    // In pieces: each stays below the pool's time limit for a statement, also on a busy machine.
    for (let from = 1; from <= ORDERS; from += PIECE) {
      for (const statement of fill(from, from + PIECE - 1)) await statement.execute(connection);
    }
    for (const statement of [moved, ...told]) await statement.execute(connection);
    await sql`analyze`.execute(connection);
  });
}, 120_000);
afterAll(() => close());

const totals = { linesMinor: 1_000, discountMinor: 0, shippingMinor: 0, taxMinor: 0, taxIncluded: true };
const items = [{ sku: 'book', name: 'book', quantity: 1, unitPriceMinor: 1_000 }];
const placed = { customerId: 'customer-1', currency: 'EUR', totalMinor: 1_000, totals, items };
const id = sql`'order_' || lpad(n::text, 26, '0')`;
const fill = (from: number, to: number): RawBuilder<unknown>[] => [
  sql`insert into orders (id, tenant, status, customer_id, currency, total_minor, correlation_id, event_count, launch_after, waiting, placed_at, updated_at)
      select ${id}, 'local', case when n % 50 = 0 then 'placed' else 'reserved' end, 'customer-' || n % 5000, 'EUR', 1000, 'c-' || n, 2, now() + interval '1 hour',
             case when n % 100 = 0 then jsonb_build_object('for', case when n % 200 = 0 then 'review' else 'customer' end, 'until', null) end,
             now() - n * interval '1 second', now() from generate_series(${from}::int, ${to}::int) n`,
  sql`insert into order_lines (order_id, tenant, sku, name, quantity, unit_price_minor) select ${id}, 'local', 'book', 'book', 1, 1000 from generate_series(${from}::int, ${to}::int) n`,
  sql`insert into payments (order_id, ordinal, tenant, amount_minor, currency, payment_method) select ${id}, 1, 'local', 1000, 'EUR', 'pm' from generate_series(${from}::int, ${to}::int) n`,
  sql`insert into events (tenant, order_id, sequence, event_id, event_type, "timestamp", source, data, correlation_id, causation_id, position)
      select 'local', ${id}, 1, 'e' || n, 'order.placed', now(), 's', ${JSON.stringify(placed)}::jsonb, 'c', 'command:place:' || ${id}, n from generate_series(${from}::int, ${to}::int) n`,
  sql`insert into parked_steps (tenant, order_id, workflow_id, run_id, run_started_at, number, step, reason, since, closed_at)
      select 'local', ${id}, ${id}, 'run', now(), 1, 'charge-payment', 'r', now() - n * interval '1 second', case when n % 100 > 0 then now() end
      from generate_series(${from}::int, ${to}::int) n`,
  sql`insert into resolution_audit (tenant, order_id, workflow_id, parked_step_id, step, action, actor, reason, outcome)
      select 'local', p.order_id, p.workflow_id, p.id, p.step, 'retry', 'a', 'r', 'followed'
      from generate_series(${from}::int, ${to}::int) n join parked_steps p on p.workflow_id = ${id}`,
  sql`insert into ledger (tenant, order_id, ordinal, kind, provider_object, amount_minor, currency)
      select 'local', ${id}, 1, 'captured', 'pi_' || n, 1000, 'EUR' from generate_series(${from}::int, ${to}::int) n`,
  sql`insert into disputes (dispute_id, tenant, order_id, ordinal, state, reason, amount_minor, currency, unsettled, compared_at)
      select 'du_' || n, 'local', ${id}, 1, case when n % 50 = 0 then 'open' else 'lost' end, 'general', 1000, 'EUR', n % 50 = 0, now() - n * interval '1 second'
      from generate_series(${from}::int, ${to}::int) n`,
  sql`insert into ledger (tenant, order_id, ordinal, kind, provider_object, amount_minor, currency, dispute_id)
      select 'local', ${id}, 1, 'disputed', 'txn_' || n, -1000, 'EUR', 'du_' || n from generate_series(${from}::int, ${to}::int) n`,
  sql`insert into backorders (order_id, tenant, sku, quantity, filled, state, ended_at, first_filled_at, news_at)
      select ${id}, 'local', 'pen-' || n % 1000, 2, case when n % 10 = 0 then 0 else 2 end, case when n % 10 = 0 then 'waiting' else 'filled' end,
             case when n % 10 > 0 then now() end, case when n % 10 > 0 then now() end, case when n % 500 = 1 then now() end
      from generate_series(${from}::int, ${to}::int) n where n % 5 < 2`,
  sql`insert into reservations (order_id, tenant, warehouse, sku, quantity, state, expires_at)
      select ${id}, 'local', 'main', 'book', 1, 'sold', now() from generate_series(${from}::int, ${to}::int) n where n % 5 < 2`,
  sql`insert into idempotency_keys (tenant, key, request_hash, order_id) select 'local', 'key-' || n, 'h', ${id} from generate_series(${from}::int, ${to}::int) n`,
];

// What is sold of a product is many times what people change of it.
const moved = sql`
  insert into stock_movements (tenant, warehouse, sku, kind, on_hand_delta, reserved_delta, order_id)
  select 'local', 'main', 'book', 'sold', -1, -1, ${id} from generate_series(1, 20000) n`;

// A subscriber that was told of nearly everything.
const told = [
  sql`insert into webhook_subscriptions (id, tenant, url, secrets) values ('whsub_1', 'local', 'https://shop.example/', '[{"secret": "s", "until": null}]')`,
  sql`insert into webhook_feeds (subscription_id, replay, fed_to) values ('whsub_1', 0, 99000)`,
  sql`insert into webhook_deliveries (subscription_id, order_id, event_id, state, settled_at)
      select 'whsub_1', ${id}, 'e' || n, case when n % 1000 = 0 then 'pending' else 'delivered' end, case when n % 1000 > 0 then now() end
      from generate_series(1, 20000) n`,
];

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
  const { rows } = await sql<{
    'QUERY PLAN': unknown;
  }>`explain (format json) ${countQuery({ tenant: 'local' })}`.execute(db);
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
