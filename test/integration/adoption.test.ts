// A payment or refund that an operator made by hand, against the provider (the simulator) and our own rows: what counts,
// and everything that must not. Money would be taken twice by the wrong answer here.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { createAdoptionActivities } from '../../src/activities/adoption.ts';
import { createFollowPaymentActivities } from '../../src/activities/follow-payment.ts';
import { createRefundActivities } from '../../src/activities/refund.ts';
import { createStripeProvider } from '../../src/adapters/payment/stripe.ts';
import { createAttemptLog } from '../../src/adapters/postgres/attempts.ts';
import type { Database } from '../../src/adapters/postgres/database.ts';
import { createOrderSteps } from '../../src/adapters/postgres/order.ts';
import { createPaymentRecords } from '../../src/adapters/postgres/payment.ts';
import { PAYMENT_TO_FOLLOW } from '../../src/domain/payment-notice.ts';
import type { Ending } from '../../src/domain/rejection.ts';
import type { PaymentProvider, PaymentRecords } from '../../src/ports/payment.ts';
import { createPaymentSimulator, type PaymentSimulator } from '../../src/simulator/payment/server.ts';
import { acceptOrder, openTestDatabase, stockProduct } from '../support/database.ts';

let dataDir: string;
let simulator: PaymentSimulator;
let provider: PaymentProvider;
let payments: PaymentRecords;
let db: Database;
let close: () => Promise<void>;
const ending = { status: 'cancelled', reason: 'test', actor: 'tester' } as const satisfies Ending;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'adoption-'));
  simulator = await createPaymentSimulator({ dataDir, host: '127.0.0.1', port: 0 });
  provider = createStripeProvider({ apiKey: 'sk_test_local', apiBase: simulator.url, timeoutMs: 5_000 });
  ({ db, close } = await openTestDatabase());
  payments = createPaymentRecords({ db });
  await stockProduct(db, 'book', 1_000);
});
afterAll(async () => {
  await simulator.close();
  await rm(dataDir, { recursive: true });
  await close();
});

async function stripe(path: string, parameters: Record<string, string>): Promise<string> {
  const answer = await fetch(`${simulator.url}/v1/${path}`, {
    method: 'POST',
    headers: { Authorization: 'Bearer sk_test_local' },
    body: new URLSearchParams(parameters),
  });
  return String(((await answer.json()) as { id?: string }).id);
}

/** A payment made in the provider's own dashboard: captured, and for the order it names, if any. */
const byHand = ({ orderId = '', amount = '1000', currency = 'eur' } = {}): Promise<string> =>
  stripe('payment_intents', {
    amount,
    currency,
    payment_method: 'pm_card_visa',
    confirm: 'true',
    'automatic_payment_methods[enabled]': 'true',
    'automatic_payment_methods[allow_redirects]': 'never',
    ...(orderId ? { 'metadata[orderId]': orderId } : {}),
  });

/** The order's own payment as its charge left it: created, stored, never confirmed. */
async function withOwnPayment(orderId: string): Promise<string> {
  const request = { orderId, amountMinor: 1_000, currency: 'EUR', paymentMethod: 'pm_card_visa' };
  const created = await provider.create({ key: `${orderId}:create:1`, ...request });
  if (!('done' in created)) throw new Error('Expected a payment');
  const { providerId } = created.done;
  await payments.keepProviderId({ orderId, ordinal: 1, providerId });
  return providerId;
}

const confirm = (orderId: string, providerId: string) => provider.confirm({ key: `${orderId}:confirm:1`, providerId });
const stateAtProvider = async (providerId: string): Promise<string> => {
  const found = await provider.find({ providerId });
  return 'done' in found ? found.done.state.kind : 'absent';
};
const adopt = (orderId: string, providerId: string): Promise<void> =>
  createAdoptionActivities({ provider, payments }).adoptPayment({ orderId, ordinal: 1, providerId });
const adoptRefund = (orderId: string, refundId: string): Promise<void> =>
  createAdoptionActivities({ provider, payments }).adoptRefund({ orderId, ordinal: 1, ending, refundId });
const ledgerOf = async (orderId: string) =>
  (
    await sql<{ kind: string; object: string; amount: number }>`
      select kind, provider_object as object, amount_minor as amount from ledger where order_id = ${orderId} order by id`.execute(
      db,
    )
  ).rows;

const noticesOf = async (orderId: string) =>
  (
    await sql<{ type: string; paymentId: string; isDue: boolean }>`
      select event_type as type, payment_id as "paymentId", due_at is not null as "isDue" from payment_notices
      where order_id = ${orderId}`.execute(db)
  ).rows;

describe('a payment made by hand', () => {
  test.each(['without our order on it', 'for this order'])(
    '%s is adopted once, and the own one cancelled',
    async (which) => {
      const orderId = await acceptOrder(db);
      const own = await withOwnPayment(orderId);
      const hand = await byHand(which === 'for this order' ? { orderId } : {});
      await adopt(orderId, hand);
      await adopt(orderId, hand);

      expect(await stateAtProvider(own)).toBe('cancelled');
      expect(await ledgerOf(orderId)).toEqual([{ kind: 'captured', object: hand, amount: 1_000 }]);
      expect(await payments.find({ orderId, ordinal: 1 })).toMatchObject({ state: 'captured', providerId: hand });
      // The undo gives back what was adopted, whosever name is on it.
      await createRefundActivities({ provider, payments }).refundPayment({ orderId, ordinal: 1, ending });
      expect((await ledgerOf(orderId)).map(({ amount }) => amount)).toEqual([1_000, -1_000]);
    },
  );

  test('is adopted when the order has none of its own, and when it is its own', async () => {
    const [first, second] = [await acceptOrder(db), await acceptOrder(db)];
    await adopt(first, await byHand());
    const own = await withOwnPayment(second);
    await confirm(second, own);
    await adopt(second, own);
    expect(await ledgerOf(second)).toEqual([{ kind: 'captured', object: own, amount: 1_000 }]);
    expect(await ledgerOf(first)).toHaveLength(1);
  });

  test('does not count beside the order’s own payment that was captured', async () => {
    const orderId = await acceptOrder(db);
    await confirm(orderId, await withOwnPayment(orderId));
    await expect(adopt(orderId, await byHand())).rejects.toThrow('would take the money twice');
    expect(await ledgerOf(orderId)).toEqual([]);
  });

  test('does not count when the own one can not be cancelled for certain: that is tried again', async () => {
    const orderId = await acceptOrder(db);
    const own = await withOwnPayment(orderId);
    const hand = await byHand();
    const fault = { operation: 'cancel', mode: 'drop_before_effect', times: 1 };
    await fetch(`${simulator.url}/_simulator/faults`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(fault),
    });
    await expect(adopt(orderId, hand)).rejects.toThrow();
    expect(await ledgerOf(orderId)).toEqual([]);
    await adopt(orderId, hand);
    expect(await stateAtProvider(own)).toBe('cancelled');
  });

  test.each([
    ['of another amount', () => byHand({ amount: '999' })],
    ['of another currency', () => byHand({ currency: 'usd' })],
    ['for another order', () => byHand({ orderId: 'order_of_somebody' })],
    ['that was never captured', () => stripe('payment_intents', { amount: '1000', currency: 'eur' })],
    ['that the provider does not know', () => Promise.resolve('pi_unheard_of')],
  ])('%s does not count, and the own one is left as it is', async (_name, make) => {
    const orderId = await acceptOrder(db);
    const own = await withOwnPayment(orderId);
    await expect(adopt(orderId, await make())).rejects.toMatchObject({ type: 'NeedsOperator', nonRetryable: true });
    expect(await stateAtProvider(own)).toBe('unconfirmed');
    expect(await ledgerOf(orderId)).toEqual([]);
  });

  test('of which another order lives does not count a second time', async () => {
    const [first, second] = [await acceptOrder(db), await acceptOrder(db)];
    const hand = await byHand();
    await adopt(first, hand);
    await expect(adopt(second, hand)).rejects.toThrow(`is that of order ${first}`);
    expect(await ledgerOf(second)).toEqual([]);
  });

  test.each(['before it was looked at', 'while it was looked at'])(
    'comes too late for an order that ends %s: it is kept beside the order, and given back',
    async (when) => {
      const orderId = await acceptOrder(db);
      const own = await withOwnPayment(orderId);
      const hand = await byHand();
      const end = () => createOrderSteps({ db }).cancel({ orderId, actor: ending.actor, reason: ending.reason });
      if (when === 'before it was looked at') await end();
      const cancelling: PaymentRecords = {
        ...payments,
        adoptPayment: async (request) => (await end(), payments.adoptPayment(request)),
      };
      const adoption = createAdoptionActivities({ provider, payments: cancelling });
      // The second time its answer had been lost.
      for (const providerId of [hand, hand])
        await expect(adoption.adoptPayment({ orderId, ordinal: 1, providerId })).rejects.toMatchObject({
          type: 'OrderEnding',
        });
      expect(await payments.find({ orderId, ordinal: 1 })).toMatchObject({ state: 'pending', providerId: own });
      expect(await noticesOf(orderId)).toEqual([{ type: PAYMENT_TO_FOLLOW, paymentId: hand, isDue: true }]);

      await createRefundActivities({ provider, payments }).refundPayment({ orderId, ordinal: 1, ending });
      await createOrderSteps({ db }).close({ orderId, ending });
      await createFollowPaymentActivities({ provider, payments, orders: createOrderSteps({ db }) }).followPayment({
        orderId,
        paymentId: hand,
      });
      expect((await ledgerOf(orderId)).map(({ amount }) => amount)).toEqual([1_000, -1_000]);
      expect(await payments.findStanding({ orderId, providerId: hand })).toMatchObject({ ordinal: 2, isOwn: false });
    },
  );

  test.each([
    ['of another amount', () => byHand({ amount: '999' })],
    ['that was never captured', () => stripe('payment_intents', { amount: '1000', currency: 'eur' })],
  ])('%s is put in front of an operator although the order ends', async (_name, make) => {
    const orderId = await acceptOrder(db);
    await payments.fence({ orderId, ordinal: 1, ending });
    await expect(adopt(orderId, await make())).rejects.toMatchObject({ type: 'NeedsOperator', nonRetryable: true });
    expect(await noticesOf(orderId)).toEqual([]);
  });

  test('of which another order lives is not given back for one that ends', async () => {
    const [first, second] = [await acceptOrder(db), await acceptOrder(db)];
    const hand = await byHand();
    await adopt(first, hand);
    await payments.fence({ orderId: second, ordinal: 1, ending });
    await expect(adopt(second, hand)).rejects.toThrow(`is that of order ${first}`);
    expect(await noticesOf(second)).toEqual([]);
  });

  test('that is the order’s own is left to the undo of an order that ends', async () => {
    const orderId = await acceptOrder(db);
    const own = await withOwnPayment(orderId);
    await confirm(orderId, own);
    await payments.fence({ orderId, ordinal: 1, ending });
    await expect(adopt(orderId, own)).rejects.toMatchObject({ type: 'OrderEnding' });
    expect(await noticesOf(orderId)).toEqual([]);
  });
});

describe('a refund made by hand', () => {
  async function paidOrder(): Promise<{ orderId: string; own: string }> {
    const orderId = await acceptOrder(db);
    const own = await withOwnPayment(orderId);
    await confirm(orderId, own);
    return { orderId, own };
  }

  test('is verified and recorded once, with the capture that it gives back', async () => {
    const { orderId, own } = await paidOrder();
    const refundId = await stripe('refunds', { payment_intent: own });
    await adoptRefund(orderId, refundId);
    await adoptRefund(orderId, refundId);
    expect(await ledgerOf(orderId)).toEqual([
      { kind: 'captured', object: own, amount: 1_000 },
      { kind: 'refunded', object: refundId, amount: -1_000 },
    ]);
  });

  test('of a part, of another payment, or unknown, does not count', async () => {
    const [{ orderId, own }, other] = [await paidOrder(), await paidOrder()];
    const part = await stripe('refunds', { payment_intent: own, amount: '400' });
    const foreign = await stripe('refunds', { payment_intent: other.own });
    for (const refundId of [part, foreign, 're_unheard_of']) {
      await expect(adoptRefund(orderId, refundId)).rejects.toMatchObject({ type: 'NeedsOperator' });
    }
    expect(await ledgerOf(orderId)).toEqual([{ kind: 'captured', object: own, amount: 1_000 }]);
  });
});

test('of the failed tries of an order the newest fifty are kept', async () => {
  const log = createAttemptLog({ db });
  const [orderId, other] = [await acceptOrder(db), await acceptOrder(db)];
  const row = {
    workflowId: orderId,
    step: 'charge-payment',
    message: `no answer ${randomUUID()}`,
    nextTryInMs: null,
  } as const;
  await log.add({ ...row, orderId: other, attempt: 1 });
  for (let attempt = 1; attempt <= 60; attempt += 1) await log.add({ ...row, orderId, attempt });
  const { rows } = await sql<{ first: number; last: number; kept: number }>`
    select min(attempt) as first, max(attempt) as last, count(*)::int as kept from step_attempts
    where order_id = ${orderId}`.execute(db);
  expect(rows).toEqual([{ first: 11, last: 60, kept: 50 }]);
  // An order that is not there (another database was restored, say) is no failure.
  await log.add({ ...row, orderId: 'order_gone', attempt: 1 });
});
