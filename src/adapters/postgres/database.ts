// The pool and the one way to a transaction. What must stay true: no query and no lock waits without a limit, because a
// frozen process must not keep a row from everybody else, and a request must not hang because the database is away.
import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import pg from 'pg';
import type { Logger } from '../../runtime/logger.ts';
import type { PoolReading } from '../../runtime/pool-gauges.ts';
import { createPool, type PoolLimits } from './pool.ts';

/** SQL is written out with the `sql` tag; no table is known to the query builder, hence `unknown`. */
export type Database = Kysely<unknown>;
export type Tx = Transaction<unknown>;

/** Who lives with a slow database: a request that a client waits for, or a background step that is tried again. */
export type Patience = PoolLimits & { queryMs: number };

// Silence and one statement together take less than the 2 s in which the contract promises a 503. Behind a burst of ours it may
// take longer: a request that waited for ten seconds is better refused than answered late.
export const REQUEST_PATIENCE: Patience = { connectMs: 3_000, silenceMs: 700, queryMs: 1_200, queueMs: 10_000 };
// Statements above the server's own statement_timeout, so that the server's clearer error comes first; the queue below the
// time of an attempt, because one that has been given up must not take a connection any more.
export const STEP_PATIENCE: Patience = { connectMs: 5_000, silenceMs: 5_000, queryMs: 6_000, queueMs: 6_000 };

const INT8 = 20;

/**
 * Opens a pool on `connectionString`. Instants are read as text (they keep their microseconds), bigint as number.
 * Connections are made when needed: this never fails because the server is away.
 */
export function openDatabase(options: {
  connectionString: string;
  poolSize: number;
  patience: Patience;
  applicationName: string;
  logger: Logger;
}): Database {
  const config: pg.PoolConfig = {
    connectionString: options.connectionString,
    max: options.poolSize,
    query_timeout: options.patience.queryMs,
    application_name: options.applicationName,
    // A process that freezes inside a transaction (or a statement that waits for its lock) is cut off by the server.
    lock_timeout: 2_000,
    statement_timeout: 5_000,
    idle_in_transaction_session_timeout: 5_000,
    keepAlive: true,
    types: { getTypeParser },
  };
  const pool = createPool(config, options.patience);
  // A connection that breaks is replaced; without a listener on the pool (idle ones) and on the client (those in use, between
  // two statements) the event would end the process.
  const onError = (error: Error): void => options.logger.warn({ err: error }, 'a database connection broke');
  pool.events.on('error', onError);
  pool.events.on('connect', (client) => client.on('error', onError));
  const db: Database = new Kysely({ dialect: new PostgresDialect({ pool }) });
  pools.set(db, { pool: pool.events, size: options.poolSize });
  return db;
}

// Kysely keeps its pool to itself.
const pools = new WeakMap<Database, { pool: pg.Pool; size: number }>();

/** The connections of the database now, as openDatabase made it. */
export function readPool(db: Database): PoolReading {
  const found = pools.get(db);
  if (!found) throw new Error('Expected a database that openDatabase has made; found another');
  const { totalCount, idleCount, waitingCount } = found.pool;
  return { lent: totalCount - idleCount, idle: idleCount, waiting: waitingCount, size: found.size };
}

/** Runs `work` in one READ COMMITTED transaction: committed when it returns, rolled back when it throws. */
export async function inTransaction<T>(db: Database, work: (tx: Tx) => Promise<T>): Promise<T> {
  try {
    return await db.transaction().setIsolationLevel('read committed').execute(work);
  } finally {
    // Also where it failed: a commit whose answer was lost may have come about.
    transactions += 1;
  }
}

let transactions = 0;
/** How many transactions of this process are over. */
export const transactionsSoFar = (): number => transactions;

/** Answers within the patience of the pool, or throws. */
export async function pingDatabase(db: Database): Promise<void> {
  await sql`select 1`.execute(db);
}

/** The instant as the contract writes it. Microseconds are kept in the database, milliseconds in answers. */
export const toInstant = (text: string): string => new Date(text).toISOString();

const getTypeParser: typeof pg.types.getTypeParser = (oid: number, format?: string) => {
  if (oid === INT8) return (text: string) => toSafeInteger(text);
  // timestamptz stays text: a Date would drop the microseconds that keyset paging needs.
  if (oid === 1184) return (text: string) => text;
  // eslint-disable-next-line @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-enum-assignment -- the driver types its parsers as `any`
  return pg.types.getTypeParser(oid, format as 'text');
};

function toSafeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new Error(`Expected an integer that JavaScript can hold; found ${text}`);
  return value;
}
