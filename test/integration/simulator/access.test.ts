// Who may reach the simulator, what it does not know, and a search that lags behind as the real one.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import Stripe from 'stripe';
import { createPaymentSimulator, type PaymentSimulator } from '../../../src/simulator/payment/server.ts';
import { until } from '../../support/until.ts';

let parent: string;
const running: PaymentSimulator[] = [];

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'simulator-'));
});
afterAll(async () => {
  await Promise.all(running.map((simulator) => simulator.close()));
  await rm(parent, { recursive: true });
});

async function open(directory: string, more: { host?: string; searchLagMs?: number; latencyMs?: number } = {}) {
  const dataDir = join(parent, directory);
  const simulator = await createPaymentSimulator({ dataDir, host: '127.0.0.1', port: 0, ...more });
  running.push(simulator);
  return simulator;
}

const clientOf = ({ port }: PaymentSimulator, apiKey = 'sk_test_simulated') =>
  new Stripe(apiKey, { host: '127.0.0.1', port, protocol: 'http', maxNetworkRetries: 0, telemetry: false });

const payment = { amount: 1_000, currency: 'eur', payment_method: 'pm_card_visa' };

test.each(['0.0.0.0', '::', '192.0.2.1', '127.0.0.1.example.org', ''])(
  'the simulator refuses to run on %j, which is not loopback',
  async (host) => {
    await expect(open('never', { host })).rejects.toThrow('loopback only');
  },
);

test('the simulator does not start on a port in use', async () => {
  const { port } = await open('first');
  const second = createPaymentSimulator({ dataDir: join(parent, 'second'), host: '127.0.0.1', port });
  await expect(second).rejects.toThrow('EADDRINUSE');
});

test.each(['sk_live_abc', 'rk_live_abc', 'pk_test_abc', 'nonsense'])(
  'the key %s is refused with 401, and nothing happens',
  async (apiKey) => {
    const simulator = await open(`key-${apiKey}`);
    const answer = await clientOf(simulator, apiKey)
      .paymentIntents.create(payment)
      .catch((error: unknown) => error);
    expect(answer).toMatchObject({ statusCode: 401 });
    const { data } = await clientOf(simulator).paymentIntents.list();
    expect(data).toEqual([]);
  },
);

test('a live key is refused in words that say why, and no key is refused too', async () => {
  const { url } = await open('words');
  const live = await fetch(`${url}/v1/payment_intents`, { headers: { Authorization: 'Bearer sk_live_abc' } });
  expect(live.status).toBe(401);
  expect(await live.text()).toContain('A live key must never be sent to a simulator');
  expect((await fetch(`${url}/v1/payment_intents`)).status).toBe(401);
});

test('what the simulator does not have is answered with 404', async () => {
  const { url } = await open('unknown');
  const headers = { Authorization: 'Bearer sk_test_simulated' };
  for (const path of ['/v1/charges', '/v1/payment_intents/pi_unknown', '/v1/events/evt_unknown', '/_simulator/none'])
    expect((await fetch(`${url}${path}`, { headers })).status).toBe(404);
  expect(await (await fetch(`${url}/_simulator/health`)).json()).toEqual({ status: 'ok' });
});

test('a search does not find what is younger than its lag, though the payment is there', async () => {
  const young = await open('searched');
  const { id } = await clientOf(young).paymentIntents.create({ ...payment, metadata: { orderId: 'ord_1' } });
  const query = "metadata['orderId']:'ord_1'";
  expect((await clientOf(young).paymentIntents.search({ query })).data).toEqual([]);
  expect(await clientOf(young).paymentIntents.retrieve(id)).toMatchObject({ id });
  await young.close();
  running.splice(running.indexOf(young), 1);

  const stripe = clientOf(await open('searched', { searchLagMs: 0 }));
  expect((await stripe.paymentIntents.search({ query })).data).toMatchObject([{ id }]);
  expect((await stripe.paymentIntents.search({ query: "metadata['orderId']:'ord_2'" })).data).toEqual([]);
  await expect(stripe.paymentIntents.search({ query: 'amount>100' })).rejects.toMatchObject({ statusCode: 400 });
});

test('a search finds a payment once the lag is over', async () => {
  const stripe = clientOf(await open('searched-later', { searchLagMs: 1_500 }));
  const { id } = await stripe.paymentIntents.create({ ...payment, metadata: { orderId: 'ord_1' } });
  const found = async () => (await stripe.paymentIntents.search({ query: "metadata['orderId']:'ord_1'" })).data;
  await until(async () => (await found()).length === 1, 'the search finds the payment');
  expect(await found()).toMatchObject([{ id }]);
});

test('latency slows down every call of the API', async () => {
  const stripe = clientOf(await open('slow', { latencyMs: 300 }));
  const begin = performance.now();
  await stripe.paymentIntents.create(payment);
  // Timers may fire a little early.
  expect(performance.now() - begin).toBeGreaterThanOrEqual(290);
});
