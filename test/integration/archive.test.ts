// What is taken out of the database of closed orders, and that everything is answered afterwards as before.
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { CompiledQuery, sql } from 'kysely';
import type { PoolClient } from 'pg';
import { createEventLog } from '../../src/adapters/postgres/events.ts';
import { createOrderRecords } from '../../src/adapters/postgres/explanation.ts';
import { findKey } from '../../src/adapters/postgres/idempotency.ts';
import { createInventory } from '../../src/adapters/postgres/inventory.ts';
import { createOrderReading } from '../../src/adapters/postgres/order-reading.ts';
import { createReconciliationBooks } from '../../src/adapters/postgres/reconciliation-books.ts';
import { createStockArchive } from '../../src/adapters/postgres/stock-archive.ts';
import { carrySumsOn } from '../../src/adapters/postgres/stock-sums.ts';
import { archive } from '../../src/archive/archive.ts';
import { createArchiveFolder } from '../../src/archive/folder.ts';
import { noSums, readMisplaced } from '../../src/chaos/rows.ts';
import { rowRules } from '../../src/verify/invariants.ts';
import { acceptOrder } from '../support/database.ts';
import { startErasing, type Erasing } from '../support/erasing.ts';

const DAY_MS = 24 * 3_600_000;
const tenant = 'local';
let shop: Erasing;
let directory: string;

beforeAll(async () => {
  shop = await startErasing();
});
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'orders-archive-'));
});
afterEach(() => rm(directory, { recursive: true }));
afterAll(() => shop.close());

const run = (apply = true, parts: { folder?: ReturnType<typeof createArchiveFolder> } = {}) =>
  archive(
    { stock: createStockArchive(shop), folder: createArchiveFolder({ directory }), say: () => undefined, ...parts },
    { olderThanMs: 30 * DAY_MS, apply, limit: 5, pauseMs: 0 },
  );
/** As if they had been closed so many days ago, and all that has moved had moved before. */
async function age(orderIds: readonly string[], days: number): Promise<void> {
  const closed = sql`now() - ${days} * interval '1 day'`;
  await sql`update orders set closed_at = ${closed} where id = any(${[...orderIds]})`.execute(shop.db);
  await shop.db.connection().execute(async (connection) => {
    await sql`set session_replication_role = replica`.execute(connection);
    await sql`update stock_movements set at = now() - interval '40 days'`.execute(connection);
    await sql`set session_replication_role = default`.execute(connection);
  });
}
const movementsOf = async (orderIds: readonly string[]) => {
  const { rows } = await sql<{
    kind: string;
  }>`select kind from stock_movements where order_id = any(${[...orderIds]}) order by id`.execute(shop.db);
  return rows.map(({ kind }) => kind);
};
const broken = async (): Promise<string[]> => {
  const names: string[] = [];
  for (const [name, query] of Object.entries(rowRules))
    if ((await sql.raw(query).execute(shop.db)).rows.length > 0) names.push(name);
  // As the chaos page adds it up, from the beginning and from where it stood.
  const first = await readMisplaced(asClient, noSums);
  const second = await readMisplaced(asClient, first.sums);
  return [...names, ...first.skus, ...second.skus];
};
const asClient = {
  query: (text: string, values: unknown[]) => shop.db.executeQuery(CompiledQuery.raw(text, values)),
} as unknown as PoolClient;
const stockFacts = async () => {
  const at = new Date().toISOString();
  const span = { reconciliationId: 'r', listFrom: at, since: at, until: at, dryRun: true };
  const { items } = await createReconciliationBooks(shop).stock({ span, cursor: null, limit: 200 });
  return items.map(({ facts }) => facts);
};
/** Everything that can be asked about an order. */
const answersOf = async (orderId: string) => {
  const { rows } = await sql<{
    tenant: string;
    key: string;
  }>`select tenant, key from idempotency_keys where order_id = ${orderId}`.execute(shop.db);
  const keys = rows.map(({ key }) => findKey(shop.db, { tenant, idempotencyKey: key }));
  return {
    order: await createOrderReading(shop).find({ tenant, orderId }),
    events: await createEventLog(shop).ofOrder({ orderId, afterSequence: 0, limit: 100 }),
    explanation: await createOrderRecords(shop).find({ tenant, orderId }),
    keys: await Promise.all(keys),
    ledger: (await sql`select * from ledger where order_id = ${orderId} order by id`.execute(shop.db)).rows,
  };
};

test('what old orders held and sold goes into files, and everything is answered as before', async () => {
  const { orders } = await shop.sellMany(4);
  const [old = '', other = '', young = ''] = orders;
  await age([old, other], 31);
  await age([young], 29);
  const before = {
    answers: await Promise.all(orders.map(answersOf)),
    facts: await stockFacts(),
    broken: await broken(),
  };
  const feed = await createEventLog(shop).feed({ tenant, after: 0, types: null, limit: 1_000 });

  expect(await run(false)).toMatchObject({ removed: 0, files: 0 });
  expect(await readdir(directory)).toEqual([]);
  const done = await run();
  expect(done).toMatchObject({ found: 4, removed: 4 });
  expect(await movementsOf([old, other])).toEqual([]);
  expect(await movementsOf([young])).toEqual(['held', 'sold']);

  const after = {
    answers: await Promise.all(orders.map(answersOf)),
    facts: await stockFacts(),
    broken: await broken(),
  };
  expect(after).toEqual(before);
  expect(await createEventLog(shop).feed({ tenant, after: 0, types: null, limit: 1_000 })).toEqual(feed);
  expect(await run()).toMatchObject({ found: 0, removed: 0 });

  const names = (await readdir(directory)).filter((name) => name.endsWith('.ndjson'));
  const texts = await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')));
  const rows = texts.flatMap((text) =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>),
  );
  expect(rows.map(({ order_id, kind }) => `${String(order_id)} ${String(kind)}`).sort()).toEqual(
    [old, other].flatMap((id) => [`${id} held`, `${id} sold`]).sort(),
  );
  for (const [index, name] of names.entries())
    expect(await readFile(join(directory, `${name}.sha256`), 'utf8')).toBe(
      `${createHash('sha256')
        .update(texts[index] ?? '')
        .digest('hex')}  ${name}\n`,
    );
});

test('a run that dies between file and database is repeated, and loses nothing', async () => {
  const { orderId } = await shop.sell();
  await age([orderId], 31);
  const folder = createArchiveFolder({ directory });
  const dying = {
    write: async (rows: Parameters<typeof folder.write>[0]) => (
      await folder.write(rows),
      Promise.reject(new Error('killed'))
    ),
  };
  await expect(run(true, { folder: dying })).rejects.toThrow('killed');
  expect(await movementsOf([orderId])).toEqual(['held', 'sold']);
  const left = await readdir(directory);
  expect(await run()).toMatchObject({ removed: 2 });
  expect(await readdir(directory)).toEqual(left);
});

test('an order that is archived can still be refunded, erased, and its stock moved', async () => {
  const { orderId } = await shop.sell();
  await age([orderId], 31);
  await run();
  expect(await movementsOf([orderId])).toEqual([]);
  const erasure = await shop.ask(await shop.customerOf(orderId));
  await shop.workOff();
  expect(await shop.find(erasure.id)).toMatchObject({ state: 'finished' });
  expect(await shop.erasedAt(orderId)).not.toBeNull();
  const next = await acceptOrder(shop.db);
  expect(await createInventory(shop).reserve({ orderId: next })).toEqual({ reserved: true });
  expect(await broken()).toEqual([]);
});

test('the database refuses to forget what is not in the sum, what is open, and what people changed', async () => {
  const { orderId } = await shop.sell();
  const remove = (where: ReturnType<typeof sql>) => sql`delete from stock_movements where ${where}`.execute(shop.db);
  await expect(remove(sql`order_id = ${orderId}`)).rejects.toThrow('append-only');
  const open = await acceptOrder(shop.db);
  await createInventory(shop).reserve({ orderId: open });
  expect(await carrySumsOn(shop.db, { withinMs: 5_000, through: 1_000_000 })).toBe(true);
  await expect(remove(sql`order_id = ${open}`)).rejects.toThrow('append-only');
  await expect(remove(sql`kind in ('opening', 'adjusted')`)).rejects.toThrow('append-only');
  await expect(sql`update stock_movements set on_hand_delta = 7`.execute(shop.db)).rejects.toThrow('append-only');
  await expect(sql`update stock_sums set moved = moved + 1`.execute(shop.db)).rejects.toThrow('only grows');
  await expect(sql`update stock_sums set upto_id = upto_id + 100, moved = moved + 1`.execute(shop.db)).rejects.toThrow(
    'only grows',
  );
  await expect(sql`delete from stock_sums`.execute(shop.db)).rejects.toThrow('append-only');
});

test('sums are carried on while orders move the same stock, and leave nothing out', async () => {
  const selling = Array.from({ length: 12 }, () => shop.sell());
  for (let round = 0; round < 12; round += 1)
    await Promise.all(Array.from({ length: 4 }, () => carrySumsOn(shop.db, { withinMs: 20, through: 1_000_000 })));
  await Promise.all(selling);
  expect(await carrySumsOn(shop.db, { withinMs: 5_000, through: 1_000_000 })).toBe(true);
  expect(await broken()).toEqual([]);
});
