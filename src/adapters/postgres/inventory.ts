// Stock of our own warehouses. What must stay true: never oversold, all lines or none, and stock rows locked in the order of SKU and
// warehouse in every transaction (in any other order, two carts wait for each other).
import { sql } from 'kysely';
import { EventType } from '../../contracts/events.ts';
import { needsOperatorFailure } from '../../contracts/failures.ts';
import type { PendingReview } from '../../contracts/review.ts';
import { allocate, allocatePartly, type Allocated, type Available, type Shortage } from '../../domain/allocation.ts';
import type { ReviewRules, ReviewTimes } from '../../domain/review.ts';
import type { Inventory, Reserving } from '../../ports/inventory.ts';
import { inTransaction, type Database, type Tx } from './database.ts';
import { fixEnding, lockOrder, recordChange, type LockedOrder } from './order-change.ts';
import { awaitedUnits, joinLines, leaveLines, leaveStockMarks } from './backorder-rows.ts';
import { restock } from './restocking.ts';
import { lockAvailable, lockStock, type Line } from './stock.ts';
import { findPending, requestReview } from './review.ts';

// How long a hold stands without a sign of life from its order: above every pause between two tries of a step. Nothing is
// freed by the clock: the order's workflow owns its hold, and the launcher sees to it that there is one.
export const HOLD_MS = 15 * 60_000;

/** `reviewRules`: which orders somebody has to look at before they are charged; none where it is left out. */
export const createInventory = ({
  db,
  reviewRules,
}: {
  db: Database;
  reviewRules?: ReviewRules | null;
}): Inventory => ({
  reserve: ({ orderId, review }) =>
    inTransaction(db, (tx) => reserve(tx, orderId, { rules: reviewRules, times: review })),

  extendHold: ({ orderId }) => extendHold(db, { orderId, byMs: 0 }),

  release: ({ orderId, ending }) =>
    inTransaction(db, async (tx) => {
      const order = await lockOrder(tx, orderId);
      await fixEnding(tx, order, ending);
      await sql`
        update orders set reservation_fenced_at = coalesce(reservation_fenced_at, clock_timestamp())
        where id = ${orderId}`.execute(tx);
      await lockReserved(tx, order);
      const restocked = await restock(tx, order);
      const freed = await settleHolds(tx, order, 'released');
      const left = await leaveLines(tx, order, 'cancelled');
      await leaveStockMarks(tx, {
        tenant: order.tenant,
        skus: [...restocked, ...freed, ...left].map(({ sku }) => sku),
      });
      if (freed.length > 0)
        await recordChange(tx, { orderId, type: EventType.inventoryReleased, data: { items: freed } });
    }),
});

/** All stock of a locked order at once, what is sold and what an amendment holds: one set after the other, two orders wait for each other. */
async function lockReserved(tx: Tx, { id, tenant }: LockedOrder): Promise<void> {
  const { rows } = await sql<Allocated>`
    select warehouse, sku, quantity from reservations where order_id = ${id} and state in ('sold', 'held')`.execute(tx);
  await lockStock(tx, tenant, rows);
}

type Reviewing = { rules: ReviewRules | null | undefined; times: ReviewTimes | undefined };

async function reserve(tx: Tx, orderId: string, { rules, times }: Reviewing): Promise<Reserving> {
  const order = await lockOrder(tx, orderId);
  if (await hasReservations(tx, orderId)) return reserved(await findPending(tx, orderId));
  if (order.ending) return { ending: order.ending };
  if (order.reservationFenced || order.status !== 'placed') {
    throw needsOperatorFailure(`Expected order ${orderId} to be placed and not fenced; found ${order.status}`);
  }

  const lines = await orderLines(tx, orderId);
  const holding = await holdWhatIsThere(tx, order, lines);
  if ('shortages' in holding) return holding;
  await recordChange(tx, {
    orderId,
    type: EventType.inventoryReserved,
    status: 'reserved',
    data: { items: holding.allocated },
  });
  if (holding.missing.length > 0) await joinLines(tx, order, holding.missing);
  if (!rules) return { reserved: true };
  const units = lines.reduce((sum, { quantity }) => sum + quantity, 0);
  const review = await requestReview(tx, order, { units, rules, times });
  // What is waited for stays held until then, and the usual time on top; never longer.
  if (review) await extendHold(tx, { orderId, byMs: review.endsInMs });
  return reserved(review);
}

type Holding = { allocated: readonly Allocated[]; missing: readonly Line[] } | { shortages: readonly Shortage[] };

/** Holds all of it; or, where the order allows that, what is there. Nothing that somebody waits for who came before. */
async function holdWhatIsThere(tx: Tx, order: LockedOrder, lines: readonly Line[]): Promise<Holding> {
  const stock = await lockAvailable(tx, order.tenant, lines);
  // Nearly always: enough for all, and nobody waits, which the statement that holds it sees to.
  const allocation = allocate(lines, stock);
  if ('allocated' in allocation && (await holdStock(tx, order, allocation.allocated, { unlessAwaited: true })))
    return { ...allocation, missing: [] };

  // Asked after the stock was locked: by then everybody who came before is in line.
  const holding = await shareOf(tx, order, lines, stock);
  if ('shortages' in holding) {
    if (order.wasRecovered) throw needsOperatorFailure(describeRewound(holding.shortages));
    return holding;
  }
  await holdStock(tx, order, holding.allocated, { unlessAwaited: false });
  return holding;
}

async function shareOf(
  tx: Tx,
  order: LockedOrder,
  lines: readonly Line[],
  stock: readonly Available[],
): Promise<Holding> {
  const awaited = await awaitedUnits(tx, order.tenant, lines);
  if (order.onShortage !== 'reject') return allocatePartly(lines, stock, awaited);
  const allocation = allocate(lines, stock, awaited);
  return 'shortages' in allocation ? allocation : { ...allocation, missing: [] };
}

function describeRewound(shortages: readonly Shortage[]): string {
  const skus = shortages.map(({ sku, requested, available }) => `${sku} (wanted ${requested}, available ${available})`);
  return `The order was recovered after the database had been restored, and there is too little stock now: ${skus.join(', ')}`;
}

const reserved = (review: PendingReview | null): Reserving => ({ reserved: true, ...(review ? { review } : {}) });

/**
 * Ends the order's holds as released or sold, with stock and movements; answers with the lines it ended (none when they
 * had ended before). The order's row must be locked.
 */
export async function settleHolds(tx: Tx, order: LockedOrder, state: 'released' | 'sold'): Promise<Allocated[]> {
  const held = await sql<Allocated>`
    select warehouse, sku, quantity from reservations where order_id = ${order.id} and state = 'held'`.execute(tx);
  if (held.rows.length === 0) return [];
  await lockStock(tx, order.tenant, held.rows);
  const onHandFactor = state === 'sold' ? -1 : 0;
  const { rows } = await sql<Allocated>`
    with ended as (
      update reservations set state = ${state}
      where order_id = ${order.id} and state = 'held'
      returning tenant, warehouse, sku, quantity
    ), changed as (
      update stock s set on_hand = s.on_hand + e.quantity * ${onHandFactor}::int, reserved = s.reserved - e.quantity
      from ended e where s.tenant = e.tenant and s.warehouse = e.warehouse and s.sku = e.sku
      returning s.tenant, s.warehouse, s.sku, e.quantity
    ), moved as (
      insert into stock_movements (tenant, warehouse, sku, kind, on_hand_delta, reserved_delta, order_id)
      select tenant, warehouse, sku, ${state}, quantity * ${onHandFactor}::int, -quantity, ${order.id} from changed
    )
    select warehouse, sku, quantity from changed order by sku collate "C", warehouse collate "C"`.execute(tx);
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

/**
 * Holds it. `unlessAwaited`: answers false, and nothing is held, where anybody waits for one of the products; seen by this statement, which
 * begins after the stock was locked. `amendment`: for that one, beside what the order has already.
 */
export async function holdStock(
  tx: Tx,
  order: LockedOrder,
  allocated: readonly Allocated[],
  { unlessAwaited, amendment = 0 }: { unlessAwaited: boolean; amendment?: number },
): Promise<boolean> {
  if (allocated.length === 0) return true;
  const { rows } = await sql<Allocated>`
    with awaited as (
      select 1 from backorders where ${unlessAwaited} and tenant = ${order.tenant}
        and sku = any(${allocated.map(({ sku }) => sku)}::text[]) and state = 'waiting' limit 1
    ), changed as (
      update stock s set reserved = s.reserved + l.quantity
      from jsonb_to_recordset(${JSON.stringify(allocated)}::jsonb) as l (warehouse text, sku text, quantity integer)
      where s.tenant = ${order.tenant} and s.warehouse = l.warehouse and s.sku = l.sku
        and s.on_hand - s.reserved >= l.quantity and not exists (select 1 from awaited)
      returning s.tenant, s.warehouse, s.sku, l.quantity
    ), held as (
      insert into reservations (order_id, amendment, tenant, warehouse, sku, quantity, state, expires_at)
      select ${order.id}, ${amendment}::int, tenant, warehouse, sku, quantity, 'held', clock_timestamp() + ${HOLD_MS} * interval '1 millisecond'
      from changed
    ), moved as (
      insert into stock_movements (tenant, warehouse, sku, kind, on_hand_delta, reserved_delta, order_id)
      select tenant, warehouse, sku, 'held', 0, quantity, ${order.id} from changed
    )
    select warehouse, sku, quantity from changed`.execute(tx);
  if (unlessAwaited && rows.length === 0) return false;
  expectAll(rows, allocated, `hold for order ${order.id}`);
  return true;
}

/** Whether reserving has been done; of an order that waits for all of its stock, nothing is held. */
async function hasReservations(tx: Tx, orderId: string): Promise<boolean> {
  const { rows } = await sql`
    select 1 from reservations where order_id = ${orderId}
    union all select 1 from backorders where order_id = ${orderId} limit 1`.execute(tx);
  return rows.length > 0;
}

async function orderLines(tx: Tx, orderId: string): Promise<Line[]> {
  const { rows } = await sql<Line>`
    select sku, quantity from order_lines where order_id = ${orderId} order by sku collate "C"`.execute(tx);
  return rows;
}

function expectAll(changed: readonly Allocated[], expected: readonly Allocated[], what: string): void {
  if (changed.length === expected.length) return;
  throw new Error(`Expected ${expected.length} stock rows to change for the ${what}; found ${changed.length}`);
}
