// What an order costs beside its lines, from the placing to the row that is charged: frozen, whatever is configured later.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { createAcceptance } from '../../src/adapters/postgres/acceptance.ts';
import type { Database } from '../../src/adapters/postgres/database.ts';
import { createLaunchMarks } from '../../src/adapters/postgres/launch.ts';
import { createOrderReading, findOrder } from '../../src/adapters/postgres/order-reading.ts';
import { rebuildOrder } from '../../src/adapters/postgres/rebuilding.ts';
import { createConfiguredPricing } from '../../src/adapters/pricing/configured.ts';
import { plainTotals, type PricingTerms, type Totals } from '../../src/domain/totals.ts';
import type { Accepting } from '../../src/ports/acceptance.ts';
import type { OrderPricing } from '../../src/ports/pricing.ts';
import { openTestDatabase, stockProduct } from '../support/database.ts';

let db: Database;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ db, close } = await openTestDatabase());
  for (const sku of ['book', 'pen']) await stockProduct(db, sku, 1_000);
});
afterAll(() => close());

const terms: PricingTerms = {
  shippingFees: [{ currency: 'EUR', country: 'DE', amountMinor: 490 }],
  taxRates: [{ country: 'DE', hundredths: 1_900 }],
  taxIncluded: false,
};
const address = { name: 'Ada', line1: 'Main Street 1', city: 'Bremen', postalCode: '28195', country: 'DE' };

/** Two books and a pen, at 1000 each. */
const place = (pricing: OrderPricing, shipping: typeof address | null = address): Promise<Accepting> =>
  createAcceptance({ db, pricing }).place(
    {
      ...{ tenant: 'local', idempotencyKey: randomUUID(), requestHash: 'hash', correlationId: 'c', customerId: 'c-1' },
      ...{
        paymentMethod: 'pm_card_visa',
        metadata: {},
        onShortage: 'reject',
        paymentRetryMinutes: null,
        onlyRepeats: false,
        shipping,
      },
      items: [
        { sku: 'book', quantity: 2 },
        { sku: 'pen', quantity: 1 },
      ],
    },
    { now: ({ id }) => ({ status: 202, body: id, location: null }) },
  );

async function placed(pricing: OrderPricing, shipping?: typeof address | null): Promise<string> {
  const accepting = await place(pricing, shipping);
  if (!('accepted' in accepting)) throw new Error(`Expected an order; found ${JSON.stringify(accepting)}`);
  return accepting.accepted.orderId;
}

/** As an order is read, what is to be charged for it, and what its first event told. */
async function standing(
  orderId: string,
): Promise<{ totalMinor: number; totals: Totals; toCharge: number; told: unknown }> {
  const order = await createOrderReading({ db }).find({ tenant: 'local', orderId });
  const { rows } = await sql<{ toCharge: number; told: unknown }>`
    select amount_minor as "toCharge", (select data -> 'totals' from events where order_id = ${orderId} and sequence = 1) as told
    from payments where order_id = ${orderId}`.execute(db);
  if (!order || !rows[0]) throw new Error('Expected the order and its payment');
  return { totalMinor: order.totalMinor, totals: order.totals, ...rows[0] };
}

test('an order is charged with its shipping and its tax, and says what its total is made of', async () => {
  const totals = { ...plainTotals(3_000), shippingMinor: 490, taxMinor: 663, taxIncluded: false };
  expect(await standing(await placed(createConfiguredPricing(terms)))).toEqual({
    ...{ totalMinor: 4_153, toCharge: 4_153, totals, told: totals },
  });
});

test('an order without an address pays no shipping, and one without any terms the sum of its lines', async () => {
  expect((await standing(await placed(createConfiguredPricing(terms), null))).totals).toEqual({
    ...{ ...plainTotals(3_000), taxIncluded: false },
  });
});

test('a pricing of one’s own can give discounts', async () => {
  const generous: OrderPricing = {
    totalsOf: ({ linesMinor }) => Promise.resolve({ ...plainTotals(linesMinor), discountMinor: 3_000 }),
  };
  expect(await standing(await placed(generous))).toMatchObject({
    totalMinor: 0,
    toCharge: 0,
    totals: { linesMinor: 3_000 },
  });
});

test.each([
  ['more discount than there is to discount', { discountMinor: 3_001 }],
  ['half a unit', { taxMinor: 0.5 }],
])('a pricing that gives %s makes no order', async (_what, flaw) => {
  const count = async (): Promise<unknown> => (await sql`select count(*) from orders`.execute(db)).rows;
  const before = await count();
  const broken: OrderPricing = {
    totalsOf: ({ linesMinor }) => Promise.resolve({ ...plainTotals(linesMinor), ...flaw }),
  };
  await expect(place(broken)).rejects.toThrow('Expected usable totals');
  expect(await count()).toEqual(before);
});

test('a total that only its shipping makes too large is refused', async () => {
  const far: OrderPricing = {
    totalsOf: ({ linesMinor }) => Promise.resolve({ ...plainTotals(linesMinor), shippingMinor: 99_999_999 }),
  };
  expect(await place(far)).toEqual({ refused: { reason: 'total-too-large', totalMinor: 100_002_999 } });
});

test('an order that a restored database has forgotten comes back with the amounts that it was placed with', async () => {
  const orderId = await placed(createConfiguredPricing(terms));
  const before = await standing(orderId);
  const record = (await createLaunchMarks({ db }).findOpen({ orderId }))?.record;
  if (!record) throw new Error('Expected what the order could be rebuilt from');
  expect(record.totals).toEqual(before.totals);

  const lost = `order_${'0'.repeat(26)}`;
  const { rows } = await sql<{ id: number }>`
    insert into recoveries (known_until) values (now()) returning id`.execute(db);
  const rebuilt = { recoveryId: rows[0]?.id ?? 0, orderId: lost, currency: 'EUR', totalMinor: before.totalMinor };
  const render = () => ({ status: 202, body: '{}', location: null });
  await db.transaction().execute(async (tx) => {
    await rebuildOrder(tx, { ...rebuilt, record: { ...record, idempotencyKey: randomUUID() } }, render);
    expect(await findOrder(tx, { tenant: 'local', orderId: lost })).toMatchObject({ totals: before.totals });
  });
  expect(await standing(lost)).toMatchObject({ totals: before.totals, toCharge: before.toCharge });
});
