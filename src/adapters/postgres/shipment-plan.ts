// Dividing what is sold into shipments. What must stay true: every unit that is sold stands in one shipment, what is sent once more apart,
// and none of an order that ends is planned.
import { sql } from 'kysely';
import { EventType } from '../../contracts/events.ts';
import { needsOperatorFailure } from '../../contracts/failures.ts';
import type { ShipmentRef } from '../../contracts/shipment.ts';
import { isSold } from '../../domain/order.ts';
import type { Ending } from '../../domain/rejection.ts';
import { awaitsStock } from './backorder-rows.ts';
import type { Tx } from './database.ts';
import { lockOrder, recordChange, type LockedOrder } from './order-change.ts';
import { isCancelledForGood, isCurrent } from './shipment-change.ts';
import type { Line } from './stock.ts';

/** As ShipmentRecords tells of it. */
export async function plan(tx: Tx, orderId: string): Promise<{ numbers: readonly number[] } | { ending: Ending }> {
  const order = await lockOrder(tx, orderId);
  if (order.ending) return { ending: order.ending };
  expectToShip(order);
  await planSold(tx, order);
  const { rows } = await sql<{ number: number; isDone: boolean }>`
    select number, ${isDone} as "isDone" from shipments s where order_id = ${orderId} order by number`.execute(tx);
  if (rows.length === 0) throw needsOperatorFailure(`Expected order ${orderId} to have sold something; found nothing`);
  return { numbers: rows.filter((row) => !row.isDone).map(({ number }) => number) };
}

/** Of a row `s` of shipments: nobody has to look after it. */
export const isDone = sql`(s.status = 'delivered' or ${isCancelledForGood} or s.accepted_at is not null or not (${isCurrent}))`;

/** Throws where a person has to look before anything of the order is shipped. */
export function expectToShip({ id, status, ships, doubt }: LockedOrder): void {
  if (doubt !== null) throw needsOperatorFailure(doubt);
  if (!isSold(status) || !ships)
    throw needsOperatorFailure(`Expected order ${id} to be sold, and to ship; found it ${status}`);
}

/** Plans what is sold and stands in no shipment yet, one for each warehouse; nothing while the order wants to ship together what still waits. */
export async function planSold(tx: Tx, order: LockedOrder): Promise<void> {
  if (order.onShortage === 'wait' && (await awaitsStock(tx, order))) return;
  const { rows } = await sql<Line & { warehouse: string; last: number }>`
    select r.warehouse, r.sku, (r.quantity - coalesce(p.quantity, 0))::int as quantity,
           coalesce((select max(number) from shipments where order_id = ${order.id}), 0) as last
    from reservations r join warehouses w on w.tenant = r.tenant and w.id = r.warehouse
    left join (
      select s.warehouse, l.sku, sum(l.quantity) as quantity from shipments s join shipment_lines l using (order_id, number)
      where s.order_id = ${order.id} and s.replaces is null and not ${isCancelledForGood} group by s.warehouse, l.sku
    ) p on p.warehouse = r.warehouse and p.sku = r.sku
    where r.order_id = ${order.id} and r.state = 'sold' and r.quantity > coalesce(p.quantity, 0)
    order by w.priority, r.warehouse collate "C", r.sku collate "C"`.execute(tx);
  const warehouses = [...new Set(rows.map(({ warehouse }) => warehouse))];
  for (const [index, warehouse] of warehouses.entries()) {
    const number = (rows[0]?.last ?? 0) + index + 1;
    const items = rows
      .filter((row) => row.warehouse === warehouse)
      .map(({ sku, quantity }): Line => ({ sku, quantity }));
    await insertShipment(tx, { orderId: order.id, number, warehouse, replaces: null });
    await sql`
      insert into shipment_lines (order_id, number, tenant, sku, quantity)
      select ${order.id}, ${number}, ${order.tenant}, sku, quantity
      from jsonb_to_recordset(${JSON.stringify(items)}::jsonb) as i (sku text, quantity integer)`.execute(tx);
    const data = { number, warehouse, items };
    await recordChange(tx, { orderId: order.id, type: EventType.shipmentPlanned, data });
  }
}

export async function insertShipment(
  tx: Tx,
  { orderId, number, warehouse, replaces }: ShipmentRef & { warehouse: string; replaces: number | null },
): Promise<void> {
  await sql`
    insert into shipments (order_id, number, tenant, warehouse, replaces)
    select id, ${number}, tenant, ${warehouse}, ${replaces} from orders where id = ${orderId}`.execute(tx);
}
