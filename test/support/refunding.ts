// Sold orders with their payment at a simulated provider, and refunds of them, over a real database without Temporal.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import Stripe from 'stripe';
import { createFollowPaymentActivities } from '../../src/activities/follow-payment.ts';
import { createPayRefundActivities } from '../../src/activities/pay-refund.ts';
import { createStripeProvider } from '../../src/adapters/payment/stripe.ts';
import { createInventory } from '../../src/adapters/postgres/inventory.ts';
import { createOrderSteps } from '../../src/adapters/postgres/order.ts';
import { createPaymentRecords } from '../../src/adapters/postgres/payment.ts';
import { createRefundRecords } from '../../src/adapters/postgres/refund-work.ts';
import { createRefunds } from '../../src/adapters/postgres/refund.ts';
import { refundOrderId } from '../../src/contracts/refund-order.ts';
import type { PaymentProvider } from '../../src/ports/payment.ts';
import type { Refund } from '../../src/ports/order.ts';
import type { AcceptingRefund, AcceptRefund, RefundRecords } from '../../src/ports/refund.ts';
import { createPaymentSimulator } from '../../src/simulator/payment/server.ts';
import { acceptOrder, openTestDatabase, stockProduct } from './database.ts';

export type Refunding = Awaited<ReturnType<typeof startRefunding>>;

export async function startRefunding() {
  const { db, close } = await openTestDatabase();
  await stockProduct(db, 'book', 1_000);
  const dataDir = await mkdtemp(join(tmpdir(), 'refunding-'));
  const simulator = await createPaymentSimulator({ dataDir, host: '127.0.0.1', port: 0 });
  const provider = createStripeProvider({ apiKey: 'sk_test_1', apiBase: simulator.url, timeoutMs: 5_000 });
  const dashboard = new Stripe('sk_test_2', { host: '127.0.0.1', port: simulator.port, protocol: 'http' });
  const payments = createPaymentRecords({ db });
  const orders = createOrderSteps({ db });
  const records = createRefundRecords({ db });
  const refunds = createRefunds({ db });

  /** An order of so many books, 1,000 each, sold and paid. */
  async function sell({ quantity = 1, paymentMethod = 'pm_card_visa', ships = false } = {}) {
    const orderId = await acceptOrder(db, ['book'], quantity);
    if (ships) await sql`update orders set ships = true, shipping = '{"name":"A"}' where id = ${orderId}`.execute(db);
    const amountMinor = quantity * 1_000;
    await createInventory({ db }).reserve({ orderId });
    const { id: providerId } = await dashboard.paymentIntents.create({
      ...{ amount: amountMinor, currency: 'eur', payment_method: paymentMethod, confirm: true, metadata: { orderId } },
    });
    await payments.keepProviderId({ orderId, ordinal: 1, providerId });
    await payments.recordCapture({ orderId, ordinal: 1, providerId, amountMinor, currency: 'EUR' });
    await orders.confirm({ orderId });
    return { orderId, providerId };
  }

  const request = (orderId: string, wish: AcceptRefund['wish'] = {}, more: Partial<AcceptRefund> = {}) =>
    refunds.accept(
      {
        ...{ tenant: 'local', orderId, actor: 'operator-1', reason: 'broken', wish },
        ...{ idempotencyKey: randomUUID(), requestHash: 'hash' },
        ...more,
      },
      (refund) => ({
        status: 202,
        body: JSON.stringify(refund),
        location: `/orders/${orderId}/refunds/${refund.number}`,
      }),
    );

  /** A sold order of which something is to be given back. */
  async function ask(wish: AcceptRefund['wish'], sold: Parameters<typeof sell>[0] = {}) {
    const order = await sell(sold);
    return { ...order, number: acceptedIn(await request(order.orderId, wish)).number };
  }

  type Over = { provider?: Partial<PaymentProvider>; refunds?: Partial<RefundRecords> };
  const activities = (over: Over = {}) =>
    createPayRefundActivities({
      ...{ payments, orders },
      provider: { ...provider, ...over.provider },
      refunds: { ...records, ...over.refunds },
    });

  async function find(orderId: string, number = 1): Promise<Refund> {
    const found = (await refunds.list({ tenant: 'local', orderId }))?.find((refund) => refund.number === number);
    if (!found) throw new Error(`Expected refund ${number} of ${orderId}; found none`);
    return found;
  }

  return {
    ...{ db, provider, payments, orders, records, dashboard, sell, request, ask, activities, find },
    follow: ({ orderId, providerId }: { orderId: string; providerId: string }): Promise<void> =>
      createFollowPaymentActivities({ provider, payments, orders }).followPayment({ orderId, paymentId: providerId }),
    /** What went back by the provider's own list, the last first. */
    refundsAt: async (providerId: string): Promise<number[]> =>
      (await dashboard.refunds.list({ payment_intent: providerId })).data
        .filter(({ status }) => status === 'succeeded')
        .map(({ amount }) => amount),
    ledgerOf: async (orderId: string): Promise<number[]> => {
      const { rows } = await sql<{ amount: number }>`
        select amount_minor as amount from ledger where order_id = ${orderId} order by id`.execute(db);
      return rows.map(({ amount }) => amount);
    },
    eventsOf: async (orderId: string): Promise<string[]> => {
      const { rows } = await sql<{ type: string }>`
        select event_type as type from events where order_id = ${orderId} order by sequence`.execute(db);
      return rows.map(({ type }) => type);
    },
    inject: async (fault: object): Promise<void> => {
      const headers = { 'Content-Type': 'application/json' };
      await fetch(`${simulator.url}/_simulator/faults`, { method: 'POST', headers, body: JSON.stringify(fault) });
    },
    /** As if what was allowed to be sent had been so a long time ago. */
    age: async (orderId: string): Promise<void> => {
      await sql`update refund_parts set sent_at = sent_at - interval '2 minutes' where order_id = ${orderId}`.execute(
        db,
      );
    },
    close: async (): Promise<void> => {
      await simulator.close();
      await close();
      await rm(dataDir, { recursive: true });
    },
  };
}

/** The refund that was accepted. */
export function acceptedIn(accepting: AcceptingRefund): Refund {
  if (!('answer' in accepting))
    throw new Error(`Expected the refund to be accepted; found ${JSON.stringify(accepting)}`);
  return JSON.parse(accepting.answer.body) as Refund;
}

/** A request of a workflow that has parked so often in its (first) run. */
export const after = (parkings: number, { orderId, number }: { orderId: string; number: number }, runId = 'run-1') => ({
  ...{ orderId, number },
  parked: {
    orderId,
    workflowId: refundOrderId({ orderId, number }),
    parking: {
      runId,
      runStartedAt: runId === 'run-1' ? '2026-01-01T00:00:00Z' : '2026-01-02T00:00:00Z',
      number: parkings,
    },
  },
});
