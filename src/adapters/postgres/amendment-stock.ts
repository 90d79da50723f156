// Stock of an amendment: units that are added are held until it is applied, those that are removed come back with it. What must stay
// true: every change is a movement, all or nothing, and what the order has bought already is not touched before the pivot.
import { sql } from 'kysely';
import { needsOperatorFailure } from '../../contracts/failures.ts';
import { allocate, type Allocated, type Shortage } from '../../domain/allocation.ts';
import { takeBack, type Sold } from '../../domain/amendment.ts';
import type { RequestedLine } from '../../domain/pricing.ts';
import { awaitedUnits, leaveStockMarks } from './backorder-rows.ts';
import type { Tx } from './database.ts';
import { holdStock, settleHolds } from './inventory.ts';
import type { LockedOrder } from './order-change.ts';
import { lockAvailable, lockStock } from './stock.ts';

type Named = { number: number };

/** Holds the units, once. */
export async function holdAdded(
  tx: Tx,
  order: LockedOrder,
  { number, added }: Named & { added: readonly RequestedLine[] },
): Promise<{ held: true } | { shortages: readonly Shortage[] }> {
  if (added.length === 0 || (await findHeld(tx, order.id, number)).length > 0) return { held: true };
  const stock = await lockAvailable(tx, order.tenant, added);
  // Whoever waits for the product came before.
  const allocation = allocate(added, stock, await awaitedUnits(tx, order.tenant, added));
  if ('shortages' in allocation) return allocation;
  await holdStock(tx, order, allocation.allocated, { unlessAwaited: false, amendment: number });
  return { held: true };
}

/** What is held becomes the order's, what is removed goes back to where it came from. */
export async function moveStock(
  tx: Tx,
  order: LockedOrder,
  { number, added, removed }: Named & { added: readonly RequestedLine[]; removed: readonly RequestedLine[] },
): Promise<void> {
  const held = await findHeld(tx, order.id, number);
  expectHeld(held, added);
  const back = takeBack(removed, await findSold(tx, order.id));
  await lockStock(tx, order.tenant, [...held, ...back]);
  await settleHolds(tx, order, 'sold');
  await joinSold(tx, order.id, number);
  await putBack(tx, order.id, back);
  await leaveStockMarks(tx, { tenant: order.tenant, skus: back.map(({ sku }) => sku) });
}

async function findHeld(tx: Tx, orderId: string, number: number): Promise<Allocated[]> {
  const { rows } = await sql<Allocated>`
    select warehouse, sku, quantity from reservations
    where order_id = ${orderId} and amendment = ${number} and state = 'held'`.execute(tx);
  return rows;
}

function expectHeld(held: readonly Allocated[], added: readonly RequestedLine[]): void {
  const heldOf = (wanted: string): number =>
    held.filter(({ sku }) => sku === wanted).reduce((sum, { quantity }) => sum + quantity, 0);
  const missing = added.find(({ sku, quantity }) => heldOf(sku) !== quantity);
  if (!missing && held.every(({ sku }) => added.some((line) => line.sku === sku))) return;
  const { sku, quantity } = missing ?? { sku: 'nothing else', quantity: 0 };
  throw needsOperatorFailure(`Expected ${quantity} units of ${sku} to be held for the amendment; found ${heldOf(sku)}`);
}

async function findSold(tx: Tx, orderId: string): Promise<Sold[]> {
  const { rows } = await sql<Sold>`
    select r.warehouse, r.sku, r.quantity, w.priority
    from reservations r join warehouses w on w.tenant = r.tenant and w.id = r.warehouse
    where r.order_id = ${orderId} and r.amendment = 0 and r.state = 'sold'`.execute(tx);
  return rows;
}

/** From here on they are like any other units that the order has bought. */
async function joinSold(tx: Tx, orderId: string, number: number): Promise<void> {
  await sql`
    with bought as (
      delete from reservations where order_id = ${orderId} and amendment = ${number} and state = 'sold'
      returning order_id, tenant, warehouse, sku, quantity, expires_at
    )
    insert into reservations as r (order_id, tenant, warehouse, sku, quantity, state, expires_at)
    select order_id, tenant, warehouse, sku, quantity, 'sold', expires_at from bought
    on conflict (order_id, amendment, warehouse, sku) do update
    -- What an earlier amendment has given back is not there any more.
    set quantity = excluded.quantity + case when r.state = 'sold' then r.quantity else 0 end, state = 'sold'`.execute(
    tx,
  );
}

async function putBack(tx: Tx, orderId: string, back: readonly Allocated[]): Promise<void> {
  if (back.length === 0) return;
  const { rows } = await sql`
    with removed as (
      select * from jsonb_to_recordset(${JSON.stringify(back)}::jsonb) as b (warehouse text, sku text, quantity integer)
    ), ended as (
      update reservations r
      set quantity = case when r.quantity > b.quantity then r.quantity - b.quantity else r.quantity end,
          state = case when r.quantity > b.quantity then 'sold' else 'restocked' end
      from removed b
      where r.order_id = ${orderId} and r.amendment = 0 and r.state = 'sold' and r.warehouse = b.warehouse and r.sku = b.sku
      returning r.tenant, b.warehouse, b.sku, b.quantity
    ), changed as (
      update stock s set on_hand = s.on_hand + e.quantity
      from ended e where s.tenant = e.tenant and s.warehouse = e.warehouse and s.sku = e.sku
      returning s.tenant, s.warehouse, s.sku, e.quantity
    )
    insert into stock_movements (tenant, warehouse, sku, kind, on_hand_delta, reserved_delta, order_id)
    select tenant, warehouse, sku, 'restocked', quantity, 0, ${orderId} from changed returning sku`.execute(tx);
  if (rows.length !== back.length)
    throw new Error(`Expected ${back.length} stock rows to change for order ${orderId}; found ${rows.length}`);
}
