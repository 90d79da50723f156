// The steps of an amendment, in our books. What must stay true: the pivot, a packing, a cancellation and a refund are decided under the
// order's lock, whichever commits first; what the further charge took counts for the order from the pivot's commit on, and not before.
import { sql } from 'kysely';
import { amendmentId, type AmendmentRef, type RefuseAmendmentRequest } from '../../contracts/amend-order.ts';
import { EventType } from '../../contracts/events.ts';
import { needsOperatorFailure } from '../../contracts/failures.ts';
import { describeShortages } from '../../domain/allocation.ts';
import { changesBetween, movedOn, type AmendedOrder, type AmendmentState } from '../../domain/amendment.ts';
import { PAYMENT_TO_FOLLOW } from '../../domain/payment-notice.ts';
import { planRefund } from '../../domain/refund.ts';
import { RejectionCode, type Rejection } from '../../domain/rejection.ts';
import { after, one } from '../../events/causes.ts';
import type { AmendmentRecords } from '../../ports/amendment.ts';
import { whyNotAmendable } from './amendable.ts';
import { holdAdded, moveStock } from './amendment-stock.ts';
import { sayChange } from './amendment.ts';
import { inTransaction, type Database, type Tx } from './database.ts';
import { leaveStockMarks } from './backorder-rows.ts';
import { settleHolds } from './inventory.ts';
import { lockOrder, recordChange, type LockedOrder } from './order-change.ts';
import { closeParked, showAttention } from './parked-steps.ts';
import { findRefundable, insertRefund } from './refund.ts';
import { replanShipments } from './shipment-replan.ts';

export const createAmendmentRecords = ({ db }: { db: Database }): AmendmentRecords => ({
  hold: (ref) => inTransaction(db, (tx) => hold(tx, ref)),
  apply: (ref) => inTransaction(db, (tx) => apply(tx, ref)),
  fence: (request) => inTransaction(db, (tx) => fence(tx, request)),
  refuse: (request) => inTransaction(db, (tx) => refuse(tx, request)),
});

type Row = {
  order: LockedOrder;
  number: number;
  state: AmendmentState;
  before: AmendedOrder;
  after: AmendedOrder;
  reason: string;
  actor: string;
  changesAddress: boolean;
  chargeMinor: number;
  ordinal: number | null;
  refusal: Rejection | null;
};

async function lockAmendment(tx: Tx, { orderId, number }: AmendmentRef): Promise<Row> {
  const order = await lockOrder(tx, orderId);
  const { rows } = await sql<Omit<Row, 'order'>>`
    select number, state, before, after, reason, actor, changes_address as "changesAddress", charge_minor as "chargeMinor", ordinal,
           refusal
    from amendments where order_id = ${orderId} and number = ${number}`.execute(tx);
  const [found] = rows;
  if (!found) throw new Error(`Expected amendment ${number} of order ${orderId} in the database; found none`);
  return { order, ...found };
}

/** Why it must not go forward; null while it may. */
async function refusalOf(tx: Tx, { order, number, refusal }: Row): Promise<Rejection | null> {
  if (refusal) return refusal;
  const why = await whyNotAmendable(tx, order, number);
  return why === null ? null : movedOn(why);
}

async function hold(tx: Tx, ref: AmendmentRef): ReturnType<AmendmentRecords['hold']> {
  const row = await lockAmendment(tx, ref);
  if (row.state === 'applied') return { held: true };
  const refusal = await refusalOf(tx, row);
  if (refusal) return { refusal };
  const { added } = changesBetween(row.before.items, row.after.items);
  const held = await holdAdded(tx, row.order, { number: row.number, added });
  if ('held' in held) return held;
  return { refusal: { code: RejectionCode.outOfStock, message: describeShortages(held.shortages) } };
}

async function apply(tx: Tx, ref: AmendmentRef): ReturnType<AmendmentRecords['apply']> {
  const row = await lockAmendment(tx, ref);
  const { order, number, before, after, reason, actor, changesAddress } = row;
  if (row.state === 'applied') return { applied: true };
  const refusal = await refusalOf(tx, row);
  if (refusal) return { refusal };
  if (order.totalMinor !== before.totalMinor)
    throw needsOperatorFailure(`Expected order ${order.id} to cost ${before.totalMinor}; found ${order.totalMinor}`);
  await takeOverPayment(tx, row);
  await moveStock(tx, order, { number, ...changesBetween(before.items, after.items) });
  await changeOrder(tx, row);
  const differenceMinor = before.totalMinor - after.totalMinor;
  const refundNumber = differenceMinor > 0 ? await giveBack(tx, row, differenceMinor) : null;
  await replanShipments(tx, order.id, number);
  await settle(tx, row, { state: 'applied', refundNumber });
  const data = { number, reason, actor, currency: order.currency, ...sayChange({ before, after }), changesAddress };
  await recordChange(tx, { orderId: order.id, type: EventType.orderAmended, data });
  return { applied: true };
}

/** From here on what it took is the order's, to be kept, refunded or undone with the rest. */
async function takeOverPayment(tx: Tx, { order, ordinal, chargeMinor }: Row): Promise<void> {
  if (ordinal === null) return;
  const { rows } = await sql<{ balance: number }>`
    update payments p set stray = false, updated_at = clock_timestamp()
    where order_id = ${order.id} and ordinal = ${ordinal} and state = 'captured' and fenced_at is null
    returning (
      select coalesce(sum(amount_minor), 0)::bigint from ledger where order_id = p.order_id and ordinal = p.ordinal
    ) as balance`.execute(tx);
  const balance = rows[0]?.balance ?? 0;
  if (balance !== chargeMinor)
    throw needsOperatorFailure(`Expected ${chargeMinor} to be captured for the amendment; found ${balance}`);
}

async function changeOrder(tx: Tx, { order, number, before, after }: Row): Promise<void> {
  const { discountMinor, shippingMinor, taxMinor, taxIncluded } = after.totals;
  await sql`
    update orders o
    set total_minor = ${after.totalMinor}, discount_minor = ${discountMinor}, shipping_minor = ${shippingMinor}, tax_minor = ${taxMinor},
        tax_included = ${taxIncluded}, shipping = coalesce(m.shipping, o.shipping),
        reduced_minor = reduced_minor + ${Math.max(0, before.totalMinor - after.totalMinor)}
    from amendments m where o.id = ${order.id} and m.order_id = o.id and m.number = ${number}`.execute(tx);
  const items = JSON.stringify(after.items);
  await sql`
    delete from order_lines where order_id = ${order.id}
      and sku not in (select sku from jsonb_to_recordset(${items}::jsonb) as l (sku text))`.execute(tx);
  await sql`
    insert into order_lines (order_id, tenant, sku, name, quantity, unit_price_minor)
    select ${order.id}, ${order.tenant}, l.sku, l.name, l.quantity, l."unitPriceMinor"
    from jsonb_to_recordset(${items}::jsonb) as l (sku text, name text, quantity integer, "unitPriceMinor" bigint)
    on conflict (order_id, sku) do update set quantity = excluded.quantity`.execute(tx);
}

/** Accepted in this commit; a workflow of its own pays it. */
async function giveBack(tx: Tx, { order, number, actor }: Row, amountMinor: number): Promise<number> {
  const plan = planRefund({ amountMinor }, await findRefundable(tx, order.id));
  if ('refused' in plan)
    throw needsOperatorFailure(`Expected ${amountMinor} to be left of what was paid for order ${order.id}; it is not`);
  const cause = after(one(EventType.amendmentRequested, { number }));
  return insertRefund(tx, order, { actor, reason: `amendment ${number}`, cause }, plan);
}

async function fence(
  tx: Tx,
  { refusal, ordinal, ...ref }: Parameters<AmendmentRecords['fence']>[0],
): ReturnType<AmendmentRecords['fence']> {
  const row = await lockAmendment(tx, ref);
  if (row.state === 'applied') return { applied: true };
  const stands = row.refusal ?? refusal;
  await sql`
    update amendments set refusal = ${JSON.stringify(stands)}::jsonb
    where order_id = ${ref.orderId} and number = ${ref.number} and refusal is null`.execute(tx);
  await sql`
    update payments set fenced_at = coalesce(fenced_at, clock_timestamp())
    where order_id = ${ref.orderId} and ordinal = ${ordinal}`.execute(tx);
  return { refusal: stands };
}

async function refuse(tx: Tx, { refusal, ...ref }: RefuseAmendmentRequest): Promise<{ status: 'applied' | 'refused' }> {
  const row = await lockAmendment(tx, ref);
  if (row.state !== 'pending') return { status: row.state };
  await closePayment(tx, row);
  const freed = await settleHolds(tx, row.order, 'released');
  await leaveStockMarks(tx, { tenant: row.order.tenant, skus: freed.map(({ sku }) => sku) });
  const stands = row.refusal ?? refusal;
  await settle(tx, row, { state: 'refused', refusal: stands });
  const data = { number: row.number, refusal: stands };
  await recordChange(tx, { orderId: ref.orderId, type: EventType.amendmentRefused, data });
  return { status: 'refused' };
}

/** One that no attempt has come to is never made. A dispute may hold back what a refund had given back: whoever follows it looks. */
async function closePayment(tx: Tx, { order, ordinal }: Row): Promise<void> {
  const { rows } = await sql<{ balance: number; isOpen: boolean }>`
    update payments p
    set fenced_at = case when provider_id is null then coalesce(fenced_at, clock_timestamp()) else fenced_at end,
        state = case when provider_id is null and state = 'pending' then 'voided' else state end
    where p.order_id = ${order.id} and p.ordinal = ${ordinal}
    returning fenced_at is null as "isOpen", coalesce((
      select sum(amount_minor) from ledger l where l.order_id = p.order_id and l.ordinal = p.ordinal), 0)::bigint as balance`.execute(
    tx,
  );
  const [payment] = rows;
  if (payment && (payment.balance > 0 || payment.isOpen))
    throw needsOperatorFailure(`Expected nothing to be taken for the amendment; found ${payment.balance}`);
}

type End = { state: 'applied'; refundNumber: number | null } | { state: 'refused'; refusal: Rejection };

async function settle(tx: Tx, { order, number, ordinal }: Row, end: End): Promise<void> {
  const refundNumber = end.state === 'applied' ? end.refundNumber : null;
  const refusal = end.state === 'refused' ? JSON.stringify(end.refusal) : null;
  await sql`
    update amendments
    set state = ${end.state}, settled_at = clock_timestamp(), launch_after = null, shipping = null,
        refund_number = ${refundNumber}, refusal = ${refusal}::jsonb
    where order_id = ${order.id} and number = ${number} and state = 'pending'`.execute(tx);
  // Whoever followed the payment has left it to the amendment so far.
  await sql`
    insert into payment_notices (event_id, event_type, payment_id, order_id, due_at)
    select ${`amendment:${amendmentId({ orderId: order.id, number })}`}, ${PAYMENT_TO_FOLLOW}, provider_id, order_id, clock_timestamp()
    from payments where order_id = ${order.id} and ordinal = ${ordinal} and provider_id is not null
    on conflict (event_id) do nothing`.execute(tx);
  // A run before this one may have been ended while it was parked: nobody else takes its mark away.
  const workflowId = amendmentId({ orderId: order.id, number });
  if (await closeParked(tx, { workflowId, parking: null })) await showAttention(tx, order.id);
}
