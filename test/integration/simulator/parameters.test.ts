// What the API refuses as it stands, in Stripe's words and without a trace, and what it says on every answer.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { errorOf, startSimulator, type Running } from './running.ts';

let running: Running;
beforeAll(async () => {
  running = await startSimulator();
});
afterAll(() => running.stop());

const intents = () => running.stripe().paymentIntents;
const request = { amount: 1_000, currency: 'eur', payment_method: 'pm_card_visa' };
const form = { 'Content-Type': 'application/x-www-form-urlencoded' };

describe('creating a payment is refused', () => {
  test.each<[string, Record<string, unknown>, object]>([
    ['without an amount', { amount: undefined }, { code: 'parameter_missing', param: 'amount' }],
    ['without a currency', { currency: undefined }, { code: 'parameter_missing', param: 'currency' }],
    ['with a negative amount', { amount: -1 }, { code: 'parameter_invalid_integer' }],
    [
      'with an amount in words',
      { amount: 'ten' },
      { code: 'parameter_invalid_integer', message: 'Invalid integer: ten' },
    ],
    ['with an empty text', { description: '' }, { code: 'parameter_invalid_empty' }],
    ['with a flag that is none', { confirm: 'yes' }, { code: 'parameter_invalid_boolean' }],
    ['with an unknown capture method', { capture_method: 'later' }, { param: 'capture_method' }],
    ['with an unknown part', { automatic_payment_methods: { enabled: true, on: 1 } }, { code: 'parameter_unknown' }],
    [
      'with automatic methods neither on nor off',
      { automatic_payment_methods: {}, description: 'x', metadata: 'x' },
      {},
    ],
    [
      'with two ways to choose methods',
      { automatic_payment_methods: { enabled: true }, payment_method_types: ['card'] },
      { param: 'payment_method_types' },
    ],
    ['with an amount as a list', { amount: [1, 2] }, { param: 'amount' }],
    ['with metadata that is a text', { metadata: 'text' }, { param: 'metadata' }],
    ['with metadata in two levels', { metadata: { a: { b: 'c' } } }, { param: 'metadata[a]' }],
    ['with a long name in metadata', { metadata: { ['n'.repeat(41)]: 'x' } }, { code: 'parameter_invalid_string' }],
    ['with a long value in metadata', { metadata: { name: 'x'.repeat(501) } }, { code: 'parameter_invalid_string' }],
    [
      'with too much metadata',
      { metadata: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`n${n}`, 'x'])) },
      { param: 'metadata' },
    ],
    ['with what belongs to confirming', { error_on_requires_action: true }, { param: 'error_on_requires_action' }],
    [
      'and confirming, when nobody knows where a redirected customer would return to',
      { confirm: true, automatic_payment_methods: { enabled: true } },
      { message: expect.stringContaining('return_url') },
    ],
    [
      'and confirming, without a method',
      { confirm: true, payment_method: undefined },
      { code: 'payment_intent_unexpected_state' },
    ],
  ])('%s', async (_how, more, refusal) => {
    const { data: before } = await intents().list({ limit: 1 });
    const error = await errorOf(intents().create({ ...request, ...more }));
    expect(error).toMatchObject({ statusCode: 400, type: 'StripeInvalidRequestError', ...refusal });
    expect((await intents().list({ limit: 1 })).data).toEqual(before);
  });
});

test.each<[string, () => Promise<unknown>]>([
  ['confirm', () => intents().confirm('pi_1', { colour: 'red' } as Stripe.PaymentIntentConfirmParams)],
  ['capture', () => intents().capture('pi_1', { colour: 'red' } as Stripe.PaymentIntentCaptureParams)],
  ['cancel', () => intents().cancel('pi_1', { colour: 'red' } as Stripe.PaymentIntentCancelParams)],
  ['retrieve', () => intents().retrieve('pi_1', { colour: 'red' } as Stripe.PaymentIntentRetrieveParams)],
  ['list', () => intents().list({ colour: 'red' } as Stripe.PaymentIntentListParams)],
  ['refund', () => running.stripe().refunds.create({ colour: 'red' } as Stripe.RefundCreateParams)],
  ['list refunds', () => running.stripe().refunds.list({ colour: 'red' } as Stripe.RefundListParams)],
])('%s refuses a parameter that it does not know', async (_operation, act) => {
  expect(await errorOf(act())).toMatchObject({ statusCode: 400, code: 'parameter_unknown', param: 'colour' });
});

test('a reason must be one of those of Stripe, in cancelling and in refunding', async () => {
  const { id } = await intents().create(request);
  const reason = 'because' as 'duplicate';
  expect(await errorOf(intents().cancel(id, { cancellation_reason: reason }))).toMatchObject({ statusCode: 400 });
  expect(await errorOf(running.stripe().refunds.create({ payment_intent: id, reason }))).toMatchObject({
    param: 'reason',
  });
  expect(await intents().cancel(id, { cancellation_reason: 'duplicate' })).toMatchObject({
    status: 'canceled',
    cancellation_reason: 'duplicate',
  });
});

test('parameters may ask for expansion, automatic methods without redirects, and asynchronous capture', async () => {
  const intent = await intents().create({
    ...request,
    confirm: true,
    capture_method: 'automatic_async',
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    expand: ['latest_charge'],
  });
  expect(intent).toMatchObject({
    status: 'succeeded',
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
  });
});

test.each([
  ['GET', '/v1/payment_intents/pi_unknown', 404],
  ['GET', '/v1/nothing', 404],
  ['GET', '/v1/payment_intents?limit=0', 400],
  ['GET', '/v1/payment_intents/%E0%A4%A', 400],
  ['POST', '/v1/payment_intents', 400],
])('%s %s is answered with %3$d as Stripe words it, and with a Request-Id', async (method, path, status) => {
  const answer = await running.send(method, path, method === 'POST' ? { headers: form, body: 'amount=x' } : {});
  expect(answer.status).toBe(status);
  expect(answer.headers.get('Request-Id')).toMatch(/^req_/);
  expect(await answer.json()).toMatchObject({
    error: { type: 'invalid_request_error', message: expect.any(String) },
  });
});

test('a body in JSON is refused: it would be read as empty', async () => {
  const headers = { 'Content-Type': 'application/json' };
  const answer = await running.send('POST', '/v1/payment_intents', { headers, body: JSON.stringify(request) });
  expect(answer.status).toBe(400);
  expect(await answer.text()).toContain('application/x-www-form-urlencoded');
});

test('a body that is too large is refused, and the next request is answered', async () => {
  const answer = await running.send('POST', '/v1/payment_intents', { headers: form, body: `a=${'x'.repeat(200_000)}` });
  expect(answer.status).toBe(413);
  expect(await intents().create(request)).toMatchObject({ status: 'requires_confirmation' });
});

test('a key that is too long is refused', async () => {
  const create = (length: number) => intents().create(request, { idempotencyKey: 'k'.repeat(length) });
  expect(await errorOf(create(256))).toMatchObject({ statusCode: 400 });
  expect(await create(255)).toMatchObject({ status: 'requires_confirmation' });
});
