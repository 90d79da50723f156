// What leaves an outcome unknown is thrown by the adapter, after exactly one request: never an answer, never a retry.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { createStripeProvider } from '../../../src/adapters/payment/stripe.ts';
import { FailureName } from '../../../src/contracts/failures.ts';
import type { PaymentProvider, ProviderAnswer, ProviderPayment } from '../../../src/ports/payment.ts';
import { createPaymentSimulator, type PaymentSimulator } from '../../../src/simulator/payment/server.ts';
import type { JournalItem } from '../../../src/simulator/payment/state.ts';
import { until } from '../../support/until.ts';

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

describe('an outcome that nobody knows is thrown, after one request:', () => {
  type Call = (provider: PaymentProvider, request: { orderId: string; providerId: string }) => Promise<unknown>;
  const calls: Record<string, { effect: JournalItem['effect']; on: 'nothing' | 'created' | 'paid'; call: Call }> = {
    create: {
      effect: 'created',
      on: 'nothing',
      call: (one, { orderId }) =>
        one.create({ key: orderId, orderId, amountMinor: 1_000, currency: 'EUR', paymentMethod: 'pm_card_visa' }),
    },
    confirm: {
      effect: 'captured',
      on: 'created',
      call: (one, { orderId, providerId }) => one.confirm({ key: orderId, providerId }),
    },
    cancel: {
      effect: 'canceled',
      on: 'created',
      call: (one, { orderId, providerId }) => one.cancel({ key: orderId, providerId }),
    },
    refund: {
      effect: 'refunded',
      on: 'paid',
      call: (one, { orderId, providerId }) => one.refund({ key: orderId, providerId, amountMinor: 1_000 }),
    },
    retrieve: { effect: 'none', on: 'created', call: (one, { providerId }) => one.find({ providerId }) },
  };
  const modes = {
    error_500: false,
    error_500_after_effect: true,
    drop_before_effect: false,
    drop_after_effect: true,
    half_body: true,
  };
  const cases = Object.entries(calls).flatMap(([operation, { effect, on, call }]) =>
    Object.entries(modes).map(([mode, took]) => ({ operation, mode, effect: took ? effect : 'none', on, call, took })),
  );

  async function prepared(on: 'nothing' | 'created' | 'paid', orderId: string): Promise<string> {
    if (on === 'nothing') return '';
    return (on === 'paid' ? await paid(orderId) : await created(orderId)).providerId;
  }

  test.each(cases)('$mode at $operation', async ({ operation, mode, effect, on, call }) => {
    const orderId = newOrder();
    const request = { orderId, providerId: await prepared(on, orderId) };
    const before = (await journalOf(orderId)).length;
    await inject({ operation, mode });
    await expect(call(provider, request)).rejects.toThrow();
    expect((await journalOf(orderId)).slice(before)).toMatchObject([{ operation, effect, fault: mode }]);

    // The same call again, with the same key, is the answer; and the effect is there once.
    expect(await call(provider, request)).toHaveProperty('done');
    const effects = (await journalOf(orderId)).slice(before).filter((item) => item.effect !== 'none');
    expect(effects).toHaveLength(operation === 'retrieve' ? 0 : 1);
  });

  test.each(Object.entries(calls).map(([operation, { on, call }]) => ({ operation, on, call })))(
    'a timeout at $operation',
    async ({ operation, on, call }) => {
      const orderId = newOrder();
      const request = { orderId, providerId: await prepared(on, orderId) };
      const before = (await journalOf(orderId)).length;
      await inject({ operation, mode: 'delay', delayMs: 1_500 });
      await expect(call(providerOn(simulator.url, { timeoutMs: 300 }), request)).rejects.toThrow();
      // It goes on over there; only then does the journal know.
      const after = async () => (await journalOf(orderId)).slice(before);
      await until(async () => (await after()).length > 0, 'the late effect');
      expect(await after()).toMatchObject([{ operation, fault: 'delay' }]);
      expect(await call(provider, request)).toHaveProperty('done');
    },
  );

  test('a key that is at work already', async () => {
    const orderId = newOrder();
    const { providerId } = await created(orderId);
    await inject({ operation: 'confirm', mode: 'delay', delayMs: 1_500 });
    await expect(
      providerOn(simulator.url, { timeoutMs: 300 }).confirm({ key: confirmKey(orderId), providerId }),
    ).rejects.toThrow();
    await expect(provider.confirm({ key: confirmKey(orderId), providerId })).rejects.toMatchObject({ statusCode: 409 });
    await until(async () => (await journalOf(orderId)).length > 1, 'the late effect');
    expect(await provider.confirm({ key: confirmKey(orderId), providerId })).toMatchObject({
      done: { state: { kind: 'captured' } },
    });
  });

  test('a failure within a list of refunds', async () => {
    const { providerId } = await paid(newOrder());
    for (const mode of ['error_500', 'drop_after_effect', 'half_body']) {
      await inject({ operation: 'retrieve', mode });
      await expect(provider.listRefunds({ providerId })).rejects.toThrow();
    }
  });

  test('nobody listens where the provider should be', async () => {
    const closed = await createPaymentSimulator({ dataDir: join(dataDir, 'closed'), host: '127.0.0.1', port: 0 });
    await closed.close();
    await expect(providerOn(closed.url).find({ providerId: 'pi_1' })).rejects.toThrow();
  });

  test('a rate limit is "not now", with the delay that the provider asks for', async () => {
    const orderId = newOrder();
    const { providerId } = await created(orderId);
    await inject({ operation: 'confirm', mode: 'error_429' });
    const failure = await provider.confirm({ key: confirmKey(orderId), providerId }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({ type: FailureName.notNow, nonRetryable: false, nextRetryDelay: 1_000 });
    expect(await journalOf(orderId)).toHaveLength(2);
  });
});
