// Sold orders that ship, with their payments at a simulated provider, and amendments of them, over a real database without Temporal.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { sql } from 'kysely';
import Stripe from 'stripe';
import { createAmendmentChargeActivities } from '../../src/activities/amendment-charge.ts';
import { createPaymentActivities } from '../../src/activities/payment.ts';
import { createFollowPaymentActivities } from '../../src/activities/follow-payment.ts';
import { createStripeProvider } from '../../src/adapters/payment/stripe.ts';
import { createAcceptance } from '../../src/adapters/postgres/acceptance.ts';
import { createAmendmentRecords } from '../../src/adapters/postgres/amendment-work.ts';
import { createAmendments } from '../../src/adapters/postgres/amendment.ts';
import { createCatalogue } from '../../src/adapters/postgres/catalogue.ts';
import { createInventory } from '../../src/adapters/postgres/inventory.ts';
import { createOrderReading } from '../../src/adapters/postgres/order-reading.ts';
import { createOrderSteps } from '../../src/adapters/postgres/order.ts';
import { createPacking } from '../../src/adapters/postgres/packing.ts';
import { createPaymentRecords } from '../../src/adapters/postgres/payment.ts';
import { createReconciliationBooks } from '../../src/adapters/postgres/reconciliation-books.ts';
import { createRefunds } from '../../src/adapters/postgres/refund.ts';
import { createShipmentRecords } from '../../src/adapters/postgres/shipment.ts';
import { createWarehouses } from '../../src/adapters/postgres/warehouse.ts';
import { createConfiguredPricing } from '../../src/adapters/pricing/configured.ts';
import type { RefundWish } from '../../src/domain/refund.ts';
import { noTerms, type PricingTerms } from '../../src/domain/totals.ts';
import type { AcceptAmendment, AcceptingAmendment } from '../../src/ports/amendment.ts';
import type { Amendment, Order } from '../../src/ports/order.ts';
import type { PaymentProvider } from '../../src/ports/payment.ts';
import { createPaymentSimulator } from '../../src/simulator/payment/server.ts';
import { rowRules } from '../../src/verify/invariants.ts';
import { openTestDatabase, stockProduct } from './database.ts';

export type Amending = Awaited<ReturnType<typeof startAmending>>;
export const address = { name: 'A', line1: 'B', city: 'C', postalCode: '1', country: 'DE' };
type Line = { sku: string; quantity: number };

export async function startAmending(terms: PricingTerms = noTerms) {
  const { db, close } = await openTestDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'amending-'));
  const simulator = await createPaymentSimulator({ dataDir, host: '127.0.0.1', port: 0 });
  const provider = createStripeProvider({ apiKey: 'sk_test_1', apiBase: simulator.url, timeoutMs: 5_000 });
  const dashboard = new Stripe('sk_test_2', { host: '127.0.0.1', port: simulator.port, protocol: 'http' });
  const pricing = createConfiguredPricing(terms);
  const ports = {
    payments: createPaymentRecords({ db }),
    orders: createOrderSteps({ db }),
    inventory: createInventory({ db }),
    amendments: createAmendmentRecords({ db }),
  };
  const shipments = createShipmentRecords({ db });
  const door = createAmendments({ db, pricing });

  async function stockAt(warehouse: string, priority: number, sku: string, quantity: number): Promise<void> {
    await createWarehouses({ db }).put({ tenant: 'local', id: warehouse, name: warehouse, priority, ships: true });
    const added = { delta: quantity, reason: 'r', warehouse, idempotencyKey: randomUUID(), requestHash: 'h' };
    const answer = { status: 200, body: '', location: null };
    await createCatalogue({ db }).adjust({ tenant: 'local', sku, ...added }, () => answer);
  }

  async function place(items: readonly Line[], { paymentMethod = 'pm_card_visa', savePaymentMethod = false } = {}) {
    const placing = await createAcceptance({ db, pricing }).place(
      {
        ...{ tenant: 'local', idempotencyKey: randomUUID(), requestHash: 'hash', correlationId: 'correlation-1' },
        ...{ customerId: 'customer-1', paymentMethod, items, shipping: address, metadata: {}, savePaymentMethod },
        ...{ paymentRetryMinutes: null, onShortage: 'reject' as const, onlyRepeats: false },
      },
      { now: ({ id }) => ({ status: 202, body: id, location: null }) },
    );
    if (!('order' in placing)) throw new Error(`Expected an order; found ${JSON.stringify(placing)}`);
    await ports.inventory.reserve({ orderId: placing.order.id });
    return { orderId: placing.order.id, amountMinor: placing.order.totalMinor };
  }

  /** An order that ships, sold, paid, and divided into shipments. */
  async function sell(items: readonly Line[] = [{ sku: 'book', quantity: 2 }], { isPlanned = true } = {}) {
    const { orderId, amountMinor } = await place(items);
    const { id: providerId } = await dashboard.paymentIntents.create({
      ...{ amount: amountMinor, currency: 'eur', payment_method: 'pm_card_visa', confirm: true, metadata: { orderId } },
    });
    await ports.payments.keepProviderId({ orderId, ordinal: 1, providerId });
    await ports.payments.recordCapture({ orderId, ordinal: 1, providerId, amountMinor, currency: 'EUR' });
    await ship(orderId, { isPlanned });
    return orderId;
  }

  async function ship(orderId: string, { isPlanned = true } = {}): Promise<void> {
    await ports.orders.confirm({ orderId });
    if (isPlanned) await shipments.plan({ orderId });
  }

  async function find(orderId: string): Promise<Order> {
    const order = await createOrderReading({ db }).find({ tenant: 'local', orderId });
    if (!order) throw new Error(`Expected order ${orderId}; found none`);
    return order;
  }

  const ask = async (orderId: string, wish: Partial<AcceptAmendment>): Promise<AcceptingAmendment> =>
    door.accept(
      {
        ...{ tenant: 'local', orderId, version: (await find(orderId)).version, actor: 'customer-1', reason: 'changed' },
        ...{ items: null, shipping: null, paymentMethod: 'pm_card_visa' },
        ...{ idempotencyKey: randomUUID(), requestHash: 'hash' },
        ...wish,
      },
      (amendment) => ({ status: 202, body: JSON.stringify(amendment), location: null }),
    );

  const activities = (over: Partial<PaymentProvider> = {}) =>
    createAmendmentChargeActivities({ ...ports, provider: { ...provider, ...over } });
  const run = <T>(work: () => Promise<T>): Promise<T> =>
    new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR', () => undefined) }).run(work);
  async function chargeOf(orderId: string, number = 1) {
    const { rows } = await sql<{ ordinal: number }>`
      select ordinal from amendments where order_id = ${orderId} and number = ${number}`.execute(db);
    return { orderId, number, ordinal: rows[0]?.ordinal ?? 0 };
  }

  /** A payment of an order that ends is refunded, as its undo would. */
  async function giveBack(orderId: string, ordinal: number): Promise<void> {
    const payment = await ports.payments.find({ orderId, ordinal });
    const { id: refundId } = await dashboard.refunds.create({ payment_intent: payment.providerId ?? '' });
    const { amountMinor, currency } = payment;
    await ports.payments.recordRefund({ orderId, ordinal, refundId, amountMinor, currency });
  }

  return {
    ...{ db, provider, dashboard, ...ports, shipments, sell, find, ask, stockAt, activities, run, place, ship },
    simulatorUrl: simulator.url,
    /** Takes the order's own money, as its workflow does. */
    pay: (orderId: string, ordinal = 1, over: Partial<PaymentProvider> = {}) =>
      run(() =>
        createPaymentActivities({ ...ports, provider: { ...provider, ...over } }).chargePayment({ orderId, ordinal }),
      ),
    /** An operator wants something given back. */
    refund: (orderId: string, wish: RefundWish = { amountMinor: 100 }) =>
      createRefunds({ db }).accept(
        {
          ...{ tenant: 'local', orderId, actor: 'operator-1', reason: 'broken', wish },
          ...{ idempotencyKey: randomUUID(), requestHash: 'hash' },
        },
        () => ({ status: 202, body: '{}', location: null }),
      ),
    books: createReconciliationBooks({ db }),
    stock: (sku: string, onHand: number): Promise<void> => stockProduct(db, sku, onHand),
    /** Accepted; its number. */
    amend: async (orderId: string, wish: Partial<AcceptAmendment>): Promise<number> =>
      acceptedIn(await ask(orderId, wish)).number,
    charge: async (orderId: string, number = 1, over: Partial<PaymentProvider> = {}): Promise<void> => {
      const request = await chargeOf(orderId, number);
      await run(() => activities(over).chargeAmendment(request));
    },
    giveBack,
    undo: async (orderId: string, number = 1): Promise<void> => {
      const request = { ...(await chargeOf(orderId, number)), refusal };
      await run(() => activities().undoAmendment(request));
    },
    refuse: (orderId: string, number = 1) => ports.amendments.refuse({ orderId, number, refusal }),
    follow: (orderId: string, paymentId: string): Promise<void> =>
      createFollowPaymentActivities({ provider, ...ports }).followPayment({ orderId, paymentId }),
    pack: (orderId: string, number = 1) =>
      createPacking({ db }).pack({ orderId, number, tenant: 'local', actor: 'packer' }),
    /** Each of its payments: whether it counts for the order, its state, and what is left of it by the ledger. */
    paymentsOf: async (orderId: string) => {
      const { rows } = await sql<{ stray: boolean; state: string; left: number; providerId: string | null }>`
        select stray, state, provider_id as "providerId", coalesce((
          select sum(amount_minor) from ledger l where l.order_id = p.order_id and l.ordinal = p.ordinal), 0)::bigint as left
        from payments p where order_id = ${orderId} order by ordinal`.execute(db);
      return rows;
    },
    /** What there is of a product, warehouse by warehouse: on hand, reserved. */
    levels: async (sku: string): Promise<Record<string, [number, number]>> => {
      const { rows } = await sql<{ warehouse: string; onHand: number; reserved: number }>`
        select warehouse, on_hand as "onHand", reserved from stock where sku = ${sku}`.execute(db);
      return Object.fromEntries(rows.map(({ warehouse, onHand, reserved }) => [warehouse, [onHand, reserved]]));
    },
    eventsOf: async (orderId: string): Promise<string[]> => {
      const { rows } = await sql<{ type: string }>`
        select event_type as type from events where order_id = ${orderId} order by sequence`.execute(db);
      return rows.map(({ type }) => type);
    },
    /** The invariants that the rows break, by name; positions are the sequencer's. */
    broken: async (): Promise<Record<string, unknown>> => {
      const broken: Record<string, unknown> = {};
      for (const [name, query] of Object.entries(rowRules)) {
        const { rows } = await sql.raw(query).execute(db);
        if (rows.length > 0) broken[name] = rows;
      }
      return broken;
    },
    close: async (): Promise<void> => {
      await simulator.close();
      await close();
      await rm(dataDir, { recursive: true });
    },
  };
}

export const books = (quantity: number) => [{ sku: 'book', quantity }];
export const cancellation = { actor: 'customer-1', reason: 'changed my mind' };
export const ref = (orderId: string, number = 1) => ({ orderId, number });
export const refusal = { code: 'payment.declined', message: 'no' } as const;

/** The amendment that was accepted. */
export function acceptedIn(accepting: AcceptingAmendment): Amendment {
  if (!('answer' in accepting)) throw new Error(`Expected it to be accepted; found ${JSON.stringify(accepting)}`);
  return JSON.parse(accepting.answer.body) as Amendment;
}
