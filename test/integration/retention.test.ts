// Retention periods on a real database: what is older goes, bit by bit and by an index, and nothing else.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { createErasureWork } from '../../src/adapters/postgres/erasure-work.ts';
import { createErasures } from '../../src/adapters/postgres/erasure.ts';
import { openDatabase, STEP_PATIENCE, type Database } from '../../src/adapters/postgres/database.ts';
import { prunableTables, type ErasureWork } from '../../src/ports/erasure.ts';
import { silent, stockProduct } from '../support/database.ts';
import { startErasing, type Erasing } from '../support/erasing.ts';
import { testDatabase } from '../support/servers.ts';

const DAY_MS = 24 * 3_600_000;

describe('what has become too old', () => {
  let shop: Erasing;
  beforeAll(async () => {
    shop = await startErasing();
  });
  afterAll(() => shop.close());

  const rest = (orderId: string, days: number) =>
    sql`update orders set updated_at = now() - ${days} * interval '1 day', metadata = '{"note":"x"}' where id = ${orderId}`.execute(
      shop.db,
    );
  const eraseAged = () => shop.work().eraseAged({ olderThanMs: 30 * DAY_MS, limit: 20 });

  test('is erased of closed orders in which nothing has happened for so long, once', async () => {
    const { orders } = await shop.sellMany(5);
    const [old = '', young = '', open = '', parked = '', late = ''] = orders;
    for (const id of [old, open, parked, late]) await rest(id, 31);
    await rest(young, 29);
    await sql`update orders set ships = true, closed_at = null, launch_after = now() where id = ${open}`.execute(
      shop.db,
    );
    await sql`
      insert into disputes (dispute_id, tenant, order_id, ordinal, state, reason, amount_minor, currency)
      values ('du_1', 'local', ${parked}, 1, 'open', 'fraudulent', 1, 'EUR')`.execute(shop.db);
    expect(await eraseAged()).toEqual({ orders: 2, failures: [] });
    const { rows } = await sql<{ id: string; metadata: object }>`
      select id, metadata from orders where id = any(${orders}) and erased_at is not null order by array_position(${orders}, id)`.execute(
      shop.db,
    );
    expect(rows).toEqual([
      { id: old, metadata: {} },
      { id: late, metadata: {} },
    ]);
    const { rows: told } =
      await sql`select data from events where order_id = ${old} order by sequence desc limit 1`.execute(shop.db);
    expect(told).toEqual([{ data: { because: 'retention' } }]);
    expect(await eraseAged()).toEqual({ orders: 0, failures: [] });

    // Something happened in one of them since: its time begins anew, and it is erased once more.
    await sql`update orders set erased_at = now() - interval '100 days' where id = ${late}`.execute(shop.db);
    await rest(late, 31);
    expect(await eraseAged()).toEqual({ orders: 1, failures: [] });
  });

  test('goes bit by bit, and what is young, or not worked off, stays', async () => {
    const { orderId } = await shop.sell();
    await sql`
      insert into step_attempts (tenant, order_id, step, attempt, message, at)
      select 'local', ${orderId}, 's', n, 'm', now() - n * interval '1 day' from generate_series(1, 6) n`.execute(
      shop.db,
    );
    for (const [table, columns] of [
      ['payment_notices', sql`payment_id`],
      ['shipment_notices', sql`reference`],
    ] as const)
      await sql`
        insert into ${sql.table(table)} (event_id, event_type, ${columns}, received_at, due_at, outcome)
        select 'e' || n, 't', 'x', now() - n * interval '1 day', case when n = 6 then now() end, case when n < 6 then 'told' end
        from generate_series(1, 6) n`.execute(shop.db);
    const prune = (table: (typeof prunableTables)[number]) =>
      shop.work().prune({ table, olderThanMs: 2.5 * DAY_MS, limit: 2 });
    const left = async (table: string) => (await sql`select 1 from ${sql.table(table)}`.execute(shop.db)).rows.length;
    expect([await prune('step_attempts'), await prune('step_attempts'), await prune('step_attempts')]).toEqual([
      2, 2, 0,
    ]);
    expect(await left('step_attempts')).toBe(2);
    for (const table of ['payment_notices', 'shipment_notices'] as const) {
      expect([await prune(table), await prune(table)]).toEqual([2, 1]);
      // Two that are young, and one that waits to be worked off.
      expect(await left(table)).toBe(3);
    }
  });
});

describe('of many orders', () => {
  const ORDERS = 10_000;
  let db: Database;
  let work: ErasureWork;
  let close: () => Promise<void>;
  beforeAll(async () => {
    const database = await testDatabase();
    // One connection: it counts what it has scanned.
    db = openDatabase({
      connectionString: database.url,
      poolSize: 1,
      patience: STEP_PATIENCE,
      applicationName: 'test',
      logger: silent,
    });
    work = createErasureWork({ db, settleMs: 0 });
    close = async () => (await db.destroy(), database.close());
    await stockProduct(db, 'book');
    const id = sql`'order_' || lpad(n::text, 26, '0')`;
    const n = sql`generate_series(1, ${ORDERS}::int) n`;
    const data = JSON.stringify({ customerId: 'c', currency: 'EUR', totalMinor: 0, items: [] });
    for (const statement of [
      sql`insert into orders (id, tenant, status, customer_id, currency, total_minor, metadata, correlation_id, event_count, closed_at, placed_at, updated_at)
          select ${id}, 'local', 'confirmed', case when n % 2 = 0 then 'one' else 'c-' || n end, 'EUR', 0, '{"note":"x"}', 'c', 1, now(), now() - n * interval '1 minute', now() - n * interval '1 minute' from ${n}`,
      sql`insert into payments (order_id, ordinal, tenant, amount_minor, currency, payment_method) select ${id}, 1, 'local', 0, 'EUR', 'pm' from ${n}`,
      sql`insert into events (tenant, order_id, sequence, event_id, event_type, "timestamp", source, data, correlation_id, causation_id, position)
          select 'local', ${id}, 1, 'e' || n, 'order.placed', now(), 's', ${data}::jsonb, 'c', 'command:place:' || ${id}, n from ${n}`,
      sql`insert into idempotency_keys (tenant, key, request_hash, order_id, answer_status, answer_body, answer_location)
          select 'local', 'k' || n, 'h', ${id}, 202, '{}', '/orders/' || ${id} from ${n}`,
      sql`insert into parked_steps (tenant, order_id, workflow_id, run_id, run_started_at, number, step, reason, closed_at)
          select 'local', ${id}, ${id}, 'run', now(), 1, 's', 'r', now() from ${n}`,
      sql`insert into step_attempts (tenant, order_id, step, attempt, message, at) select 'local', ${id}, 's', 1, 'm', now() - n * interval '1 minute' from ${n}`,
      sql`insert into payment_notices (event_id, event_type, payment_id, received_at, outcome) select 'p' || n, 't', 'pi', now() - n * interval '1 minute', 'told' from ${n}`,
      sql`insert into shipment_notices (event_id, event_type, reference, received_at, outcome) select 's' || n, 't', 'r', now() - n * interval '1 minute', 'told' from ${n}`,
      sql`insert into webhook_subscriptions (id, tenant, url, secrets) values ('s', 'local', 'https://shop.example/', '[{"secret":"s","until":null}]')`,
      sql`insert into webhook_deliveries (subscription_id, order_id, event_id, state, settled_at) select 's', ${id}, 'e' || n, 'delivered', now() from ${n}`,
      sql`analyze`,
    ])
      await statement.execute(db);
  }, 60_000);
  afterAll(() => close());

  const growing = [
    'orders',
    'payments',
    'events',
    'idempotency_keys',
    'parked_steps',
    'step_attempts',
    ...prunableTables,
    'webhook_deliveries',
  ];
  const scans = async (): Promise<Record<string, number>> => {
    await sql`select pg_stat_force_next_flush()`.execute(db);
    const { rows } = await sql<{ name: string; scans: number }>`
      select relname as name, seq_scan as scans from pg_stat_user_tables where relname = any(${growing})`.execute(db);
    return Object.fromEntries(rows.map(({ name, scans: count }) => [name, count]));
  };

  test('none of the tables that grow is read as a whole', async () => {
    const before = await scans();
    expect(Object.keys(before).length).toBeGreaterThan(8);
    expect(await work.eraseAged({ olderThanMs: DAY_MS, limit: 20 })).toMatchObject({ orders: 20 });
    for (const table of prunableTables) expect(await work.prune({ table, olderThanMs: DAY_MS, limit: 50 })).toBe(50);
    const accepting = await createErasures({ db }).accept(
      {
        tenant: 'local',
        actor: 'a',
        idempotencyKey: 'k',
        requestHash: 'h',
        customerId: 'one',
        reason: 'r',
        placedBefore: null,
      },
      ({ id }) => ({ status: 202, body: JSON.stringify({ id }), location: null }),
    );
    for (let step = 0; step < 3; step += 1) expect(await work.advance({ limit: 20 })).toMatchObject({ orders: 20 });
    if (!('answer' in accepting)) throw new Error('Expected an erasure; found none');
    const { id } = JSON.parse(accepting.answer.body) as { id: string };
    expect(await createErasures({ db }).find({ tenant: 'local', id })).toMatchObject({ erased: { orders: 60 } });
    await work.readStanding();
    expect(await scans()).toEqual(before);
  });
});
