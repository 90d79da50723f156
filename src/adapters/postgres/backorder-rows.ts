// Who waits for stock, in the transaction of whoever changes an order or the stock. What must stay true: a mark is left in every commit
// that may have something for those who wait, after its locks of stock; and a line is only ever joined while the stock is locked.
import { sql } from 'kysely';
import { EventType } from '../../contracts/events.ts';
import type { BackorderState } from '../../domain/backorder.ts';
import type { Tx } from './database.ts';
import { recordChange, type LockedOrder } from './order-change.ts';
import type { Line } from './stock.ts';

/** Of each product, what those wait for who are in line; with the stock locked, nobody joins before the transaction ends. */
export async function awaitedUnits(tx: Tx, tenant: string, lines: readonly Line[]): Promise<Map<string, number>> {
  const { rows } = await sql<Line>`
    select sku, sum(quantity - filled)::int as quantity from backorders
    where tenant = ${tenant} and sku = any(${lines.map(({ sku }) => sku)}::text[]) and state = 'waiting'
    group by sku`.execute(tx);
  return new Map(rows.map(({ sku, quantity }) => [sku, quantity]));
}

/** The order joins the lines of what is missing. The stock of these products must be locked. */
export async function joinLines(tx: Tx, order: LockedOrder, missing: readonly Line[]): Promise<void> {
  await sql`
    insert into backorders (order_id, tenant, sku, quantity)
    select ${order.id}, ${order.tenant}, sku, quantity
    from jsonb_to_recordset(${JSON.stringify(missing)}::jsonb) as m (sku text, quantity integer)
    order by sku collate "C"`.execute(tx);
  // Looked at once in any case: a warehouse may have begun to ship since its stock was read, which no lock of ours prevents.
  await leaveStockMarks(tx, { tenant: order.tenant, skus: missing.map(({ sku }) => sku) });
  const data = { items: missing, onShortage: order.onShortage };
  await recordChange(tx, { orderId: order.id, type: EventType.inventoryBackordered, data });
}

/**
 * Nobody waits for the order's missing units any more. Answers with those that had not come: whoever is next in line may have something now,
 * for which the caller leaves the marks, after its locks of stock. The order's row must be locked.
 */
export async function leaveLines(
  tx: Tx,
  order: LockedOrder,
  state: Extract<BackorderState, 'expired' | 'cancelled'>,
): Promise<Line[]> {
  if (order.onShortage === 'reject') return [];
  const { rows } = await sql<Line>`
    update backorders set state = ${state}, ended_at = clock_timestamp(), news_at = null
    where order_id = ${order.id} and state = 'waiting' returning sku, quantity - filled as quantity`.execute(tx);
  const items = rows.sort((one, other) => (one.sku < other.sku ? -1 : 1));
  await sql`update backorders set news_at = null where order_id = ${order.id} and news_at is not null`.execute(tx);
  if (items.length === 0) return [];
  if (state === 'cancelled')
    await recordChange(tx, { orderId: order.id, type: EventType.inventoryBackorderCancelled, data: { items } });
  return items;
}

/**
 * Something of these products may be there now: whoever waits for them is looked at. Nothing is left where nobody waits. Once in a
 * transaction, after its locks of stock: in any other order two of them wait for each other.
 */
export async function leaveStockMarks(
  tx: Tx,
  { tenant, skus }: { tenant: string; skus: readonly string[] },
): Promise<void> {
  if (skus.length === 0) return;
  await sql`${marking} select distinct tenant, sku, statement_timestamp() from backorders
    where tenant = ${tenant} and sku = any(${[...skus]}::text[]) and state = 'waiting' order by 2 ${again}`.execute(tx);
}

/** As `leaveStockMarks`, of all products of a tenant: a warehouse ships from now on. */
export async function leaveAllStockMarks(tx: Tx, { tenant }: { tenant: string }): Promise<void> {
  await sql`${marking} select distinct tenant, sku, statement_timestamp() from backorders
    where tenant = ${tenant} and state = 'waiting' order by 2 ${again}`.execute(tx);
}

const marking = sql`insert into stock_marks (tenant, sku, due_at)`;
const again = sql`on conflict (tenant, sku) do update
  set version = stock_marks.version + 1, due_at = least(stock_marks.due_at, excluded.due_at)`;

/** Whether the order still waits for stock. */
export async function awaitsStock(tx: Tx, { id, onShortage }: LockedOrder): Promise<boolean> {
  if (onShortage === 'reject') return false;
  const { rows } = await sql`select 1 from backorders where order_id = ${id} and state = 'waiting' limit 1`.execute(tx);
  return rows.length > 0;
}
