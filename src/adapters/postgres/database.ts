// The pool and the one way to a transaction. What must stay true: no query and no lock waits without a limit, because a
// frozen process must not keep a row from everybody else, and a request must not hang because the database is away.
import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import pg from 'pg';
import type { Logger } from '../../runtime/logger.ts';

/** SQL is written out with the `sql` tag; no table is known to the query builder, hence `unknown`. */
export type Database = Kysely<unknown>;
export type Tx = Transaction<unknown>;

/** Who lives with a slow database: a request that a client waits for, or a background step that is tried again. */
export type Patience = { connectMs: number; queryMs: number };

// Together below the 2 s in which the contract promises a 503.
export const REQUEST_PATIENCE: Patience = { connectMs: 700, queryMs: 1_200 };
// Above the server's own statement_timeout, so that the server's clearer error comes first.
export const STEP_PATIENCE: Patience = { connectMs: 5_000, queryMs: 6_000 };

// A burst is worked off long before; a request that waited longer is better refused than answered late.
const MAX_QUEUEING_MS = 10_000;

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
  const pool = new pg.Pool({
    connectionString: options.connectionString,
    max: options.poolSize,
    connectionTimeoutMillis: options.patience.connectMs,
    query_timeout: options.patience.queryMs,
    application_name: options.applicationName,
    // A process that freezes inside a transaction (or a statement that waits for its lock) is cut off by the server.
    lock_timeout: 2_000,
    statement_timeout: 5_000,
    idle_in_transaction_session_timeout: 5_000,
    keepAlive: true,
    types: { getTypeParser },
  });
  // A connection that breaks is replaced; without a listener on the pool (idle ones) and on the client (those in use, between
  // two statements) the event would end the process.
  const onError = (error: Error): void => options.logger.warn({ err: error }, 'a database connection broke');
  pool.on('error', onError);
  pool.on('connect', (client) => client.on('error', onError));
  return new Kysely({ dialect: new PostgresDialect({ pool: waitWhileBusy(pool) }) });
}

/**
 * The pool's time limit can not tell a database that is away from one that is busy with a burst of ours. While connections
 * come back from work, it is alive, and whoever waits goes on waiting (bounded); when none does, the limit stands.
 */
function waitWhileBusy(pool: pg.Pool): { connect: () => Promise<pg.PoolClient>; end: () => Promise<void> } {
  let lastReturn = 0;
  pool.on('release', (error) => {
    // The driver's types promise an error; a connection that comes back well has none.
    if (!(error as Error | undefined)) lastReturn = Date.now();
  });
  const connect = async (): Promise<pg.PoolClient> => {
    for (const begun = Date.now(); ;) {
      const asked = Date.now();
      try {
        return await pool.connect();
      } catch (error) {
        const isBusy = lastReturn >= asked && Date.now() - begun < MAX_QUEUEING_MS;
        if (!isBusy) throw noConnection(error);
      }
    }
  };
  return { connect, end: () => pool.end() };
}

/**
 * Whatever kept us out (refused, timed out, a database that accepts nobody just now), the caller can do only one thing:
 * come back. One SQLSTATE says so, where the server's own are as many as its reasons.
 */
const noConnection = (cause: unknown): Error & { code: string } =>
  Object.assign(new Error('No connection to the database', { cause }), { code: UNABLE_TO_CONNECT });

const UNABLE_TO_CONNECT = '08001';

/** Runs `work` in one READ COMMITTED transaction: committed when it returns, rolled back when it throws. */
export const inTransaction = <T>(db: Database, work: (tx: Tx) => Promise<T>): Promise<T> =>
  db.transaction().setIsolationLevel('read committed').execute(work);

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
