// What of an order that is paid as it ships is to be captured, as rows. What must stay true: each shipment that is handed over asks for its
// capture in the commit that knows of it, once, and what is asked for never changes. The caller holds the order's row.
import { sql } from 'kysely';
import { EventType } from '../../contracts/events.ts';
import { captureFor, captureForRest, type Capturable } from '../../domain/capture.ts';
import type { Units } from '../../domain/share.ts';
import type { Database, Tx } from './database.ts';
import { recordChange, type LockedOrder } from './order-change.ts';
import { leaveCaptureMark } from './capture-marks.ts';
import { nextNumber } from './order-numbers.ts';
import { totalsOf } from './order-reading.ts';

type Authorized = { ordinal: number; capturesMany: boolean };

/** A carrier has the shipment: its money is due. Nothing where the order is paid otherwise, or ends. */
export async function askForCapture(tx: Tx, order: LockedOrder, shipment: number): Promise<void> {
  if (order.capture === 'at-confirm' || order.ending) return;
  const payment = await findAuthorized(tx, order.id);
  if (!payment) return;
  const { rows: units } = await sql<Units>`
    select l.sku, l.quantity from shipments s join shipment_lines l using (order_id, number)
    where s.order_id = ${order.id} and s.number = ${shipment} and s.replaces is null
      -- Captured with the rest already.
      and not exists (select 1 from payment_captures c where c.order_id = s.order_id and (c.is_rest or c.shipment = s.number))`.execute(
    tx,
  );
  // What is sent once more is paid for.
  if (units.length === 0) return;
  const capturable = await findCapturable(tx, order.id);
  const { ordinal } = payment;
  if (payment.capturesMany)
    await insertCapture(tx, order, { ordinal, shipment, amountMinor: captureFor(units, capturable), rest: null });
  else await insertCapture(tx, order, { ordinal, shipment, ...restOf(capturable) });
}

/** The authorization is about to end: all that is still to come is due. */
export async function askForRest(tx: Tx, order: LockedOrder, ordinal: number): Promise<void> {
  await insertCapture(tx, order, { ordinal, shipment: null, ...restOf(await findCapturable(tx, order.id)) });
}

const restOf = (capturable: Capturable) => ({ amountMinor: captureForRest(capturable), rest: capturable.toCome });

/** `rest`: all units that it is for, where it is not for those of its shipment. */
type Asked = { ordinal: number; shipment: number | null; amountMinor: number; rest: readonly Units[] | null };

async function insertCapture(
  tx: Tx,
  order: LockedOrder,
  { ordinal, shipment, amountMinor, rest }: Asked,
): Promise<void> {
  const { id: orderId, tenant, currency } = order;
  const { rows } = await sql<{ number: number }>`
    insert into payment_captures (order_id, number, tenant, ordinal, shipment, is_rest, units, amount_minor, state, settled_at)
    select ${orderId}, ${nextNumber('payment_captures', orderId)}, ${tenant}, ${ordinal}, ${shipment}::int, ${rest !== null},
           ${rest && JSON.stringify(rest)}::jsonb, ${amountMinor},
           -- Of what was given away there is nothing to take.
           ${amountMinor === 0 ? 'captured' : 'due'}, ${amountMinor === 0 ? sql`clock_timestamp()` : null}::timestamptz
    returning number`.execute(tx);
  const number = rows[0]?.number;
  if (number === undefined) throw new Error(`Expected a number for a capture of order ${orderId}; found none`);
  await leaveCaptureMark(tx, orderId);
  if (amountMinor === 0) return;
  const data = { capture: number, ordinal, shipment, amountMinor, currency };
  await recordChange(tx, { orderId, type: EventType.paymentCaptureRequested, data });
}

/** The order's own payment that was authorized; null where it is paid otherwise. */
async function findAuthorized(tx: Tx, orderId: string): Promise<Authorized | null> {
  const { rows } = await sql<Authorized>`
    select ordinal, captures_many as "capturesMany" from payments
    where order_id = ${orderId} and authorized_at is not null and not stray order by ordinal desc limit 1`.execute(tx);
  return rows[0] ?? null;
}

/** By our rows: what was sold or is waited for, less what stands in a capture. */
export async function findCapturable(tx: Database | Tx, orderId: string): Promise<Capturable> {
  const { rows } = await sql<Capturable>`
    with asked as (
      select l.sku, l.quantity, s.given_back_at is not null as is_back from payment_captures c
      join shipments s on s.order_id = c.order_id and s.number = c.shipment
      join shipment_lines l on l.order_id = c.order_id and l.number = c.shipment where c.order_id = ${orderId}
    ), owed as (
      select sku, quantity from reservations where order_id = ${orderId} and state = 'sold'
      union all select sku, quantity - filled from backorders where order_id = ${orderId} and state = 'waiting'
      -- What came back is not sold any more: it is no part of what is still to come.
      union all select sku, -quantity from asked where not is_back
    ), to_come as (
      select sku, sum(quantity)::int as quantity from owed group by sku having sum(quantity) > 0
    )
    select (
      select coalesce(jsonb_agg(jsonb_build_object('sku', sku, 'quantity', quantity, 'unitPriceMinor', unit_price_minor)), '[]')
      from order_lines where order_id = ${orderId}
    ) as lines, (select ${totalsOf('o')} from orders o where o.id = ${orderId}) as totals,
      (select coalesce(jsonb_agg(jsonb_build_object('sku', sku, 'quantity', quantity)), '[]') from asked) as asked,
      (select coalesce(jsonb_agg(jsonb_build_object('sku', sku, 'quantity', quantity)), '[]') from to_come
       where not exists (select 1 from payment_captures where order_id = ${orderId} and is_rest)) as "toCome"`.execute(
    tx,
  );
  const [capturable] = rows;
  if (!capturable) throw new Error(`Expected what is to be captured of order ${orderId}; found nothing`);
  return capturable;
}

/**
 * Whether the money of what never ships was not captured, so that there is nothing to give back: it is released once nothing more is to
 * come. Throws while it is being captured: then it is known a moment later. `shipment`: one that has left, was captured, and came back.
 */
export async function isNeverCaptured(tx: Tx, order: LockedOrder, shipment: number | null): Promise<boolean> {
  if (order.capture === 'at-confirm' || !(await findAuthorized(tx, order.id))) return false;
  // Its own, else that of the rest.
  const { rows } = await sql<{ state: string }>`
    select state from payment_captures
    where order_id = ${order.id} and (is_rest or shipment = ${shipment}::int) order by is_rest limit 1`.execute(tx);
  const [capture] = rows;
  if (capture?.state === 'due')
    throw new Error(`Something of order ${order.id} is being captured: what of it to give back is known then`);
  if (capture) return capture.state === 'given_up';
  await leaveCaptureMark(tx, order.id);
  return true;
}

/** Its order has ended: nothing of it is captured any more. */
export async function dropCaptures(tx: Tx, { id, capture }: LockedOrder): Promise<void> {
  if (capture === 'at-confirm') return;
  const outcome = JSON.stringify({ actor: 'service', reason: 'The order has ended' });
  await sql`
    update payment_captures set state = 'given_up', settled_at = clock_timestamp(), outcome = ${outcome}::jsonb
    where order_id = ${id} and state = 'due'`.execute(tx);
  await sql`update payments set capture_after = null where order_id = ${id} and capture_after is not null`.execute(tx);
}
