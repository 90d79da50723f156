// Manual capture as Stripe has it: in parts where the method allows that, released by the last one, and ended by the bank in time.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { errorOf, startSimulator, type Running } from './running.ts';

let running: Running;
beforeAll(async () => {
  running = await startSimulator();
});
afterAll(() => running.stop());

const intents = () => running.stripe().paymentIntents;
const authorize = (paymentMethod = 'pm_card_visa', more: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
  intents().create({
    ...{ amount: 1_000, currency: 'eur', payment_method: paymentMethod, confirm: true, capture_method: 'manual' },
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    payment_method_options: { card: { request_multicapture: 'if_available' } },
    ...more,
  });
const standing = ({ status, amount_received: received, amount_capturable: capturable }: Stripe.PaymentIntent) =>
  `${status} ${received} + ${capturable}`;
const cardOf = async (id: string): Promise<Stripe.Charge.PaymentMethodDetails.Card | undefined> => {
  const { latest_charge: charge } = await intents().retrieve(id, { expand: ['latest_charge'] });
  return typeof charge === 'string' ? undefined : charge?.payment_method_details?.card;
};

describe('an authorization', () => {
  test('says by its charge until when it can be captured, and whether more than once', async () => {
    const { id, created } = await authorize();
    const card = await cardOf(id);
    expect(card).toMatchObject({ multicapture: { status: 'available' } });
    expect(card?.capture_before).toBeGreaterThan(created + 6 * 24 * 3_600);
    const once = await authorize('pm_sim_captured_once');
    expect(await cardOf(once.id)).toMatchObject({ multicapture: { status: 'unavailable' } });
    expect((await intents().retrieve(id)).latest_charge).toMatch(/^ch_/);
  });

  test('is captured in parts, until the last of them releases the rest', async () => {
    const { id } = await authorize();
    expect(standing(await intents().capture(id, { amount_to_capture: 700, final_capture: false }))).toBe(
      'requires_capture 700 + 300',
    );
    const tooMuch = await errorOf(intents().capture(id, { amount_to_capture: 301 }));
    expect(tooMuch).toMatchObject({ statusCode: 400, code: 'amount_too_large' });
    expect(standing(await intents().capture(id, { amount_to_capture: 200 }))).toBe('succeeded 900 + 0');
    const over = await errorOf(intents().capture(id, { amount_to_capture: 1 }));
    expect(over).toMatchObject({ statusCode: 400, code: 'payment_intent_unexpected_state' });
    const captured = (await running.journal()).filter(
      (item) => item.paymentIntentId === id && item.effect === 'captured',
    );
    expect(captured.map(({ amountMinor }) => amountMinor)).toEqual([700, 200]);
  });

  test('is released by a capture of nothing, once a part was captured', async () => {
    const { id } = await authorize();
    expect(await errorOf(intents().capture(id, { amount_to_capture: 0, final_capture: true }))).toMatchObject({
      statusCode: 400,
    });
    await intents().capture(id, { amount_to_capture: 700, final_capture: false });
    expect(standing(await intents().capture(id, { amount_to_capture: 0, final_capture: true }))).toBe(
      'succeeded 700 + 0',
    );
  });

  test('is captured once where more is not available', async () => {
    const { id } = await authorize('pm_sim_captured_once');
    const error = await errorOf(intents().capture(id, { amount_to_capture: 700, final_capture: false }));
    expect(error).toMatchObject({ statusCode: 400, param: 'final_capture' });
    const never = await authorize('pm_card_visa', {
      payment_method_options: { card: { request_multicapture: 'never' } },
    });
    expect(await errorOf(intents().capture(never.id, { final_capture: false }))).toMatchObject({
      param: 'final_capture',
    });
    expect(standing(await intents().capture(id, { amount_to_capture: 700 }))).toBe('succeeded 700 + 0');
  });

  test('that is captured in part can be refunded for that part', async () => {
    const { id } = await authorize();
    expect(await errorOf(running.stripe().refunds.create({ payment_intent: id }))).toMatchObject({ statusCode: 400 });
    await intents().capture(id, { amount_to_capture: 700, final_capture: false });
    expect(await errorOf(running.stripe().refunds.create({ payment_intent: id, amount: 701 }))).toMatchObject({
      code: 'amount_too_large',
    });
    expect(await running.stripe().refunds.create({ payment_intent: id })).toMatchObject({
      amount: 700,
      status: 'succeeded',
    });
    expect(standing(await intents().capture(id))).toBe('succeeded 1000 + 0');
  });

  test.each([
    [0, 'canceled 0 + 0'],
    [700, 'succeeded 700 + 0'],
  ])('ends in time, with %i captured, as %s', async (captured, expected) => {
    const { id } = await authorize();
    if (captured > 0) await intents().capture(id, { amount_to_capture: captured, final_capture: false });
    expect((await running.control(`payment_intents/${id}/expire`, {})).status).toBe(200);
    expect(standing(await intents().retrieve(id))).toBe(expected);
    expect((await running.control(`payment_intents/${id}/expire`, {})).status).toBe(400);
  });

  test('is the same after a restart', async () => {
    const { id } = await authorize();
    await intents().capture(id, { amount_to_capture: 700, final_capture: false });
    await running.reopen();
    expect(await cardOf(id)).toMatchObject({ multicapture: { status: 'available' } });
    expect(standing(await intents().capture(id, { amount_to_capture: 300 }))).toBe('succeeded 1000 + 0');
  });
});
