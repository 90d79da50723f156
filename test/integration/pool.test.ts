// Connections are lent: what one borrower leaves behind must never become the next one's.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { inTransaction, openDatabase, type Database } from '../../src/adapters/postgres/database.ts';
import { silent } from '../support/database.ts';
import { testDatabase, type TestDatabase } from '../support/servers.ts';
import { until } from '../support/until.ts';

let server: TestDatabase;
let plenty: Database;
const pools: Database[] = [];

beforeAll(async () => {
  server = await testDatabase();
  plenty = open({ poolSize: 2, queryMs: 10_000 });
  pools.length = 0;
  await sql`create table borrowed (by text)`.execute(plenty);
});
afterEach(async () => void (await Promise.all(pools.splice(0).map((db) => db.destroy()))));
afterAll(async () => {
  await plenty.destroy();
  await server.close();
});

/** `silenceMs`: short only where it is what is tested: a busy machine may take longer than that to open a connection. */
const open = ({
  poolSize,
  queryMs,
  silenceMs = 20_000,
}: Record<'poolSize' | 'queryMs', number> & { silenceMs?: number }) => {
  const db = openDatabase({
    connectionString: server.url,
    poolSize,
    patience: { connectMs: 20_000, silenceMs, queryMs, queueMs: 20_000 },
    applicationName: 'test',
    logger: silent,
  });
  pools.push(db);
  return db;
};

/** The same, with a connection made: only what comes after counts. */
async function opened(limits: Parameters<typeof open>[0]): Promise<Database> {
  const db = open(limits);
  await until(async () => Boolean(await sql`select 1`.execute(db)), 'a connection is made');
  return db;
}

const borrow = (db: Database, by: string, seconds = 0): Promise<void> =>
  inTransaction(db, async (tx) => {
    await sql`insert into borrowed values (${by})`.execute(tx);
    await sql`select pg_sleep(${seconds})`.execute(tx);
  });

async function borrowers(): Promise<string[]> {
  const { rows } = await sql<{ by: string }>`select by from borrowed order by by`.execute(plenty);
  return rows.map(({ by }) => by);
}

describe('a statement that took longer than its borrower would wait', () => {
  test('leaves nothing behind that the next one’s commit would commit', async () => {
    const db = open({ poolSize: 1, queryMs: 1_000 });
    await expect(borrow(db, 'impatient', 3)).rejects.toThrow();
    // Over there it is still at work; once it is done, its transaction must be gone.
    await until(async () => (await sleepers()) === 0, 'the statement is over');
    await borrow(db, 'next');
    expect(await borrowers()).toEqual(['next']);
  });

  async function sleepers(): Promise<number> {
    const { rows } = await sql<{ count: number }>`
      select count(*) as count from pg_stat_activity
      where datname = current_database() and state = 'active' and query like 'select pg_sleep%'`.execute(plenty);
    return rows[0]?.count ?? Number.NaN;
  }
});

describe('waiting for a connection', () => {
  test('is in turn: a burst that takes longer than the limit is served to the last, the first first', async () => {
    const db = await opened({ poolSize: 1, queryMs: 10_000, silenceMs: 1_000 });
    const served: number[] = [];
    await Promise.all(
      Array.from({ length: 60 }, async (_, place) => {
        // Newcomers keep coming while others wait already.
        await sleep(place * 10);
        await sql`select pg_sleep(0.04)`.execute(db);
        served.push(place);
      }),
    );
    expect(served).toEqual(Array.from({ length: 60 }, (_, place) => place));
  });

  test('ends when nothing comes back, with the one code that says so', async () => {
    const db = await opened({ poolSize: 1, queryMs: 5_000, silenceMs: 300 });
    const busy = sql`select pg_sleep(2)`.execute(db);
    await expect(sql`select 1`.execute(db)).rejects.toMatchObject({ code: '08001' });
    await busy;
    // Whoever gave up holds no place: the next one is served.
    await sql`select 1`.execute(db);
  });
});

describe('statements of a transaction', () => {
  const look = (db: Database, number: number): Promise<unknown> =>
    inTransaction(db, (tx) => sql`select * from looked_at where number = ${number}`.execute(tx));
  const prepared = async (db: Database): Promise<number> => {
    const { rows } = await sql<{ count: number }>`select count(*)::int as count from pg_prepared_statements`.execute(
      db,
    );
    return rows[0]?.count ?? Number.NaN;
  };

  test('are prepared, others are not, and never more than are worth it', async () => {
    const db = open({ poolSize: 1, queryMs: 10_000 });
    await sql`create table looked_at (number integer)`.execute(plenty);
    await sql`select * from looked_at where number = ${1}`.execute(db);
    expect(await prepared(db)).toBe(0);
    for (const number of [1, 2, 3]) await look(db, number);
    expect(await prepared(db)).toBe(1);
    await inTransaction(db, async (tx) => {
      for (let index = 0; index < 600; index += 1) await sql`select ${1}::int as ${sql.ref(`n${index}`)}`.execute(tx);
    });
    expect(await prepared(db)).toBeLessThanOrEqual(500);
  });

  test('that a migration has changed cost one try, not the connection for good', async () => {
    const db = open({ poolSize: 1, queryMs: 10_000 });
    await look(db, 1);
    await sql`alter table looked_at add column more text`.execute(plenty);
    await expect(look(db, 1)).rejects.toMatchObject({ code: '08001' });
    await look(db, 1);
  });
});
