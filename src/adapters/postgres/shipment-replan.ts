// Shipments of an order that is amended before any of them is packed. What must stay true: together they are what the order has bought,
// warehouse by warehouse; one that has nothing left is cancelled; and whoever looks after them hears of it by a notice in the commit.
import { sql } from 'kysely';
import { EventType } from '../../contracts/events.ts';
import { shipmentId, type ShipmentRef } from '../../contracts/shipment.ts';
import type { ShipmentLine } from '../../domain/shipment.ts';
import { after, one } from '../../events/causes.ts';
import { SHIPMENT_REPLANNED } from '../../ports/shipment-notice.ts';
import type { Tx } from './database.ts';
import { recordChange } from './order-change.ts';
import { showWaiting } from './shipment-change.ts';
import { insertShipment } from './shipment-plan.ts';

type Planned = { warehouse: string; number: number | null; now: ShipmentLine[] | null; then: ShipmentLine[] | null };

/** Divides anew what is sold of a locked order, of which nothing is packed. An order that was not divided yet stays so. */
export async function replanShipments(tx: Tx, orderId: string, amendment: number): Promise<void> {
  const { rows } = await sql<{ last: number | null }>`
    select max(number) as last from shipments where order_id = ${orderId}`.execute(tx);
  const last = rows[0]?.last ?? null;
  if (last === null) return;
  let next = last;
  for (const { warehouse, number, now, then } of await comparePlans(tx, orderId)) {
    if (JSON.stringify(now) === JSON.stringify(then)) continue;
    const ref = { orderId, number: number ?? (next += 1) };
    if (number === null) await insertShipment(tx, { ...ref, warehouse, replaces: null });
    if (then) await plan(tx, { ...ref, warehouse, amendment });
    else await cancel(tx, { ...ref, amendment });
    await leaveNotice(tx, { ...ref, amendment });
  }
  await showWaiting(tx, orderId);
}

/** Each warehouse that has something to send, now or then, the first choice first. */
async function comparePlans(tx: Tx, orderId: string): Promise<Planned[]> {
  const lines = sql`json_agg(json_build_object('sku', sku, 'quantity', quantity) order by sku collate "C")`;
  const { rows } = await sql<Planned>`
    with sold as (
      select tenant, warehouse, ${lines} as items from reservations
      where order_id = ${orderId} and amendment = 0 and state = 'sold' group by tenant, warehouse
    ), planned as (
      select s.tenant, s.warehouse, s.number, (
        select ${lines} from shipment_lines l where l.order_id = s.order_id and l.number = s.number
      ) as items from shipments s where s.order_id = ${orderId} and s.status = 'pending'
    )
    select w.id as warehouse, planned.number, planned.items as now, sold.items as then
    from sold full join planned using (tenant, warehouse)
    join warehouses w on w.tenant = coalesce(sold.tenant, planned.tenant) and w.id = coalesce(sold.warehouse, planned.warehouse)
    order by w.priority, w.id collate "C"`.execute(tx);
  return rows;
}

async function plan(
  tx: Tx,
  { orderId, number, warehouse, amendment }: ShipmentRef & { warehouse: string; amendment: number },
): Promise<void> {
  await sql`delete from shipment_lines where order_id = ${orderId} and number = ${number}`.execute(tx);
  const { rows: items } = await sql<ShipmentLine>`
    insert into shipment_lines (order_id, number, tenant, sku, quantity)
    select order_id, ${number}, tenant, sku, quantity from reservations
    where order_id = ${orderId} and amendment = 0 and state = 'sold' and warehouse = ${warehouse}
    returning sku, quantity`.execute(tx);
  await recordChange(tx, { orderId, type: EventType.shipmentPlanned, data: { number, warehouse, items, amendment } });
}

async function cancel(tx: Tx, { orderId, number, amendment }: ShipmentRef & { amendment: number }): Promise<void> {
  await sql`
    update shipments set status = 'cancelled', cancelled_at = clock_timestamp(), waiting = null
    where order_id = ${orderId} and number = ${number} and status = 'pending'`.execute(tx);
  const cause = after(one(EventType.amendmentRequested, { number: amendment }));
  await recordChange(tx, { orderId, type: EventType.shipmentCancelled, data: { number }, cause });
}

async function leaveNotice(tx: Tx, { amendment, ...ref }: ShipmentRef & { amendment: number }): Promise<void> {
  const reference = shipmentId(ref);
  await sql`
    insert into shipment_notices (event_id, event_type, reference, due_at)
    values (${`replanned:${amendment}:${reference}`}, ${SHIPMENT_REPLANNED}, ${reference}, clock_timestamp())
    on conflict do nothing`.execute(tx);
}
