// Connections, lent and taken back. What must stay true: a connection comes back only when it is certain what it is doing
// (never with a statement under way, never inside somebody's transaction), and nobody waits for a database that is away.
import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { PostgresPool, PostgresPoolClient } from 'kysely';
import pg from 'pg';

export type PoolLimits = {
  /** How long making one connection may take. */
  connectMs: number;
  /** How long no connection may be made or come back before the database counts as away for whoever waits for one. */
  silenceMs: number;
  /** How long one may wait for a connection while others come back from work. */
  queueMs: number;
};

/** Lends the connections of a pool made of `config` (which says how many, and how long a statement may take). */
export function createPool(
  config: pg.PoolConfig,
  { connectMs, silenceMs, queueMs }: PoolLimits,
): PostgresPool & { events: pg.Pool } {
  const pool = new pg.Pool({
    ...config,
    connectionTimeoutMillis: queueMs,
    Client: class extends pg.Client {
      constructor(options?: pg.ClientConfig) {
        super({ ...options, connectionTimeoutMillis: connectMs });
      }
    },
  });
  let lastSign = 0;
  pool.on('connect', () => (lastSign = Date.now()));
  pool.on('release', (error) => {
    // The driver's types promise an error; a connection that comes back well has none.
    if (!(error as unknown)) lastSign = Date.now();
  });

  /**
   * One place in the queue, however long it takes: whoever gave up and queued again would stand behind newcomers. A limit alone
   * can not tell a database that is away from one that is busy with a burst of ours; what comes back from work can.
   */
  async function connect(): Promise<PostgresPoolClient> {
    const lent = pool.connect().catch((error: unknown) => Promise.reject(noConnection(error)));
    for (;;) {
      const asked = Date.now();
      const client = await within(silenceMs, lent);
      if (client) return lend(client);
      // A busy process hears its timers before what has come in meanwhile: that may be the sign.
      await setImmediate();
      if (lastSign >= asked) continue;
      // It may still come, and then goes back unused.
      void lent.then((late) => late.release()).catch(() => undefined);
      throw noConnection(new Error(`nothing came back within ${silenceMs} ms`));
    }
  }

  return { connect, end: () => pool.end(), events: pool };
}

/**
 * A statement that only our side gave up on is still at work over there, inside its transaction. Such a connection answers no
 * further statement, and is closed instead of being lent to the next, whose commit would commit the stranger's half.
 *
 * Statements of a transaction are prepared: they ask by keys, the same few again and again, and half of what they cost the database was
 * their planning (docs/decisions/0041). Looks for pages and lists are planned for what they are asked.
 */
function lend(client: pg.PoolClient): PostgresPoolClient {
  let lost: unknown = null;
  let isInTransaction = false;
  const query = async (text: string, values: readonly unknown[]): Promise<unknown> => {
    if (lost) throw noConnection(lost);
    try {
      isInTransaction ||= text.startsWith('start transaction');
      const name = isInTransaction && values.length > 0 ? nameOf(text) : null;
      return await client.query({ ...(name === null ? {} : { name }), text, values: [...values] });
    } catch (error) {
      // What the server itself says leaves the two in step, but for what it has prepared.
      const isOutdated = isOfPrepared(error);
      if (isOutdated || !(error instanceof pg.DatabaseError)) lost = error;
      throw isOutdated ? noConnection(error) : error;
    }
  };
  return { query: query as PostgresPoolClient['query'], release: () => client.release(lost !== null) };
}

/** So many are kept by every connection; what comes after them is planned each time. */
const MOST_PREPARED = 500;
const names = new Map<string, string>();

/** The same in every process, since traces show it: what it does, and which it is. Null where there are too many already. */
function nameOf(text: string): string | null {
  const known = names.get(text);
  if (known !== undefined) return known;
  if (names.size >= MOST_PREPARED) return null;
  const [verb = ''] = text.trimStart().split(/\s/, 1);
  const name = `${verb.toUpperCase()} ${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
  names.set(text, name);
  return name;
}

/** A migration changed what it answers with (_cached plan must not change result type_), or a pooler in between has forgotten it. */
const isOfPrepared = (error: unknown): boolean =>
  error instanceof pg.DatabaseError &&
  (error.code === '26000' || (error.code === '0A000' && error.message.startsWith('cached plan')));

/** What the promise comes to, or null when that takes longer. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, ms, null);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Whatever kept us out (refused, timed out, a database that accepts nobody just now), the caller can do only one thing:
 * come back. One SQLSTATE says so, where the server's own are as many as its reasons.
 */
const noConnection = (cause: unknown): Error & { code: string } =>
  Object.assign(new Error('No connection to the database', { cause }), { code: UNABLE_TO_CONNECT });

const UNABLE_TO_CONNECT = '08001';
