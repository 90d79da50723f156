// Stock movements of closed orders, taken out of the database. What must stay true: only what is in the product's sum and whose order is closed
// goes (a trigger refuses anything else), in short transactions that nobody waits for.
import { sql } from 'kysely';
import type { ArchivedMovement, StockArchive } from '../../ports/stock-archive.ts';
import type { Database } from './database.ts';
import { carrySumsOn } from './stock-sums.ts';

export const createStockArchive = ({ db }: { db: Database }): StockArchive => ({
  lastMovement: async () => {
    const { rows } = await sql<{ last: number }>`select coalesce(max(id), 0) as last from stock_movements`.execute(db);
    return rows[0]?.last ?? 0;
  },

  addUp: ({ through, withinMs }) => carrySumsOn(db, { through, withinMs }),

  find: async ({ after, olderThanMs, limit }) => {
    const { rows } = await sql<{ id: number; isYoung: boolean; movement: ArchivedMovement | null }>`
      with next as materialized (select * from stock_movements where id > ${after} order by id limit ${limit})
      select n.id, n.at > statement_timestamp() - ${olderThanMs} * interval '1 millisecond' as "isYoung", case
        when n.kind in ('held', 'released', 'sold')
          and n.id <= (select upto_id from stock_sums where tenant = n.tenant and warehouse = n.warehouse and sku = n.sku)
          and (select closed_at from orders where id = n.order_id) < statement_timestamp() - ${olderThanMs} * interval '1 millisecond'
        then to_jsonb(n) end as movement
      from next n order by n.id`.execute(db);
    const last = rows.at(-1);
    // What moved later than that can be of no order that was closed before it.
    const isEnd = rows.length < limit || rows.every(({ isYoung }) => isYoung);
    return { movements: rows.flatMap(({ movement }) => movement ?? []), lookedTo: isEnd ? null : (last?.id ?? null) };
  },

  remove: async ({ ids }) => {
    const { rows } = await sql`delete from stock_movements where id = any(${[...ids]}::bigint[]) returning id`.execute(
      db,
    );
    return rows.length;
  },
});
