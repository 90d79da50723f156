// A sold order waits for stock. What must stay true: the rows say until when, whoever asks and however often; what is given up is refunded
// in the same commit, unless a person takes it as it is that it is not; and where nothing came at all the order ends cancelled, decided by its row.
import { sql } from 'kysely';
import { EventType } from '../../contracts/events.ts';
import type { AwaitStockRequest, ExpireBackorderRequest, StockStanding } from '../../contracts/shipment.ts';
import { NO_STOCK_CAME } from '../../domain/backorder.ts';
import type { Ending } from '../../domain/rejection.ts';
import { after, one } from '../../events/causes.ts';
import type { BackorderSteps } from '../../ports/backorder.ts';
import { awaitsStock, leaveLines, leaveStockMarks } from './backorder-rows.ts';
import { isNeverCaptured } from './capture-rows.ts';
import { inTransaction, toInstant, type Database, type Tx } from './database.ts';
import { takeBack } from './order.ts';
import { lockOrder, recordChange, type LockedOrder } from './order-change.ts';
import { acceptOwnRefund, SYSTEM } from './refund.ts';
import { settleShipping, showWaiting } from './shipment-change.ts';
import { expectToShip, isDone, planSold } from './shipment-plan.ts';
import type { Line } from './stock.ts';

export const createBackorderSteps = ({ db }: { db: Database }): BackorderSteps => ({
  awaitStock: (request) => inTransaction(db, (tx) => awaitStock(tx, request)),
  expire: (request) => inTransaction(db, (tx) => expireLater(tx, request)),
});

async function awaitStock(
  tx: Tx,
  { orderId, withinMs }: AwaitStockRequest,
): Promise<StockStanding | { ending: Ending }> {
  const order = await lockOrder(tx, orderId);
  if (order.ending) return { ending: order.ending };
  expectToShip(order);
  // What has come so far is taken into account here.
  await sql`update backorders set news_at = null where order_id = ${orderId} and news_at is not null`.execute(tx);
  const wait = await beginWait(tx, { orderId, withinMs });
  let undecided: string | null = null;
  if (wait && wait.leftMs <= 0) {
    const expired = await expire(tx, order, { withoutRefund: false });
    if ('ending' in expired) return expired;
    undecided = 'undecided' in expired ? expired.undecided : null;
  } else if (wait && !wait.isTold && wait.leftMs <= withinMs / 2) {
    await tellOfDelay(tx, orderId, wait.until);
    wait.isTold = true;
  }
  await planSold(tx, order);
  await showWaiting(tx, orderId);
  await settleShipping(tx, order);
  const shipments = await listOpen(tx, orderId);
  if (!wait || wait.leftMs <= 0)
    return { shipments, nextInMs: null, until: null, ...(undecided === null ? {} : { undecided }) };
  const nextInMs = Math.ceil(wait.isTold ? wait.leftMs : wait.leftMs - withinMs / 2);
  return { shipments, nextInMs, until: wait.until };
}

type Wait = { until: string; leftMs: number; isTold: boolean };

/** A wait that was begun before keeps its end. Null when nothing is waited for. */
async function beginWait(tx: Tx, { orderId, withinMs }: AwaitStockRequest): Promise<Wait | null> {
  await sql`
    update backorders set until = clock_timestamp() + ${withinMs} * interval '1 millisecond'
    where order_id = ${orderId} and state = 'waiting' and until is null`.execute(tx);
  const { rows } = await sql<Wait>`
    select min(until) as until, bool_and(delayed_at is not null) as "isTold",
           ceil(extract(epoch from min(until) - clock_timestamp()) * 1000)::int8 as "leftMs"
    from backorders where order_id = ${orderId} and state = 'waiting' having count(*) > 0`.execute(tx);
  return rows[0] ? { ...rows[0], until: toInstant(rows[0].until) } : null;
}

async function tellOfDelay(tx: Tx, orderId: string, until: string): Promise<void> {
  const { rows: items } = await sql<Line>`
    update backorders set delayed_at = clock_timestamp()
    where order_id = ${orderId} and state = 'waiting' returning sku, quantity - filled as quantity`.execute(tx);
  await recordChange(tx, { orderId, type: EventType.inventoryBackorderDelayed, data: { items, until } });
}

/** What was left to a person: tried again, or taken as it is. Harmless when nothing is waited for any more. */
async function expireLater(
  tx: Tx,
  { orderId, withoutRefund }: ExpireBackorderRequest,
): Promise<{ expired: true } | { undecided: string } | { ending: Ending }> {
  const order = await lockOrder(tx, orderId);
  if (order.ending) return { ending: order.ending };
  return (await awaitsStock(tx, order)) ? expire(tx, order, { withoutRefund }) : { expired: true };
}

/**
 * Nothing more comes: the rest is given back, or all of it, where there never was anything; `ending`: how the order ends in that case.
 * `undecided`: a person has to say what is owed, and nothing is changed.
 */
async function expire(
  tx: Tx,
  order: LockedOrder,
  { withoutRefund }: { withoutRefund: boolean },
): Promise<{ expired: true } | { undecided: string } | { ending: Ending }> {
  const { id: orderId, tenant } = order;
  const hasSome = await hasSold(tx, orderId);
  const items = await findMissing(tx, orderId);
  const isOwed = hasSome && !withoutRefund && !(await isNeverCaptured(tx, order, null));
  const refund = isOwed
    ? await acceptOwnRefund(tx, order, { items, reason: NO_STOCK_CAME, cause: lateStock })
    : { number: null };
  if ('undecided' in refund) return refund;
  await leaveLines(tx, order, 'expired');
  await leaveStockMarks(tx, { tenant, skus: items.map(({ sku }) => sku) });
  const data = { items, refund: refund.number };
  await recordChange(tx, { orderId, type: EventType.inventoryBackorderExpired, data });
  if (hasSome) return { expired: true };
  const ending = { status: 'cancelled', reason: NO_STOCK_CAME, actor: SYSTEM } as const;
  const cause = after(one(EventType.inventoryBackorderExpired));
  await takeBack(tx, orderId, ending, cause);
  const asked = { actor: SYSTEM, reason: NO_STOCK_CAME };
  await recordChange(tx, { orderId, type: EventType.orderCancellationRequested, data: asked, cause });
  return { ending };
}

const lateStock = after(one(EventType.inventoryBackordered), one(EventType.inventoryBackorderDelayed));

async function findMissing(tx: Tx, orderId: string): Promise<Line[]> {
  const { rows } = await sql<Line>`
    select sku, quantity - filled as quantity from backorders
    where order_id = ${orderId} and state = 'waiting' order by sku collate "C"`.execute(tx);
  return rows;
}

async function hasSold(tx: Tx, orderId: string): Promise<boolean> {
  const { rows } = await sql`
    select 1 from reservations where order_id = ${orderId} and state = 'sold' limit 1`.execute(tx);
  return rows.length > 0;
}

/** Those to be looked after, each with the one that it was at first: what is sent once more goes on with its number. */
async function listOpen(tx: Tx, orderId: string): Promise<StockStanding['shipments']> {
  const { rows } = await sql<{ first: number; number: number }>`
    with recursive chain as (
      select number as first, number from shipments where order_id = ${orderId} and replaces is null
      union all select c.first, s.number from chain c join shipments s on s.order_id = ${orderId} and s.replaces = c.number
    )
    select c.first, s.number from chain c join shipments s on s.order_id = ${orderId} and s.number = c.number
    where not ${isDone} order by s.number`.execute(tx);
  return rows;
}
