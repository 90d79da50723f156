// What people who look at orders and stock are told, on a real database.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { createCatalogue } from '../../src/adapters/postgres/catalogue.ts';
import { createInventory } from '../../src/adapters/postgres/inventory.ts';
import { createOrderCounting } from '../../src/adapters/postgres/order-counts.ts';
import { createStockReading } from '../../src/adapters/postgres/stock-reading.ts';
import type { Database } from '../../src/adapters/postgres/database.ts';
import { acceptOrder, openTestDatabase, stockProduct } from '../support/database.ts';

let db: Database;
let close: () => Promise<void>;
const book = { tenant: 'local', sku: 'book' };
beforeAll(async () => {
  ({ db, close } = await openTestDatabase());
  await stockProduct(db, 'book', 10);
  await stockProduct(db, 'pen', 10);
});
afterAll(() => close());

test('counts orders by status, by whom they wait for, and what is parked, of one tenant', async () => {
  const counting = createOrderCounting({ db });
  const orderId = await acceptOrder(db);
  await acceptOrder(db);
  await sql`
    update orders set waiting = '{"for": "customer", "until": null}', attention = '{"step": "charge-payment", "reason": "r", "since": "2026-01-01T00:00:00.000Z"}'
    where id = ${orderId}`.execute(db);
  await sql`
    insert into parked_steps (tenant, order_id, workflow_id, run_id, run_started_at, number, step, reason, since)
    values ('local', ${orderId}, ${orderId}, 'run', now(), 1, 'charge-payment', 'r', '2026-01-01T00:00:00Z')`.execute(
    db,
  );
  expect(await counting.count({ tenant: 'local' })).toMatchObject({
    statuses: { placed: 2, confirmed: 0, cancelled: 0 },
    parked: 1,
    waiting: { customer: 1, review: 0 },
    parkedSteps: [{ step: 'charge-payment', count: 1, oldestSince: '2026-01-01T00:00:00.000Z' }],
  });
  expect(await counting.count({ tenant: 'other' })).toMatchObject({
    statuses: { placed: 0 },
    parked: 0,
    parkedSteps: [],
  });
});

test('tells who holds a product, page by page, and forgets who does not any more', async () => {
  const looking = createStockReading({ db });
  const held = (await Promise.all([acceptOrder(db, ['book'], 2), acceptOrder(db, ['book', 'pen'])])).sort();
  for (const orderId of held) await createInventory({ db }).reserve({ orderId });
  const all = (await looking.holds({ ...book, after: null, limit: 10 })) ?? [];
  expect(all.map(({ orderId }) => orderId)).toEqual(held);
  expect(all.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(3);
  const [first] = all;
  if (!first) throw new Error('Expected a hold; found none');
  expect(await looking.holds({ ...book, after: first, limit: 10 })).toEqual(all.slice(1));
  await createInventory({ db }).release({
    orderId: first.orderId,
    ending: { status: 'cancelled', reason: 'r', actor: 'a' },
  });
  expect(await looking.holds({ ...book, after: null, limit: 10 })).toEqual(all.slice(1));
});

test('tells what people changed of the stock, the latest first, and nothing that orders did', async () => {
  const looking = createStockReading({ db });
  const adjust = { ...book, warehouse: 'main', delta: -3, reason: 'broken', idempotencyKey: 'k', requestHash: 'h' };
  await createCatalogue({ db }).adjust(adjust, () => ({ status: 200, body: '', location: null }));
  const all = (await looking.adjustments({ ...book, before: null, limit: 10 })) ?? [];
  expect(all.map(({ delta, reason }) => [delta, reason])).toEqual([
    [-3, 'broken'],
    [10, 'set by a catalogue change'],
  ]);
  expect(await looking.adjustments({ ...book, before: all[0]?.id ?? 0, limit: 10 })).toEqual(all.slice(1));
  expect(await looking.adjustments({ tenant: 'other', sku: 'book', before: null, limit: 10 })).toBeNull();
  expect(await looking.holds({ tenant: 'other', sku: 'book', after: null, limit: 10 })).toBeNull();
});
