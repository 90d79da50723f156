// Orders that are paid as they ship, with their payments at a simulated provider, over a real database without Temporal.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { sql } from 'kysely';
import Stripe from 'stripe';
import { createProviderActivities } from '../../src/activities/index.ts';
import { createStripeProvider } from '../../src/adapters/payment/stripe.ts';
import { createAcceptance } from '../../src/adapters/postgres/acceptance.ts';
import { createAmendmentRecords } from '../../src/adapters/postgres/amendment-work.ts';
import { createAttemptLog } from '../../src/adapters/postgres/attempts.ts';
import { createBackorderSteps } from '../../src/adapters/postgres/backorder-wait.ts';
import { createCaptureMarks } from '../../src/adapters/postgres/capture-marks.ts';
import { createCaptureRecords } from '../../src/adapters/postgres/capture.ts';
import { createCatalogue } from '../../src/adapters/postgres/catalogue.ts';
import { createInventory } from '../../src/adapters/postgres/inventory.ts';
import { createOrderReading } from '../../src/adapters/postgres/order-reading.ts';
import { createOrderSteps } from '../../src/adapters/postgres/order.ts';
import { createPacking } from '../../src/adapters/postgres/packing.ts';
import { createPaymentRecords } from '../../src/adapters/postgres/payment.ts';
import { createRefundRecords } from '../../src/adapters/postgres/refund-work.ts';
import { createShipmentRecords } from '../../src/adapters/postgres/shipment.ts';
import { createWarehouses } from '../../src/adapters/postgres/warehouse.ts';
import { createConfiguredPricing } from '../../src/adapters/pricing/configured.ts';
import type { OnShortage } from '../../src/domain/backorder.ts';
import type { CarrierNews } from '../../src/domain/shipment.ts';
import { noTerms } from '../../src/domain/totals.ts';
import type { Order } from '../../src/ports/order.ts';
import type { PaymentProvider } from '../../src/ports/payment.ts';
import { createPaymentSimulator } from '../../src/simulator/payment/server.ts';
import { compareWithJournal, repeatedEffects, rowRules, type JournalItem } from '../../src/verify/invariants.ts';
import { openTestDatabase, stockProduct } from './database.ts';

export type Capturing = Awaited<ReturnType<typeof startCapturing>>;
type Wanted = { skus?: readonly string[]; paymentMethod?: string; onShortage?: OnShortage; quantity?: number };

/** A shop with books (10.00 EUR) in one warehouse and pens (3.33 EUR) in another; `authorizationMarginMs` as the worker has it. */
export async function startCapturing({ authorizationMarginMs }: { authorizationMarginMs?: number } = {}) {
  const { db, close } = await openTestDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'capturing-'));
  const simulator = await createPaymentSimulator({ dataDir, host: '127.0.0.1', port: 0 });
  const provider = createStripeProvider({ apiKey: 'sk_test_1', apiBase: simulator.url, timeoutMs: 5_000 });
  const dashboard = new Stripe('sk_test_2', { host: '127.0.0.1', port: simulator.port, protocol: 'http' });
  const ports = {
    payments: createPaymentRecords({ db, authorizationMarginMs }),
    captures: createCaptureRecords({ db, authorizationMarginMs }),
    inventory: createInventory({ db }),
    orders: createOrderSteps({ db }),
    refunds: createRefundRecords({ db }),
    amendments: createAmendmentRecords({ db }),
  };
  const shipments = createShipmentRecords({ db });
  const backorders = createBackorderSteps({ db });
  await stockProduct(db, 'book', 10_000);
  await createCatalogue({ db }).put({
    tenant: 'local',
    sku: 'pen',
    name: 'pen',
    priceMinor: 333,
    currency: 'EUR',
    onHand: 0,
  });
  await createCatalogue({ db }).put({
    tenant: 'local',
    sku: 'rare',
    name: 'rare',
    priceMinor: 500,
    currency: 'EUR',
    onHand: 0,
  });
  await createWarehouses({ db }).put({ tenant: 'local', id: 'east', name: 'East', priority: 900, ships: true });
  const added = { delta: 10_000, reason: 'r', warehouse: 'east', idempotencyKey: randomUUID(), requestHash: 'h' };
  await createCatalogue({ db }).adjust({ tenant: 'local', sku: 'pen', ...added }, () => ({
    status: 200,
    body: '',
    location: null,
  }));

  /** The activities at the provider, which behaves otherwise where the test says so. */
  const activities = (over: Partial<PaymentProvider> = {}) =>
    createProviderActivities({ ...ports, provider: { ...provider, ...over }, attempts: createAttemptLog({ db }) });
  const run = <T>(work: () => Promise<T>): Promise<T> =>
    new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR', () => undefined) }).run(work);

  async function place({
    skus = ['book', 'pen'],
    paymentMethod = 'pm_card_visa',
    onShortage = 'reject',
    quantity = 1,
  }: Wanted = {}) {
    const placing = await createAcceptance({ db, pricing: createConfiguredPricing(noTerms) }).place(
      {
        ...{ tenant: 'local', idempotencyKey: randomUUID(), requestHash: 'hash', correlationId: 'correlation-1' },
        ...{ customerId: 'customer-1', paymentMethod, items: skus.map((sku) => ({ sku, quantity })) },
        ...{ shipping: { name: 'A', country: 'DE' }, metadata: {}, paymentRetryMinutes: null, onShortage },
        ...{ capture: 'per-shipment' as const, onlyRepeats: false },
      },
      { now: ({ id }) => ({ status: 202, body: id, location: null }) },
    );
    if (!('order' in placing)) throw new Error(`Expected an order; found ${JSON.stringify(placing)}`);
    await ports.inventory.reserve({ orderId: placing.order.id });
    return placing.order.id;
  }

  const charge = (orderId: string, over: Partial<PaymentProvider> = {}) =>
    run(() => activities(over).chargePayment({ orderId, ordinal: 1 }));

  /** Placed, authorized, sold, and divided into a shipment for each warehouse. */
  async function sell(wanted: Wanted = {}): Promise<string> {
    const orderId = await place(wanted);
    await charge(orderId);
    await ports.orders.confirm({ orderId });
    if ((wanted.onShortage ?? 'reject') === 'reject') await shipments.plan({ orderId });
    else await backorders.awaitStock({ orderId, withinMs: 60_000 });
    return orderId;
  }

  /** The warehouse packs it, and a carrier tells of it. */
  async function ship(orderId: string, number = 1, ...news: CarrierNews[]): Promise<void> {
    await createPacking({ db }).pack({ orderId, number, tenant: 'local', actor: 'packer' });
    const facts = (news.length > 0 ? news : ['dispatched' as const]).map((status, day) => ({
      status,
      at: `2026-02-0${day + 1}T00:00:00.000Z`,
    }));
    await shipments.recordFacts({ orderId, number, facts });
  }

  const parkedOf = (orderId: string, number = 0) => ({
    ...{ orderId, workflowId: `${orderId}:capture:1` },
    parking: { runId: 'run-1', runStartedAt: '2026-01-01T00:00:00.000Z', number },
  });
  const captureOnce = (orderId: string, over: Partial<PaymentProvider> = {}) =>
    run(() => activities(over).capturePayment({ orderId, ordinal: 1, parked: parkedOf(orderId) }));

  /** As its workflow does: until nothing is due. */
  async function capture(orderId: string, over: Partial<PaymentProvider> = {}): Promise<void> {
    while (!(await captureOnce(orderId, over)).isDone);
  }

  async function find(orderId: string): Promise<Order> {
    const order = await createOrderReading({ db }).find({ tenant: 'local', orderId });
    if (!order) throw new Error(`Expected order ${orderId}; found none`);
    return order;
  }

  async function control(path: string, body: object): Promise<void> {
    const headers = { 'Content-Type': 'application/json' };
    const request = { method: 'POST', headers, body: JSON.stringify(body) };
    const answer = await fetch(`${simulator.url}/_simulator/${path}`, request);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  }

  async function providerIdOf(orderId: string): Promise<string> {
    const { providerId } = await ports.payments.find({ orderId, ordinal: 1 });
    if (providerId === null) throw new Error(`Expected a payment of order ${orderId}; found none`);
    return providerId;
  }

  async function journal(orderId?: string): Promise<JournalItem[]> {
    const answer = await fetch(
      `${simulator.url}/_simulator/journal${orderId === undefined ? '' : `?orderId=${orderId}`}`,
    );
    return ((await answer.json()) as { items: JournalItem[] }).items;
  }

  async function ledgerOf(orderId: string): Promise<number[]> {
    const { rows } = await sql<{ amount: number }>`
      select amount_minor as amount from ledger where order_id = ${orderId} order by id`.execute(db);
    return rows.map(({ amount }) => amount);
  }

  async function capturesOf(orderId: string): Promise<string[]> {
    const { rows } = await sql<{ amount: number; state: string }>`
      select amount_minor as amount, state from payment_captures where order_id = ${orderId} order by number`.execute(
      db,
    );
    return rows.map(({ amount, state }) => `${amount} ${state}`);
  }

  /** Every rule that is broken, by our rows and the provider's journal. */
  async function brokenRules(): Promise<Record<string, unknown[]>> {
    const broken: Record<string, unknown[]> = {};
    for (const [name, query] of Object.entries(rowRules)) broken[name] = (await sql.raw(query).execute(db)).rows;
    const { rows: ledger } = await sql<{ orderId: string; balance: number }>`
      select order_id as "orderId", sum(amount_minor)::bigint as balance from ledger group by order_id`.execute(db);
    const all = (await journal()).filter(({ orderId }) => orderId !== null);
    broken['journal'] = compareWithJournal(ledger, all);
    // What a person does at the provider has keys of its own.
    broken['keys'] = repeatedEffects(all.filter(({ idempotencyKey }) => idempotencyKey?.startsWith('order_') === true));
    return Object.fromEntries(Object.entries(broken).filter(([, rows]) => rows.length > 0));
  }

  return {
    ...{
      db,
      ports,
      provider,
      dashboard,
      shipments,
      backorders,
      activities,
      run,
      place,
      charge,
      sell,
      ship,
      captureOnce,
      capture,
    },
    ...{ find, control, providerIdOf, journal, ledgerOf, capturesOf, brokenRules, parkedOf },
    marks: createCaptureMarks({ db }),
    close: async (): Promise<void> => {
      await simulator.close();
      await close();
      await rm(dataDir, { recursive: true });
    },
  };
}
