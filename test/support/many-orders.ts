// Many orders at once, with a row of everything that grows.
import { sql, type RawBuilder } from 'kysely';
import type { Database } from '../../src/adapters/postgres/database.ts';

const PIECE = 10_000;

/** So many orders of 5,000 customers, and what belongs to them. */
export async function fillWithOrders(db: Database, orders: number): Promise<void> {
  await db.connection().execute(async (connection) => {
    await sql`set statement_timeout = 0`.execute(connection);
    // In pieces: each stays below the pool's time limit for a statement, also on a busy machine.
    for (let from = 1; from <= orders; from += PIECE) {
      for (const statement of fill(from, from + PIECE - 1)) await statement.execute(connection);
    }
    for (const statement of [moved, ...told]) await statement.execute(connection);
    await sql`analyze`.execute(connection);
  });
}

const totals = { linesMinor: 1_000, discountMinor: 0, shippingMinor: 0, taxMinor: 0, taxIncluded: true };
const items = [{ sku: 'book', name: 'book', quantity: 1, unitPriceMinor: 1_000 }];
const placed = { customerId: 'customer-1', currency: 'EUR', totalMinor: 1_000, totals, items };
/** Of row `n`. */
export const nthId = sql`'order_' || lpad(n::text, 26, '0')`;
const fill = (from: number, to: number): RawBuilder<unknown>[] => [
  sql`insert into orders (id, tenant, status, customer_id, currency, total_minor, correlation_id, event_count, launch_after, waiting, placed_at, updated_at)
      select ${nthId}, 'local', case when n % 50 = 0 then 'placed' else 'reserved' end, 'customer-' || n % 5000, 'EUR', 1000, 'c-' || n, 2, now() + interval '1 hour',
             case when n % 100 = 0 then jsonb_build_object('for', case when n % 200 = 0 then 'review' else 'customer' end, 'until', null) end,
             now() - n * interval '1 second', now() from generate_series(${from}::int, ${to}::int) n`,
  sql`insert into order_lines (order_id, tenant, sku, name, quantity, unit_price_minor) select ${nthId}, 'local', 'book', 'book', 1, 1000 from generate_series(${from}::int, ${to}::int) n`,
  sql`insert into payments (order_id, ordinal, tenant, amount_minor, currency, payment_method) select ${nthId}, 1, 'local', 1000, 'EUR', 'pm' from generate_series(${from}::int, ${to}::int) n`,
  sql`insert into events (tenant, order_id, sequence, event_id, event_type, "timestamp", source, data, correlation_id, causation_id, position)
      select 'local', ${nthId}, 1, 'e' || n, 'order.placed', now(), 's', ${JSON.stringify(placed)}::jsonb, 'c', 'command:place:' || ${nthId}, n from generate_series(${from}::int, ${to}::int) n`,
  sql`insert into parked_steps (tenant, order_id, workflow_id, run_id, run_started_at, number, step, reason, since, closed_at)
      select 'local', ${nthId}, ${nthId}, 'run', now(), 1, 'charge-payment', 'r', now() - n * interval '1 second', case when n % 100 > 0 then now() end
      from generate_series(${from}::int, ${to}::int) n`,
  sql`insert into resolution_audit (tenant, order_id, workflow_id, parked_step_id, step, action, actor, reason, outcome)
      select 'local', p.order_id, p.workflow_id, p.id, p.step, 'retry', 'a', 'r', 'followed'
      from generate_series(${from}::int, ${to}::int) n join parked_steps p on p.workflow_id = ${nthId}`,
  sql`insert into ledger (tenant, order_id, ordinal, kind, provider_object, amount_minor, currency)
      select 'local', ${nthId}, 1, 'captured', 'pi_' || n, 1000, 'EUR' from generate_series(${from}::int, ${to}::int) n`,
  sql`insert into disputes (dispute_id, tenant, order_id, ordinal, state, reason, amount_minor, currency, unsettled, compared_at)
      select 'du_' || n, 'local', ${nthId}, 1, case when n % 50 = 0 then 'open' else 'lost' end, 'general', 1000, 'EUR', n % 50 = 0, now() - n * interval '1 second'
      from generate_series(${from}::int, ${to}::int) n`,
  sql`insert into ledger (tenant, order_id, ordinal, kind, provider_object, amount_minor, currency, dispute_id)
      select 'local', ${nthId}, 1, 'disputed', 'txn_' || n, -1000, 'EUR', 'du_' || n from generate_series(${from}::int, ${to}::int) n`,
  sql`insert into backorders (order_id, tenant, sku, quantity, filled, state, ended_at, first_filled_at, news_at)
      select ${nthId}, 'local', 'pen-' || n % 1000, 2, case when n % 10 = 0 then 0 else 2 end, case when n % 10 = 0 then 'waiting' else 'filled' end,
             case when n % 10 > 0 then now() end, case when n % 10 > 0 then now() end, case when n % 500 = 1 then now() end
      from generate_series(${from}::int, ${to}::int) n where n % 5 < 2`,
  sql`insert into reservations (order_id, tenant, warehouse, sku, quantity, state, expires_at)
      select ${nthId}, 'local', 'main', 'book', 1, 'sold', now() from generate_series(${from}::int, ${to}::int) n where n % 5 < 2`,
  sql`insert into idempotency_keys (tenant, key, request_hash, order_id) select 'local', 'key-' || n, 'h', ${nthId} from generate_series(${from}::int, ${to}::int) n`,
];

// What is sold of a product is many times what people change of it.
const moved = sql`
  insert into stock_movements (tenant, warehouse, sku, kind, on_hand_delta, reserved_delta, order_id)
  select 'local', 'main', 'book', 'sold', -1, -1, ${nthId} from generate_series(1, 20000) n`;

// A subscriber that was told of nearly everything.
const told = [
  sql`insert into webhook_subscriptions (id, tenant, url, secrets) values ('whsub_1', 'local', 'https://shop.example/', '[{"secret": "s", "until": null}]')`,
  sql`insert into webhook_feeds (subscription_id, replay, fed_to) values ('whsub_1', 0, 99000)`,
  sql`insert into webhook_deliveries (subscription_id, order_id, event_id, state, settled_at)
      select 'whsub_1', ${nthId}, 'e' || n, case when n % 1000 = 0 then 'pending' else 'delivered' end, case when n % 1000 > 0 then now() end
      from generate_series(1, 20000) n`,
];

/** What a piece of work reads of these tables, counted by the database: whole ones, and rows by an index. */
export async function readsOf(db: Database, work: () => Promise<unknown>, tables: readonly string[]) {
  const count = async () => {
    await sql`select pg_stat_force_next_flush()`.execute(db);
    const { rows } = await sql<{ table: string; whole: number; read: number }>`
      select relname as "table", seq_scan as whole, idx_tup_fetch + seq_tup_read as read from pg_stat_user_tables
      where relname = any(${[...tables]}::text[])`.execute(db);
    return rows;
  };
  const before = new Map((await count()).map((row) => [row.table, row]));
  await work();
  return Object.fromEntries(
    (await count()).map(({ table, whole, read }) => {
      const was = before.get(table);
      return [table, { whole: whole - (was?.whole ?? 0), read: read - (was?.read ?? 0) }];
    }),
  );
}
