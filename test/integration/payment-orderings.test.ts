// Our own answer, the provider's notice of it, the same notice again, and the end of the wait: in every order of the four, the
// order ends in an allowed state, and what is taken is what it is worth.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import Stripe from 'stripe';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createProviderActivities, createStepActivities } from '../../src/activities/index.ts';
import { createStripeProvider } from '../../src/adapters/payment/stripe.ts';
import { createAmendmentRecords } from '../../src/adapters/postgres/amendment-work.ts';
import { createAttemptLog } from '../../src/adapters/postgres/attempts.ts';
import type { Database } from '../../src/adapters/postgres/database.ts';
import { createBackorderSteps } from '../../src/adapters/postgres/backorder-wait.ts';
import { createCaptureRecords } from '../../src/adapters/postgres/capture.ts';
import { createInventory } from '../../src/adapters/postgres/inventory.ts';
import { createOrderSteps } from '../../src/adapters/postgres/order.ts';
import { createReturnRecords } from '../../src/adapters/postgres/return-work.ts';
import { createShipmentRecords } from '../../src/adapters/postgres/shipment.ts';
import { createPaymentRecords } from '../../src/adapters/postgres/payment.ts';
import { createPaymentNotices } from '../../src/adapters/postgres/payment-notices.ts';
import { createRefundRecords } from '../../src/adapters/postgres/refund-work.ts';
import { createPaymentNoticeLoop } from '../../src/background/payment-notices.ts';
import type { Ending } from '../../src/domain/rejection.ts';
import { createPaymentSimulator, type PaymentSimulator } from '../../src/simulator/payment/server.ts';
import { acceptOrder, openTestDatabase, silent, stockProduct } from '../support/database.ts';
import { until } from '../support/until.ts';

let db: Database;
let close: () => Promise<void>;
let simulator: PaymentSimulator;
let dataDir: string;
let steps: ReturnType<typeof createStepActivities>;
let charging: ReturnType<typeof createProviderActivities>;
let dashboard: Stripe;

beforeAll(async () => {
  ({ db, close } = await openTestDatabase());
  await stockProduct(db, 'book', 1_000);
  dataDir = await mkdtemp(join(tmpdir(), 'orderings-'));
  simulator = await createPaymentSimulator({ dataDir, host: '127.0.0.1', port: 0 });
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
  steps = createStepActivities(ports);
  charging = createProviderActivities({ ...ports, provider, attempts: createAttemptLog({ db }) });
  dashboard = new Stripe('sk_test_2', { host: '127.0.0.1', port: simulator.port, protocol: 'http' });
});
afterAll(async () => {
  await simulator.close();
  await close();
  await rm(dataDir, { recursive: true });
});

type Step = 'answer' | 'notice' | 'notice again' | 'expiry';
const orderings = permutations<Step>(['answer', 'notice', 'notice again', 'expiry']);

test.each(orderings.map((order) => [order.join(' → '), order] as const))('%s', async (_name, order) => {
  const orderId = await acceptOrder(db);
  await sql`update payments set payment_method = 'pm_card_threeDSecure2Required' where order_id = ${orderId}`.execute(
    db,
  );
  await steps.reserveInventory({ orderId });
  expect(await charge(orderId)).toEqual({ waitsFor: 'customer' });
  await customerPays(orderId);
  for (const step of order) await perform(step, orderId);
  // The workflow that hears of the capture confirms, unless its wait ended first.
  if (!(await isEnding(orderId))) await steps.confirmOrder({ orderId });

  const { status, taken, held } = await books(orderId);
  expect(['confirmed', 'rejected']).toContain(status);
  expect({ status, taken, held }).toEqual({ status, taken: status === 'confirmed' ? 1_000 : 0, held: 0 });
  const [intent] = (await dashboard.paymentIntents.list({ limit: 1 })).data;
  const refunds = (await dashboard.refunds.list({ payment_intent: intent?.id ?? '' })).data;
  const refunded = refunds.reduce((sum, { amount }) => sum + amount, 0);
  expect((intent?.amount_received ?? 0) - refunded).toBe(taken);
});

const charge = (orderId: string): Promise<unknown> =>
  new MockActivityEnvironment().run(() => charging.chargePayment({ orderId, ordinal: 1 }));

async function customerPays(orderId: string): Promise<void> {
  const { providerId } = await createPaymentRecords({ db }).find({ orderId, ordinal: 1 });
  const headers = { 'Content-Type': 'application/json' };
  await fetch(`${simulator.url}/_simulator/payment_intents/${providerId ?? ''}/authenticate`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ outcome: 'succeed' }),
  });
}

async function perform(step: Step, orderId: string): Promise<void> {
  switch (step) {
    case 'answer':
      // After the end of the wait there is no workflow left that asks.
      if (!(await isEnding(orderId))) await charge(orderId);
      return;
    case 'notice':
    case 'notice again':
      return notice(orderId, step === 'notice' ? 'evt_1' : 'evt_2');
    case 'expiry':
      return expire(orderId);
  }
}

/** The provider's event through the inbox, with receivers that do what the workflows do. */
async function notice(orderId: string, event: string): Promise<void> {
  const { providerId } = await createPaymentRecords({ db }).find({ orderId, ordinal: 1 });
  const notices = createPaymentNotices({ db });
  const eventId = `${event}_${orderId}`;
  const eventType = 'payment_intent.succeeded';
  await notices.keep({ eventId, eventType, paymentId: providerId ?? '', refundId: null, disputeId: null, orderId });
  await sql`update payment_notices set due_at = now() - interval '1 second' where event_id = ${eventId}`.execute(db);
  const receivers = {
    tellOrder: async () => (await charge(orderId), true),
    followPayment: async (request: { orderId: string; paymentId: string }) => {
      await new MockActivityEnvironment().run(() => charging.followPayment(request));
    },
  };
  const loop = createPaymentNoticeLoop({ notices, receivers, logger: silent });
  loop.start();
  await until(async () => {
    const { rows } =
      await sql`select 1 from payment_notices where event_id = ${eventId} and outcome is not null`.execute(db);
    return rows.length > 0;
  }, 'the notice is done with');
  await loop.stop();
}

async function expire(orderId: string): Promise<void> {
  const { status } = await books(orderId);
  if (status === 'confirmed') return;
  const ending: Ending = { status: 'rejected', rejection: { code: 'payment.expired', message: 'too late' } };
  await new MockActivityEnvironment().run(() => charging.refundPayment({ orderId, ordinal: 1, ending }));
  await steps.releaseInventory({ orderId, ending });
  await steps.closeOrder({ orderId, ending });
}

async function isEnding(orderId: string): Promise<boolean> {
  const { rows } = await sql`select 1 from orders where id = ${orderId} and ending is not null`.execute(db);
  return rows.length > 0;
}

async function books(orderId: string): Promise<{ status: string; taken: number; held: number }> {
  const { rows } = await sql<{ status: string; taken: number; held: number }>`
    select status, (select coalesce(sum(amount_minor), 0)::bigint from ledger where order_id = o.id) as taken,
           (select count(*)::int from reservations where order_id = o.id and state = 'held') as held
    from orders o where id = ${orderId}`.execute(db);
  const [row] = rows;
  if (!row) throw new Error(`Expected order ${orderId}; found none`);
  return row;
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, index) =>
    permutations(items.filter((_, other) => other !== index)).map((rest) => [item, ...rest]),
  );
}
