// The door for refunds. What must stay true: what is accepted is measured against the order's row while it is locked, so that together
// they never ask for more than is left; and a refund that is not accepted leaves nothing behind.
import { sql } from 'kysely';
import { EventType } from '../../contracts/events.ts';
import { isKept, type OrderStatus } from '../../domain/order.ts';
import { planOwed, planRefund, type Owing, type RefundPlan, type RefundRefusal } from '../../domain/refund.ts';
import type { Cause } from '../../events/causes.ts';
import type { AcceptingRefund, AcceptRefund, Refunds } from '../../ports/refund.ts';
import type { Database, Tx } from './database.ts';
import { acceptOnce, Refused } from './keyed.ts';
import { lockOrder, recordChange, type LockedOrder } from './order-change.ts';
import { nextNumber } from './order-numbers.ts';
import { totalsOf } from './order-reading.ts';
import { listRefunds } from './refund-reading.ts';

export const createRefunds = ({ db }: { db: Database }): Refunds => ({
  accept: (request, answerFor) =>
    acceptOnce<AcceptingRefund>(db, request, async (tx) => {
      const { tenant, orderId } = request;
      const { rows } = await sql`select 1 from orders where id = ${orderId} and tenant = ${tenant}`.execute(tx);
      if (rows.length === 0) throw new Refused<AcceptingRefund>({ refused: 'unknown' });
      const asked = await askForRefund(tx, await lockOrder(tx, orderId), request);
      if ('refused' in asked) throw new Refused<AcceptingRefund>(asked);
      const accepted = (await listRefunds(tx, orderId)).find((refund) => refund.number === asked.number);
      if (!accepted) throw new Error(`Expected to read back refund ${asked.number} of order ${orderId}; found none`);
      return answerFor(accepted);
    }),

  list: async ({ tenant, orderId }) => {
    const { rows } = await sql`select 1 from orders where id = ${orderId} and tenant = ${tenant}`.execute(db);
    return rows.length === 0 ? null : listRefunds(db, orderId);
  },
});

/** Accepts a refund of a locked order, within the transaction of more, and answers with its number; or says why not, with nothing changed. */
export async function askForRefund(
  tx: Tx,
  order: LockedOrder,
  request: Pick<AcceptRefund, 'wish' | 'reason' | 'actor'> & { cause?: Cause },
): Promise<{ number: number } | RefundRefusal | { refused: 'status'; status: OrderStatus; isEnding: boolean }> {
  if (!isKept(order)) return { refused: 'status', status: order.status, isEnding: order.ending !== null };
  const plan = planRefund(request.wish, await findRefundable(tx, order.id));
  if ('refused' in plan) return plan;
  return { number: await insertRefund(tx, order, request, plan) };
}

/** Who decides what nobody decides: kept in events and refunds. */
export const SYSTEM = 'system';

/**
 * A refund of units that do not come, which nobody asked for but ourselves, accepted in the caller's transaction, which holds the order's
 * row. Answers with its number, null where nothing is owed; `undecided`: a person has to say, and nothing is changed.
 */
export async function acceptOwnRefund(
  tx: Tx,
  order: LockedOrder,
  { items, reason, cause }: { items: readonly { sku: string; quantity: number }[]; reason: string; cause: Cause },
): Promise<{ number: number | null } | { undecided: string }> {
  const plan = planOwed(items, await findRefundable(tx, order.id));
  if (!plan) return { number: null };
  if ('undecided' in plan) return plan;
  return { number: await insertRefund(tx, order, { reason, actor: SYSTEM, cause }, plan) };
}

/** By the ledger: what is ours of each of the order's own payments, less what accepted refunds have not moved yet. */
export async function findRefundable(tx: Tx, orderId: string): Promise<Owing> {
  const { rows } = await sql<Owing>`
    select (
      select coalesce(jsonb_agg(jsonb_build_object('sku', sku, 'quantity', quantity, 'unitPriceMinor', unit_price_minor)), '[]')
      from order_lines where order_id = ${orderId}
    ) as lines, (
      select ${totalsOf('o')} from orders o where o.id = ${orderId}
    ) as totals, (
      select coalesce(jsonb_agg(jsonb_build_object('sku', l.sku, 'quantity', l.quantity)), '[]')
      from refund_lines l join refunds r using (order_id, number) where l.order_id = ${orderId} and r.state <> 'abandoned'
    ) as "refundedUnits", case when ${isPaidAsItShips(orderId)} then (
      select coalesce(jsonb_agg(jsonb_build_object('sku', sku, 'quantity', quantity)), '[]') from (
        select l.sku, l.quantity
        from payment_captures c join shipment_lines l on l.order_id = c.order_id and l.number = c.shipment
        where c.order_id = ${orderId} and c.state = 'captured' and not c.is_rest
        union all select u.sku, u.quantity
        from payment_captures c cross join lateral jsonb_to_recordset(c.units) as u (sku text, quantity int)
        where c.order_id = ${orderId} and c.state = 'captured' and c.is_rest
      ) paid
    ) end as "capturedUnits", (
      select coalesce(jsonb_agg(jsonb_build_object('ordinal', p.ordinal, 'leftMinor', m.balance - w.waiting)), '[]')
      from payments p
      cross join lateral (
        select coalesce(sum(amount_minor), 0)::bigint as balance from ledger where order_id = p.order_id and ordinal = p.ordinal
      ) m
      cross join lateral (
        select coalesce(sum(t.amount_minor), 0)::bigint as waiting from refund_parts t join refunds r using (order_id, number)
        where t.order_id = p.order_id and t.ordinal = p.ordinal and r.state = 'requested' and not ${isMoved}
      ) w
      where p.order_id = ${orderId} and not p.stray and p.provider_id is not null
    ) as payments, (
      select coalesce(sum(t.amount_minor), 0)::bigint from refund_parts t join refunds r using (order_id, number)
      where t.order_id = ${orderId} and r.state = 'requested' and not ${isMoved}
    ) as "underWayMinor", (
      select coalesce(jsonb_agg(jsonb_build_object('sku', sku, 'quantity', quantity)), '[]') from (
        select l.sku, l.quantity from shipments s join shipment_lines l using (order_id, number)
        where s.order_id = ${orderId} and s.given_back_at is not null
        union all select sku, quantity - filled from backorders where order_id = ${orderId} and state = 'expired'
        union all select l.sku, l.restocked + l.written_off from return_lines l where l.order_id = ${orderId}
      ) absent where quantity > 0
    ) as "absentUnits", (
      select coalesce(-sum(l.amount_minor) filter (where l.kind in ('disputed', 'reinstated')), 0)::bigint
      from ledger l join payments p using (order_id, ordinal) where l.order_id = ${orderId} and not p.stray
    ) as "disputedMinor", (
      select coalesce(-sum(l.amount_minor), 0)::bigint from ledger l join payments p using (order_id, ordinal)
      where l.order_id = ${orderId} and not p.stray and l.kind = 'refunded'
        and not exists (select 1 from refund_parts t where t.refund_id = l.provider_object)
    ) as "elsewhereMinor"`.execute(tx);
  const [refundable] = rows;
  if (!refundable) throw new Error(`Expected what is left of order ${orderId}; found nothing`);
  return refundable;
}

/** Its payment was authorized, and captured by units. Of a rest from before it was kept for which: all of it counts as captured. */
const isPaidAsItShips = (orderId: string) => sql`(
  exists (select 1 from payments where order_id = ${orderId} and authorized_at is not null and not stray)
  and not exists (
    select 1 from payment_captures where order_id = ${orderId} and is_rest and units is null and state = 'captured'
  ))`;

/** Of a row `t` of refund_parts: the money of it is in the ledger. */
const isMoved = sql`(t.refund_id is not null)`;

/** A refund that is accepted in this commit; answers with its number. `cause`: what it follows from, where nobody has asked for it by itself. */
export async function insertRefund(
  tx: Tx,
  { id: orderId, tenant, currency }: LockedOrder,
  { reason, actor, cause }: Pick<AcceptRefund, 'reason' | 'actor'> & { cause?: Cause },
  { amountMinor, items, parts }: RefundPlan,
): Promise<number> {
  const { rows } = await sql<{ number: number }>`
    insert into refunds (order_id, number, tenant, amount_minor, currency, reason, actor)
    select ${orderId}, ${nextNumber('refunds', orderId)}, ${tenant}, ${amountMinor}, ${currency}, ${reason}, ${actor}
    returning number`.execute(tx);
  const number = rows[0]?.number;
  if (number === undefined) throw new Error(`Expected a number for a refund of order ${orderId}; found none`);
  await sql`
    insert into refund_lines (order_id, number, sku, quantity)
    select ${orderId}, ${number}, sku, quantity
    from jsonb_to_recordset(${JSON.stringify(items ?? [])}::jsonb) as i (sku text, quantity integer)`.execute(tx);
  await sql`
    insert into refund_parts (order_id, number, ordinal, amount_minor)
    select ${orderId}, ${number}, ordinal, "amountMinor"
    from jsonb_to_recordset(${JSON.stringify(parts)}::jsonb) as p (ordinal integer, "amountMinor" bigint)`.execute(tx);
  const data = { number, amountMinor, currency, reason, actor, ...(items ? { items } : {}) };
  await recordChange(tx, { orderId, type: EventType.refundRequested, data, ...(cause ? { cause } : {}) });
  return number;
}
