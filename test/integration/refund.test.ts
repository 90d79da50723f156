// The undo of a charge against a provider where others have had their hands too: whatever was given back is a fact, and in the
// end nothing is taken.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import Stripe from 'stripe';
import { createRefundActivities } from '../../src/activities/refund.ts';
import { createStripeProvider } from '../../src/adapters/payment/stripe.ts';
import type { Database } from '../../src/adapters/postgres/database.ts';
import { createPaymentRecords } from '../../src/adapters/postgres/payment.ts';
import type { Ending } from '../../src/domain/rejection.ts';
import type { PaymentProvider, ProviderRefund } from '../../src/ports/payment.ts';
import { createPaymentSimulator, type PaymentSimulator } from '../../src/simulator/payment/server.ts';
import { acceptOrder, openTestDatabase, stockProduct } from '../support/database.ts';

let db: Database;
let close: () => Promise<void>;
let simulator: PaymentSimulator;
let dataDir: string;
let provider: PaymentProvider;
let dashboard: Stripe;
const ending: Ending = { status: 'cancelled', reason: 'test', actor: 'tester' };

beforeAll(async () => {
  ({ db, close } = await openTestDatabase());
  await stockProduct(db, 'book', 1_000);
  dataDir = await mkdtemp(join(tmpdir(), 'refund-'));
  simulator = await createPaymentSimulator({ dataDir, host: '127.0.0.1', port: 0 });
  provider = createStripeProvider({ apiKey: 'sk_test_1', apiBase: simulator.url, timeoutMs: 5_000 });
  dashboard = new Stripe('sk_test_2', { host: '127.0.0.1', port: simulator.port, protocol: 'http' });
});
afterAll(async () => {
  await simulator.close();
  await close();
  await rm(dataDir, { recursive: true });
});

const undo = (orderId: string, over: Partial<PaymentProvider> = {}): Promise<void> =>
  createRefundActivities({ provider: { ...provider, ...over }, payments: createPaymentRecords({ db }) }).refundPayment({
    orderId,
    ordinal: 1,
    ending,
  });

/** An order whose payment of 1,000 stands at the provider as the parameters say. */
async function charged(parameters: Partial<Stripe.PaymentIntentCreateParams> = { confirm: true }): Promise<{
  orderId: string;
  providerId: string;
}> {
  const orderId = await acceptOrder(db);
  const { id: providerId } = await dashboard.paymentIntents.create({
    amount: 1_000,
    currency: 'eur',
    payment_method: 'pm_card_visa',
    metadata: { orderId },
    ...parameters,
  });
  await createPaymentRecords({ db }).keepProviderId({ orderId, ordinal: 1, providerId });
  return { orderId, providerId };
}

async function books(orderId: string): Promise<{ state: string; ledger: number[]; refundRevision: number }> {
  const payment = await createPaymentRecords({ db }).find({ orderId, ordinal: 1 });
  const { rows } = await sql<{ amount: number }>`
    select amount_minor as amount from ledger where order_id = ${orderId} order by id`.execute(db);
  return { state: payment.state, ledger: rows.map(({ amount }) => amount), refundRevision: payment.refundRevision };
}

const refundsOf = async (providerId: string): Promise<number[]> =>
  (await dashboard.refunds.list({ payment_intent: providerId })).data.map(({ amount }) => amount);

async function inject(fault: object): Promise<void> {
  const headers = { 'Content-Type': 'application/json' };
  await fetch(`${simulator.url}/_simulator/faults`, { method: 'POST', headers, body: JSON.stringify(fault) });
}

describe('the undo of a charge', () => {
  test('finds that somebody else has given everything back, records it, and sends nothing', async () => {
    const { orderId, providerId } = await charged();
    await dashboard.refunds.create({ payment_intent: providerId });
    await undo(orderId);
    await undo(orderId);
    expect(await books(orderId)).toMatchObject({ state: 'refunded', ledger: [1_000, -1_000] });
    expect(await refundsOf(providerId)).toEqual([1_000]);
  });

  test('gives back only what somebody else has not', async () => {
    const { orderId, providerId } = await charged();
    await dashboard.refunds.create({ payment_intent: providerId, amount: 300 });
    await undo(orderId);
    expect(await books(orderId)).toMatchObject({ state: 'refunded', ledger: [1_000, -300, -700] });
    expect(await refundsOf(providerId)).toEqual([700, 300]);
  });

  test('gives back what was really taken, also when that is not what was asked for', async () => {
    const { orderId, providerId } = await charged({ confirm: true, capture_method: 'manual' });
    await dashboard.paymentIntents.capture(providerId, { amount_to_capture: 600 });
    await undo(orderId);
    expect(await books(orderId)).toMatchObject({ state: 'refunded', ledger: [600, -600] });
  });

  test('is finished by a refund by hand after ours has failed', async () => {
    const { orderId } = await charged();
    const failed: ProviderRefund = {
      refundId: 're_ours',
      amountMinor: 1_000,
      currency: 'EUR',
      key: `${orderId}:refund:1`,
      state: 'failed',
    };
    const listing = (...refunds: ProviderRefund[]) => ({ listRefunds: () => Promise.resolve({ done: refunds }) });
    await expect(undo(orderId, listing(failed))).rejects.toMatchObject({ type: 'NeedsOperator' });
    const byHand: ProviderRefund = { ...failed, refundId: `re_${orderId}`, key: null, state: 'succeeded' };
    await undo(orderId, listing(failed, byHand));
    expect(await books(orderId)).toMatchObject({ state: 'refunded', ledger: [1_000, -1_000] });
  });

  test('goes on under the next revision of a key under which the provider has stored a failure', async () => {
    const { orderId, providerId } = await charged();
    await inject({ operation: 'refund', mode: 'error_500', cached: true, match: { orderId } });
    await expect(undo(orderId)).rejects.toThrow();
    await expect(undo(orderId)).rejects.toThrow('a new key');
    await undo(orderId);
    expect(await books(orderId)).toEqual({ state: 'refunded', ledger: [1_000, -1_000], refundRevision: 2 });
    expect(await refundsOf(providerId)).toEqual([1_000]);
  });

  test('voids under the next revision too', async () => {
    const { orderId } = await charged({});
    await inject({ operation: 'cancel', mode: 'error_500', cached: true, match: { orderId } });
    await expect(undo(orderId)).rejects.toThrow();
    await expect(undo(orderId)).rejects.toThrow('a new key');
    await undo(orderId);
    expect(await books(orderId)).toMatchObject({ state: 'voided', ledger: [] });
  });
});
