// Carries out what was asked to be erased, and what has become too old. What must stay true: every step is one short transaction that says how
// far it has come, so that whoever dies is followed by another; what an order still needs is not taken from it; and no order is forgotten.
import { sql } from 'kysely';
import type { ErasureStanding, ErasureWork } from '../../ports/erasure.ts';
import { inTransaction, type Database, type Tx } from './database.ts';
import { addRows, eraseRestingOrders, holdOf, type ErasedRows } from './erasing.ts';

/** When an order is looked at again that still needs what it holds. */
const LOOK_AGAIN = '1 minute';
/** When one is gone on with that has failed: another has its turn meanwhile. */
const AFTER_FAILURE = '30 seconds';
/** Above the life of a transaction that places an order: the last orders before an erasure was asked for may come to light after it. */
const SETTLE_MS = 15_000;

type Options = { db: Database; settleMs?: number };

export const createErasureWork = ({ db, settleMs = SETTLE_MS }: Options): ErasureWork => ({
  advance: async (request) => {
    const begun: { id?: string } = {};
    try {
      return await inTransaction(db, async (tx) => {
        const erasure = await claimErasure(tx);
        if (!erasure) return null;
        begun.id = erasure.id;
        return advance(tx, erasure, { ...request, settleMs });
      });
    } catch (error) {
      if (begun.id !== undefined) await putOff(db, begun.id);
      throw error;
    }
  },

  eraseAged: ({ olderThanMs, limit }) =>
    inTransaction(db, async (tx) => {
      const { rows } = await sql<{ id: string }>`
        select o.id from orders o
        where ${isToErase} and o.updated_at < statement_timestamp() - ${olderThanMs} * interval '1 millisecond' and ${holdOf} is null
        order by o.updated_at, o.id limit ${limit}`.execute(tx);
      const { erased, failures } = await eraseRestingOrders(
        tx,
        rows.map(({ id }) => id),
        { erasureId: null },
      );
      return { orders: erased.length, failures };
    }),

  prune: async ({ table, olderThanMs, limit }) => {
    const before = sql`statement_timestamp() - ${olderThanMs} * interval '1 millisecond'`;
    const { id, at, only } = pruned[table];
    // An array, not a join: of a table that is not large yet the planner would read all of it to find a few rows.
    const { rows } = await sql`
      delete from ${sql.table(table)} where ${id} = any(array(
        select ${id} from ${sql.table(table)} where ${only} and ${at} < ${before} order by ${at} limit ${limit} for update skip locked
      )) returning 1`.execute(db);
    return rows.length;
  },

  readStanding: async () => {
    const { rows } = await sql<ErasureStanding>`
      select count(*)::int as open, coalesce(extract(epoch from clock_timestamp() - min(requested_at)), 0)::float8 as "oldestSeconds"
      from erasures where due_at is not null`.execute(db);
    return rows[0] ?? { open: 0, oldestSeconds: 0 };
  },
});

/** As the index has it. */
const isToErase = sql`o.closed_at is not null and (o.erased_at is null or o.erased_at < o.updated_at)`;

const notices = { id: sql.ref('event_id'), at: sql.ref('received_at'), only: sql`due_at is null` };
/** By what a row is named, what its age goes by, and which are over. */
const pruned = {
  step_attempts: { id: sql.ref('id'), at: sql.ref('at'), only: sql`true` },
  payment_notices: notices,
  shipment_notices: notices,
};

type Claimed = {
  id: string;
  tenant: string;
  customerId: string;
  placedBefore: string;
  seenAt: string | null;
  seenId: string | null;
  walked: boolean;
  counts: ErasedRows;
  ageMs: number;
};

async function claimErasure(tx: Tx): Promise<Claimed | null> {
  const { rows } = await sql<Claimed>`
    select id, tenant, customer_id as "customerId", placed_before as "placedBefore", seen_at as "seenAt", seen_id as "seenId", walked, counts,
           (extract(epoch from clock_timestamp() - requested_at) * 1000)::float8 as "ageMs"
    from erasures where due_at <= clock_timestamp() order by due_at limit 1 for update skip locked`.execute(tx);
  return rows[0] ?? null;
}

async function advance(
  tx: Tx,
  erasure: Claimed,
  { limit, settleMs }: { limit: number; settleMs: number },
): Promise<NonNullable<Awaited<ReturnType<ErasureWork['advance']>>>> {
  const leftMs = settleMs - erasure.ageMs;
  const found = erasure.walked
    ? await findWaiting(tx, erasure, limit)
    : await findNext(tx, erasure, { limit, untilMs: leftMs > 0 ? 2 * settleMs : null });
  const { erased, rows, failures } = await eraseRestingOrders(
    tx,
    found.map(({ id }) => id),
    { erasureId: erasure.id },
  );
  await noteWaiting(tx, erasure, { erased, left: found.map(({ id }) => id).filter((id) => !erased.includes(id)) });
  const counts = addRows(erasure.counts, rows);
  const last = found.at(-1);
  const isFullPage = found.length === limit;
  if (!erasure.walked && (isFullPage || leftMs > 0)) {
    await sql`
      update erasures set counts = ${JSON.stringify(counts)}::jsonb, ${last ? sql`seen_at = ${last.placedAt}, seen_id = ${last.id},` : sql``}
        due_at = clock_timestamp() + ${isFullPage ? 0 : leftMs} * interval '1 millisecond' where id = ${erasure.id}`.execute(
      tx,
    );
    return { erasureId: erasure.id, orders: erased.length, failures, isFinished: false };
  }
  const isFinished = await goOnWaiting(tx, erasure.id, counts);
  return { erasureId: erasure.id, orders: erased.length, failures, isFinished };
}

/**
 * The customer's next orders that nobody has erased since it was asked for, in the order of their placing. `untilMs`: only those that were placed so
 * long before that; among later ones some may still come to light, and nobody looks back.
 */
async function findNext(
  tx: Tx,
  { id, tenant, customerId, placedBefore, seenAt, seenId }: Claimed,
  { limit, untilMs }: { limit: number; untilMs: number | null },
) {
  const until =
    untilMs === null
      ? sql``
      : sql`and placed_at < (select requested_at from erasures where id = ${id}) - ${untilMs} * interval '1 millisecond'`;
  const behind = seenAt === null ? sql`` : sql`and (placed_at, id) > (${seenAt}::timestamptz, ${seenId})`;
  const { rows } = await sql<{ id: string; placedAt: string }>`
    select id, placed_at as "placedAt" from orders
    where tenant = ${tenant} and customer_id = ${customerId} and placed_at < ${placedBefore} ${until} ${behind}
      and (erased_at is null or erased_at < (select requested_at from erasures where id = ${id}))
    order by placed_at, id limit ${limit}`.execute(tx);
  return rows;
}

async function findWaiting(tx: Tx, { id }: Claimed, limit: number) {
  const { rows } = await sql<{ id: string; placedAt: string }>`
    select order_id as id, '' as "placedAt" from erasure_orders where erasure_id = ${id} and look_at <= clock_timestamp()
    order by look_at, order_id limit ${limit}`.execute(tx);
  return rows;
}

async function noteWaiting(
  tx: Tx,
  { id, tenant }: Claimed,
  { erased, left }: { erased: readonly string[]; left: readonly string[] },
): Promise<void> {
  await sql`delete from erasure_orders where erasure_id = ${id} and order_id = any(${[...erased]}::text[])`.execute(tx);
  await sql`
    insert into erasure_orders (erasure_id, order_id, tenant, look_at)
    select ${id}, order_id, ${tenant}, clock_timestamp() + ${LOOK_AGAIN}::interval from unnest(${[...left]}::text[]) as l (order_id)
    on conflict (erasure_id, order_id) do update set look_at = excluded.look_at`.execute(tx);
}

/** All of them were seen: done, unless some still need what they hold. Answers whether it is done. */
async function goOnWaiting(tx: Tx, id: string, counts: ErasedRows): Promise<boolean> {
  const { rows } = await sql<{ isFinished: boolean }>`
    with next as (select min(look_at) as look_at from erasure_orders where erasure_id = ${id})
    update erasures e set walked = true, counts = ${JSON.stringify(counts)}::jsonb, due_at = next.look_at,
      finished_at = case when next.look_at is null then clock_timestamp() end
    from next where e.id = ${id} returning e.finished_at is not null as "isFinished"`.execute(tx);
  return rows[0]?.isFinished === true;
}

const putOff = async (db: Database, id: string): Promise<void> => {
  await sql`
    update erasures set due_at = clock_timestamp() + ${AFTER_FAILURE}::interval where id = ${id} and due_at is not null`.execute(
    db,
  );
};
