// Deliveries over the life of more than one simulator: what was promised to an endpoint is delivered, whatever dies.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { until } from '../../support/until.ts';
import { startSimulator, type Running } from './running.ts';

const SECRET = 'whsec_for_tests';

let running: Running;
let receiver: Server;
let url: string;
/** What was received, by the status that it was answered with. */
let received: { status: number; event: Stripe.Event }[];
let answer: number;

beforeAll(async () => {
  running = await startSimulator();
  receiver = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const signature = String(req.headers['stripe-signature']);
      const event = running.stripe().webhooks.constructEvent(Buffer.concat(chunks), signature, SECRET);
      received.push({ status: answer, event });
      res.writeHead(answer).end();
    });
  });
  await new Promise<void>((resolve) => void receiver.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
});
beforeEach(() => {
  received = [];
  answer = 200;
});
afterEach(async () => {
  await fetch(`${running.url()}/_simulator/faults`, { method: 'DELETE' });
});
afterAll(async () => {
  await running.stop();
  const closed = new Promise((resolve) => void receiver.close(resolve));
  receiver.closeAllConnections();
  await closed;
});

const create = (more: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
  running.stripe().paymentIntents.create({ amount: 1_000, currency: 'eur', payment_method: 'pm_card_visa', ...more });
const accepted = () => received.filter(({ status }) => status === 200).map(({ event }) => event);

test('an endpoint is remembered by the next simulator, and hears of nothing from before it was there', async () => {
  await create();
  expect((await running.control('webhook_endpoints', { url, secret: SECRET })).status).toBe(201);
  await running.reopen();
  const { id } = await create();
  await until(() => received.length > 0, 'the event');
  expect(accepted().map((event) => event.data.object)).toMatchObject([{ id }]);
});

test('an event that was not accepted before a restart is delivered after it, by the same id, and not again', async () => {
  answer = 500;
  await create();
  await until(() => received.length > 0, 'the first attempt');
  const [first] = received;
  await running.reopen();
  answer = 200;
  await until(() => accepted().length > 0, 'the event is accepted');
  await running.reopen();
  // What comes next is the event of another payment, not that one again.
  const { id } = await create();
  await until(() => accepted().length > 1, 'the next event');
  expect(accepted().map((event) => event.id)).toEqual([first?.event.id, expect.any(String)]);
  expect(accepted()[1]?.data.object).toMatchObject({ id });
});

test('events overtake each other: a slow one does not hold back those after it', async () => {
  const { id } = await create({ metadata: { orderId: 'ord_slow' } });
  await until(() => received.length === 1, 'the payment is known');
  await running.inject({ operation: 'webhook', mode: 'delay', delayMs: 1_500, match: { orderId: 'ord_slow' } });
  await running.stripe().paymentIntents.confirm(id);
  await running.stripe().refunds.create({ payment_intent: id });
  await until(() => received.length === 4, 'all events');
  expect(received.at(-1)?.event.type).toBe('payment_intent.succeeded');
});

test('a fault for one order strikes the events of its refunds, too', async () => {
  const { id } = await create({ confirm: true, metadata: { orderId: 'ord_refunded' } });
  await until(() => received.length === 2, 'the events of the payment');
  await running.inject({
    operation: 'webhook',
    mode: 'error_500_after_effect',
    times: 2,
    match: { orderId: 'ord_refunded' },
  });
  await running.stripe().refunds.create({ payment_intent: id });
  // Each of the two is received twice: the sender did not learn that the first was accepted.
  await until(() => received.length === 6, 'the events of the refund');
  const ids = received.slice(2).map(({ event }) => event.id);
  expect([ids.length, new Set(ids).size]).toEqual([4, 2]);
});

test('an event says which request it comes from; what happens by itself comes from none', async () => {
  await running.reopen({ settleAfterMs: 0 });
  const intent = await create({ payment_method: 'pm_sim_processing_succeeds', confirm: true });
  await until(() => received.length === 3, 'all events');
  const requestOf = (type: string) => received.find(({ event }) => event.type === type)?.event.request;
  expect(requestOf('payment_intent.processing')?.id).toBe(intent.lastResponse.requestId);
  expect(requestOf('payment_intent.succeeded')).toEqual({ id: null, idempotency_key: null });
});
