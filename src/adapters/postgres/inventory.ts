// Stock of our own warehouse. What must stay true: never oversold, all lines or none, and stock rows locked in SKU order
// in every transaction (in any other order, two carts wait for each other).
import { sql } from 'kysely';
import { EventType } from '../../contracts/events.ts';
import { needsOperatorFailure } from '../../contracts/failures.ts';
import type { Inventory, Reserving, Shortage } from '../../ports/inventory.ts';
import { inTransaction, type Database, type Tx } from './database.ts';
import { fixEnding, lockOrder, recordChange, type LockedOrder } from './order-change.ts';

/** The one warehouse until there are others. */
export const WAREHOUSE = 'main';

// How long a hold stands without a sign of life from its order: above every pause between two tries of a step. Nothing is
// freed by the clock: the order's workflow owns its hold, and the launcher sees to it that there is one.
const HOLD_MS = 15 * 60_000;

type Line = { sku: string; quantity: number };
type StockRow = { sku: string; onHand: number; reserved: number };

export const createInventory = ({ db }: { db: Database }): Inventory => ({
  reserve: ({ orderId }) => inTransaction(db, (tx) => reserve(tx, orderId)),

  extendHold: ({ orderId }) => extendHold(db, { orderId, byMs: 0 }),

  release: ({ orderId, ending }) =>
    inTransaction(db, async (tx) => {
      const order = await lockOrder(tx, orderId);
      await fixEnding(tx, order, ending);
      await sql`
        update orders set reservation_fenced_at = coalesce(reservation_fenced_at, clock_timestamp())
        where id = ${orderId}`.execute(tx);
      const freed = await settleHolds(tx, order, 'released');
      if (freed.length > 0)
        await recordChange(tx, { orderId, type: EventType.inventoryReleased, data: { items: freed } });
    }),
});

async function reserve(tx: Tx, orderId: string): Promise<Reserving> {
  const order = await lockOrder(tx, orderId);
  if (await hasReservations(tx, orderId)) return { reserved: true };
  if (order.ending) return { ending: order.ending };
  if (order.reservationFenced || order.status !== 'placed') {
    throw needsOperatorFailure(`Expected order ${orderId} to be placed and not fenced; found ${order.status}`);
  }

  const lines = await orderLines(tx, orderId);
  const shortages = findShortages(lines, await lockStock(tx, order.tenant, lines));
  if (shortages.length > 0 && order.wasRecovered) {
    const skus = shortages.map(
      ({ sku, requested, available }) => `${sku} (wanted ${requested}, available ${available})`,
    );
    throw needsOperatorFailure(
      `The order was recovered after the database had been restored, and there is too little stock now: ${skus.join(', ')}`,
    );
  }
  if (shortages.length > 0) return { shortages };

  await holdStock(tx, order, lines);
  await recordChange(tx, { orderId, type: EventType.inventoryReserved, status: 'reserved', data: { items: lines } });
  return { reserved: true };
}

/**
 * Ends the order's holds as released or sold, with stock and movements; answers with the lines it ended (none when they
 * had ended before). The order's row must be locked.
 */
export async function settleHolds(tx: Tx, order: LockedOrder, state: 'released' | 'sold'): Promise<Line[]> {
  const held = await sql<Line>`
    select sku, quantity from reservations
    where order_id = ${order.id} and warehouse = ${WAREHOUSE} and state = 'held' order by sku collate "C"`.execute(tx);
  if (held.rows.length === 0) return [];
  await lockStock(tx, order.tenant, held.rows);
  const onHandFactor = state === 'sold' ? -1 : 0;
  const { rows } = await sql<Line>`
    with ended as (
      update reservations set state = ${state}
      where order_id = ${order.id} and warehouse = ${WAREHOUSE} and state = 'held'
      returning tenant, warehouse, sku, quantity
    ), changed as (
      update stock s set on_hand = s.on_hand + e.quantity * ${onHandFactor}::int, reserved = s.reserved - e.quantity
      from ended e where s.tenant = e.tenant and s.warehouse = e.warehouse and s.sku = e.sku
      returning s.tenant, s.warehouse, s.sku, e.quantity
    ), moved as (
      insert into stock_movements (tenant, warehouse, sku, kind, on_hand_delta, reserved_delta, order_id)
      select tenant, warehouse, sku, ${state}, quantity * ${onHandFactor}::int, -quantity, ${order.id} from changed
    )
    select sku, quantity from changed order by sku collate "C"`.execute(tx);
  expectAll(rows, held.rows, `${state} of order ${order.id}`);
  return rows;
}

/** Pushes the deadline of what the order holds to `byMs` from now, and the usual time on top; never nearer. */
export async function extendHold(
  db: Database | Tx,
  { orderId, byMs }: { orderId: string; byMs: number },
): Promise<void> {
  await sql`
    update reservations
    set expires_at = greatest(expires_at, clock_timestamp() + ${byMs + HOLD_MS} * interval '1 millisecond')
    where order_id = ${orderId} and state = 'held'`.execute(db);
}

async function holdStock(tx: Tx, order: LockedOrder, lines: readonly Line[]): Promise<void> {
  const { rows } = await sql<Line>`
    with changed as (
      update stock s set reserved = s.reserved + l.quantity
      from order_lines l
      where l.order_id = ${order.id} and s.tenant = ${order.tenant} and s.warehouse = ${WAREHOUSE} and s.sku = l.sku
        and s.on_hand - s.reserved >= l.quantity
      returning s.tenant, s.warehouse, s.sku, l.quantity
    ), held as (
      insert into reservations (order_id, tenant, warehouse, sku, quantity, state, expires_at)
      select ${order.id}, tenant, warehouse, sku, quantity, 'held', clock_timestamp() + ${HOLD_MS} * interval '1 millisecond'
      from changed
    ), moved as (
      insert into stock_movements (tenant, warehouse, sku, kind, on_hand_delta, reserved_delta, order_id)
      select tenant, warehouse, sku, 'held', 0, quantity, ${order.id} from changed
    )
    select sku, quantity from changed`.execute(tx);
  expectAll(rows, lines, `hold for order ${order.id}`);
}

async function hasReservations(tx: Tx, orderId: string): Promise<boolean> {
  const { rows } = await sql`select 1 from reservations where order_id = ${orderId} limit 1`.execute(tx);
  return rows.length > 0;
}

async function orderLines(tx: Tx, orderId: string): Promise<Line[]> {
  const { rows } = await sql<Line>`
    select sku, quantity from order_lines where order_id = ${orderId} order by sku collate "C"`.execute(tx);
  return rows;
}

async function lockStock(tx: Tx, tenant: string, lines: readonly Line[]): Promise<StockRow[]> {
  const skus = lines.map(({ sku }) => sku);
  const { rows } = await sql<StockRow>`
    select sku, on_hand as "onHand", reserved from stock
    where tenant = ${tenant} and warehouse = ${WAREHOUSE} and sku = any(${skus}::text[])
    order by sku collate "C" for update`.execute(tx);
  return rows;
}

function findShortages(lines: readonly Line[], stock: readonly StockRow[]): Shortage[] {
  return lines.flatMap(({ sku, quantity }) => {
    const row = stock.find((candidate) => candidate.sku === sku);
    const available = row ? row.onHand - row.reserved : 0;
    return available < quantity ? [{ sku, requested: quantity, available }] : [];
  });
}

function expectAll(changed: readonly Line[], expected: readonly Line[], what: string): void {
  if (changed.length === expected.length) return;
  throw new Error(`Expected ${expected.length} stock rows to change for the ${what}; found ${changed.length}`);
}
