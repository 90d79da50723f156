// A shop whose orders may wait for stock, over a real database without Temporal.
import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import { sql } from 'kysely';
import { createBackorders } from '../../src/adapters/postgres/backorder.ts';
import { createBackorderSteps } from '../../src/adapters/postgres/backorder-wait.ts';
import { createCatalogue } from '../../src/adapters/postgres/catalogue.ts';
import { createInventory } from '../../src/adapters/postgres/inventory.ts';
import { createOrderSteps } from '../../src/adapters/postgres/order.ts';
import { createPacking } from '../../src/adapters/postgres/packing.ts';
import { createPaymentRecords } from '../../src/adapters/postgres/payment.ts';
import { createShipmentRecords } from '../../src/adapters/postgres/shipment.ts';
import { createBackorderLoop } from '../../src/background/backorders.ts';
import type { OnShortage } from '../../src/domain/backorder.ts';
import { rowRules } from '../../src/verify/invariants.ts';
import { acceptOrder, openTestDatabase, silent } from './database.ts';
import { until } from './until.ts';

export type Backordering = Awaited<ReturnType<typeof startBackordering>>;
export const cancelled = { status: 'cancelled', actor: 'customer-1', reason: 'changed my mind' } as const;
const tenant = 'local';

export async function startBackordering() {
  const { db, close } = await openTestDatabase();
  const inventory = createInventory({ db });
  const orders = createOrderSteps({ db });
  const shipments = createShipmentRecords({ db });
  const backorders = createBackorders({ db });
  const { awaitStock, expire } = createBackorderSteps({ db });

  /** A product of the test's own, with so much on hand. */
  async function product(onHand = 0): Promise<string> {
    const sku = `book-${randomUUID()}`;
    await putOnHand(sku, onHand);
    return sku;
  }
  const putOnHand = (sku: string, onHand: number) =>
    createCatalogue({ db }).put({ tenant, sku, name: sku, priceMinor: 1_000, currency: 'EUR', onHand });
  const adjust = async (sku: string, delta: number, warehouse = 'main'): Promise<void> => {
    const adjusted = await createCatalogue({ db }).adjust(
      { tenant, sku, warehouse, delta, reason: 'test', idempotencyKey: randomUUID(), requestHash: 'h' },
      (changed) => ({ status: 200, body: JSON.stringify(changed), location: null }),
    );
    expect(adjusted).toHaveProperty('answer');
  };
  const level = async (sku: string): Promise<{ onHand: number; reserved: number }> => {
    const { onHand = -1, reserved = -1 } = (await createCatalogue({ db }).find({ tenant, sku })) ?? {};
    return { onHand, reserved };
  };

  const reserve = (orderId: string) => inventory.reserve({ orderId });
  /** An order of so much of each, for which is held what is there. */
  async function order(skus: readonly string[], quantity: number, onShortage: OnShortage = 'split'): Promise<string> {
    const orderId = await acceptOrder(db, skus, quantity, onShortage);
    await reserve(orderId);
    return orderId;
  }
  async function sell(orderId: string): Promise<void> {
    const { rows } = await sql<{ total: number }>`
      select total_minor as total from orders where id = ${orderId}`.execute(db);
    const capture = { orderId, ordinal: 1, providerId: `pi_${orderId}`, currency: 'EUR' };
    await createPaymentRecords({ db }).keepProviderId(capture);
    await createPaymentRecords({ db }).recordCapture({ ...capture, amountMinor: rows[0]?.total ?? 0 });
    expect(await orders.confirm({ orderId })).toEqual({ confirmed: true });
  }
  const sold = async (...wanted: Parameters<typeof order>): Promise<string> => {
    const orderId = await order(...wanted);
    await sell(orderId);
    return orderId;
  };

  const told: string[] = [];
  const loop = () =>
    createBackorderLoop({
      backorders,
      teller: { tellOfStock: ({ orderId }) => (told.push(orderId), Promise.resolve(true)) },
      logger: silent,
    });
  const countMarks = async (sku: string): Promise<number> =>
    (await sql`select 1 from stock_marks where sku = ${sku}`.execute(db)).rows.length;

  return {
    ...{ db, inventory, orders, shipments, backorders, awaitStock, expire, told, loop },
    ...{ product, putOnHand, adjust, level, reserve, order, sell, sold, countMarks },
    /** Works off what marks there are for the product, as the loop of `loops` processes does. */
    async serve(skus: readonly string[], loops = 1): Promise<void> {
      const running = Array.from({ length: loops }, loop);
      running.forEach((one) => one.start());
      try {
        await until(
          async () => (await Promise.all(skus.map(countMarks))).every((count) => count === 0),
          'all marks are worked off',
        );
      } finally {
        await Promise.all(running.map((one) => one.stop()));
      }
    },
    /** What the order has of the product: by state, and what it waits for. */
    async standing(orderId: string, sku?: string): Promise<string> {
      const { rows } = await sql<{ part: string }>`
        select r.state || ' ' || sum(r.quantity) as part from reservations r
        where order_id = ${orderId} and (${sku ?? null}::text is null or sku = ${sku ?? null}) group by r.state
        union all select b.state || ' ' || b.filled || '/' || b.quantity from backorders b
        where order_id = ${orderId} and (${sku ?? null}::text is null or sku = ${sku ?? null}) order by 1 desc`.execute(
        db,
      );
      return rows.map(({ part }) => part).join(', ');
    },
    async events(orderId: string): Promise<{ type: string; data: Record<string, unknown> }[]> {
      const { rows } = await sql<{ type: string; data: Record<string, unknown> }>`
        select event_type as type, data from events where order_id = ${orderId} order by sequence`.execute(db);
      return rows;
    },
    async row(orderId: string): Promise<{ status: string; waiting: unknown; isClosed: boolean; ending: unknown }> {
      const { rows } = await sql<{ status: string; waiting: unknown; isClosed: boolean; ending: unknown }>`
        select status, waiting, closed_at is not null as "isClosed", ending from orders where id = ${orderId}`.execute(
        db,
      );
      if (!rows[0]) throw new Error(`Expected order ${orderId}; found none`);
      return rows[0];
    },
    /** The time that the order waits for stock is over; or half of it. */
    async runOut(orderId: string, { half = false } = {}): Promise<void> {
      await sql`
        update backorders set until = clock_timestamp() + ${half ? '10 minutes' : '0 seconds'}::interval
        where order_id = ${orderId} and state = 'waiting'`.execute(db);
    },
    /** Packs and delivers (or loses) a shipment, by what a warehouse and a carrier tell. */
    async deliver(orderId: string, number: number, status: 'delivered' | 'lost' = 'delivered'): Promise<void> {
      await createPacking({ db }).pack({ orderId, number, tenant, actor: 'packer' });
      await shipments.recordFacts({ orderId, number, facts: [{ status, at: new Date().toISOString() }] });
    },
    async shipped(orderId: string): Promise<string[]> {
      const found = (await createPacking({ db }).list({ tenant, orderId })) ?? [];
      return found.map(({ number, items }) => `${number}: ${items.map(({ quantity }) => quantity).join('+')}`);
    },
    /** Fails with every rule over rows that is broken. */
    async expectRules(): Promise<void> {
      const broken: Record<string, unknown> = {};
      for (const [name, query] of Object.entries(rowRules)) {
        const { rows } = await sql.raw(query).execute(db);
        if (rows.length > 0) broken[name] = rows;
      }
      expect(broken).toEqual({});
    },
    close,
  };
}
