// What is left of a person when an order is erased, on a real database: nothing in any table, and money, stock and what happened as they were.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { findOrder } from '../../src/adapters/postgres/order-reading.ts';
import { personalData } from '../../src/adapters/postgres/personal-data.ts';
import { ERASED, erasedFields } from '../../src/domain/erasure.ts';
import { rowRules, type Violation } from '../../src/verify/invariants.ts';
import { acceptOrder } from '../support/database.ts';
import { canariesIn, dumpOf, plantCanaries, startErasing, untouchedOf, type Erasing } from '../support/erasing.ts';

let shop: Erasing;
beforeAll(async () => {
  shop = await startErasing();
});
afterAll(() => shop.close());

describe('the list of what may hold something of a person', () => {
  test('names every column of the database that can hold words, and none that is not there', async () => {
    const { rows } = await sql<{ table: string; column: string }>`
      select c.table_name as "table", c.column_name as "column" from information_schema.columns c
      join information_schema.tables t using (table_schema, table_name)
      where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.table_name not like 'kysely%'
        and c.data_type not in ('bigint', 'integer', 'smallint', 'numeric', 'boolean', 'timestamp with time zone', 'double precision', 'date')`.execute(
      shop.db,
    );
    const there = rows.map(({ table, column }) => `${table}.${column}`);
    const named = Object.entries(personalData).flatMap(([table, { erased = {}, kept = {} }]) =>
      [...Object.keys(erased), ...Object.values(kept).flat()].map((column) => `${table}.${column}`),
    );
    // Named in src/adapters/postgres/personal-data.ts: what it may hold, and what becomes of it.
    expect({
      notNamed: there.filter((one) => !named.includes(one)),
      notThere: named.filter((one) => !there.includes(one)),
    }).toEqual({ notNamed: [], notThere: [] });
    expect(named.length).toBe(new Set(named).size);
  });

  test('is that of the database, for what is told as JSON', async () => {
    const { rows } = await sql<{
      fields: string[];
      word: string;
    }>`select erased_fields() as fields, erased_word() as word`.execute(shop.db);
    expect(rows).toEqual([{ fields: [...erasedFields], word: ERASED }]);
  });

  test('takes words out of what is told, wherever they stand, and nothing else', async () => {
    const told = {
      reason: 'x',
      code: 'c',
      list: [{ message: 'y', n: 1 }, 'reason', null],
      empty: {},
      none: [],
      reasons: null,
      words: null,
    };
    const { rows } = await sql<{ once: object; twice: object }>`
      select without_words(${JSON.stringify(told)}::jsonb) as once, without_words(without_words(${JSON.stringify(told)}::jsonb)) as twice`.execute(
      shop.db,
    );
    const left = { ...told, reason: ERASED, list: [{ message: ERASED, n: 1 }, 'reason', null] };
    expect(rows).toEqual([{ once: left, twice: left }]);
  });
});

describe('an order that is erased', () => {
  test('holds nothing of a person in any table, and money, stock and what happened stay to the last row', async () => {
    const { orderId } = await shop.sell();
    const customerId = await shop.customerOf(orderId);
    await plantCanaries(shop.db, orderId);
    const planted = canariesIn(await dumpOf(shop.db)).join('\n');
    const columns = Object.entries(personalData).flatMap(([table, { erased = {} }]) =>
      Object.keys(erased).map((column) => `${table}.${column}`),
    );
    // An address of an amendment stands only while that is under way, and an ending only where nothing was sold (below).
    const elsewhere = ['amendments.shipping', 'orders.ending'];
    expect(columns.filter((column) => !planted.includes(column) && !elsewhere.includes(column))).toEqual([]);
    const before = await untouchedOf(shop.db);
    const { id } = await shop.ask(customerId);
    await shop.workOff();

    expect(canariesIn(await dumpOf(shop.db))).toEqual([]);
    const after = await untouchedOf(shop.db);
    for (const table of Object.keys(before).filter((name) => !['erasures', 'idempotency_keys'].includes(name)))
      expect([table, after[table]]).toEqual([table, before[table]]);
    expect(await shop.find(id)).toMatchObject({
      ...{ state: 'finished', waitingOrders: 0, waiting: [], providerCustomers: ['cus_1'], requestedBy: 'operator-1' },
      erased: {
        orders: 1,
        payments: 1,
        returns: 1,
        events: 3,
        idempotency_keys: 1,
        webhook_deliveries: 1,
        step_attempts: 1,
      },
    });
    const order = await findOrder(shop.db, { tenant: 'local', orderId });
    expect(order).toMatchObject({ erasedAt: expect.any(String), status: 'confirmed', returns: [{ reason: ERASED }] });
    const { rows: shipping } = await sql`select shipping, metadata from orders where id = ${orderId}`.execute(shop.db);
    expect(shipping).toEqual([{ shipping: { country: 'DE' }, metadata: {} }]);
    const { rows: last } = await sql`
      select event_type as type, data, sequence = (select event_count from orders where id = ${orderId}) as "isLast"
      from events where order_id = ${orderId} order by sequence desc limit 1`.execute(shop.db);
    expect(last).toEqual([
      { type: 'order.personal_data_erased', data: { because: 'request', erasure: id }, isLast: true },
    ]);
    for (const [name, query] of Object.entries(rowRules).filter(([rule]) =>
      /sequence|position|ledger|taken|on hand/.test(rule),
    ))
      expect([name, (await sql.raw<Violation>(query).execute(shop.db)).rows]).toEqual([name, []]);
  });
});

test('the words of a cancellation go as well', async () => {
  const orderId = await acceptOrder(shop.db);
  const customerId = await shop.customerOf(orderId);
  const ending = JSON.stringify({ status: 'cancelled', actor: 'a', reason: 'canary.orders.ending' });
  await sql`
    update orders set status = 'cancelled', ending = ${ending}::jsonb, closed_at = now(), launch_after = null where id = ${orderId}`.execute(
    shop.db,
  );
  await shop.ask(customerId);
  await shop.workOff();
  expect(canariesIn(await dumpOf(shop.db))).toEqual([]);
  const { rows } = await sql`select ending ->> 'reason' as reason, status from orders where id = ${orderId}`.execute(
    shop.db,
  );
  expect(rows).toEqual([{ reason: ERASED, status: 'cancelled' }]);
});

describe('what is append-only', () => {
  /** An order that is erased, with rows of every kind; and one that is not. */
  const both = async (): Promise<{ erased: string; whole: string }> => {
    const [{ orderId: erased }, { orderId: whole }] = await Promise.all([shop.sell(), shop.sell()]);
    await plantCanaries(shop.db, erased);
    await plantCanaries(shop.db, whole);
    await shop.ask(await shop.customerOf(erased));
    await shop.workOff();
    return { erased, whole };
  };
  let orders: { erased: string; whole: string };
  beforeAll(async () => {
    orders = await both();
  });

  // The word, but in an order that nobody has erased.
  test.each([
    [`update parked_steps set reason = 'erased'`],
    [`update resolution_audit set reason = 'erased'`],
    [`update reviews set decision_reason = 'erased'`],
    [`update events set data = event_without_words(event_type, data)`],
  ])('keeps its words while its order is not erased: %s', async (statement) => {
    await expect(sql.raw(`${statement} where order_id = '${orders.whole}'`).execute(shop.db)).rejects.toThrow(
      'update refused',
    );
  });

  test.each([
    [`update parked_steps set reason = 'another'`],
    [`update parked_steps set step = 'erased'`],
    [`update resolution_audit set reason = 'another'`],
    [`update resolution_audit set actor = 'erased'`],
    [`update resolution_audit set reason = 'erased', outcome = 'parked-again'`],
    [`update reviews set state = 'rejected'`],
    [`update reviews set decision_reason = null`],
    [`update events set data = '{}'`],
    [`update events set data = data || '{"amountMinor": 2}'`],
    [`update events set data = event_without_words(event_type, data), correlation_id = 'x'`],
    [`update events set event_type = 'order.rejected'`],
    [`update events set sequence = sequence + 100`],
    [`update ledger set amount_minor = 1`],
    [`delete from events`],
    [`delete from parked_steps`],
    [`delete from resolution_audit`],
    [`delete from reviews`],
    [`delete from ledger`],
  ])('lets nothing else be done to an erased order either: %s', async (statement) => {
    await expect(sql.raw(`${statement} where order_id = '${orders.erased}'`).execute(shop.db)).rejects.toThrow(
      /refused|violates/,
    );
  });

  test('what was asked to be erased stands, and so does that it is done', async () => {
    for (const statement of [
      `update erasures set reason = 'another'`,
      `update erasures set customer_id = 'another'`,
      `update erasures set finished_at = null, due_at = now()`,
      `delete from erasures`,
      `truncate erasures cascade`,
    ])
      await expect(sql.raw(statement).execute(shop.db)).rejects.toThrow('refused');
    await expect(
      sql
        .raw(
          `update orders set erased_at = now(), closed_at = null, launch_after = now() where id = '${orders.erased}'`,
        )
        .execute(shop.db),
    ).rejects.toThrow('only_closed_orders_are_erased');
  });
});
