// The warehouses of a shop. What must stay true: no more than an order can look through while it holds its locks.
import { sql } from 'kysely';
import { MAX_WAREHOUSES } from '../../domain/allocation.ts';
import { MAIN_WAREHOUSE } from '../../domain/stock.ts';
import type { Warehouse, Warehouses } from '../../ports/warehouse.ts';
import { leaveAllStockMarks } from './backorder-rows.ts';
import { inTransaction, type Database, type Tx } from './database.ts';

const MAIN_PRIORITY = 100;

export const createWarehouses = ({ db }: { db: Database }): Warehouses => ({
  put: (request) =>
    inTransaction(db, async (tx) => {
      const { tenant, id, name, priority, ships } = request;
      // One at a time for a tenant: two that add the last that is possible must not both find room.
      await sql`select pg_advisory_xact_lock(hashtextextended('warehouses of ' || ${tenant}, 0))`.execute(tx);
      const { rows } = await sql<{ others: number; isKnown: boolean }>`
        select count(*)::int as others, coalesce(bool_or(id = ${id}), false) as "isKnown"
        from warehouses where tenant = ${tenant}`.execute(tx);
      const { others = 0, isKnown = false } = rows[0] ?? {};
      if (!isKnown && others >= MAX_WAREHOUSES) return { tooMany: MAX_WAREHOUSES };
      await sql`
        insert into warehouses (tenant, id, name, priority, ships) values (${tenant}, ${id}, ${name}, ${priority}, ${ships})
        on conflict (tenant, id) do update
        set name = excluded.name, priority = excluded.priority, ships = excluded.ships, updated_at = clock_timestamp()`.execute(
        tx,
      );
      if (ships) await leaveAllStockMarks(tx, { tenant });
      return { warehouse: { id, name, priority, ships }, created: !isKnown };
    }),

  list: async ({ tenant }) => {
    const { rows } = await sql<Warehouse>`
      select id, name, priority, ships from warehouses where tenant = ${tenant}
      order by priority, id collate "C"`.execute(db);
    return rows;
  },
});

/** Every tenant has one, from its first product on. */
export async function ensureMainWarehouse(tx: Tx, tenant: string): Promise<void> {
  await sql`
    insert into warehouses (tenant, id, name, priority)
    values (${tenant}, ${MAIN_WAREHOUSE}, ${MAIN_WAREHOUSE}, ${MAIN_PRIORITY}) on conflict do nothing`.execute(tx);
}
