// What the carrier tells. What must stay true: a fact is kept once and never refused, whatever the order they come in; the first
// dispatch and a cancellation meet under the order's lock, and whichever commits first stands.
import { sql } from 'kysely';
import { EventType } from '../../contracts/events.ts';
import type { ShipmentRef, ShipmentStanding } from '../../contracts/shipment.ts';
import { statusAfter, type CarrierNews, type TrackingFact } from '../../domain/shipment.ts';
import type { Tx } from './database.ts';
import { lockOrder, recordChange } from './order-change.ts';
import { askForCapture } from './capture-rows.ts';
import { findShipment, settleShipping, showWaiting, toStanding } from './shipment-change.ts';

const eventOf: Record<CarrierNews, EventType> = {
  dispatched: EventType.shipmentDispatched,
  lost: EventType.shipmentLost,
  delivered: EventType.shipmentDelivered,
  returned: EventType.shipmentReturned,
};

export async function recordFacts(
  tx: Tx,
  { orderId, number, facts }: ShipmentRef & { facts: readonly TrackingFact[] },
): Promise<ShipmentStanding> {
  const order = await lockOrder(tx, orderId);
  const shipment = await findShipment(tx, { orderId, number });
  const fresh = await keepFacts(tx, { orderId, number, facts: withImplied(facts) });
  if (fresh.length === 0) return toStanding(shipment);
  const status = statusAfter(shipment.status, fresh);
  if (status !== shipment.status)
    await sql`
      update shipments set status = ${status}, waiting = null where order_id = ${orderId} and number = ${number}`.execute(
      tx,
    );
  for (const { status: news, at } of fresh) {
    const data = { number, at, trackingNumber: shipment.trackingNumber };
    const wasCancelled = shipment.status === 'cancelled' ? { wasCancelled: true } : {};
    await recordChange(tx, { orderId, type: eventOf[news], data: { ...data, ...wasCancelled } });
  }
  // From here on it is owed: asked for in the commit that knows of it, before the order may be over by it.
  if (fresh.some((fact) => fact.status === 'dispatched')) await askForCapture(tx, order, number);
  await showWaiting(tx, orderId);
  await settleShipping(tx, order);
  return toStanding(await findShipment(tx, { orderId, number }));
}

/** What was delivered had been dispatched, whether or not that was told. */
function withImplied(facts: readonly TrackingFact[]): TrackingFact[] {
  const [first] = [...facts].sort((one, other) => one.at.localeCompare(other.at));
  if (!first || facts.some(({ status }) => status === 'dispatched')) return [...facts];
  return [{ status: 'dispatched', at: first.at }, ...facts];
}

/** Keeps those that are not known yet, each once; answers with them. */
async function keepFacts(
  tx: Tx,
  { orderId, number, facts }: ShipmentRef & { facts: readonly TrackingFact[] },
): Promise<TrackingFact[]> {
  const fresh: TrackingFact[] = [];
  for (const fact of facts) {
    const column = sql.ref(`${fact.status}_at`);
    const { rows } = await sql`
      update shipments set ${column} = ${fact.at}
      where order_id = ${orderId} and number = ${number} and ${column} is null returning number`.execute(tx);
    if (rows.length > 0) fresh.push(fact);
  }
  return fresh;
}
