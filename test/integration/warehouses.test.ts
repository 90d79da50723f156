// Stock in several warehouses, on a real database: who is served from where, and that nothing is sold twice.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { createCatalogue } from '../../src/adapters/postgres/catalogue.ts';
import type { Database } from '../../src/adapters/postgres/database.ts';
import { createInventory } from '../../src/adapters/postgres/inventory.ts';
import { createOrderSteps } from '../../src/adapters/postgres/order.ts';
import { createPaymentRecords } from '../../src/adapters/postgres/payment.ts';
import { createWarehouses } from '../../src/adapters/postgres/warehouse.ts';
import { MAX_WAREHOUSES } from '../../src/domain/allocation.ts';
import { acceptOrder, openTestDatabase } from '../support/database.ts';

const tenant = 'local';
let db: Database;
let close: () => Promise<void>;
// Products of each test's own.
let book: string;
let pen: string;

beforeAll(async () => {
  ({ db, close } = await openTestDatabase());
});
beforeEach(async () => {
  book = `book-${randomUUID()}`;
  pen = `pen-${randomUUID()}`;
  for (const [id, priority] of [
    ['main', 2],
    ['east', 1],
    ['west', 3],
  ] as const)
    await createWarehouses({ db }).put({ tenant, id, name: id, priority, ships: true });
});
afterAll(() => close());

/** A product with so much in each warehouse. */
async function stock(sku: string, levels: Record<string, number>): Promise<void> {
  await createCatalogue({ db }).put({ tenant, sku, name: sku, priceMinor: 1_000, currency: 'EUR', onHand: 0 });
  for (const [warehouse, delta] of Object.entries(levels))
    expect(await adjust(sku, warehouse, delta)).toHaveProperty('answer');
}

const adjust = (sku: string, warehouse: string, delta: number) =>
  createCatalogue({ db }).adjust(
    { tenant, sku, warehouse, delta, reason: 'test', idempotencyKey: randomUUID(), requestHash: 'h' },
    (product) => ({ status: 200, body: JSON.stringify(product), location: null }),
  );

async function product(sku: string) {
  const { onHand, reserved, warehouses } = (await createCatalogue({ db }).find({ tenant, sku })) ?? {};
  const levels = warehouses?.map(({ warehouse, ...level }) => `${warehouse} ${level.reserved}/${level.onHand}`);
  return { onHand, reserved, levels };
}

async function held(orderId: string): Promise<string[]> {
  const { rows } = await sql<{ line: string }>`
    select warehouse || ':' || split_part(sku, '-', 1) || quantity || ' ' || state as line from reservations
    where order_id = ${orderId} order by 1`.execute(db);
  return rows.map(({ line }) => line);
}

async function sell(orderId: string, amountMinor: number): Promise<void> {
  const capture = { orderId, ordinal: 1, providerId: `pi_${orderId}`, amountMinor, currency: 'EUR' };
  await createPaymentRecords({ db }).recordCapture(capture);
  expect(await createOrderSteps({ db }).confirm({ orderId })).toEqual({ confirmed: true });
}

test('an order is served from the fewest warehouses, and sold or freed in each of them', async () => {
  await stock(book, { main: 5, east: 2 });
  await stock(pen, { west: 5, east: 1 });
  const inventory = createInventory({ db });

  const one = await acceptOrder(db, [book, pen]);
  expect(await inventory.reserve({ orderId: one })).toEqual({ reserved: true });
  expect(await held(one)).toEqual(['east:book1 held', 'east:pen1 held']);

  const two = await acceptOrder(db, [book, pen], 4);
  expect(await inventory.reserve({ orderId: two })).toEqual({ reserved: true });
  expect(await held(two)).toEqual(['main:book4 held', 'west:pen4 held']);
  expect(await product(book)).toEqual({ onHand: 7, reserved: 5, levels: ['east 1/2', 'main 4/5'] });

  await sell(two, 8_000);
  expect(await held(two)).toEqual(['main:book4 sold', 'west:pen4 sold']);
  await inventory.release({ orderId: one, ending: { status: 'cancelled', reason: 'r', actor: 'a' } });
  expect(await product(book)).toEqual({ onHand: 3, reserved: 0, levels: ['east 0/2', 'main 0/1'] });
  expect(await product(pen)).toEqual({ onHand: 2, reserved: 0, levels: ['east 0/1', 'main 0/0', 'west 0/1'] });
});

test('a line of which no warehouse has all comes from several, and of too little nothing is held', async () => {
  await stock(book, { main: 3, east: 2, west: 2 });
  const orderId = await acceptOrder(db, [book], 6);
  expect(await createInventory({ db }).reserve({ orderId })).toEqual({ reserved: true });
  expect(await held(orderId)).toEqual(['east:book2 held', 'main:book3 held', 'west:book1 held']);
  const late = await acceptOrder(db, [book], 2);
  expect(await createInventory({ db }).reserve({ orderId: late })).toEqual({
    shortages: [{ sku: book, requested: 2, available: 1 }],
  });
  expect(await held(late)).toEqual([]);
});

test('nothing more is taken from a warehouse that does not ship; what it holds, it holds', async () => {
  await stock(book, { east: 5, main: 1 });
  const inventory = createInventory({ db });
  const before = await acceptOrder(db, [book], 2);
  await inventory.reserve({ orderId: before });
  await createWarehouses({ db }).put({ tenant, id: 'east', name: 'East', priority: 1, ships: false });
  const after = await acceptOrder(db, [book], 2);
  expect(await inventory.reserve({ orderId: after })).toEqual({
    shortages: [{ sku: book, requested: 2, available: 1 }],
  });
  await sell(before, 2_000);
  expect(await held(before)).toEqual(['east:book2 sold']);
});

test('many carts at once over several warehouses, in any order: all is sold, nothing twice, no deadlock', async () => {
  await stock(book, { main: 4, east: 3, west: 3 });
  await stock(pen, { main: 3, east: 4, west: 3 });
  const ids = await Promise.all(
    Array.from({ length: 40 }, (_, index) => acceptOrder(db, index % 2 ? [book, pen] : [pen, book])),
  );
  const results = await Promise.all(ids.map((orderId) => createInventory({ db }).reserve({ orderId })));
  expect(results.filter((result) => 'reserved' in result)).toHaveLength(10);
  expect(await product(book)).toEqual({ onHand: 10, reserved: 10, levels: ['east 3/3', 'main 4/4', 'west 3/3'] });
  const freed = ids.filter((_id, index) => 'reserved' in (results[index] ?? {}));
  const ending = { status: 'cancelled', reason: 'r', actor: 'a' } as const;
  await Promise.all(freed.map((orderId) => createInventory({ db }).release({ orderId, ending })));
  expect(await product(pen)).toMatchObject({ onHand: 10, reserved: 0 });
});

test('stock is changed where it is; a catalogue that says how much there is in all changes the main warehouse', async () => {
  await stock(book, { main: 3, east: 4 });
  expect(await adjust(book, 'east', -5)).toEqual({ refused: 'below', onHand: 4, reserved: 0 });
  expect(await adjust(book, 'nowhere', 1)).toEqual({ unknownWarehouse: true });
  const put = (onHand: number) =>
    createCatalogue({ db }).put({ tenant, sku: book, name: 'Book', priceMinor: 1, currency: 'EUR', onHand });
  expect(await put(9)).toMatchObject({ product: { onHand: 9 } });
  expect(await product(book)).toEqual({ onHand: 9, reserved: 0, levels: ['east 0/4', 'main 0/5'] });
  // Four of them are elsewhere: nobody has said that they are gone.
  expect(await put(3)).toEqual({ refused: 'below', onHand: 5, reserved: 0 });
});

test('a shop has so many warehouses, however many are added at once', async () => {
  const warehouses = createWarehouses({ db });
  const large = { tenant: 'large' };
  await warehouses.put({ ...large, id: 'east', name: 'East', priority: 1, ships: true });
  const add = (id: string) => warehouses.put({ ...large, id, name: id, priority: 1, ships: true });
  const added = await Promise.all(Array.from({ length: MAX_WAREHOUSES }, (_, index) => add(`w-${index}`)));
  expect(added.filter((change) => 'tooMany' in change)).toHaveLength(1);
  expect(await warehouses.list(large)).toHaveLength(MAX_WAREHOUSES);
  expect(await add('east')).toMatchObject({ created: false });
  expect(await warehouses.list({ tenant: 'other' })).toEqual([]);
});
