// One look at the rows, in one snapshot: what changed, what is counted, what does not fit. What it keeps between looks is where it stands.
import pg from 'pg';
import type { Counters, Latency } from './contract.ts';
import { createLatencies } from './latency.ts';
import {
  noSums,
  orderRules,
  readBase,
  readChanges,
  readMisfits,
  readMisplaced,
  readMissing,
  readNewest,
  readNow,
  readOversold,
  readSettled,
  readSlice,
  type Change,
  type OrderRule,
  type Settled,
} from './rows.ts';

const PATIENCE_MS = 1_500;
/** Of what was accepted: the newest, and a slice of all others in turn. */
const ACCEPTED_NEWEST = 1_000;
const ACCEPTED_SLICE = 300;

const RECOUNT_EVERY_MS = 10_000;

export type Look = {
  counters: Counters;
  rates: { placedPerSecond: number; confirmedPerSecond: number };
  latency: Latency;
  /** Which orders were looked at. */
  orders: ReadonlySet<string>;
  misfits: Readonly<Record<OrderRule, string[]>>;
  oversold: string[];
  settled: Settled[];
  accepted: { lookedAt: ReadonlySet<string>; missing: string[] };
  /** How long it took to look at every order once; null until that was done. */
  roundMs: number | null;
  /** Whether everything that changed was looked at. */
  isWhole: boolean;
};
export type Looker = {
  /** Throws while the database can not be asked in time. `again`: orders that did not fit the last time. */
  look: (asked: { again: readonly string[]; accepted: readonly string[] }) => Promise<Look>;
  close: () => Promise<void>;
};

export function createLooker(databaseUrl: string): Looker {
  const pool = new pg.Pool({
    ...{ connectionString: databaseUrl, max: 1, application_name: 'durable-orders-chaos' },
    ...{ connectionTimeoutMillis: PATIENCE_MS, query_timeout: PATIENCE_MS, statement_timeout: PATIENCE_MS },
    idle_in_transaction_session_timeout: PATIENCE_MS,
  });
  // A connection that breaks is what happens here; the next look makes another.
  pool.on('error', () => undefined);
  const place = createPlace();

  return {
    look: async (asked) => {
      const client = await pool.connect();
      let isBroken = true;
      // It breaks between two statements as well.
      const onError = (): void => undefined;
      client.on('error', onError);
      try {
        await client.query('begin isolation level repeatable read read only');
        const found = await place.look(client, asked);
        await client.query('commit');
        isBroken = false;
        return found;
      } finally {
        client.off('error', onError);
        client.release(isBroken);
      }
    },
    close: () => pool.end(),
  };
}

/** Where the looks stand: behind which event, in which round, with which sums. */
function createPlace() {
  const tally = createTally();
  const round = createRound();
  let position: number | null = null;
  let sums = noSums;
  let recountedAt = 0;
  let acceptedPlace = 0;

  /** The newest, and of all others as many as a look can bear. */
  function chooseAccepted(accepted: readonly string[]): string[] {
    if (acceptedPlace >= accepted.length) acceptedPlace = 0;
    const slice = accepted.slice(acceptedPlace, acceptedPlace + ACCEPTED_SLICE);
    acceptedPlace += ACCEPTED_SLICE;
    return [...new Set([...slice, ...accepted.slice(-ACCEPTED_NEWEST)])];
  }
  async function readStock(db: pg.PoolClient): Promise<string[]> {
    let found = await readMisplaced(db, sums);
    // Before anybody is alarmed all is added up anew; what stays wrong is not added up every second.
    if (found.skus.length > 0 && Date.now() - recountedAt >= RECOUNT_EVERY_MS) {
      recountedAt = Date.now();
      found = await readMisplaced(db, noSums);
    }
    sums = found.sums;
    return [...(await readOversold(db)), ...found.skus];
  }

  return {
    async look(db: pg.PoolClient, { again, accepted }: Parameters<Looker['look']>[0]): Promise<Look> {
      if (position === null) {
        const base = await readBase(db);
        position = base.position;
        tally.begin(base);
      }
      const found = await readChanges(db, position);
      const { ids: slice, roundMs } = await round.next(db);
      const orders = new Set([
        ...found.changes.map(({ orderId }) => orderId),
        ...again,
        ...(await readNewest(db)),
        ...slice,
      ]);
      const ids = [...orders];
      const misfits = Object.fromEntries(orderRules.map((rule) => [rule, [] as string[]])) as Record<
        OrderRule,
        string[]
      >;
      for (const rule of orderRules) misfits[rule] = await readMisfits(db, rule, ids);
      const chosen = chooseAccepted(accepted);
      const missing = await readMissing(db, chosen);
      const [oversold, settled, now] = [await readStock(db), await readSettled(db, ids), await readNow(db)];
      // Only now, when all was read: a look that failed is made once more from where it began.
      position = found.position;
      const rates = tally.count(found.changes);
      return {
        ...{ rates, misfits, oversold, settled, orders, roundMs, isWhole: found.isWhole },
        counters: { ...tally.totals(), ...now },
        latency: tally.latency(),
        accepted: { lookedAt: new Set(chosen), missing },
      };
    },
  };
}

/** Walks through all orders, a slice each time. */
function createRound() {
  let after = '';
  let begunAt = Date.now();
  let lastMs: number | null = null;
  return {
    async next(db: pg.PoolClient): Promise<{ ids: string[]; roundMs: number | null }> {
      const { ids, isLast } = await readSlice(db, after);
      if (isLast) {
        lastMs = Date.now() - begunAt;
        begunAt = Date.now();
      }
      after = isLast ? '' : (ids.at(-1) ?? '');
      return { ids, roundMs: lastMs };
    },
  };
}

/** What events come to. */
function createTally() {
  const latencies = createLatencies();
  let totals = { placed: 0, confirmed: 0, rejected: 0, cancelled: 0 };
  let lastAt = Date.now();
  return {
    begin: ({ placed, confirmed, rejected, cancelled }: typeof totals): void => {
      totals = { placed, confirmed, rejected, cancelled };
    },
    count: (changes: readonly Change[]): Look['rates'] => {
      const seconds = Math.max(0.5, (Date.now() - lastAt) / 1_000);
      lastAt = Date.now();
      const of = (type: string): number => changes.filter((change) => change.type === `order.${type}`).length;
      const [placed, confirmed] = [of('placed'), of('confirmed')];
      totals = {
        ...{ placed: totals.placed + placed, confirmed: totals.confirmed + confirmed },
        ...{ rejected: totals.rejected + of('rejected'), cancelled: totals.cancelled + of('cancelled') },
      };
      for (const { atMs, tookMs } of changes) if (tookMs !== null) latencies.add(atMs, tookMs);
      return { placedPerSecond: placed / seconds, confirmedPerSecond: confirmed / seconds };
    },
    totals: () => totals,
    latency: () => latencies.read(Date.now()),
  };
}
