// Orders with disputed payments over a real PostgreSQL and the simulator, without Temporal: what the tests of disputes share.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { sql } from 'kysely';
import Stripe from 'stripe';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createProviderActivities, createStepActivities } from '../../src/activities/index.ts';
import { createStripeProvider } from '../../src/adapters/payment/stripe.ts';
import { createAmendmentRecords } from '../../src/adapters/postgres/amendment-work.ts';
import { createAttemptLog } from '../../src/adapters/postgres/attempts.ts';
import { createBackorderSteps } from '../../src/adapters/postgres/backorder-wait.ts';
import { createCaptureRecords } from '../../src/adapters/postgres/capture.ts';
import { createInventory } from '../../src/adapters/postgres/inventory.ts';
import { createOrderSteps } from '../../src/adapters/postgres/order.ts';
import { createReturnRecords } from '../../src/adapters/postgres/return-work.ts';
import { createShipmentRecords } from '../../src/adapters/postgres/shipment.ts';
import { createPaymentRecords } from '../../src/adapters/postgres/payment.ts';
import { createRefundRecords } from '../../src/adapters/postgres/refund-work.ts';
import type { Ending } from '../../src/domain/rejection.ts';
import type { PaymentProvider } from '../../src/ports/payment.ts';
import { createPaymentSimulator } from '../../src/simulator/payment/server.ts';
import { rowRules } from '../../src/verify/invariants.ts';
import { acceptOrder, openTestDatabase, stockProduct } from './database.ts';

export type PaidOrder = { orderId: string; paymentId: string };
export type DisputeBooks = Awaited<ReturnType<typeof openDisputeBooks>>;

export const ending: Ending = { status: 'cancelled', reason: 'test', actor: 'tester' };
export const needsOperator = (what: string) => ({ type: 'NeedsOperator', message: expect.stringContaining(what) });
export const sumOf = (ledger: readonly [string, number][]): number =>
  ledger.reduce((sum, [, amount]) => sum + amount, 0);

// Failures are what these tests are about; they need not be read.
const logger = new DefaultLogger('ERROR', () => undefined);

export async function openDisputeBooks() {
  const { db, close } = await openTestDatabase();
  await stockProduct(db, 'book', 10_000);
  const dataDir = await mkdtemp(join(tmpdir(), 'disputes-'));
  const simulator = await createPaymentSimulator({ dataDir, host: '127.0.0.1', port: 0 });
  const provider = createStripeProvider({ apiKey: 'sk_test_1', apiBase: simulator.url, timeoutMs: 5_000 });
  const ports = {
    payments: createPaymentRecords({ db }),
    inventory: createInventory({ db }),
    orders: createOrderSteps({ db }),
    refunds: createRefundRecords({ db }),
    captures: createCaptureRecords({ db }),
    returns: createReturnRecords({ db }),
    shipments: createShipmentRecords({ db }),
    backorders: createBackorderSteps({ db }),
    amendments: createAmendmentRecords({ db }),
  };
  const steps = createStepActivities(ports);
  const dashboard = new Stripe('sk_test_2', { host: '127.0.0.1', port: simulator.port, protocol: 'http' });

  /** The activities at the provider, which behaves otherwise where the test says so. */
  const activities = (over: Partial<PaymentProvider> = {}) =>
    createProviderActivities({ ...ports, provider: { ...provider, ...over }, attempts: createAttemptLog({ db }) });
  const run = <T>(work: () => Promise<T>): Promise<T> => new MockActivityEnvironment({}, { logger }).run(work);

  async function control(path: string, body: object): Promise<{ id: string }> {
    const headers = { 'Content-Type': 'application/json' };
    const request = { method: 'POST', headers, body: JSON.stringify(body) };
    const answer = await fetch(`${simulator.url}/_simulator/${path}`, request);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as { id: string };
  }

  const undo = ({ orderId }: { orderId: string }, over: Partial<PaymentProvider> = {}): Promise<void> =>
    run(() => activities(over).refundPayment({ orderId, ordinal: 1, ending }));

  async function closeOrder({ orderId }: { orderId: string }): Promise<void> {
    await steps.releaseInventory({ orderId, ending });
    await steps.closeOrder({ orderId, ending });
  }

  return {
    ...{ db, provider, steps, dashboard, undo },
    close: async (): Promise<void> => {
      await simulator.close();
      await close();
      await rm(dataDir, { recursive: true });
    },
    /** An order whose payment of 1,000 is taken, and recorded. */
    async paid(): Promise<PaidOrder> {
      const orderId = await acceptOrder(db);
      await steps.reserveInventory({ orderId });
      await run(() => activities().chargePayment({ orderId, ordinal: 1 }));
      const { providerId } = await ports.payments.find({ orderId, ordinal: 1 });
      return { orderId, paymentId: providerId ?? '' };
    },
    dispute: async (paymentId: string, opening: object = {}): Promise<string> =>
      (await control(`payment_intents/${paymentId}/dispute`, opening)).id,
    decide: (disputeId: string, decision: object) => control(`disputes/${disputeId}/decide`, decision),
    follow: ({ orderId, paymentId }: PaidOrder, over: Partial<PaymentProvider> = {}): Promise<void> =>
      run(() => activities(over).followPayment({ orderId, paymentId })),
    /** What comes after the undo of the charge. */
    closeOrder,
    async end(order: PaidOrder): Promise<void> {
      await undo(order);
      await closeOrder(order);
    },
    async ledgerOf({ orderId }: { orderId: string }): Promise<[string, number][]> {
      const { rows } = await sql<{ kind: string; amount: number }>`
        select kind, amount_minor as amount from ledger where order_id = ${orderId} order by id`.execute(db);
      return rows.map(({ kind, amount }) => [kind, amount]);
    },
    async eventsOf({ orderId }: { orderId: string }): Promise<string[]> {
      const { rows } = await sql<{ type: string }>`
        select event_type as type from events where order_id = ${orderId} and event_type like 'payment.dispute%'
        order by sequence`.execute(db);
      return rows.map(({ type }) => type);
    },
    async statusOf({ orderId }: { orderId: string }): Promise<string> {
      const { rows } = await sql<{ status: string }>`select status from orders where id = ${orderId}`.execute(db);
      return rows[0]?.status ?? 'absent';
    },
    broken: async (rule: string): Promise<unknown[]> =>
      (await sql.raw(rowRules[rule] ?? 'no such rule').execute(db)).rows,
  };
}
