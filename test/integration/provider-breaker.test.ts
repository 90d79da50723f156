// The breaker around the real adapter: what opens it, what does not, and how it lets the provider be asked again.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { guardProvider, type GuardedProvider } from '../../src/adapters/payment/breaker.ts';
import { isProviderIll } from '../../src/adapters/payment/stripe-errors.ts';
import { createStripeProvider } from '../../src/adapters/payment/stripe.ts';
import { FailureName } from '../../src/contracts/failures.ts';
import { createPaymentSimulator, type PaymentSimulator } from '../../src/simulator/payment/server.ts';
import { until } from '../support/until.ts';

const FAILURES = 3;
const OPEN_MS = 2_000;

let dataDir: string;
let simulator: PaymentSimulator;
let lastOrder = 0;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'breaker-'));
  simulator = await createPaymentSimulator({ dataDir, host: '127.0.0.1', port: 0 });
});
afterEach(async () => {
  await fetch(`${simulator.url}/_simulator/faults`, { method: 'DELETE' });
});
afterAll(async () => {
  await simulator.close();
  await rm(dataDir, { recursive: true });
});

function guarded(states: string[] = []): GuardedProvider {
  const made = guardProvider({
    provider: createStripeProvider({ apiKey: 'sk_test_simulated', apiBase: simulator.url, timeoutMs: 400 }),
    isIll: isProviderIll,
    failuresToOpen: FAILURES,
    openMs: OPEN_MS,
    onChange: () => states.push(made.read().state),
  });
  return made;
}

const create = ({ provider }: GuardedProvider, paymentMethod = 'pm_card_visa') => {
  const orderId = `ord_${(lastOrder += 1)}`;
  const request = { key: `${orderId}:create:1`, orderId, amountMinor: 1_000, currency: 'EUR', paymentMethod };
  return provider.create(request);
};

async function inject(fault: object): Promise<void> {
  const body = JSON.stringify({ operation: 'create', times: 'always', ...fault });
  const headers = { 'Content-Type': 'application/json' };
  expect((await fetch(`${simulator.url}/_simulator/faults`, { method: 'POST', headers, body })).status).toBe(201);
}

async function journalLength(): Promise<number> {
  const answer = await fetch(`${simulator.url}/_simulator/journal`);
  return ((await answer.json()) as { items: unknown[] }).items.length;
}

async function failTimes(breaker: GuardedProvider, times: number): Promise<void> {
  for (let time = 1; time <= times; time += 1) await expect(create(breaker)).rejects.toThrow();
}

describe('the breaker', () => {
  test.each([
    { mode: 'error_500' },
    { mode: 'error_500_after_effect' },
    { mode: 'drop_before_effect' },
    { mode: 'drop_after_effect' },
    { mode: 'half_body' },
    { mode: 'delay', delayMs: 800 },
  ])('opens after $mode, and then says "not now" without asking', async (fault) => {
    const breaker = guarded();
    const first = await journalLength();
    await inject(fault);
    await failTimes(breaker, FAILURES);
    // A slow one does its work after nobody waits for it any more.
    await until(async () => (await journalLength()) === first + FAILURES, 'every call has reached the journal');
    expect(breaker.read()).toMatchObject({ state: 'open', failures: FAILURES });
    expect(breaker.read().lastFailure).toContain('create: ');

    const before = await journalLength();
    const refusals = await Promise.all(
      Array.from({ length: 20 }, () => create(breaker).catch((error: unknown) => error as Record<string, unknown>)),
    );
    expect(await journalLength()).toBe(before);
    for (const refusal of refusals) expect(refusal).toMatchObject({ type: FailureName.notNow, nonRetryable: false });
    const delays = refusals.map((refusal) =>
      Number('nextRetryDelay' in refusal ? refusal['nextRetryDelay'] : Number.NaN),
    );
    // Not before half-open at the latest, spread over as much again, and not all at once.
    expect(Math.max(...delays)).toBeLessThanOrEqual(2 * OPEN_MS);
    expect(new Set(delays).size).toBeGreaterThan(5);
  });

  test('stays closed for a no, for our own mistakes and for a plea for patience', async () => {
    const breaker = guarded();
    for (let time = 1; time <= FAILURES; time += 1) {
      expect(await create(breaker, 'pm_card_unheard_of')).toMatchObject({ rejection: {} });
      expect(await breaker.provider.find({ providerId: 'pi_unheard_of' })).toMatchObject({
        refused: expect.any(String),
      });
    }
    await inject({ mode: 'error_429' });
    for (let time = 1; time <= 2 * FAILURES; time += 1) {
      await expect(create(breaker)).rejects.toMatchObject({ message: expect.stringContaining('patience') });
    }
    expect(breaker.read()).toMatchObject({ state: 'closed', failures: 0, lastFailure: null });
  });

  test('counts failures in a row only, and each operation for itself', async () => {
    const breaker = guarded();
    await inject({ mode: 'error_500', times: FAILURES - 1 });
    await failTimes(breaker, FAILURES - 1);
    expect(await create(breaker)).toMatchObject({ done: {} });
    await inject({ mode: 'error_500' });
    await failTimes(breaker, FAILURES - 1);
    expect(breaker.read()).toMatchObject({ state: 'closed', failures: FAILURES - 1 });
    await failTimes(breaker, 1);
    expect(breaker.read().state).toBe('open');
    // What is well is still asked.
    expect(await breaker.provider.find({ providerId: 'pi_unheard_of' })).toMatchObject({ refused: expect.any(String) });
  });

  test('lets one probe through when it is time, and closes when that succeeds', async () => {
    const states: string[] = [];
    const breaker = guarded(states);
    await inject({ mode: 'error_500' });
    await failTimes(breaker, FAILURES);
    const openedAt = breaker.read().since;
    await until(async () => {
      const before = await journalLength();
      await Promise.allSettled(Array.from({ length: 10 }, () => create(breaker)));
      // Ten that come together after the pause are one call to a provider that is still ill.
      const asked = (await journalLength()) - before;
      expect(asked).toBeLessThanOrEqual(1);
      return asked === 1;
    }, 'a probe');
    expect(states).toEqual(['open', 'half-open', 'open']);
    // The trouble began when it first opened, not with the last probe.
    expect(breaker.read().since).toBe(openedAt);

    await fetch(`${simulator.url}/_simulator/faults`, { method: 'DELETE' });
    await until(async () => 'done' in (await create(breaker)), 'the provider is asked again');
    expect(states.slice(-2)).toEqual(['half-open', 'closed']);
    expect(breaker.read()).toMatchObject({ state: 'closed', failures: 0 });
  });
});
