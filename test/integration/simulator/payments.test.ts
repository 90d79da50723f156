// What the simulator says and does as Stripe would: methods, states and what they refuse, refunds, lists, search.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Stripe from 'stripe';
import { createPaymentSimulator, type PaymentSimulator } from '../../../src/simulator/payment/server.ts';
import type { JournalItem } from '../../../src/simulator/payment/state.ts';
import { until } from '../../support/until.ts';

let dataDir: string;
let simulator: PaymentSimulator;
let stripe: Stripe;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'simulator-'));
  simulator = await createPaymentSimulator({ dataDir, host: '127.0.0.1', port: 0, settleAfterMs: 0 });
  stripe = clientOf(simulator);
});
afterAll(async () => {
  await simulator.close();
  await rm(dataDir, { recursive: true });
});

function clientOf({ port }: PaymentSimulator, apiKey = 'sk_test_simulated'): Stripe {
  return new Stripe(apiKey, { host: '127.0.0.1', port, protocol: 'http', maxNetworkRetries: 0, telemetry: false });
}

const create = (paymentMethod?: string, more: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
  stripe.paymentIntents.create({
    amount: 1_000,
    currency: 'eur',
    ...(paymentMethod ? { payment_method: paymentMethod } : {}),
    ...more,
  });

async function paid(paymentMethod = 'pm_card_visa'): Promise<Stripe.PaymentIntent> {
  const { id } = await create(paymentMethod);
  return stripe.paymentIntents.confirm(id);
}

async function errorOf(call: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  const outcome = await call.catch((error: unknown) => error);
  if (outcome instanceof Stripe.errors.StripeError) return outcome;
  throw new Error('Expected an error of Stripe', { cause: outcome });
}

async function journalOf(intentId: string): Promise<JournalItem[]> {
  const answer = await fetch(`${simulator.url}/_simulator/journal`);
  const { items } = (await answer.json()) as { items: JournalItem[] };
  return items.filter(({ paymentIntentId }) => paymentIntentId === intentId);
}

const effectsOf = async (intentId: string) => (await journalOf(intentId)).map(({ effect }) => effect);

async function authenticate(id: string, outcome: string): Promise<number> {
  const answer = await fetch(`${simulator.url}/_simulator/payment_intents/${id}/authenticate`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ outcome }),
  });
  await answer.text();
  return answer.status;
}

describe('a payment method', () => {
  test.each([
    'pm_card_visa',
    'pm_card_visa_debit',
    'pm_card_mastercard',
    'pm_card_amex',
    'pm_card_refundFail',
    'pm_card_pendingRefund',
  ])('%s is charged', async (method) => {
    const intent = await paid(method);
    expect(intent).toMatchObject({ status: 'succeeded', amount_received: 1_000, last_payment_error: null });
    expect(intent.latest_charge).toMatch(/^ch_/);
    expect(await effectsOf(intent.id)).toEqual(['created', 'captured']);
  });

  test.each([
    ['pm_card_chargeDeclined', 'card_declined', 'generic_decline'],
    ['pm_card_visa_chargeDeclined', 'card_declined', 'generic_decline'],
    ['pm_card_chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds'],
    ['pm_card_visa_chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds'],
    ['pm_card_visa_chargeDeclinedLostCard', 'card_declined', 'lost_card'],
    ['pm_card_visa_chargeDeclinedStolenCard', 'card_declined', 'stolen_card'],
    ['pm_card_chargeDeclinedFraudulent', 'card_declined', 'fraudulent'],
    ['pm_card_chargeDeclinedExpiredCard', 'expired_card', 'expired_card'],
    ['pm_card_chargeDeclinedIncorrectCvc', 'incorrect_cvc', 'incorrect_cvc'],
    ['pm_card_chargeDeclinedProcessingError', 'processing_error', 'processing_error'],
  ])('%s is declined with its code, and the payment waits for another method', async (method, code, declineCode) => {
    const { id } = await create(method);
    const error = await errorOf(stripe.paymentIntents.confirm(id));
    expect(error).toMatchObject({ statusCode: 402, type: 'StripeCardError', code, decline_code: declineCode });
    expect(await stripe.paymentIntents.retrieve(id)).toMatchObject({
      status: 'requires_payment_method',
      amount_received: 0,
      payment_method: null,
      last_payment_error: { code, decline_code: declineCode },
    });
    expect(await effectsOf(id)).not.toContain('captured');
    const again = await stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' });
    expect(again).toMatchObject({ status: 'succeeded', last_payment_error: null });
  });

  test.each(['pm_card_authenticationRequired', 'pm_card_threeDSecure2Required'])(
    '%s waits for its customer, and is charged when the customer authenticates',
    async (method) => {
      const { id } = await create(method);
      const waiting = await stripe.paymentIntents.confirm(id);
      expect(waiting).toMatchObject({ status: 'requires_action', amount_received: 0 });
      expect(waiting.next_action).not.toBeNull();
      expect(await authenticate(id, 'succeed')).toBe(200);
      expect(await stripe.paymentIntents.retrieve(id)).toMatchObject({ status: 'succeeded', next_action: null });
    },
  );

  test('is declined when the customer fails to authenticate, and a customer is asked once', async () => {
    const { id } = await create('pm_card_authenticationRequired', { confirm: true });
    expect(await authenticate(id, 'maybe')).toBe(400);
    expect(await authenticate(id, 'fail')).toBe(200);
    expect(await stripe.paymentIntents.retrieve(id)).toMatchObject({
      status: 'requires_payment_method',
      last_payment_error: { code: 'payment_intent_authentication_failure' },
    });
    expect(await authenticate(id, 'succeed')).toBe(400);
    expect(await authenticate('pi_unknown', 'succeed')).toBe(404);
  });

  test('that wants its customer is declined where no customer can be asked', async () => {
    const { id } = await create('pm_card_authenticationRequired');
    const error = await errorOf(stripe.paymentIntents.confirm(id, { error_on_requires_action: true }));
    expect(error).toMatchObject({ statusCode: 402, decline_code: 'authentication_required' });
  });

  test.each([
    ['pm_sim_processing_succeeds', 'succeeded', 1_000],
    ['pm_sim_processing_declines', 'requires_payment_method', 0],
  ])('%s is processing first, and comes to its end by itself', async (method, end, received) => {
    const { id } = await create(method);
    expect(await stripe.paymentIntents.confirm(id)).toMatchObject({ status: 'processing' });
    await until(async () => (await stripe.paymentIntents.retrieve(id)).status === end, end);
    expect((await stripe.paymentIntents.retrieve(id)).amount_received).toBe(received);
  });

  test('that nobody knows is refused, in creating and in confirming', async () => {
    const refusal = { statusCode: 400, code: 'resource_missing', param: 'payment_method' };
    expect(await errorOf(create('pm_card_unknown'))).toMatchObject(refusal);
    expect(await errorOf(create('constructor'))).toMatchObject(refusal);
    const { id } = await create();
    const confirmed = stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_unknown' });
    expect(await errorOf(confirmed)).toMatchObject(refusal);
  });
});

describe('a payment', () => {
  test('that is created moves no money, with a method or without', async () => {
    expect(await create('pm_card_visa')).toMatchObject({ status: 'requires_confirmation', amount_received: 0 });
    expect(await create()).toMatchObject({ status: 'requires_payment_method', last_payment_error: null });
  });

  test('is not confirmed without a method', async () => {
    const { id } = await create();
    expect(await errorOf(stripe.paymentIntents.confirm(id))).toMatchObject({ code: 'payment_intent_unexpected_state' });
  });

  test.each<[string, (id: string) => Promise<unknown>]>([
    ['confirmed', (id) => stripe.paymentIntents.confirm(id)],
    ['cancelled', (id) => stripe.paymentIntents.cancel(id)],
    ['captured', (id) => stripe.paymentIntents.capture(id)],
  ])('that has succeeded, or is cancelled, can not be %s', async (_verb, act) => {
    const { id: cancelled } = await create('pm_card_visa');
    await stripe.paymentIntents.cancel(cancelled);
    for (const [id, status] of [
      [(await paid()).id, 'succeeded'],
      [cancelled, 'canceled'],
    ] as const) {
      const error = await errorOf(act(id));
      expect(error).toMatchObject({ statusCode: 400, code: 'payment_intent_unexpected_state' });
      expect(error.message).toContain(status);
      expect((await stripe.paymentIntents.retrieve(id)).status).toBe(status);
    }
  });

  test('that is authorized is captured once, up to what was authorized, or cancelled', async () => {
    const authorized = await create('pm_card_visa', { capture_method: 'manual', confirm: true });
    expect(authorized).toMatchObject({ status: 'requires_capture', amount_capturable: 1_000, amount_received: 0 });
    const tooMuch = stripe.paymentIntents.capture(authorized.id, { amount_to_capture: 1_001 });
    expect(await errorOf(tooMuch)).toMatchObject({ code: 'amount_too_large' });
    const captured = await stripe.paymentIntents.capture(authorized.id, { amount_to_capture: 400 });
    expect(captured).toMatchObject({ status: 'succeeded', amount_received: 400, amount_capturable: 0 });
    const other = await create('pm_card_visa', { capture_method: 'manual', confirm: true });
    expect(await stripe.paymentIntents.cancel(other.id)).toMatchObject({ status: 'canceled', amount_capturable: 0 });
    expect(await effectsOf(authorized.id)).toEqual(['authorized', 'none', 'captured']);
  });

  test('that a hundred confirm at once, each with a key of its own, is captured once', async () => {
    const { id } = await create('pm_card_visa');
    const confirms = Array.from({ length: 100 }, (_, index) =>
      stripe.paymentIntents.confirm(id, {}, { idempotencyKey: `${id}:${index}` }),
    );
    const outcomes = await Promise.allSettled(confirms);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const effects = await effectsOf(id);
    expect(effects).toHaveLength(101);
    expect(effects.filter((effect) => effect === 'captured')).toHaveLength(1);
  });

  test.each<[object, string]>([
    [{ amount: 0 }, 'parameter_invalid_integer'],
    [{ amount: 12.5 }, 'parameter_invalid_integer'],
    [{ amount: 100_000_000 }, 'amount_too_large'],
    [{ currency: 'euro' }, 'parameter_invalid_string'],
    [{ colour: 'red' }, 'parameter_unknown'],
  ])('with parameters like %j is refused, and leaves no payment behind', async (more, code) => {
    const { data: before } = await stripe.paymentIntents.list({ limit: 1 });
    expect(await errorOf(create('pm_card_visa', more))).toMatchObject({ statusCode: 400, code });
    expect((await stripe.paymentIntents.list({ limit: 1 })).data).toEqual(before);
  });

  test('is listed newest first, page by page', async () => {
    const made: string[] = [];
    for (let index = 0; index < 5; index += 1) made.unshift((await create()).id);
    const first = await stripe.paymentIntents.list({ limit: 3 });
    expect(first.has_more).toBe(true);
    const [, , last] = first.data;
    const second = await stripe.paymentIntents.list({ limit: 2, ...(last ? { starting_after: last.id } : {}) });
    expect([...first.data, ...second.data].map(({ id }) => id)).toEqual(made);
    expect(await errorOf(stripe.paymentIntents.list({ limit: 101 }))).toMatchObject({ statusCode: 400 });
  });
});

describe('a refund', () => {
  test('gives back in parts, never more than was captured', async () => {
    const { id } = await paid();
    const first = await stripe.refunds.create({ payment_intent: id, amount: 600, metadata: { why: 'half' } });
    expect(first).toMatchObject({ status: 'succeeded', amount: 600, currency: 'eur', metadata: { why: 'half' } });
    const tooMuch = await errorOf(stripe.refunds.create({ payment_intent: id, amount: 401 }));
    expect(tooMuch).toMatchObject({ statusCode: 400, code: 'amount_too_large', param: 'amount' });
    // Without an amount: all that is left.
    expect(await stripe.refunds.create({ payment_intent: id })).toMatchObject({ status: 'succeeded', amount: 400 });
    const spent = await errorOf(stripe.refunds.create({ payment_intent: id }));
    expect(spent).toMatchObject({ statusCode: 400, code: 'charge_already_refunded' });
    const refunded = (await journalOf(id)).filter(({ effect }) => effect === 'refunded');
    expect(refunded.map(({ amountMinor }) => amountMinor)).toEqual([600, 400]);
    expect(refunded[0]).toMatchObject({ operation: 'refund', refundId: first.id });
    expect(await stripe.refunds.retrieve(first.id)).toMatchObject({ id: first.id, payment_intent: id });
    expect((await stripe.refunds.list({ payment_intent: id })).data).toHaveLength(2);
  });

  test('of a part of the authorized amount is bound by what was captured of it', async () => {
    const { id } = await create('pm_card_visa', { capture_method: 'manual', confirm: true });
    await stripe.paymentIntents.capture(id, { amount_to_capture: 400 });
    expect(await errorOf(stripe.refunds.create({ payment_intent: id, amount: 401 }))).toMatchObject({
      code: 'amount_too_large',
    });
    expect(await stripe.refunds.create({ payment_intent: id })).toMatchObject({ amount: 400 });
  });

  test('that a hundred ask for at once is made once', async () => {
    const { id } = await paid();
    const asked = Array.from({ length: 100 }, () => stripe.refunds.create({ payment_intent: id, amount: 1_000 }));
    const outcomes = await Promise.allSettled(asked);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('that is pending reserves its amount at once, and gives it back later', async () => {
    const { id } = await paid('pm_card_pendingRefund');
    const pending = await stripe.refunds.create({ payment_intent: id, amount: 700 });
    expect(pending.status).toBe('pending');
    const tooMuch = await errorOf(stripe.refunds.create({ payment_intent: id, amount: 301 }));
    expect(tooMuch).toMatchObject({ code: 'amount_too_large' });
    await until(async () => (await stripe.refunds.retrieve(pending.id)).status === 'succeeded', 'the refund settles');
    const refunded = (await journalOf(id)).filter(({ effect }) => effect === 'refunded');
    expect(refunded).toMatchObject([{ operation: 'settle', refundId: pending.id, amountMinor: 700 }]);
  });

  test('that failed gave nothing back: the amount can be asked for again', async () => {
    const { id } = await paid('pm_card_refundFail');
    const failed = await stripe.refunds.create({ payment_intent: id });
    expect(failed).toMatchObject({ status: 'failed', failure_reason: 'expired_or_canceled_card' });
    expect(await stripe.refunds.create({ payment_intent: id })).toMatchObject({ status: 'failed', amount: 1_000 });
    expect(await effectsOf(id)).not.toContain('refunded');
  });

  test('of what was never captured, or is unknown, is refused', async () => {
    const { id } = await create('pm_card_visa');
    const refusal = await errorOf(stripe.refunds.create({ payment_intent: id }));
    expect(refusal).toMatchObject({ statusCode: 400, code: 'payment_intent_unexpected_state' });
    const unknown = await errorOf(stripe.refunds.create({ payment_intent: 'pi_unknown' }));
    expect(unknown).toMatchObject({ statusCode: 404, code: 'resource_missing' });
    expect(await errorOf(stripe.refunds.retrieve('re_unknown'))).toMatchObject({ statusCode: 404 });
  });
});
