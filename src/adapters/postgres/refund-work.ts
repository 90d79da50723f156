// Paying refunds, in our books. What must stay true: nothing is sent of a refund that is fenced, settled or moot; a part is done
// together with its ledger row; and every change holds the order's row.
import { sql } from 'kysely';
import { EventType } from '../../contracts/events.ts';
import type { ParkingId } from '../../contracts/parking.ts';
import { PAYMENT_TO_FOLLOW } from '../../domain/payment-notice.ts';
import type { RefundState } from '../../domain/refund.ts';
import type { OpenRefund, RefundPart, RefundRecords } from '../../ports/refund.ts';
import { after, one } from '../../events/causes.ts';
import { inTransaction, type Database, type Tx } from './database.ts';
import { lockOrder, recordChange } from './order-change.ts';
import { enterRefund } from './payment.ts';
import { tellReturnOf } from './return-marks.ts';

type Named = { orderId: string; number: number };
type Row = OpenRefund & { tenant: string; currency: string; amountMinor: number; fence: ParkingId | null };

export const createRefundRecords = ({ db }: { db: Database }): RefundRecords => ({
  noteOthers: (request) => noteOthers(db, request),

  begin: ({ parking, ...named }) =>
    inTransaction(db, async (tx) => {
      const refund = await lockRefund(tx, named);
      if (refund.state !== 'requested' || !refund.fence || !isLater(parking, refund.fence)) return toOpen(refund);
      await sql`update refunds set fence = null where ${isNamed(named)}`.execute(tx);
      return { ...toOpen(refund), isFenced: false };
    }),

  fence: ({ parking, ...named }) =>
    inTransaction(db, async (tx) => {
      const refund = await lockRefund(tx, named);
      if (refund.state !== 'requested') return toOpen(refund);
      await sql`update refunds set fence = ${JSON.stringify(parking)}::jsonb where ${isNamed(named)}`.execute(tx);
      return { ...toOpen(refund), isFenced: true };
    }),

  allowSending: ({ ordinal, revision, ...named }) =>
    inTransaction(db, async (tx) => {
      const { state, isFenced, isMoot } = await lockRefund(tx, named);
      if (state !== 'requested' || isFenced || isMoot) return false;
      const { rows } = await sql`
        update refund_parts set sent_at = clock_timestamp()
        where ${isNamed(named)} and ordinal = ${ordinal} and revision = ${revision} and refund_id is null
        returning ordinal`.execute(tx);
      return rows.length === 1;
    }),

  raisePartRevision: ({ ordinal, from, ...named }) =>
    inTransaction(db, async (tx) => {
      await lockOrder(tx, named.orderId);
      await sql`
        update refund_parts set revision = ${from + 1}, failure = null
        where ${isNamed(named)} and ordinal = ${ordinal} and revision = ${from} and refund_id is null`.execute(tx);
    }),

  noteFailure: ({ ordinal, revision, failure, ...named }) =>
    inTransaction(db, async (tx) => {
      await lockOrder(tx, named.orderId);
      await sql`
        update refund_parts set failure = ${JSON.stringify(failure)}::jsonb
        where ${isNamed(named)} and ordinal = ${ordinal} and revision = ${revision} and failure is null`.execute(tx);
    }),

  settlePart: (request) => inTransaction(db, (tx) => settlePart(tx, request)),
  abandon: (request) => inTransaction(db, (tx) => abandon(tx, request)),
});

/** Whether the decision about `one` was made after that about `other`. Number 0 is no decision. */
function isLater(one: ParkingId, other: ParkingId): boolean {
  if (one.number === 0) return false;
  return one.runId === other.runId ? one.number > other.number : one.runStartedAt > other.runStartedAt;
}

async function settlePart(
  tx: Tx,
  request: Parameters<RefundRecords['settlePart']>[0],
): ReturnType<RefundRecords['settlePart']> {
  const { orderId, number, ordinal, refundId, amountMinor, currency, isByHand } = request;
  const refund = await lockRefund(tx, request);
  const { rows: taken } = await sql<{ number: number; ordinal: number }>`
    select number, ordinal from refund_parts where refund_id = ${refundId}`.execute(tx);
  const [user] = taken;
  if (user && (user.number !== number || user.ordinal !== ordinal)) return { usedBy: `refund ${user.number}` };
  const cause = after(one(EventType.refundRequested, { number }));
  await enterRefund(tx, { orderId, ordinal, refundId, amountMinor, currency }, cause);
  // A fact, also where the refund had been given up: then somebody has to see that the order has less than it is worth.
  const { rows: changed } = await sql`
    update refund_parts t set refund_id = ${refundId}, failure = null
    from refunds r
    where t.order_id = ${orderId} and t.number = ${number} and t.ordinal = ${ordinal} and t.refund_id is null
      and r.order_id = t.order_id and r.number = t.number and r.state = 'requested'
    returning t.ordinal`.execute(tx);
  const isLate = refund.state === 'abandoned';
  if (isByHand || isLate) await havePaymentFollowed(tx, { orderId, ordinal, refundId });
  if (changed.length > 0) await completeIfDone(tx, refund);
  return { settled: true };
}

async function completeIfDone(tx: Tx, { orderId, number, amountMinor, currency }: Row): Promise<void> {
  const { rows } = await sql`
    update refunds set state = 'completed', settled_at = clock_timestamp(), launch_after = null
    where order_id = ${orderId} and number = ${number} and state = 'requested' and not exists (
      select 1 from refund_parts t where t.order_id = refunds.order_id and t.number = refunds.number and t.refund_id is null
    ) returning number`.execute(tx);
  if (rows.length === 0) return;
  await recordChange(tx, { orderId, type: EventType.refundCompleted, data: { number, amountMinor, currency } });
  await tellReturnOf(tx, { orderId, number });
}

async function abandon(
  tx: Tx,
  { parking, actor, reason, ...named }: Parameters<RefundRecords['abandon']>[0],
): Promise<RefundState> {
  const refund = await lockRefund(tx, named);
  const { orderId, number, state, fence, parts, amountMinor, currency } = refund;
  if (state !== 'requested') return state;
  const isOurs = fence?.runId === parking.runId && fence.number === parking.number;
  if (!isOurs)
    throw new Error(`Expected refund ${number} of order ${orderId} to be fenced by this decision; it is not`);
  if (parts.some(({ refundId }) => refundId !== null))
    throw new Error(`Expected nothing of refund ${number} of order ${orderId} to have moved; found a part that has`);
  await sql`
    update refunds
    set state = 'abandoned', settled_at = clock_timestamp(), launch_after = null,
        outcome = ${JSON.stringify({ actor, reason })}::jsonb
    where ${isNamed(named)}`.execute(tx);
  const data = { number, amountMinor, currency, actor, reason };
  await recordChange(tx, { orderId, type: EventType.refundAbandoned, data });
  await tellReturnOf(tx, { orderId, number });
  return 'abandoned';
}

async function noteOthers(
  db: Database,
  { orderId, ordinal, seen }: Parameters<RefundRecords['noteOthers']>[0],
): Promise<void> {
  await sql`
    insert into payment_notices (event_id, event_type, payment_id, order_id, due_at)
    select ${`${orderId}:beside-refund:${ordinal}:${seen}`}, ${PAYMENT_TO_FOLLOW}, provider_id, order_id, clock_timestamp()
    from payments where order_id = ${orderId} and ordinal = ${ordinal} on conflict (event_id) do nothing`.execute(db);
}

/** A notice of our own: whoever follows the payment looks again, knowing by then whose refund it is. */
async function havePaymentFollowed(
  tx: Tx,
  { orderId, ordinal, refundId }: { orderId: string; ordinal: number; refundId: string },
): Promise<void> {
  await sql`
    insert into payment_notices (event_id, event_type, payment_id, refund_id, order_id, due_at)
    select ${`refund:${refundId}`}, ${PAYMENT_TO_FOLLOW}, provider_id, ${refundId}, order_id, clock_timestamp()
    from payments where order_id = ${orderId} and ordinal = ${ordinal} on conflict (event_id) do nothing`.execute(tx);
}

const isNamed = ({ orderId, number }: Named) => sql`order_id = ${orderId} and number = ${number}`;

async function lockRefund(tx: Tx, { orderId, number }: Named): Promise<Row> {
  const { tenant, ending } = await lockOrder(tx, orderId);
  const { rows } = await sql<Pick<Row, 'state' | 'currency' | 'amountMinor' | 'fence'> & { parts: RefundPart[] }>`
    select r.state, r.currency, r.amount_minor as "amountMinor", r.fence, (
      select jsonb_agg(jsonb_build_object(
        'ordinal', t.ordinal, 'amountMinor', t.amount_minor, 'currency', r.currency, 'paymentId', p.provider_id,
        'capturedMinor', (
          select sum(amount_minor) from ledger where order_id = p.order_id and ordinal = p.ordinal and kind = 'captured'
        ),
        'revision', t.revision, 'failure', t.failure, 'refundId', t.refund_id,
        'sentAgoMs', (extract(epoch from clock_timestamp() - t.sent_at) * 1000)::bigint
      ) order by t.ordinal)
      from refund_parts t join payments p using (order_id, ordinal) where t.order_id = r.order_id and t.number = r.number
    ) as parts
    from refunds r where r.order_id = ${orderId} and r.number = ${number}`.execute(tx);
  const [found] = rows;
  if (!found) throw new Error(`Expected refund ${number} of order ${orderId} in the database; found none`);
  return { orderId, number, tenant, ...found, isFenced: found.fence !== null, isMoot: ending !== null };
}

const toOpen = ({ orderId, number, state, isFenced, isMoot, parts }: Row): OpenRefund => ({
  ...{ orderId, number, state, isFenced, isMoot, parts },
});
