// What people ask about the stock of one product: by index, whatever has been sold of it.
import { sql } from 'kysely';
import type { Hold, ManualMovement, StockReading } from '../../ports/stock-reading.ts';
import { toInstant, type Database } from './database.ts';

export const createStockReading = ({ db }: { db: Database }): StockReading => ({
  holds: async ({ after, limit, ...product }) => {
    if (!(await isKnown(db, product))) return null;
    const { rows } = await holdsQuery({ ...product, after, limit }).execute(db);
    return rows.map((row) => ({ ...row, until: toInstant(row.until) }));
  },

  adjustments: async ({ before, limit, ...product }) => {
    if (!(await isKnown(db, product))) return null;
    const { rows } = await adjustmentsQuery({ ...product, before, limit }).execute(db);
    return rows.map((row) => ({ ...row, at: toInstant(row.at) }));
  },
});

/** The queries by themselves, so that a test can look at their plans. */
export const holdsQuery = ({ tenant, sku, after, limit }: Parameters<StockReading['holds']>[0]) => sql<Hold>`
  select order_id as "orderId", warehouse, sum(quantity)::int as quantity, min(expires_at) as until
  from reservations
  where tenant = ${tenant} and sku = ${sku} and state = 'held'
    and (order_id, warehouse) > (${after?.orderId ?? ''}, ${after?.warehouse ?? ''})
  group by order_id, warehouse order by order_id, warehouse limit ${limit}`;

export const adjustmentsQuery = ({
  tenant,
  sku,
  before,
  limit,
}: Parameters<StockReading['adjustments']>[0]) => sql<ManualMovement>`
  select id, warehouse, on_hand_delta as delta, reason, at
  from stock_movements
  where tenant = ${tenant} and sku = ${sku} and kind in ('opening', 'adjusted')
    and id < ${before ?? Number.MAX_SAFE_INTEGER}
  order by id desc limit ${limit}`;

async function isKnown(db: Database, { tenant, sku }: { tenant: string; sku: string }): Promise<boolean> {
  const { rows } = await sql`select 1 from products where tenant = ${tenant} and sku = ${sku}`.execute(db);
  return rows.length > 0;
}
