// The line before a product's shelf. What must stay true: the first who waits is served first, as far as the stock goes, whoever else is
// at work; what comes for an order before its sale is held, what comes after it is sold; and no order that ends gets anything.
import { sql } from 'kysely';
import { EventType } from '../../contracts/events.ts';
import { allocatePartly, type Allocated } from '../../domain/allocation.ts';
import { isSold } from '../../domain/order.ts';
import type { BackorderReading, Backorders, OpenBackorder, StockMark } from '../../ports/backorder.ts';
import { awaitsStock, leaveLines, leaveStockMarks } from './backorder-rows.ts';
import { inTransaction, toInstant, type Database, type Tx } from './database.ts';
import { HOLD_MS } from './inventory.ts';
import { lockOrder, recordChange, type LockedOrder } from './order-change.ts';
import { lockAvailable, type Line } from './stock.ts';

// Until another process may try a claimed one again.
const CLAIM = '6 seconds';
// Each telling is an event of a history, and one whose workflow is parked may not listen for weeks: at last every hour and a half.
const MOST_DOUBLINGS = 10;

export const createBackorders = ({ db }: { db: Database }): Backorders => ({
  claimDue: async ({ limit }) => {
    // now(), not clock_timestamp(): what changes within a statement can not bound the scan of an index.
    const { rows } = await sql<StockMark>`
      with due as (
        select tenant, sku from stock_marks where due_at < now() order by due_at limit ${limit} for update skip locked
      )
      update stock_marks m set due_at = clock_timestamp() + ${CLAIM}::interval
      from due where m.tenant = due.tenant and m.sku = due.sku returning m.tenant, m.sku, m.version`.execute(db);
    return rows;
  },

  fillNext: async (product) => {
    const first = await findFirst(db, product);
    return first ? inTransaction(db, (tx) => fill(tx, product, first.orderId)) : 'nothing';
  },

  finish: async ({ tenant, sku, version }) => {
    await sql`
      delete from stock_marks where tenant = ${tenant} and sku = ${sku} and version = ${version}`.execute(db);
  },

  claimNews: async ({ limit }) => {
    const { rows } = await sql<{ orderId: string }>`
      with due as (
        select order_id, sku from backorders where news_at < now() order by news_at limit ${limit} for update skip locked
      ), claimed as (
        update backorders b
        set news_tries = b.news_tries + 1,
            news_at = clock_timestamp() + ${CLAIM}::interval * power(2, least(b.news_tries, ${MOST_DOUBLINGS}::int))
        from due where b.order_id = due.order_id and b.sku = due.sku returning b.order_id
      )
      select distinct order_id as "orderId" from claimed`.execute(db);
    return rows;
  },
});

export const createBackorderReading = ({ db }: { db: Database }): BackorderReading => ({
  list: async ({ tenant, sku, afterPosition, limit }) => {
    const { rows: product } = await sql`select 1 from products where tenant = ${tenant} and sku = ${sku}`.execute(db);
    if (product.length === 0) return null;
    const { rows } = await sql<OpenBackorder & { position: number }>`
      select order_id as "orderId", quantity - filled as "waitingQuantity", filled as "filledQuantity", created_at as since, position
      from backorders where tenant = ${tenant} and sku = ${sku} and state = 'waiting' and position > ${afterPosition}
      order by position limit ${limit}`.execute(db);
    return rows.map(({ since, ...row }) => ({ ...row, since: toInstant(since) }));
  },
});

type Product = { tenant: string; sku: string };

async function findFirst(
  db: Database | Tx,
  { tenant, sku }: Product,
): Promise<{ orderId: string; rest: number } | undefined> {
  const { rows } = await sql<{ orderId: string; rest: number }>`
    select order_id as "orderId", quantity - filled as rest from backorders
    where tenant = ${tenant} and sku = ${sku} and state = 'waiting' order by position limit 1`.execute(db);
  return rows[0];
}

async function fill(tx: Tx, product: Product, orderId: string): Promise<'more' | 'nothing'> {
  const { tenant, sku } = product;
  const order = await lockOrder(tx, orderId);
  if (order.ending || order.reservationFenced) {
    // Its undo frees what it has; it must not keep others waiting until then.
    const items = await leaveLines(tx, order, 'cancelled');
    await leaveStockMarks(tx, { tenant, skus: items.map((item) => item.sku) });
    return 'more';
  }
  const stock = await lockAvailable(tx, tenant, [{ sku, quantity: 1 }]);
  // Looked at again with the stock locked: somebody else may have served it, or have been served, meanwhile.
  const first = await findFirst(tx, product);
  if (first?.orderId !== orderId) return first ? 'more' : 'nothing';
  const { allocated } = allocatePartly([{ sku, quantity: first.rest }], stock);
  if (allocated.length === 0) return 'nothing';
  await give(tx, order, sku, allocated);
  const isWaiting = await awaitsStock(tx, order);
  const data = { items: allocated, isComplete: !isWaiting };
  await recordChange(tx, { orderId, type: EventType.inventoryBackorderFilled, data });
  return 'more';
}

/** Holds it for the order, or counts it as sold where the order is; with the movement, and the backorder. */
async function give(tx: Tx, order: LockedOrder, sku: string, allocated: readonly Allocated[]): Promise<void> {
  const state = isSold(order.status) ? 'sold' : 'held';
  const [onHandFactor, reservedFactor] = state === 'sold' ? [-1, 0] : [0, 1];
  // As long as whatever the order is held up by, and the usual time on top.
  const expiresAt = sql`greatest(clock_timestamp(), (
    select until from reviews where order_id = ${order.id} and state = 'pending')) + ${HOLD_MS} * interval '1 millisecond'`;
  const { rows } = await sql<Line>`
    with changed as (
      update stock s set on_hand = s.on_hand + l.quantity * ${onHandFactor}::int, reserved = s.reserved + l.quantity * ${reservedFactor}::int
      from jsonb_to_recordset(${JSON.stringify(allocated)}::jsonb) as l (warehouse text, sku text, quantity integer)
      where s.tenant = ${order.tenant} and s.warehouse = l.warehouse and s.sku = l.sku
        and s.on_hand - s.reserved >= l.quantity
      returning s.tenant, s.warehouse, s.sku, l.quantity
    ), given as (
      insert into reservations (order_id, tenant, warehouse, sku, quantity, state, expires_at)
      select ${order.id}, tenant, warehouse, sku, quantity, ${state}, ${expiresAt} from changed
      on conflict (order_id, amendment, warehouse, sku) do update
      set quantity = reservations.quantity + excluded.quantity, expires_at = greatest(reservations.expires_at, excluded.expires_at)
      where reservations.state = excluded.state
      returning warehouse
    ), moved as (
      insert into stock_movements (tenant, warehouse, sku, kind, on_hand_delta, reserved_delta, order_id)
      select tenant, warehouse, sku, ${state}, quantity * ${onHandFactor}::int, quantity * ${reservedFactor}::int, ${order.id} from changed
    )
    select c.sku, c.quantity from changed c join given g using (warehouse)`.execute(tx);
  const units = rows.reduce((sum, { quantity }) => sum + quantity, 0);
  const { rows: filled } = await sql`
    update backorders
    set filled = filled + ${units}, first_filled_at = coalesce(first_filled_at, clock_timestamp()),
        state = case when filled + ${units} = quantity then 'filled' else state end,
        ended_at = case when filled + ${units} = quantity then clock_timestamp() end,
        news_at = case when ${state} = 'sold' then clock_timestamp() end, news_tries = 0
    where order_id = ${order.id} and sku = ${sku} and state = 'waiting' and quantity - filled >= ${units} returning sku`.execute(
    tx,
  );
  if (rows.length !== allocated.length || filled.length !== 1)
    throw new Error(`Expected ${allocated.length} stock rows to change for order ${order.id}; found ${rows.length}`);
}
