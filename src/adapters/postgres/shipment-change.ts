// A shipment's row under its order's lock, and what a change of it means for the order. What must stay true: the first dispatch makes the
// order `shipped` in the same transaction, and it is over exactly when nothing of it is on its way any more.
import { sql } from 'kysely';
import { EventType } from '../../contracts/events.ts';
import type { ShipmentRef, ShipmentStanding } from '../../contracts/shipment.ts';
import type { OrderStatus } from '../../domain/order.ts';
import type { Ending } from '../../domain/rejection.ts';
import type { ShipmentStatus } from '../../domain/shipment.ts';
import type { Cause } from '../../events/causes.ts';
import type { Database, Tx } from './database.ts';
import { recordChange, type LockedOrder } from './order-change.ts';
import { leaveCaptureMark } from './capture-marks.ts';
import { closeStory } from './parked-steps.ts';

export type StandingRow = {
  status: ShipmentStatus;
  warehouse: string;
  parcelId: string | null;
  trackingNumber: string | null;
  ending: Ending | null;
  isAccepted: boolean;
  /** The carrier has, or has had, its parcel, and has not brought it back. */
  isGone: boolean;
  replacedBy: number | null;
  /** A person has decided that it does not go; whether its units and their money are given back by now. */
  isWithdrawn: boolean;
  isGivenBack: boolean;
};

/** How the shipment stands; in a transaction that has locked its order, how it stays. Throws when there is none. */
export async function findShipment(db: Database | Tx, { orderId, number }: ShipmentRef): Promise<StandingRow> {
  const { rows } = await sql<StandingRow>`
    select s.status, s.warehouse, s.parcel_id as "parcelId", s.tracking_number as "trackingNumber", o.ending,
           s.accepted_at is not null as "isAccepted", s.dispatched_at is not null and s.returned_at is null as "isGone",
           (select number from shipments r where r.order_id = s.order_id and r.replaces = s.number) as "replacedBy",
           s.withdrawn_at is not null as "isWithdrawn", s.given_back_at is not null as "isGivenBack"
    from shipments s join orders o on o.id = s.order_id
    where s.order_id = ${orderId} and s.number = ${number}`.execute(db);
  const [row] = rows;
  if (!row) throw new Error(`Expected shipment ${number} of order ${orderId} in the database; found none`);
  return row;
}

export const toStanding = ({ isGone, isWithdrawn, isGivenBack, ...row }: StandingRow): ShipmentStanding => {
  const { status, ending, isAccepted, replacedBy } = row;
  return {
    ...{ status, ending, isAccepted, replacedBy },
    hasLeftAllTheSame: status === 'cancelled' && isGone && !isAccepted,
    ...(isWithdrawn ? { withdrawn: isGivenBack ? 'given-back' : 'open' } : {}),
  };
};

/** Shows the order as waiting for whom the first of its shipments waits for, or for the stock that it still lacks. */
export async function showWaiting(tx: Tx, orderId: string): Promise<void> {
  await sql`
    update orders set waiting = (
      select waiting from (
        select waiting, number from shipments where order_id = orders.id and waiting is not null
        union all
        select jsonb_build_object('for', 'stock', 'until', to_char(min(until) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')), 0
        from backorders where order_id = orders.id and state = 'waiting' and until is not null having count(*) > 0
      ) waits order by waiting ->> 'until', number limit 1
    ) where id = ${orderId} and closed_at is null and ending is null`.execute(tx);
}

/** What the change of a shipment makes of its locked order: shipped, delivered, or over as it is. Answers with its status. */
export async function settleShipping(tx: Tx, order: LockedOrder): Promise<OrderStatus> {
  if (order.ending || order.isClosed) return order.status;
  const { rows } = await sql<{ shipped: boolean; settled: boolean; delivered: boolean }>`
    select bool_or(dispatched_at is not null) as shipped,
           -- Where nothing is to come any more, what has left is all that there is.
           coalesce(bool_and(status = 'delivered' or accepted_at is not null) filter (where ${isStillToCome}), bool_or(dispatched_at is not null))
             and not ${awaits(order.id)} as settled,
           bool_and(status = 'delivered') filter (where ${isStillToCome}) as delivered
    from shipments s where order_id = ${order.id}`.execute(tx);
  const { shipped = false, settled = false, delivered = false } = rows[0] ?? {};
  let { status } = order;
  if (shipped && status === 'confirmed') {
    status = 'shipped';
    await recordChange(tx, { orderId: order.id, type: EventType.orderShipped, status, data: {} });
  }
  if (!settled) return status;
  await closeStory(tx, order.id);
  // What is authorized beyond what was handed over is released.
  if (order.capture === 'per-shipment') await leaveCaptureMark(tx, order.id);
  if (delivered) {
    await recordChange(tx, { orderId: order.id, type: EventType.orderDelivered, status: 'delivered', data: {} });
    return 'delivered';
  }
  // Somebody has taken what did not arrive as it is: nothing more comes, and the status stays the truth.
  await sql`
    update orders set closed_at = clock_timestamp(), launch_after = null
    where id = ${order.id} and closed_at is null`.execute(tx);
  return status;
}

/** It still waits for stock, or has got some that stands in no shipment yet. */
const awaits = (orderId: string) => sql`
  exists (select 1 from backorders where order_id = ${orderId} and (state = 'waiting' or news_at is not null))`;

/** Of a row `s` of shipments: not sent once more as another. */
export const isCurrent = sql`
  not exists (select 1 from shipments r where r.order_id = s.order_id and r.replaces = s.number)`;

/** Of a row `s` of shipments: nobody has to keep it back any more, or give anything back for it. */
export const isCancelledForGood = sql`(s.status = 'cancelled' and (s.withdrawn_at is null or s.given_back_at is not null))`;

/** Of a row `s` of shipments of an order that does not end: not cancelled by an amendment either, nor withdrawn and given back. */
const isStillToCome = sql`(not ${isCancelledForGood} and ${isCurrent})`;

/** The order is cancelled before anything of it has left: what the warehouse may still have must not leave any more. */
export async function cancelShipments(tx: Tx, orderId: string, cause?: Cause): Promise<void> {
  const { rows } = await sql<{ number: number }>`
    update shipments set status = 'cancelled', cancelled_at = clock_timestamp(), waiting = null
    where order_id = ${orderId} and status in ('pending', 'packed') returning number`.execute(tx);
  await sql`update orders set waiting = null where id = ${orderId} and waiting is not null`.execute(tx);
  for (const { number } of rows)
    await recordChange(tx, {
      orderId,
      type: EventType.shipmentCancelled,
      data: { number },
      ...(cause ? { cause } : {}),
    });
}
