// Stock after a sale: it comes back when the order is cancelled before it left, and is taken once more for what was lost. What must stay
// true: every change is a movement, and nothing comes back that a carrier has.
import { sql } from 'kysely';
import { EventType } from '../../contracts/events.ts';
import type { ShipmentRef } from '../../contracts/shipment.ts';
import { allocate, type Allocated } from '../../domain/allocation.ts';
import { after, one } from '../../events/causes.ts';
import type { Tx } from './database.ts';
import { recordChange, type LockedOrder } from './order-change.ts';
import { lockAvailable, lockStock, type Line } from './stock.ts';

/**
 * Puts what a cancelled order had sold back where it was, but for what has left all the same; answers with what came back. Harmless when
 * nothing is sold, and twice.
 */
export async function restock(tx: Tx, order: LockedOrder): Promise<Allocated[]> {
  const { rows: sold } = await sql<Allocated>`
    select warehouse, sku, quantity from reservations where order_id = ${order.id} and state = 'sold'`.execute(tx);
  if (sold.length === 0) return [];
  await lockStock(tx, order.tenant, sold);
  const { rows: items } = await sql<Allocated>`
    with gone as (
      select s.warehouse, l.sku, sum(l.quantity) as quantity from shipments s join shipment_lines l using (order_id, number)
      where s.order_id = ${order.id} and s.dispatched_at is not null and s.returned_at is null group by s.warehouse, l.sku
    ), ended as (
      update reservations set state = 'restocked' where order_id = ${order.id} and state = 'sold'
      returning tenant, warehouse, sku, quantity
    ), left_over as (
      select e.tenant, e.warehouse, e.sku, (e.quantity - coalesce(g.quantity, 0))::int as quantity
      from ended e left join gone g using (warehouse, sku)
    ), changed as (
      update stock s set on_hand = s.on_hand + r.quantity
      from left_over r where r.quantity > 0 and s.tenant = r.tenant and s.warehouse = r.warehouse and s.sku = r.sku
      returning s.tenant, s.warehouse, s.sku, r.quantity
    ), moved as (
      insert into stock_movements (tenant, warehouse, sku, kind, on_hand_delta, reserved_delta, order_id)
      select tenant, warehouse, sku, 'restocked', quantity, 0, ${order.id} from changed
    )
    select warehouse, sku, quantity from changed order by sku collate "C", warehouse collate "C"`.execute(tx);
  if (items.length > 0)
    await recordChange(tx, { orderId: order.id, type: EventType.inventoryRestocked, data: { items } });
  return items;
}

/**
 * Puts the units of a withdrawn shipment on the shelf of its warehouse, once: the caller sees to that. Those of one that was sent in the
 * place of another are not what was sold: that has left.
 */
export async function restockShipment(tx: Tx, order: LockedOrder, { orderId, number }: ShipmentRef): Promise<void> {
  const { rows: lines } = await sql<Allocated & { isSold: boolean }>`
    select s.warehouse, l.sku, l.quantity, s.replaces is null as "isSold" from shipments s join shipment_lines l using (order_id, number)
    where s.order_id = ${orderId} and s.number = ${number} order by l.sku collate "C"`.execute(tx);
  await lockStock(tx, order.tenant, lines);
  const reason = `shipment ${number} is not sent`;
  const { rows: items } = await sql<Allocated>`
    with changed as (
      update stock s set on_hand = s.on_hand + l.quantity
      from jsonb_to_recordset(${JSON.stringify(lines)}::jsonb) as l (warehouse text, sku text, quantity integer)
      where s.tenant = ${order.tenant} and s.warehouse = l.warehouse and s.sku = l.sku
      returning s.tenant, s.warehouse, s.sku, l.quantity
    ), moved as (
      insert into stock_movements (tenant, warehouse, sku, kind, on_hand_delta, reserved_delta, order_id, reason)
      select tenant, warehouse, sku, 'restocked', quantity, 0, ${orderId}, ${reason} from changed
    )
    select warehouse, sku, quantity from changed order by sku collate "C", warehouse collate "C"`.execute(tx);
  const sold = lines.filter(({ isSold }) => isSold);
  const { rows: left } = await sql`
    with less as (
      select * from jsonb_to_recordset(${JSON.stringify(sold)}::jsonb) as l (warehouse text, sku text, quantity integer)
    ), gone as (
      delete from reservations r using less l where r.order_id = ${orderId} and r.amendment = 0 and r.state = 'sold'
        and r.warehouse = l.warehouse and r.sku = l.sku and r.quantity = l.quantity returning r.sku
    ), reduced as (
      update reservations r set quantity = r.quantity - l.quantity from less l
      where r.order_id = ${orderId} and r.amendment = 0 and r.state = 'sold'
        and r.warehouse = l.warehouse and r.sku = l.sku and r.quantity > l.quantity returning r.sku
    )
    select sku from gone union all select sku from reduced`.execute(tx);
  if (items.length !== lines.length || left.length !== sold.length)
    throw new Error(
      `Expected ${lines.length} products of shipment ${number} of order ${orderId}; found ${items.length}`,
    );
  const cause = after(one(EventType.shipmentWithdrawn, { number }));
  await recordChange(tx, { orderId, type: EventType.inventoryRestocked, data: { items }, cause });
}

/** Takes the units of a lost shipment from the stock of one warehouse once more; why not, when there is too little. */
export async function takeReplacement(
  tx: Tx,
  order: LockedOrder,
  { orderId, number }: ShipmentRef,
): Promise<{ warehouse: string } | { shortage: string }> {
  const { rows: lines } = await sql<Line>`
    select sku, quantity from shipment_lines
    where order_id = ${orderId} and number = ${number} order by sku collate "C"`.execute(tx);
  const allocation = allocate(lines, await lockAvailable(tx, order.tenant, lines));
  if ('shortages' in allocation) {
    const missing = allocation.shortages.map(
      ({ sku, requested, available }) => `${sku} (wanted ${requested}, available ${available})`,
    );
    return { shortage: missing.join(', ') };
  }
  const [source, ...others] = new Set(allocation.allocated.map(({ warehouse }) => warehouse));
  if (source === undefined || others.length > 0) return { shortage: 'no one warehouse has all of it' };
  const reason = `sent once more for lost shipment ${number}`;
  await sql`
    with changed as (
      update stock s set on_hand = s.on_hand - l.quantity
      from jsonb_to_recordset(${JSON.stringify(allocation.allocated)}::jsonb) as l (warehouse text, sku text, quantity integer)
      where s.tenant = ${order.tenant} and s.warehouse = l.warehouse and s.sku = l.sku and s.on_hand - s.reserved >= l.quantity
      returning s.tenant, s.warehouse, s.sku, l.quantity
    )
    insert into stock_movements (tenant, warehouse, sku, kind, on_hand_delta, reserved_delta, order_id, reason)
    select tenant, warehouse, sku, 'adjusted', -quantity, 0, ${orderId}, ${reason} from changed`.execute(tx);
  return { warehouse: source };
}
