// The states of a payment as Stripe has them, and what its objects and errors say of them.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { until } from '../../support/until.ts';
import { errorOf, startSimulator, type Running } from './running.ts';

let running: Running;
beforeAll(async () => {
  running = await startSimulator({ settleAfterMs: 0 });
});
afterAll(() => running.stop());

const intents = () => running.stripe().paymentIntents;
const create = (paymentMethod: string, more: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
  intents().create({ amount: 1_000, currency: 'eur', payment_method: paymentMethod, ...more });

describe('a decline', () => {
  test('names its failed charge, its code and a page that explains it, in the error and on the payment', async () => {
    const { id } = await create('pm_card_chargeDeclinedExpiredCard');
    const error = await errorOf(intents().confirm(id));
    const intent = await intents().retrieve(id);
    const common = {
      type: 'card_error',
      code: 'expired_card',
      decline_code: 'expired_card',
      doc_url: 'https://stripe.com/docs/error-codes/expired-card',
      charge: intent.latest_charge,
      // The test name stands for a method of its own.
      payment_method: { id: expect.stringMatching(/^pm_[0-9a-f]{24}$/) },
    };
    expect(intent).toMatchObject({ status: 'requires_payment_method', payment_method: null });
    expect(intent.latest_charge).toMatch(/^ch_/);
    expect(intent.last_payment_error).toMatchObject(common);
    expect(error.raw).toMatchObject({ ...common, payment_intent: { id, status: 'requires_payment_method' } });
  });

  test('while creating leaves a payment behind that another method can pay, under another charge', async () => {
    const error = await errorOf(create('pm_card_chargeDeclined', { confirm: true }));
    const declined = error.payment_intent;
    if (!declined) throw new Error('Expected the payment in the error');
    const paid = await intents().confirm(declined.id, { payment_method: 'pm_card_visa' });
    expect(paid).toMatchObject({ status: 'succeeded', last_payment_error: null });
    expect(paid.latest_charge).not.toBe(declined.latest_charge);
    const effects = (await running.journal()).filter((item) => item.paymentIntentId === declined.id);
    expect(effects.map(({ operation, effect }) => [operation, effect])).toEqual([
      ['create', 'none'],
      ['confirm', 'captured'],
    ]);
  });

  test.each(['LostCard', 'StolenCard', 'ExpiredCard', 'IncorrectCvc', 'ProcessingError', 'FraudulentlyDeclined'])(
    '%s is there under both spellings',
    async (name) => {
      const errors = await Promise.all(
        [`pm_card_chargeDeclined${name}`, `pm_card_visa_chargeDeclined${name}`].map((method) =>
          errorOf(create(method, { confirm: true })),
        ),
      );
      expect(errors.map(({ statusCode }) => statusCode)).toEqual([402, 402]);
      expect(errors[0]?.decline_code).toBe(errors[1]?.decline_code);
    },
  );
});

describe('a customer who is to authenticate', () => {
  test.each<[string, Partial<Stripe.PaymentIntentConfirmParams>]>([
    ['error_on_requires_action', { error_on_requires_action: true }],
    ['off_session', { off_session: true }],
  ])('is not waited for with %s: that is a decline', async (_name, parameters) => {
    const { id } = await create('pm_card_authenticationRequired');
    const error = await errorOf(intents().confirm(id, parameters));
    const code = 'authentication_required';
    expect(error).toMatchObject({ statusCode: 402, type: 'StripeCardError', code, decline_code: code });
    expect(await intents().retrieve(id)).toMatchObject({ status: 'requires_payment_method', next_action: null });
  });

  test('may be replaced by another method while the payment waits', async () => {
    const { id } = await create('pm_card_authenticationRequired', { confirm: true });
    expect(await intents().confirm(id)).toMatchObject({
      status: 'requires_action',
      next_action: { type: 'use_stripe_sdk' },
    });
    expect(await intents().confirm(id, { payment_method: 'pm_card_visa' })).toMatchObject({ status: 'succeeded' });
  });

  test('is not waited for any more when the payment is cancelled', async () => {
    const { id } = await create('pm_card_threeDSecure2Required', { confirm: true });
    expect(await intents().cancel(id)).toMatchObject({ status: 'canceled', next_action: null });
    expect((await running.control(`payment_intents/${id}/authenticate`, { outcome: 'succeed' })).status).toBe(400);
  });

  test('who fails leaves no charge; with manual capture, one who succeeds authorizes', async () => {
    const { id: failed } = await create('pm_card_authenticationRequired', { confirm: true });
    await running.control(`payment_intents/${failed}/authenticate`, { outcome: 'fail' });
    expect(await intents().retrieve(failed)).toMatchObject({
      status: 'requires_payment_method',
      latest_charge: null,
      last_payment_error: { type: 'invalid_request_error', code: 'payment_intent_authentication_failure' },
    });

    const manual = { confirm: true, capture_method: 'manual' } as const;
    const { id } = await create('pm_card_authenticationRequired', { ...manual, metadata: { orderId: 'ord_manual' } });
    await running.control(`payment_intents/${id}/authenticate`, { outcome: 'succeed' });
    expect(await running.journal('ord_manual')).toMatchObject([
      { operation: 'create', effect: 'none' },
      { operation: 'authenticate', effect: 'authorized', amountMinor: 1_000 },
    ]);
    expect(await intents().retrieve(id)).toMatchObject({ status: 'requires_capture', amount_capturable: 1_000 });
  });
});

describe('a refusal for the state of a payment', () => {
  test.each<[string, (id: string) => Promise<unknown>]>([
    ['confirming', (id) => intents().confirm(id)],
    ['cancelling', (id) => intents().cancel(id)],
    ['capturing', (id) => intents().capture(id)],
  ])('carries the payment as it is, in %s', async (_verb, act) => {
    const { id } = await create('pm_card_visa', { confirm: true });
    const error = await errorOf(act(id));
    expect(error).toMatchObject({ statusCode: 400, code: 'payment_intent_unexpected_state' });
    expect(error.raw).toMatchObject({ payment_intent: { id, status: 'succeeded' } });
  });
});

describe('a payment in processing', () => {
  test('can be neither cancelled nor confirmed, and keeps its charge when it is done', async () => {
    await running.reopen({ settleAfterMs: 60_000 });
    const { id, latest_charge } = await create('pm_sim_processing_succeeds', { confirm: true });
    for (const act of [intents().cancel(id), intents().confirm(id), intents().capture(id)])
      expect(await errorOf(act)).toMatchObject({ code: 'payment_intent_unexpected_state' });
    await running.reopen({ settleAfterMs: 0 });
    await until(async () => (await intents().retrieve(id)).status === 'succeeded', 'the payment settles');
    expect(await intents().retrieve(id)).toMatchObject({ latest_charge, amount_received: 1_000 });
  });
});

describe('a pending refund', () => {
  test('that fails gave nothing back, and its amount can be asked for again', async () => {
    const { id } = await create('pm_sim_refund_pending_fails', { confirm: true, metadata: { orderId: 'ord_back' } });
    const refunds = () => running.stripe().refunds;
    const pending = await refunds().create({ payment_intent: id });
    expect(pending.status).toBe('pending');
    await until(async () => (await refunds().retrieve(pending.id)).status === 'failed', 'the refund fails');
    expect(await refunds().create({ payment_intent: id })).toMatchObject({ amount: 1_000 });
    const items = (await running.journal('ord_back')).filter(({ refundId }) => refundId === pending.id);
    expect(items.filter(({ operation }) => operation !== 'retrieve_refund')).toMatchObject([
      { operation: 'refund', effect: 'none' },
      { operation: 'settle', effect: 'none' },
    ]);
  });
});

test('an authorized payment takes new metadata along when it is captured, and keeps the old', async () => {
  const { id } = await create('pm_card_visa', {
    confirm: true,
    capture_method: 'manual',
    metadata: { orderId: 'ord_1', kept: 'yes' },
  });
  const captured = await intents().capture(id, { metadata: { parcel: '1' } });
  expect(captured.metadata).toEqual({ orderId: 'ord_1', kept: 'yes', parcel: '1' });
});
