// Webhooks: signed as Stripe signs, told again until they are heard, and always by the same name.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Stripe from 'stripe';
import { createPaymentSimulator, type PaymentSimulator } from '../../../src/simulator/payment/server.ts';
import { until } from '../../support/until.ts';

const SECRET = 'whsec_for_tests';

type Delivery = { body: string; signature: string };

let dataDir: string;
let simulator: PaymentSimulator;
let stripe: Stripe;
let receiver: Server;
let receiverUrl: string;
let deliveries: Delivery[];
/** What the receiver answers with; the last stays. */
let answers: number[];

beforeEach(async () => {
  deliveries = [];
  answers = [200];
  receiver = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      deliveries.push({
        body: Buffer.concat(chunks).toString('utf8'),
        signature: String(req.headers['stripe-signature']),
      });
      res.statusCode = (answers.length > 1 ? answers.shift() : answers[0]) ?? 200;
      res.end();
    });
  });
  await new Promise<void>((resolve) => void receiver.listen(0, '127.0.0.1', resolve));
  receiverUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/webhooks`;
  dataDir = await mkdtemp(join(tmpdir(), 'simulator-'));
  simulator = await createPaymentSimulator({
    dataDir,
    host: '127.0.0.1',
    port: 0,
    settleAfterMs: 0,
    webhookEndpoints: [{ url: receiverUrl, secret: SECRET }],
  });
  stripe = new Stripe('sk_test_simulated', {
    host: '127.0.0.1',
    port: simulator.port,
    protocol: 'http',
    maxNetworkRetries: 0,
  });
});
afterEach(async () => {
  await simulator.close();
  const closed = new Promise((resolve) => void receiver.close(resolve));
  receiver.closeAllConnections();
  await closed;
  await rm(dataDir, { recursive: true });
});

const verified = ({ body, signature }: Delivery): Stripe.Event =>
  stripe.webhooks.constructEvent(body, signature, SECRET);

const events = () => deliveries.map(verified);
const typesOf = () => events().map(({ type }) => type);

async function firstDelivery(): Promise<Delivery> {
  await until(() => deliveries.length > 0, 'the first delivery');
  const [delivery] = deliveries;
  if (!delivery) throw new Error('Expected a delivery');
  return delivery;
}

const create = (paymentMethod: string, more: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
  stripe.paymentIntents.create({ amount: 1_000, currency: 'eur', payment_method: paymentMethod, ...more });

const control = (path: string, body: object = {}) =>
  fetch(`${simulator.url}/_simulator/${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });

describe('an event', () => {
  test('carries a signature that the client of Stripe accepts, and the payment as it was then', async () => {
    const intent = await create('pm_card_visa', { metadata: { name: 'Ünïcode ✓' } });
    const event = verified(await firstDelivery());
    expect(event).toMatchObject({ object: 'event', type: 'payment_intent.created', livemode: false });
    expect(event.data.object).toEqual(JSON.parse(JSON.stringify(intent)));
    expect(event.id).toMatch(/^evt_/);
  });

  test('is not accepted with another secret, or with another body', async () => {
    await create('pm_card_visa');
    const { body, signature } = await firstDelivery();
    expect(() => stripe.webhooks.constructEvent(body, signature, 'whsec_other')).toThrow(/signature/);
    const forged = body.replace('"amount": 1000', '"amount": 9000');
    expect(forged).not.toBe(body);
    expect(() => stripe.webhooks.constructEvent(forged, signature, SECRET)).toThrow(/signature/);
  });

  test.each<[string, (id: string) => Promise<unknown>, string]>([
    ['pm_card_visa', (id) => stripe.paymentIntents.confirm(id), 'payment_intent.succeeded'],
    ['pm_card_visa', (id) => stripe.paymentIntents.cancel(id), 'payment_intent.canceled'],
    ['pm_card_chargeDeclined', (id) => stripe.paymentIntents.confirm(id), 'payment_intent.payment_failed'],
    ['pm_card_authenticationRequired', (id) => stripe.paymentIntents.confirm(id), 'payment_intent.requires_action'],
    [
      'pm_card_visa',
      (id) => stripe.paymentIntents.confirm(id, { capture_method: 'manual' }),
      'payment_intent.amount_capturable_updated',
    ],
  ])('tells what became of a payment by %s', async (method, act, type) => {
    const { id } = await create(method);
    await act(id).catch(() => null);
    await until(() => deliveries.length === 2, 'both events');
    expect(typesOf().sort()).toEqual(['payment_intent.created', type].sort());
  });

  test('tells that a payment is processing, and then its end', async () => {
    await create('pm_sim_processing_succeeds', { confirm: true });
    const types = ['payment_intent.created', 'payment_intent.processing', 'payment_intent.succeeded'];
    await until(() => deliveries.length === types.length, 'all events');
    expect(typesOf().sort()).toEqual(types);
  });

  test.each([
    ['pm_card_visa', ['charge.refunded', 'refund.created']],
    ['pm_card_refundFail', ['refund.created', 'refund.failed']],
    ['pm_card_pendingRefund', ['charge.refunded', 'refund.created', 'refund.updated']],
    ['pm_sim_refund_pending_fails', ['refund.created', 'refund.failed', 'refund.updated']],
  ])('tells what became of a refund of %s', async (method, types) => {
    const { id } = await create(method, { confirm: true });
    await stripe.refunds.create({ payment_intent: id });
    await until(() => deliveries.length === 2 + types.length, 'the events');
    expect(typesOf().sort()).toEqual([...types, 'payment_intent.created', 'payment_intent.succeeded'].sort());
  });

  test('of a charge says how much of it is refunded by now', async () => {
    const { id, latest_charge } = await create('pm_card_visa', { confirm: true, metadata: { orderId: 'ord_1' } });
    for (const amount of [300, 700]) await stripe.refunds.create({ payment_intent: id, amount });
    const charges = () => events().flatMap((event) => (event.type === 'charge.refunded' ? [event.data.object] : []));
    await until(() => charges().length === 2, 'both refunds');
    const common = { id: latest_charge, object: 'charge', payment_intent: id, metadata: { orderId: 'ord_1' } };
    expect(charges().sort((one, other) => one.amount_refunded - other.amount_refunded)).toMatchObject([
      { ...common, amount_refunded: 300, refunded: false },
      { ...common, amount_refunded: 1_000, refunded: true },
    ]);
  });

  test('is not told of a request that was refused or repeated', async () => {
    const request = { amount: 1_000, currency: 'eur', payment_method: 'pm_card_visa' };
    const { id } = await stripe.paymentIntents.create(request, { idempotencyKey: 'k1' });
    await stripe.paymentIntents.create(request, { idempotencyKey: 'k1' });
    await stripe.refunds.create({ payment_intent: id }).catch(() => null);
    await stripe.paymentIntents.cancel(id);
    await until(() => typesOf().includes('payment_intent.canceled'), 'the last event');
    expect(typesOf().sort()).toEqual(['payment_intent.canceled', 'payment_intent.created']);
  });

  test('can be fetched by its id, before and after a restart', async () => {
    await create('pm_card_visa');
    const event = verified(await firstDelivery());
    expect(await stripe.events.retrieve(event.id)).toEqual(event);
    const { port } = simulator;
    await simulator.close();
    simulator = await createPaymentSimulator({ dataDir, host: '127.0.0.1', port });
    expect(await stripe.events.retrieve(event.id)).toEqual(event);
  });
});

describe('delivery', () => {
  test('is tried again with the same id until the receiver accepts it, then never again', async () => {
    answers = [500, 500, 200];
    await create('pm_card_visa');
    await until(() => deliveries.length === 3, 'three deliveries');
    expect(new Set(events().map(({ id }) => id)).size).toBe(1);
    expect(new Set(deliveries.map(({ body }) => body)).size).toBe(1);
  });

  test('does not follow a redirect: it counts as not accepted', async () => {
    answers = [302, 200];
    await create('pm_card_visa');
    await until(() => deliveries.length === 2, 'the second delivery');
    expect(new Set(events().map(({ id }) => id)).size).toBe(1);
  });

  test('on request is of the same event, with the same id', async () => {
    await create('pm_card_visa');
    const { id } = verified(await firstDelivery());
    expect((await control(`events/${id}/redeliver`)).status).toBe(202);
    await until(() => deliveries.length === 2, 'the redelivery');
    expect(events().map((event) => event.id)).toEqual([id, id]);
    expect((await control('events/evt_unknown/redeliver')).status).toBe(404);
  });

  test('on request works for an event from before a restart', async () => {
    await create('pm_card_visa');
    const { id } = verified(await firstDelivery());
    const { port } = simulator;
    await simulator.close();
    simulator = await createPaymentSimulator({
      dataDir,
      host: '127.0.0.1',
      port,
      webhookEndpoints: [{ url: receiverUrl, secret: SECRET }],
    });
    await control(`events/${id}/redeliver`);
    await until(() => deliveries.length === 2, 'the redelivery');
    expect(events().map((event) => event.id)).toEqual([id, id]);
  });

  test.each([
    // The receiver gets it, and the sender does not learn of it.
    ['drop_after_effect', 2],
    ['drop_before_effect', 1],
    ['error_500', 1],
  ])('with the fault %s comes %d times, with one id', async (mode, times) => {
    await control('faults', { operation: 'webhook', mode });
    await create('pm_card_visa');
    await until(() => deliveries.length === times, 'the deliveries');
    const faults = await fetch(`${simulator.url}/_simulator/faults`);
    expect(await faults.json()).toEqual({ items: [] });
    expect(new Set(events().map(({ id }) => id)).size).toBe(1);
  });

  test('with a fault for one order delays the events of that order alone', async () => {
    await control('faults', { operation: 'webhook', mode: 'delay', delayMs: 1_500, match: { orderId: 'ord_1' } });
    await create('pm_card_visa', { metadata: { orderId: 'ord_1' } });
    await create('pm_card_visa', { metadata: { orderId: 'ord_2' } });
    await until(() => deliveries.length === 2, 'both events');
    const orders = events().map((event) => (event.data.object as Stripe.PaymentIntent).metadata['orderId']);
    expect(orders).toEqual(['ord_2', 'ord_1']);
  });

  test('is not struck by a fault for "any" operation', async () => {
    await control('faults', { operation: 'any', mode: 'delay', delayMs: 1, times: 'always' });
    await create('pm_card_visa');
    await firstDelivery();
    const faults = await fetch(`${simulator.url}/_simulator/faults`);
    expect(await faults.json()).toMatchObject({ items: [{ struck: 1 }] });
  });

  test('goes to every endpoint, each with a signature of its own', async () => {
    const other = { url: `${receiverUrl}/other`, secret: 'whsec_other' };
    expect((await control('webhook_endpoints', other)).status).toBe(201);
    await create('pm_card_visa');
    await until(() => deliveries.length === 2, 'both deliveries');
    const accepted = (secret: string) =>
      deliveries.filter(({ body, signature }) => {
        try {
          return Boolean(stripe.webhooks.constructEvent(body, signature, secret));
        } catch {
          return false;
        }
      }).length;
    expect([accepted(SECRET), accepted(other.secret)]).toEqual([1, 1]);
  });

  test.each([{}, { url: 'http://127.0.0.1/' }, { secret: 's' }, { url: 'nowhere', secret: 's' }])(
    'to an endpoint described by %j is refused',
    async (endpoint) => {
      expect((await control('webhook_endpoints', endpoint)).status).toBe(400);
    },
  );
});
