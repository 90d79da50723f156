// What a recovery writes about the orders of a database that was restored from a backup. What must stay true: every call can be
// repeated (a recovery may be killed and run again), and nobody works on an order before it is settled: the alarm is on.
import { sql } from 'kysely';
import { EventType } from '../../contracts/events.ts';
import { RejectionCode, type Ending } from '../../domain/rejection.ts';
import type { RecoveryPlan } from '../../domain/recovery.ts';
import { command } from '../../events/causes.ts';
import type { OpenOrder, Recovery, RecoveryRecords } from '../../ports/recovery.ts';
import { inTransaction, toInstant, type Database, type Tx } from './database.ts';
import { lockOrder, recordChange } from './order-change.ts';
import { closeStory } from './parked-steps.ts';
import { rebuildOrder } from './rebuilding.ts';
import { endReview, showReview } from './review-rows.ts';
import { createClosedPayments } from './recovery-disputes.ts';
import { endUnfinished } from './reconciliation-end.ts';
import { lastGivenPosition } from './restore.ts';

/**
 * How far behind everything that was witnessed the feed goes on. A workflow's memo is a second old at most when it is started;
 * after the last start the lost database can only have given positions to events of the orders that were open then.
 */
const FEED_GAP = 1_000_000;

export const createRecoveryRecords = ({ db }: { db: Database }): RecoveryRecords => ({
  hasOrders: async () => {
    const { rows } = await sql`select 1 from orders limit 1`.execute(db);
    return rows.length > 0;
  },

  begin: () =>
    inTransaction(db, async (tx) => {
      await sql`
        insert into recoveries (known_until) select ${knownUntil}
        where not exists (select 1 from recoveries where finished_at is null)`.execute(tx);
      const recovery = await unfinished(tx);
      if (!recovery) throw new Error('Expected a recovery to have begun; found none');
      return recovery;
    }),

  preview: async () => {
    const { rows } = await sql<{ until: string }>`select ${knownUntil} as until`.execute(db);
    return (await unfinished(db)) ?? { id: 0, knownUntil: toInstant(rows[0]?.until ?? '') };
  },

  rebuild: (request, render) => inTransaction(db, (tx) => rebuildOrder(tx, request, render)),

  listOpen: async ({ recoveryId, after, limit }) => {
    const { rows } = await sql<OpenOrder>`
      select o.id as "orderId", o.placed_at as "placedAt", o.total_minor as "totalMinor", o.ships,
             coalesce(o.recovery_id = ${recoveryId}, false) as "isRebuilt",
             jsonb_build_object('ordinal', p.ordinal, 'providerId', p.provider_id, 'isDeclined', p.state = 'declined') as "lastTry"
      from orders o
      cross join lateral (select * from payments where order_id = o.id and not stray and amendment is null order by ordinal desc limit 1) p
      where o.launch_after is not null and o.id > ${after}
        and not exists (select 1 from recovered_orders r where r.recovery_id = ${recoveryId} and r.order_id = o.id)
      order by o.id limit ${limit}`.execute(db);
    return rows.map((row) => ({ ...row, placedAt: toInstant(row.placedAt) }));
  },

  settle: (request) => inTransaction(db, (tx) => settle(tx, request)),

  noteLost: async ({ recoveryId, orderId, why }) => {
    await sql`
      insert into recovered_orders (recovery_id, order_id, how, doubt) values (${recoveryId}, ${orderId}, 'lost', ${why})
      on conflict do nothing`.execute(db);
  },

  ...createClosedPayments({ db }),

  finish: (request) => inTransaction(db, (tx) => finish(tx, request)),
});

// By insert order: an index on the instants of all events would be there for this question alone.
const knownUntil = sql`
  coalesce((select "timestamp" from events order by id desc limit 1), timestamptz '1970-01-01 00:00:00Z')`;

async function unfinished(db: Database | Tx): Promise<Recovery | null> {
  const { rows } = await sql<Recovery>`
    select id, known_until as "knownUntil" from recoveries where finished_at is null`.execute(db);
  return rows[0] ? { ...rows[0], knownUntil: toInstant(rows[0].knownUntil) } : null;
}

async function settle(tx: Tx, request: Parameters<RecoveryRecords['settle']>[0]): Promise<{ doubt: string | null }> {
  const { recoveryId, orderId, how, plan, paymentIds, tries, omitted } = request;
  const { tenant, ...locked } = await lockOrder(tx, orderId);
  // One that was left when its key was found taken, or by an earlier recovery, is not settled by this one.
  const doubt = plan.doubt ?? locked.doubt;
  const { rows } = await sql`
    insert into recovered_orders (recovery_id, order_id, tenant, how, doubt, payment_ids, was_reviewed)
    values (${recoveryId}, ${orderId}, ${tenant}, ${how}, ${doubt}, ${[...paymentIds]}::text[], ${plan.isReviewed})
    on conflict do nothing returning order_id`.execute(tx);
  if (rows.length === 0) return { doubt };
  if (plan.own) await storeOwn(tx, orderId, plan.own);
  await storeFurther(tx, orderId, tries);
  await recordDecline(tx, orderId, plan.ending);
  // Its own story begins anew. A run beside it (of a stray payment) that is parked stays so.
  await closeStory(tx, orderId);
  await takeUpReview(tx, orderId, plan);
  await sql`
    update orders set recovery_id = ${recoveryId}, doubt = ${doubt},
      ending = coalesce(ending, ${plan.ending && JSON.stringify(plan.ending)}::jsonb)
    where id = ${orderId}`.execute(tx);
  await recordChange(tx, {
    orderId,
    type: EventType.orderRecovered,
    data: { how, ...(doubt ? { doubt } : {}), ...(omitted.length > 0 ? { omitted } : {}) },
    cause: command('recover', orderId, recoveryId),
  });
  await sql`update orders set launch_after = clock_timestamp() where id = ${orderId}`.execute(tx);
  return { doubt };
}

/** What is undecided goes on as it was; an ending leaves nothing to decide. Who decided in the world that is lost is not known. */
async function takeUpReview(tx: Tx, orderId: string, { ending, isReviewed }: RecoveryPlan): Promise<void> {
  if (ending) return endReview(tx, { orderId, state: 'cancelled' });
  if (!isReviewed) return showReview(tx, orderId);
  const reason = 'It had been charged, or sold, before the database was restored';
  return endReview(tx, { orderId, state: 'approved', actor: 'recovery', reason });
}

/** The provider's no is a fact that the order's history has kept. Here, so that a repeat does not take it for an older one. */
async function recordDecline(tx: Tx, orderId: string, ending: Ending | null): Promise<void> {
  if (ending?.status !== 'rejected' || !declines.includes(ending.rejection.code)) return;
  const { rejection } = ending;
  const { rows } = await sql<{ ordinal: number }>`
    update payments p set state = 'declined', rejection = ${JSON.stringify(rejection)}::jsonb, updated_at = clock_timestamp()
    where order_id = ${orderId} and state = 'pending'
      and ordinal = (select max(ordinal) from payments where order_id = ${orderId} and not stray)
    returning ordinal`.execute(tx);
  for (const { ordinal } of rows)
    await recordChange(tx, { orderId, type: EventType.paymentDeclined, data: { ordinal, ...rejection } });
}

const declines: readonly RejectionCode[] = [RejectionCode.declined, RejectionCode.methodRefused];

/** What an amendment has charged since the backup: it asks for that, and charges nothing a second time. */
const storeFurther = async (tx: Tx, orderId: string, tries: readonly { providerId: string; ordinal: number }[]) =>
  void (await sql`
    update payments p set provider_id = t."providerId", updated_at = clock_timestamp()
    from jsonb_to_recordset(${JSON.stringify(tries)}::jsonb) as t ("providerId" text, ordinal int)
    where p.order_id = ${orderId} and p.ordinal = t.ordinal and p.amendment is not null and p.provider_id is null
      and p.state = 'pending' and not exists (select 1 from payments where provider_id = t."providerId")`.execute(tx));

/** From now on no other payment is made or confirmed for this try. */
async function storeOwn(tx: Tx, orderId: string, own: { providerId: string; ordinal: number }): Promise<void> {
  const { providerId, ordinal } = own;
  await sql`
    insert into payments (order_id, ordinal, tenant, amount_minor, currency, payment_method)
    select order_id, ${ordinal}, tenant, amount_minor, currency, 'unknown' from payments
    where order_id = ${orderId} and not stray order by ordinal desc limit 1
    on conflict do nothing`.execute(tx);
  await sql`
    update payments set provider_id = ${providerId}, updated_at = clock_timestamp()
    where order_id = ${orderId} and ordinal = ${ordinal} and provider_id is distinct from ${providerId}
      and not exists (select 1 from payments where provider_id = ${providerId})`.execute(tx);
}

async function finish(
  tx: Tx,
  { recoveryId, witnessed }: Parameters<RecoveryRecords['finish']>[0],
): ReturnType<RecoveryRecords['finish']> {
  const { rows: epochs } = await sql<{ epoch: number }>`
    update database_epoch set epoch = greatest(epoch, ${witnessed.epoch}) + 1, behind_since = null, evidence = null
    returning epoch`.execute(tx);
  const epoch = epochs[0]?.epoch ?? Number.NaN;
  // Their workflows were ended, or have ended in the world that is lost: nobody would ever finish these reports.
  await endUnfinished(tx, 'The database was restored from a backup meanwhile: compare again');
  const { rows } = await sql<{ feedFrom: number; feedTo: number }>`
    update recoveries set finished_at = clock_timestamp(), epoch = ${epoch}, feed_from = ${lastGivenPosition},
      feed_to = greatest(${lastGivenPosition}, ${witnessed.position}) + ${FEED_GAP}
    where id = ${recoveryId} and finished_at is null returning feed_from as "feedFrom", feed_to as "feedTo"`.execute(
    tx,
  );
  const [jump] = rows;
  if (!jump) throw new Error(`Expected recovery ${recoveryId} to be under way; somebody else has finished it`);
  return { epoch, ...jump };
}
