// Products and their stock, as people change them. What must stay true: every change of stock is a movement, and none
// takes away what is reserved.
import { sql } from 'kysely';
import { MAIN_WAREHOUSE, MAX_UNITS } from '../../domain/stock.ts';
import type { RecordedAnswer } from '../../ports/acceptance.ts';
import type { Catalogue, Product, StockRefusal } from '../../ports/catalogue.ts';
import { leaveStockMarks } from './backorder-rows.ts';
import { inTransaction, type Database, type Tx } from './database.ts';
import { claimKey, findKey, recordAnswer } from './idempotency.ts';
import { ensureMainWarehouse } from './warehouse.ts';

type Put = Parameters<Catalogue['put']>[0];
type Adjustment = Parameters<Catalogue['adjust']>[0];
/** `elsewhere`: what other warehouses have on hand. */
type Level = { onHand: number; reserved: number; elsewhere: number };

export const createCatalogue = ({ db }: { db: Database }): Catalogue => ({
  put: (request) => orRefused(() => inTransaction(db, (tx) => put(tx, request))),
  find: (request) => findProduct(db, request),

  list: async ({ tenant, afterSku, limit }) => {
    const { rows } = await sql<Product>`
      ${products} where p.tenant = ${tenant} and p.sku collate "C" > ${afterSku ?? ''}
      order by p.sku collate "C" limit ${limit}`.execute(db);
    return rows;
  },

  adjust: (request, render) => orRefused(() => inTransaction(db, (tx) => adjust(tx, request, render))),
});

/** Thrown inside a transaction, so that a refused change leaves nothing behind: no new price, no bound key. */
class Refused extends Error {
  readonly refusal: StockRefusal | { unknownWarehouse: true };

  constructor(refusal: StockRefusal | { unknownWarehouse: true }) {
    super('the stock can not become that');
    this.refusal = refusal;
  }
}

async function orRefused<T>(work: () => Promise<T>): Promise<T | StockRefusal | { unknownWarehouse: true }> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    throw error;
  }
}

const products = sql`
  select p.sku, p.name, p.price_minor as "priceMinor", p.currency, s.on_hand as "onHand", s.reserved, s.warehouses
  from products p cross join lateral (
    select coalesce(sum(on_hand), 0)::bigint as on_hand, coalesce(sum(reserved), 0)::bigint as reserved,
           coalesce(json_agg(json_build_object('warehouse', warehouse, 'onHand', on_hand, 'reserved', reserved)
                             order by warehouse collate "C"), '[]') as warehouses
    from stock where tenant = p.tenant and sku = p.sku
  ) s`;

async function put(tx: Tx, request: Put): Promise<{ product: Product; created: boolean }> {
  const { tenant, sku, name, priceMinor, currency, onHand } = request;
  const { rows } = await sql<{ created: boolean }>`
    insert into products (tenant, sku, name, price_minor, currency)
    values (${tenant}, ${sku}, ${name}, ${priceMinor}, ${currency})
    on conflict (tenant, sku) do update
    set name = excluded.name, price_minor = excluded.price_minor, currency = excluded.currency, updated_at = clock_timestamp()
    returning xmax = 0 as created`.execute(tx);
  const created = rows[0]?.created === true;
  await ensureMainWarehouse(tx, tenant);
  const at = { tenant, sku, warehouse: MAIN_WAREHOUSE };
  const level = await lockLevel(tx, at);
  const kind = created ? 'opening' : 'adjusted';
  // It is said how much there is in all: what that changes, it changes in the main warehouse.
  const delta = onHand - level.elsewhere - level.onHand;
  await moveOnHand(tx, { ...at, level, delta, kind, reason: 'set by a catalogue change' });
  return { product: await expectProduct(tx, request), created };
}

async function adjust(
  tx: Tx,
  request: Adjustment,
  render: (product: Product) => RecordedAnswer,
): Promise<{ answer: RecordedAnswer; repeated: boolean } | { keyReused: true } | { unknownWarehouse: true } | null> {
  const { tenant, sku, delta, reason, warehouse } = request;
  if (!(await findProduct(tx, request))) return null;
  if (!(await claimKey(tx, { ...request, orderId: null }))) {
    const bound = await findKey(tx, request);
    if (!bound) throw new Error('Expected the key to be bound; found it free');
    // An order's key has no answer of ours to repeat; its request hash differs from every adjustment's.
    if (bound.requestHash !== request.requestHash || !bound.answer) return { keyReused: true };
    return { answer: bound.answer, repeated: true };
  }
  if (!(await hasWarehouse(tx, { tenant, warehouse }))) throw new Refused({ unknownWarehouse: true });
  const at = { tenant, sku, warehouse };
  await moveOnHand(tx, { ...at, level: await lockLevel(tx, at), delta, kind: 'adjusted', reason });
  const answer = render(await expectProduct(tx, request));
  await recordAnswer(tx, request, answer);
  return { answer, repeated: false };
}

type Place = { tenant: string; sku: string; warehouse: string };

async function hasWarehouse(tx: Tx, { tenant, warehouse }: Omit<Place, 'sku'>): Promise<boolean> {
  const { rows } = await sql`select 1 from warehouses where tenant = ${tenant} and id = ${warehouse}`.execute(tx);
  return rows.length > 0;
}

/** Of the product in all its warehouses, so that what is said about their sum stays true; locked as carts do it. */
async function lockLevel(tx: Tx, { tenant, sku, warehouse }: Place): Promise<Level> {
  await sql`
    insert into stock (tenant, warehouse, sku, on_hand) values (${tenant}, ${warehouse}, ${sku}, 0)
    on conflict do nothing`.execute(tx);
  const { rows } = await sql<{ warehouse: string; onHand: number; reserved: number }>`
    select warehouse, on_hand as "onHand", reserved from stock
    where tenant = ${tenant} and sku = ${sku} order by sku collate "C", warehouse collate "C" for update`.execute(tx);
  const level = rows.find((row) => row.warehouse === warehouse);
  if (!level) throw new Error(`Expected a stock row for ${sku} in ${warehouse}; found none`);
  const { onHand, reserved } = level;
  return { onHand, reserved, elsewhere: rows.reduce((sum, row) => sum + row.onHand, 0) - onHand };
}

async function moveOnHand(
  tx: Tx,
  move: Place & { level: Level; delta: number; kind: 'opening' | 'adjusted'; reason: string },
): Promise<void> {
  if (move.delta === 0) return;
  const { onHand, reserved, elsewhere } = move.level;
  const after = onHand + move.delta;
  if (after < reserved) throw new Refused({ refused: 'below', onHand, reserved });
  if (after + elsewhere > MAX_UNITS) throw new Refused({ refused: 'above', onHand: onHand + elsewhere, reserved });
  await sql`
    with changed as (
      update stock set on_hand = on_hand + ${move.delta}
      where tenant = ${move.tenant} and warehouse = ${move.warehouse} and sku = ${move.sku}
      returning tenant, warehouse, sku
    )
    insert into stock_movements (tenant, warehouse, sku, kind, on_hand_delta, reserved_delta, reason)
    select tenant, warehouse, sku, ${move.kind}, ${move.delta}::bigint, 0, ${move.reason} from changed`.execute(tx);
  if (move.delta > 0) await leaveStockMarks(tx, { tenant: move.tenant, skus: [move.sku] });
}

async function findProduct(
  db: Database | Tx,
  { tenant, sku }: { tenant: string; sku: string },
): Promise<Product | null> {
  const { rows } = await sql<Product>`${products} where p.tenant = ${tenant} and p.sku = ${sku}`.execute(db);
  return rows[0] ?? null;
}

async function expectProduct(tx: Tx, request: { tenant: string; sku: string }): Promise<Product> {
  const product = await findProduct(tx, request);
  if (!product) throw new Error(`Expected product ${request.sku}; found none`);
  return product;
}
