// Rows of stock, locked in the order of SKU and warehouse in every transaction: in any other order, two carts wait for each other.
import { sql } from 'kysely';
import type { Allocated, Available } from '../../domain/allocation.ts';
import type { Tx } from './database.ts';

export type Line = { sku: string; quantity: number };

/** What can be had of each product, warehouse by warehouse; nothing of it can be taken away until the transaction ends. */
export async function lockAvailable(tx: Tx, tenant: string, lines: readonly Line[]): Promise<Available[]> {
  const skus = lines.map(({ sku }) => sku);
  const { rows } = await sql<Available>`
    select s.warehouse, w.priority, s.sku, s.on_hand - s.reserved as available
    from stock s join warehouses w on w.tenant = s.tenant and w.id = s.warehouse
    where s.tenant = ${tenant} and s.sku = any(${skus}::text[]) and w.ships
    order by s.sku collate "C", s.warehouse collate "C" for update of s`.execute(tx);
  return rows;
}

export async function lockStock(tx: Tx, tenant: string, held: readonly Allocated[]): Promise<void> {
  await sql`
    select 1 from stock s join jsonb_to_recordset(${JSON.stringify(held)}::jsonb) as h (warehouse text, sku text)
      on s.warehouse = h.warehouse and s.sku = h.sku
    where s.tenant = ${tenant} order by s.sku collate "C", s.warehouse collate "C" for update of s`.execute(tx);
}
