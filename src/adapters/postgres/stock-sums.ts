// What the movements of each product come to, carried on: without it, whoever compares the stock would add up all that was ever sold. What must
// stay true: a sum leaves out no movement up to the one that it names (the database checks that), and no order waits for it.
import { sql } from 'kysely';
import { inTransaction, type Database, type Tx } from './database.ts';

/** Fewer than so many since the last sum are as quickly added up when they are asked for. */
const WORTH_IT = 1_000;
/** Added up in one statement: milliseconds. */
const AT_ONCE = 10_000;
const PRODUCTS = 100;

type Product = { tenant: string; warehouse: string; sku: string };

/** Of stock row `s`: all that has ever moved, archived or not. */
export const movedOf = sql<number>`(
  select coalesce(c.moved, 0) + coalesce((
    select sum(on_hand_delta) from stock_movements
    where tenant = s.tenant and warehouse = s.warehouse and sku = s.sku and id > coalesce(c.upto_id, 0)), 0)
  from (select 1) one left join stock_sums c on c.tenant = s.tenant and c.warehouse = s.warehouse and c.sku = s.sku)::bigint`;

/**
 * Carries sums on, for so long at most; answers whether none is left that is worth it. `through`: every movement up to this one is worth it,
 * and none that came later.
 */
export async function carrySumsOn(
  db: Database,
  { withinMs, through = null }: { withinMs: number; through?: number | null },
): Promise<boolean> {
  for (const end = Date.now() + withinMs; Date.now() < end;) {
    const behind = await productsBehind(db, through);
    if (behind.length === 0) return true;
    let carried = 0;
    for (const product of behind) {
      if (Date.now() >= end) return false;
      if (await inTransaction(db, (tx) => carryOn(tx, product))) carried += 1;
    }
    // Another process is at them.
    if (carried === 0) return false;
  }
  return false;
}

async function productsBehind(db: Database, through: number | null): Promise<Product[]> {
  const skipped = through === null ? WORTH_IT - 1 : 0;
  // By its place in the index, whatever the planner thinks of it: of a product that never moved it would look through all others' movements.
  const { rows } = await sql<Product>`
    select s.tenant, s.warehouse, s.sku from stock s
    left join stock_sums c on c.tenant = s.tenant and c.warehouse = s.warehouse and c.sku = s.sku
    cross join lateral (
      select tenant, warehouse, sku, id from stock_movements
      where (tenant, warehouse, sku, id) > (s.tenant, s.warehouse, s.sku, coalesce(c.upto_id, 0))
      order by tenant, warehouse, sku, id offset ${skipped} limit 1
    ) m
    where (m.tenant, m.warehouse, m.sku) = (s.tenant, s.warehouse, s.sku) and m.id <= coalesce(${through}::bigint, m.id)
    limit ${PRODUCTS}`.execute(db);
  return rows;
}

/**
 * Ids of movements are drawn under the lock of the product's row of stock: whoever sees one of them sees all below it, without a lock. False where
 * another process has carried it on meanwhile.
 */
async function carryOn(tx: Tx, { tenant, warehouse, sku }: Product): Promise<boolean> {
  const { rows: sums } = await sql<{ upto: number }>`
    select upto_id as upto from stock_sums where tenant = ${tenant} and warehouse = ${warehouse} and sku = ${sku}`.execute(
    tx,
  );
  const [last] = sums;
  const next = sql`
    select max(id) as upto, sum(on_hand_delta) as moved from (
      select id, on_hand_delta from stock_movements
      where tenant = ${tenant} and warehouse = ${warehouse} and sku = ${sku} and id > ${last?.upto ?? 0} order by id limit ${AT_ONCE}
    ) n having count(*) > 0`;
  const { rows: carried } = await (
    last
      ? sql`
        update stock_sums c set upto_id = n.upto, moved = c.moved + n.moved from (${next}) n
        where c.tenant = ${tenant} and c.warehouse = ${warehouse} and c.sku = ${sku} and c.upto_id = ${last.upto} returning 1`
      : sql`
        insert into stock_sums (tenant, warehouse, sku, upto_id, moved)
        select ${tenant}, ${warehouse}, ${sku}, n.upto, n.moved from (${next}) n on conflict do nothing returning 1`
  ).execute(tx);
  return carried.length > 0;
}
