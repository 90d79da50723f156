// Goods that have come back. What must stay true: what is restocked is a movement, and the refund of exactly what came is accepted in the
// same commit; where it can not be, the goods are here all the same and the return says why nothing is given back.
import { sql } from 'kysely';
import { EventType } from '../../contracts/events.ts';
import type { ReturnRef } from '../../contracts/return-order.ts';
import { noRefundFor, planReceipt, type ReceivedLine } from '../../domain/return.ts';
import { after, one } from '../../events/causes.ts';
import type { ReceiveReturn, ReturnNotAccepted } from '../../ports/return.ts';
import type { Tx } from './database.ts';
import { recordChange, type LockedOrder } from './order-change.ts';
import { askForRefund } from './refund.ts';
import { shippedOf } from './return-rows.ts';
import { leaveStockMarks } from './backorder-rows.ts';
import { lockStock } from './stock.ts';

type PlacedLine = ReceivedLine & { warehouse: string | null };

/** Of an approved return of a locked order. Answers with why not, where it can not be: then nothing was changed. */
export async function receiveReturn(
  tx: Tx,
  order: LockedOrder,
  { number, items, warehouse, actor, reason }: ReceiveReturn,
): Promise<ReturnNotAccepted | null> {
  const ref = { orderId: order.id, number };
  const { rows: asked } = await sql<{ sku: string; quantity: number }>`
    select sku, quantity from return_lines where order_id = ${order.id} and number = ${number}`.execute(tx);
  const plan = planReceipt(items, asked);
  if ('refused' in plan) return plan;
  const { rows: known } = await sql`
    select 1 from warehouses where tenant = ${order.tenant} and id = ${warehouse}`.execute(tx);
  if (warehouse !== null && known.length === 0) return { refused: 'unknown-warehouse' };
  const lines = await placeLines(tx, order, plan.lines, warehouse);
  await writeReceipt(tx, ref, { lines, actor, reason });
  await restockReturned(tx, order, ref, lines);
  await askRefundOf(tx, order, ref);
  return null;
}

/** Where what is restocked is put: as it is said, or where its first unit was shipped from. */
async function placeLines(
  tx: Tx,
  order: LockedOrder,
  lines: readonly ReceivedLine[],
  warehouse: string | null,
): Promise<PlacedLine[]> {
  const shipped = warehouse === null ? await shippedOf(tx, order) : [];
  return lines.map((line) => {
    if (line.restocked === 0) return { ...line, warehouse: null };
    const place = warehouse ?? shipped.find(({ sku }) => sku === line.sku)?.warehouse;
    if (place === undefined) throw new Error(`Expected to know from where ${line.sku} of ${order.id} was shipped`);
    return { ...line, warehouse: place };
  });
}

async function writeReceipt(
  tx: Tx,
  { orderId, number }: ReturnRef,
  { lines, actor, reason }: { lines: readonly PlacedLine[]; actor: string; reason: string | null },
): Promise<void> {
  await sql`
    update return_lines t set restocked = l.restocked, written_off = l."writtenOff", warehouse = l.warehouse
    from jsonb_to_recordset(${JSON.stringify(lines)}::jsonb)
      as l (sku text, restocked integer, "writtenOff" integer, warehouse text)
    where t.order_id = ${orderId} and t.number = ${number} and t.sku = l.sku`.execute(tx);
  await sql`
    update returns
    set status = 'received', receipt = ${JSON.stringify({ actor, reason })}::jsonb, received_at = clock_timestamp(),
        wait_until = null
    where order_id = ${orderId} and number = ${number} and status = 'approved'`.execute(tx);
  const data = { number, actor, ...(reason === null ? {} : { reason }), items: lines };
  await recordChange(tx, { orderId, type: EventType.returnReceived, data });
}

async function restockReturned(
  tx: Tx,
  { tenant }: LockedOrder,
  { orderId, number }: ReturnRef,
  lines: readonly PlacedLine[],
): Promise<void> {
  const items = lines.flatMap(({ warehouse, sku, restocked }) =>
    warehouse === null ? [] : [{ warehouse, sku, quantity: restocked }],
  );
  if (items.length === 0) return;
  await lockStock(tx, tenant, items);
  await sql`
    with changed as (
      insert into stock (tenant, warehouse, sku, on_hand)
      select ${tenant}, l.warehouse, l.sku, l.quantity
      from jsonb_to_recordset(${JSON.stringify(items)}::jsonb) as l (warehouse text, sku text, quantity integer)
      order by l.sku collate "C", l.warehouse collate "C"
      on conflict (tenant, warehouse, sku) do update set on_hand = stock.on_hand + excluded.on_hand
      returning warehouse, sku
    )
    insert into stock_movements (tenant, warehouse, sku, kind, on_hand_delta, reserved_delta, order_id, reason)
    select ${tenant}, c.warehouse, c.sku, 'restocked', l.quantity, 0, ${orderId}, ${`return ${number}`}
    from changed c
    join jsonb_to_recordset(${JSON.stringify(items)}::jsonb) as l (warehouse text, sku text, quantity integer)
      using (warehouse, sku)`.execute(tx);
  await leaveStockMarks(tx, { tenant, skus: items.map(({ sku }) => sku) });
  await recordChange(tx, { orderId, type: EventType.inventoryRestocked, data: { items, return: number } });
}

/** Asks for the refund of what came with the return, or keeps why there is none. Its order is locked. */
export async function askRefundOf(tx: Tx, order: LockedOrder, { orderId, number }: ReturnRef): Promise<void> {
  const { rows: items } = await sql<{ sku: string; quantity: number }>`
    select sku, restocked + written_off as quantity from return_lines
    where order_id = ${orderId} and number = ${number} and restocked + written_off > 0
    order by sku collate "C"`.execute(tx);
  const { rows } = await sql<{ actor: string; reason: string; isHeld: boolean }>`
    select t.receipt ->> 'actor' as actor, t.reason,
           exists (select 1 from disputes where order_id = t.order_id and state = 'open')
             or exists (select 1 from refunds where order_id = t.order_id and state = 'requested') as "isHeld"
    from returns t where t.order_id = ${orderId} and t.number = ${number}`.execute(tx);
  const [found] = rows;
  if (!found) throw new Error(`Expected return ${number} of order ${orderId} in the database; found none`);
  const { actor, isHeld } = found;
  const asked = await askForRefund(tx, order, {
    ...{ wish: { items }, actor, reason: `return ${number}: ${found.reason}` },
    cause: after(one(EventType.returnReceived, { number }), one(EventType.orderResumed, { step: 'refund-return' })),
  });
  if ('refused' in asked) {
    const none = noRefundFor(asked, { isHeld });
    await sql`
      update returns set no_refund = ${JSON.stringify(none)}::jsonb
      where order_id = ${orderId} and number = ${number}`.execute(tx);
    return;
  }
  await sql`
    update returns set refund_number = ${asked.number}, no_refund = null
    where order_id = ${orderId} and number = ${number}`.execute(tx);
}
