// Stripe's answers in our words: a no is a no, and our mistake is our mistake. What nobody knows is thrown: that is tested in
// simulator/unknown-outcomes.test.ts.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createStripeProvider } from '../../src/adapters/payment/stripe.ts';
import { RejectionCode } from '../../src/domain/rejection.ts';
import type { PaymentProvider, ProviderAnswer, ProviderPayment, ProviderRefund } from '../../src/ports/payment.ts';
import { createPaymentSimulator, type PaymentSimulator } from '../../src/simulator/payment/server.ts';
import type { JournalItem } from '../../src/simulator/payment/state.ts';

let dataDir: string;
let simulator: PaymentSimulator;
let provider: PaymentProvider;
let lastOrder = 0;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'provider-'));
  simulator = await createPaymentSimulator({ dataDir, host: '127.0.0.1', port: 0, settleAfterMs: 60_000 });
  provider = providerOn(simulator.url);
});
afterEach(async () => {
  await fetch(`${simulator.url}/_simulator/faults`, { method: 'DELETE' });
});
afterAll(async () => {
  await simulator.close();
  await rm(dataDir, { recursive: true });
});

const providerOn = (apiBase: string, { apiKey = 'sk_test_simulated', timeoutMs = 10_000 } = {}) =>
  createStripeProvider({ apiKey, apiBase, timeoutMs });

const newOrder = () => `ord_${(lastOrder += 1)}`;
const create = (orderId: string, { paymentMethod = 'pm_card_visa', amountMinor = 1_000, currency = 'EUR' } = {}) =>
  provider.create({ key: `${orderId}:create:1`, orderId, amountMinor, currency, paymentMethod });

function done<T>(answer: ProviderAnswer<T>): T {
  if ('done' in answer) return answer.done;
  throw new Error('Expected the call to be done', { cause: answer });
}

async function created(orderId: string, paymentMethod = 'pm_card_visa'): Promise<ProviderPayment> {
  return done(await create(orderId, { paymentMethod }));
}

const confirmKey = (orderId: string) => `${orderId}:confirm:1`;

async function paid(orderId: string, paymentMethod = 'pm_card_visa'): Promise<ProviderPayment> {
  const { providerId } = await created(orderId, paymentMethod);
  return done(await provider.confirm({ key: confirmKey(orderId), providerId }));
}

/** A request that the adapter has no words for. */
async function stripe(path: string, parameters: Record<string, string>): Promise<string> {
  const answer = await fetch(`${simulator.url}/v1/${path}`, {
    method: 'POST',
    headers: { Authorization: 'Bearer sk_test_simulated' },
    body: new URLSearchParams(parameters),
  });
  return String(((await answer.json()) as { id?: string }).id);
}

async function inject(fault: object): Promise<void> {
  const answer = await fetch(`${simulator.url}/_simulator/faults`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(fault),
  });
  expect(answer.status).toBe(201);
}

async function journalOf(orderId: string): Promise<JournalItem[]> {
  const answer = await fetch(`${simulator.url}/_simulator/journal?orderId=${orderId}`);
  return ((await answer.json()) as { items: JournalItem[] }).items;
}

const refused = { refused: expect.any(String) };
const declined = (declineCode: string) => ({
  rejection: { code: RejectionCode.declined, message: expect.any(String), declineCode },
});
const methodRefused = (declineCode: string) => ({
  rejection: { code: RejectionCode.methodRefused, message: expect.any(String), declineCode },
});

describe('creating', () => {
  test('makes a payment in our words, which nobody has paid', async () => {
    const orderId = newOrder();
    expect(await create(orderId)).toEqual({
      done: {
        providerId: expect.stringMatching(/^pi_/),
        orderId,
        currency: 'EUR',
        amountMinor: 1_000,
        capturedMinor: 0,
        state: { kind: 'unconfirmed' },
        ...{ key: `${orderId}:create:1`, createdAt: expect.stringMatching(/T.*Z$/) },
      },
    });
  });

  test('again with the same key answers with the same payment', async () => {
    const orderId = newOrder();
    expect(await create(orderId)).toEqual(await create(orderId));
    expect((await journalOf(orderId)).map(({ effect, replayed }) => [effect, replayed])).toEqual([
      ['created', false],
      ['none', true],
    ]);
  });

  test('with a method that the provider does not know is a rejection', async () => {
    expect(await create(newOrder(), { paymentMethod: 'pm_unknown' })).toEqual(methodRefused('resource_missing'));
  });

  test('of an amount that the provider does not take is a rejection', async () => {
    expect(await create(newOrder(), { amountMinor: 100_000_000 })).toEqual(methodRefused('amount_too_large'));
  });

  test('in a currency that is none is our mistake', async () => {
    expect(await create(newOrder(), { currency: 'EURO' })).toEqual(refused);
  });

  test('with a key that was used for something else is stuck: an older version of ours may have asked for less', async () => {
    const orderId = newOrder();
    await create(orderId);
    expect(await create(orderId, { amountMinor: 2_000 })).toEqual({ stuck: expect.any(String) });
  });

  test('with an API key that is refused is a fault: that passes, and says nothing about the order', async () => {
    const live = providerOn(simulator.url, { apiKey: 'sk_live_abc' });
    const payment = { amountMinor: 1_000, currency: 'EUR', paymentMethod: 'pm_card_visa' };
    await expect(live.create({ key: 'live', orderId: newOrder(), ...payment })).rejects.toMatchObject({
      statusCode: 401,
    });
  });
});

describe('confirming', () => {
  test('moves the money, once for its key', async () => {
    const orderId = newOrder();
    const payment = await paid(orderId);
    expect(payment).toMatchObject({ orderId, state: { kind: 'captured' }, capturedMinor: 1_000 });
    const again = await provider.confirm({ key: confirmKey(orderId), providerId: payment.providerId });
    expect(again).toEqual({ done: payment });
    expect((await journalOf(orderId)).filter(({ effect }) => effect === 'captured')).toHaveLength(1);
  });

  test.each([
    ['pm_card_chargeDeclined', 'generic_decline'],
    ['pm_card_chargeDeclinedInsufficientFunds', 'insufficient_funds'],
    ['pm_card_chargeDeclinedExpiredCard', 'expired_card'],
  ])('%s is declined with the word of the provider, also when it is asked again', async (paymentMethod, word) => {
    const orderId = newOrder();
    const { providerId } = await created(orderId, paymentMethod);
    const confirm = () => provider.confirm({ key: confirmKey(orderId), providerId });
    expect(await confirm()).toEqual(declined(word));
    expect(await confirm()).toEqual(declined(word));
    expect(await provider.find({ providerId })).toMatchObject({
      done: { state: { kind: 'declined', ...declined(word) } },
    });
  });

  test.each([
    ['pm_sim_processing_succeeds', 'processing'],
    ['pm_card_authenticationRequired', 'needs-customer'],
  ])('%s is %s, which is no answer yet', async (paymentMethod, kind) => {
    expect(await paid(newOrder(), paymentMethod)).toMatchObject({ state: { kind }, capturedMinor: 0 });
  });

  test('is refused once the payment is cancelled, or paid with another key, or unknown', async () => {
    const orderId = newOrder();
    const { providerId: cancelled } = await created(orderId);
    await provider.cancel({ key: `${orderId}:cancel:1`, providerId: cancelled });
    const { providerId: captured } = await paid(newOrder());
    for (const providerId of [cancelled, captured, 'pi_unknown'])
      expect(await provider.confirm({ key: `${providerId}:again`, providerId })).toEqual(refused);
  });

  test.each([
    ['error_500', 'unconfirmed'],
    ['error_500_after_effect', 'captured'],
  ])('is stuck when the provider has stored its failure (%s), and the payment is %s', async (mode, kind) => {
    const orderId = newOrder();
    const { providerId } = await created(orderId);
    await inject({ operation: 'confirm', mode, cached: true });
    const confirm = () => provider.confirm({ key: confirmKey(orderId), providerId });
    await expect(confirm()).rejects.toThrow();
    expect(await confirm()).toEqual({ stuck: expect.stringContaining('500') });
    expect(await confirm()).toEqual({ stuck: expect.stringContaining('500') });
    expect(await provider.find({ providerId })).toMatchObject({ done: { state: { kind } } });
  });

  test('goes on under the next key when one is stuck and nothing has happened', async () => {
    const orderId = newOrder();
    const { providerId } = await created(orderId);
    await inject({ operation: 'confirm', mode: 'error_500', cached: true });
    await expect(provider.confirm({ key: confirmKey(orderId), providerId })).rejects.toThrow();
    const next = await provider.confirm({ key: `${confirmKey(orderId)}:r2`, providerId });
    expect(next).toMatchObject({ done: { state: { kind: 'captured' } } });
  });
});

describe('finding', () => {
  const intent = { amount: '1000', currency: 'eur' };
  test.each<[string, Record<string, string>, number]>([
    ['unconfirmed', { payment_method: 'pm_card_visa' }, 0],
    ['unconfirmed', {}, 0],
    ['processing', { payment_method: 'pm_sim_processing_succeeds', confirm: 'true' }, 0],
    ['needs-customer', { payment_method: 'pm_card_authenticationRequired', confirm: 'true' }, 0],
    ['authorized', { payment_method: 'pm_card_visa', confirm: 'true', capture_method: 'manual' }, 0],
    ['captured', { payment_method: 'pm_card_visa', confirm: 'true' }, 1_000],
  ])('says that a payment is %s (%j)', async (kind, more, capturedMinor) => {
    const providerId = await stripe('payment_intents', { ...intent, ...more });
    const payment = done(await provider.find({ providerId }));
    expect(payment).toMatchObject({ providerId, orderId: null, capturedMinor, state: { kind } });
  });

  test('says that a payment is cancelled', async () => {
    const providerId = await stripe('payment_intents', intent);
    await stripe(`payment_intents/${providerId}/cancel`, {});
    expect(await provider.find({ providerId })).toMatchObject({ done: { state: { kind: 'cancelled' } } });
  });

  test('what is not there is our mistake', async () => {
    expect(await provider.find({ providerId: 'pi_unknown' })).toEqual({ refused: expect.stringContaining('404') });
  });
});

describe('cancelling', () => {
  const cancel = (providerId: string) => provider.cancel({ key: `${providerId}:cancel:1`, providerId });

  test('makes a payment impossible to confirm, and is repeated by its key', async () => {
    const { providerId } = await created(newOrder());
    const first = await cancel(providerId);
    expect(first).toMatchObject({ done: { state: { kind: 'cancelled' } } });
    expect(await cancel(providerId)).toEqual(first);
    expect(await provider.confirm({ key: `${providerId}:confirm`, providerId })).toEqual(refused);
  });

  test('a declined payment cancels it', async () => {
    const orderId = newOrder();
    const { providerId } = await created(orderId, 'pm_card_chargeDeclined');
    await provider.confirm({ key: confirmKey(orderId), providerId });
    expect(await cancel(providerId)).toMatchObject({ done: { state: { kind: 'cancelled' } } });
  });

  test.each(['pm_card_visa', 'pm_sim_processing_succeeds'])(
    'a payment that has gone too far (%s) is refused',
    async (paymentMethod) => {
      const { providerId } = await paid(newOrder(), paymentMethod);
      expect(await cancel(providerId)).toEqual(refused);
    },
  );
});

describe('refunding', () => {
  const refund = (providerId: string, amountMinor: number, key = `${providerId}:refund:1`) =>
    provider.refund({ key, providerId, amountMinor });

  test.each<[ProviderRefund['state'], string]>([
    ['succeeded', 'pm_card_visa'],
    ['pending', 'pm_card_pendingRefund'],
    ['failed', 'pm_card_refundFail'],
  ])('answers that the refund is %s, with its key', async (state, paymentMethod) => {
    const { providerId } = await paid(newOrder(), paymentMethod);
    const answer = await refund(providerId, 1_000);
    const key = `${providerId}:refund:1`;
    expect(answer).toEqual({
      done: { refundId: expect.stringMatching(/^re_/), amountMinor: 1_000, currency: 'EUR', key, state },
    });
    expect(await refund(providerId, 1_000)).toEqual(answer);
    expect(await provider.listRefunds({ providerId })).toEqual({ done: [done(answer)] });
  });

  test('more than is left of a payment is not done', async () => {
    const { providerId } = await paid(newOrder());
    expect(await refund(providerId, 600, 'first')).toMatchObject({ done: { amountMinor: 600 } });
    expect(await refund(providerId, 401, 'second')).not.toHaveProperty('done');
    expect(await refund(providerId, 400, 'third')).toMatchObject({ done: { amountMinor: 400 } });
    expect(await refund(providerId, 1, 'fourth')).toEqual(refused);
  });

  test('what was not paid is refused', async () => {
    const { providerId } = await created(newOrder());
    expect(await refund(providerId, 1_000)).toEqual(refused);
    expect(await refund('pi_unknown', 1_000)).toEqual(refused);
  });

  test('lists every refund of a payment, over all pages, with the keys of ours and none for those of others', async () => {
    const { providerId } = await paid(newOrder());
    expect(await provider.listRefunds({ providerId })).toEqual({ done: [] });
    const other = await stripe('refunds', { payment_intent: providerId, amount: '10' });
    const keys = Array.from({ length: 104 }, (_, index) => `${providerId}:refund:${index}`);
    await Promise.all(keys.map((key) => refund(providerId, 2, key)));
    const listed = done(await provider.listRefunds({ providerId }));
    expect(listed.find(({ refundId }) => refundId === other)).toMatchObject({ key: null, amountMinor: 10 });
    expect(new Set(listed.map(({ key }) => key))).toEqual(new Set([null, ...keys]));
    expect(listed).toHaveLength(105);
  });
});
