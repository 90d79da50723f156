// A shipment that never goes. What must stay true: nothing that a carrier has is taken out of an order, the order keeps one that goes, and
// its units come back to the shelf together with their money, once.
import { sql } from 'kysely';
import { EventType } from '../../contracts/events.ts';
import type { GiveBackRequest, ShipmentRef } from '../../contracts/shipment.ts';
import { isHandedOver, NOT_SENT } from '../../domain/shipment.ts';
import { after, one } from '../../events/causes.ts';
import type { ShipmentRecords } from '../../ports/shipment.ts';
import { leaveStockMarks } from './backorder-rows.ts';
import { isNeverCaptured } from './capture-rows.ts';
import type { Tx } from './database.ts';
import { lockOrder, recordChange } from './order-change.ts';
import { acceptOwnRefund } from './refund.ts';
import { restockShipment } from './restocking.ts';
import { findShipment, isCurrent, settleShipping, showWaiting, toStanding } from './shipment-change.ts';

/** As ShipmentRecords tells of it. */
export async function withdraw(tx: Tx, ref: ShipmentRef): ReturnType<ShipmentRecords['withdraw']> {
  const { orderId, number } = ref;
  const order = await lockOrder(tx, orderId);
  const shipment = await findShipment(tx, ref);
  // Its order ends, it was taken out before, or it has left meanwhile: whoever asks sees how it stands.
  if (order.ending || shipment.status === 'cancelled' || isHandedOver(shipment.status)) return toStanding(shipment);
  if (!(await hasAnother(tx, ref)))
    return { refused: `Nothing else of the order goes: cancel it (POST /orders/${orderId}/cancel)` };
  await sql`
    update shipments set status = 'cancelled', cancelled_at = clock_timestamp(), withdrawn_at = clock_timestamp(), waiting = null
    where order_id = ${orderId} and number = ${number} and status in ('pending', 'packed')`.execute(tx);
  await showWaiting(tx, orderId);
  await recordChange(tx, { orderId, type: EventType.shipmentWithdrawn, data: { number } });
  return toStanding(await findShipment(tx, ref));
}

/** Whether another shipment of the order goes, or has gone. */
async function hasAnother(tx: Tx, { orderId, number }: ShipmentRef): Promise<boolean> {
  const { rows } = await sql`
    select 1 from shipments s
    where order_id = ${orderId} and number <> ${number}
      and (dispatched_at is not null or (status <> 'cancelled' and ${isCurrent})) limit 1`.execute(tx);
  return rows.length > 0;
}

/** As ShipmentRecords tells of it. */
export async function giveBack(
  tx: Tx,
  { withoutRefund, ...ref }: GiveBackRequest,
): ReturnType<ShipmentRecords['giveBack']> {
  const { orderId, number } = ref;
  const order = await lockOrder(tx, orderId);
  // Its undo puts everything back that is sold, and refunds all of it.
  if (order.ending) return { ending: order.ending };
  const { isWithdrawn, isGivenBack, isGone, isAccepted } = await findShipment(tx, ref);
  if (!isWithdrawn) throw new Error(`Expected shipment ${number} of order ${orderId} to be withdrawn; it is not`);
  // Taken as it is that it has left all the same: the customer gets it.
  if (isGivenBack || isAccepted) return { givenBack: true };
  if (isGone) throw new Error(`Expected shipment ${number} of order ${orderId} to be kept back; it has left`);
  const { rows: items } = await sql<{ sku: string; quantity: number }>`
    select sku, quantity from shipment_lines where order_id = ${orderId} and number = ${number}`.execute(tx);
  const isOwed = !withoutRefund && ((await isSentOnceMore(tx, ref)) || !(await isNeverCaptured(tx, order, number)));
  const cause = after(one(EventType.shipmentWithdrawn, { number }));
  const refund = isOwed ? await acceptOwnRefund(tx, order, { items, reason: NOT_SENT, cause }) : { number: null };
  if ('undecided' in refund) return refund;
  await restockShipment(tx, order, ref);
  await leaveStockMarks(tx, { tenant: order.tenant, skus: items.map(({ sku }) => sku) });
  await sql`
    update shipments set given_back_at = clock_timestamp() where order_id = ${orderId} and number = ${number}`.execute(
    tx,
  );
  const data = { number, refund: refund.number };
  await recordChange(tx, { orderId, type: EventType.shipmentGivenBack, data });
  await settleShipping(tx, order);
  return { givenBack: true };
}

/** In the place of one that was handed over, and is paid for since. */
async function isSentOnceMore(tx: Tx, { orderId, number }: ShipmentRef): Promise<boolean> {
  const { rows } = await sql`
    select 1 from shipments where order_id = ${orderId} and number = ${number} and replaces is not null`.execute(tx);
  return rows.length > 0;
}
