// The steps of a return, in our books. What must stay true: every change holds the order's row and is guarded by where the return stands,
// so whoever comes later (or twice) is told how it stands; it is completed with its refund, or says why there is none.
import { sql } from 'kysely';
import { EventType } from '../../contracts/events.ts';
import { needsOperatorFailure } from '../../contracts/failures.ts';
import type { AwaitReturnRequest, ReturnRef, ReturnStanding } from '../../contracts/return-order.ts';
import type { ReturnStatus } from '../../domain/return.ts';
import { after, one } from '../../events/causes.ts';
import type { ReturnRecords } from '../../ports/return.ts';
import { inTransaction, type Database, type Tx } from './database.ts';
import { recordChange } from './order-change.ts';
import { askRefundOf } from './return-receipt.ts';
import { expectReturn, lockReturn, type StandingRow } from './return-rows.ts';
import { decideRequested } from './return.ts';

export const createReturnRecords = ({ db }: { db: Database }): ReturnRecords => ({
  find: async (ref) => toStanding(await expectReturn(db, ref)),
  await: (request) => inTransaction(db, (tx) => beginWait(tx, request)),
  noteDelay: (ref) => inTransaction(db, (tx) => noteDelay(tx, ref)),

  reject: ({ actor, reason, ...ref }) =>
    inTransaction(db, async (tx) => {
      const { standing } = await lockReturn(tx, ref);
      const cause = after(
        one(EventType.returnRequested, { number: ref.number }),
        one(EventType.orderResumed, { step: 'approve-return' }),
      );
      if (standing.status === 'requested')
        await decideRequested(tx, { ...ref, actor, reason, status: 'rejected', cause });
      return close(tx, ref);
    }),

  expire: (ref) =>
    inTransaction(db, async (tx) => {
      const { standing } = await lockReturn(tx, ref);
      if (standing.status === 'approved') await expire(tx, ref);
      return close(tx, ref);
    }),

  settle: (ref) =>
    inTransaction(db, async (tx) => {
      const { standing } = await lockReturn(tx, ref);
      const { status, refund, isOwed } = standing;
      if (status === 'received' && (refund?.state === 'completed' || !isOwed)) await complete(tx, ref);
      return close(tx, ref);
    }),

  askRefund: (ref) =>
    inTransaction(db, async (tx) => {
      const { order, standing } = await lockReturn(tx, ref);
      if (standing.status === 'received' && !isPaid(standing)) await askRefundOf(tx, order, ref);
      return toStanding(await expectReturn(tx, ref));
    }),

  accept: (ref) =>
    inTransaction(db, async (tx) => {
      const { standing } = await lockReturn(tx, ref);
      if (standing.status === 'received') await accept(tx, ref, standing);
      return close(tx, ref);
    }),
});

/** A refund of it is under way, or done. */
const isPaid = ({ refund, problem }: StandingRow): boolean =>
  problem === null && refund !== null && refund.state !== 'abandoned';

async function beginWait(tx: Tx, { withinMs, renew, ...ref }: AwaitReturnRequest): Promise<{ leftMs: number }> {
  const { orderId, number } = ref;
  await lockReturn(tx, ref);
  await sql`
    update returns set wait_until = clock_timestamp() + ${withinMs} * interval '1 millisecond', delayed_at = null
    where order_id = ${orderId} and number = ${number} and status in ('requested', 'approved')
      and (${renew} or wait_until is null)`.execute(tx);
  const { rows } = await sql<{ leftMs: number }>`
    select coalesce(ceil(extract(epoch from wait_until - clock_timestamp()) * 1000), 0)::int8 as "leftMs"
    from returns where order_id = ${orderId} and number = ${number}`.execute(tx);
  return { leftMs: Math.max(0, rows[0]?.leftMs ?? 0) };
}

async function noteDelay(tx: Tx, ref: ReturnRef): Promise<void> {
  const { orderId, number } = ref;
  await lockReturn(tx, ref);
  const { rows } = await sql<{ status: ReturnStatus; until: string }>`
    update returns set delayed_at = clock_timestamp()
    where order_id = ${orderId} and number = ${number} and status in ('requested', 'approved')
      and wait_until is not null and delayed_at is null
    returning status, to_char(wait_until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as until`.execute(tx);
  for (const { status, until } of rows)
    await recordChange(tx, { orderId, type: EventType.returnDelayed, data: { number, status, until } });
}

async function expire(tx: Tx, { orderId, number }: ReturnRef): Promise<void> {
  await sql`
    update returns set status = 'expired', closed_at = clock_timestamp()
    where order_id = ${orderId} and number = ${number} and status = 'approved'`.execute(tx);
  await recordChange(tx, { orderId, type: EventType.returnExpired, data: { number } });
}

async function complete(tx: Tx, { orderId, number }: ReturnRef): Promise<void> {
  const { rows } = await sql<{ refund: number | null; noRefund: string | null }>`
    update returns set status = 'completed', closed_at = clock_timestamp()
    where order_id = ${orderId} and number = ${number} and status = 'received'
    returning refund_number as refund, no_refund ->> 'words' as "noRefund"`.execute(tx);
  for (const { refund, noRefund } of rows) {
    const data = { number, ...(noRefund === null ? { refund } : { noRefund }) };
    await recordChange(tx, { orderId, type: EventType.returnCompleted, data });
  }
}

async function accept(tx: Tx, ref: ReturnRef, { refund }: StandingRow): Promise<void> {
  const { orderId, number } = ref;
  if (refund?.state === 'requested')
    throw needsOperatorFailure(`Refund ${refund.number} of return ${number} is under way: retry waits for it`);
  const none = { words: 'A person has taken it as it is that nothing is given back', isFinal: true };
  if (refund?.state !== 'completed')
    await sql`
      update returns set no_refund = ${JSON.stringify(none)}::jsonb
      where order_id = ${orderId} and number = ${number}`.execute(tx);
  await complete(tx, ref);
}

/** How it stands; where it is over its own workflow is the one that knows: nobody need look after it any more. */
async function close(tx: Tx, ref: ReturnRef): Promise<ReturnStanding> {
  const { orderId, number } = ref;
  await sql`
    update returns set has_news = false, launch_after = null
    where order_id = ${orderId} and number = ${number} and closed_at is not null and launch_after is not null`.execute(
    tx,
  );
  return toStanding(await expectReturn(tx, ref));
}

const toStanding = ({ status, refund, problem }: StandingRow): ReturnStanding => ({ status, refund, problem });
