// An outage of the provider as a whole: what it costs the provider, what operators see, and how orders go on afterwards.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ManagedProcess } from '../../src/local/managed-process.ts';
import { choosePort } from '../../src/local/ports.ts';
import { closeChecked } from '../support/invariants.ts';
import { eventTypesOf, getOrder, placeOrder, putProduct, settledOrder } from '../support/orders.ts';
import { startTestStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

// One hundredth of life: pauses of 1 s to 45 s, and an outage of ten minutes.
const SCALE = 100;
const pauses = { PROVIDER_FIRST_PAUSE_MS: String(1_000 / SCALE), PROVIDER_SLOW_PAUSE_MS: String(45_000 / SCALE) };
const TEN_MINUTES = 600_000 / SCALE;
const MAX_CALLS = 20;

const ORDERS = 30;
const REQUESTS_PER_SECOND = 8;

let stack: Stack;
let worker: ManagedProcess & { healthUrl: string };
const accepted: string[] = [];

beforeAll(async () => {
  stack = await startTestStack({ worker: false, env: pauses });
  await putProduct(stack.url, 'book', { onHand: 1_000 });
  await fail();
});
afterAll(() => closeChecked(stack, { accepted }));

const fail = (): Promise<unknown> => stack.fault({ operation: 'any', mode: 'error_500', times: 'always' });
const heal = (): Promise<unknown> => fetch(`${stack.simulatorUrl}/_simulator/faults`, { method: 'DELETE' });

const place = async (): Promise<string> => {
  const { id } = await placeOrder(stack.url);
  accepted.push(id);
  return id;
};

type ProviderItem = { provider: string; worker: string; state: string; since: string; lastFailure?: string };
const providers = async (): Promise<ProviderItem[]> =>
  ((await (await fetch(`${stack.url}/health/providers`)).json()) as { items: ProviderItem[] }).items;
const providerPart = async (): Promise<{ state: string; detail: string } | undefined> =>
  ((await (await fetch(`${stack.url}/health`)).json()) as { parts: Record<string, { state: string; detail: string }> })
    .parts['provider'];
/** The states of the circuits that a scrape of the worker finds, by operation. */
const circuits = async (): Promise<Record<string, string>> => {
  const text = await (await fetch(`${worker.healthUrl}/metrics`)).text();
  const found = text.matchAll(/^payment_provider_circuit\{.*operation="(.+)",state="(.+)"\} 1$/gm);
  return Object.fromEntries([...found].map(([, operation = '', state = '']) => [operation, state]));
};

test('costs the provider at most 20 calls per order in ten minutes, breaker or not', async () => {
  worker = await stack.startWorker({ PROVIDER_BREAKER_FAILURES: '1000000' });
  const ids = await Promise.all([place(), place(), place()]);
  await until(async () => (await stack.journal(ids[0])).length > 0, 'the first call');
  await sleep(TEN_MINUTES);
  for (const id of ids) {
    const calls = (await stack.journal(id)).length;
    expect(calls).toBeLessThanOrEqual(MAX_CALLS);
    // It is an outage, not the end: the order is still tried.
    expect(calls).toBeGreaterThan(5);
    expect(await getOrder(stack.url, id)).toMatchObject({ status: 'reserved', attention: null });
  }
  await worker.stop(12_000);
});

test('a plea for patience brings an order back when the policy says, not sooner', async () => {
  const pauseMs = 3_000;
  const slow = { PROVIDER_FIRST_PAUSE_MS: String(pauseMs), PROVIDER_SLOW_PAUSE_MS: String(pauseMs) };
  const patient = await stack.startApi(slow, await choosePort(0));
  await heal();
  const { id } = await placeOrder(patient.url);
  await stack.fault({ operation: 'create', mode: 'error_429', times: 1, match: { orderId: id } });
  worker = await stack.startWorker();
  accepted.push(id);
  expect((await settledOrder(stack.url, id)).status).toBe('confirmed');
  await patient.stop(12_000);
  await worker.stop(12_000);

  const [refused, again] = (await stack.journal(id)).map(({ at }) => Date.parse(at));
  // Retry-After was one second.
  expect((again ?? 0) - (refused ?? 0)).toBeGreaterThanOrEqual(pauseMs - 100);
});

test('opens the breaker where everybody can see it, and spares the provider', async () => {
  await fail();
  worker = await stack.startWorker({ PAYMENTS_PER_SECOND: String(REQUESTS_PER_SECOND) });
  for (let order = 1; order <= ORDERS; order += 1) await place();
  await until(async () => (await providers()).some(({ state }) => state === 'open'), 'the breaker opens');

  const item = (await providers()).find(({ state }) => state !== 'closed');
  expect(item).toMatchObject({ provider: 'stripe', worker: expect.stringMatching(/:\d+$/) });
  expect(item?.lastFailure).toContain('create: ');
  expect(await circuits()).toMatchObject({ create: expect.stringMatching(/open$/), refund: 'closed' });
  await until(async () => (await providerPart())?.state === 'failing', 'the health check shows it');
  expect((await providerPart())?.detail).toContain('stripe is');

  // A worker that was not heard of for long is not listened to.
  await stack.db.query(
    `insert into provider_states values ('gone:1', 'stripe', 'open', now(), now() - interval '31 seconds', 7, 'old')`,
  );
  expect((await providers()).map(({ worker: name }) => name)).not.toContain('gone:1');
});

test('is over: everybody goes on, nobody was declined or parked, and the rate cap holds', async () => {
  const healedAt = new Date().toISOString();
  await heal();
  const ends = await Promise.all(accepted.map((id) => settledOrder(stack.url, id, 60_000)));
  expect(ends.map(({ status, attention }) => [status, attention])).toEqual(accepted.map(() => ['confirmed', null]));
  for (const id of accepted) expect(await eventTypesOf(stack.url, id)).not.toContain('order.parked');

  const times = (await stack.journal())
    .map(({ at }) => at)
    .filter((at) => at > healedAt)
    .map((at) => Date.parse(at));
  const perSecond = times.map((begin) => times.filter((at) => at >= begin && at < begin + 1_000).length);
  expect(Math.max(...perSecond)).toBeLessThanOrEqual(2 * REQUESTS_PER_SECOND);
  await until(async () => (await providers()).every(({ state }) => state === 'closed'), 'the breaker is closed again');
  await until(async () => (await providerPart())?.state === 'ok', 'the health check shows it');
  expect(await circuits()).toMatchObject({ create: 'closed', confirm: 'closed' });
}, 90_000);
