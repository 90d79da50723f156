// Customers and payment methods that are used again: as strict as Stripe about whose a method is, and whether its holder is there.
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
const newCustomer = async (): Promise<string> => (await running.stripe().customers.create({})).id;
const pay = (more: Partial<Stripe.PaymentIntentCreateParams>) =>
  intents().create({ amount: 1_000, currency: 'eur', confirm: true, ...more });
const methodOf = ({ payment_method: method }: Stripe.PaymentIntent): string =>
  typeof method === 'string' ? method : (method?.id ?? 'none');
/** Paid with the customer there, and kept for later; the id that it is kept under. */
async function save(customer: string, testName: string): Promise<string> {
  const intent = await pay({ customer, payment_method: testName, setup_future_usage: 'off_session' });
  if (intent.status === 'requires_action') await running.control(`payment_intents/${intent.id}/authenticate`, succeed);
  return methodOf(intent);
}
const succeed = { outcome: 'succeed' };

describe('a customer', () => {
  test('is made once for a key, found again, and told of; nothing but metadata is taken of a person', async () => {
    const make = () =>
      running.stripe().customers.create({ metadata: { orderId: 'ord_c' } }, { idempotencyKey: 'customer-key' });
    const customer = await make();
    expect(customer).toMatchObject({ object: 'customer', email: null, metadata: { orderId: 'ord_c' } });
    expect(customer.id).toMatch(/^cus_/);
    expect((await make()).id).toBe(customer.id);
    await running.reopen();
    expect((await make()).id).toBe(customer.id);
    expect(await running.stripe().customers.retrieve(customer.id)).toMatchObject({ id: customer.id });
    expect((await running.journal('ord_c')).map(({ effect, replayed }) => [effect, replayed])).toEqual([
      ['created', false],
      ['none', true],
      ['none', true],
    ]);
    const told = await running.stripe().events.list({ type: 'customer.created' });
    expect(told.data.filter(({ data }) => 'id' in data.object && data.object.id === customer.id)).toHaveLength(1);
    const named = await errorOf(running.stripe().customers.create({ email: 'a@example.com' }));
    expect(named).toMatchObject({ statusCode: 400, code: 'parameter_unknown', param: 'email' });
  });

  test('that there is not is no answer, and nobody pays for one', async () => {
    const missing = await errorOf(running.stripe().customers.retrieve('cus_none'));
    expect(missing).toMatchObject({ statusCode: 404, code: 'resource_missing' });
    const paid = await errorOf(pay({ customer: 'cus_none', payment_method: 'pm_card_visa' }));
    expect(paid).toMatchObject({ statusCode: 400, code: 'resource_missing', param: 'customer' });
  });
});

describe('a payment method', () => {
  test('is a new one each time its test name is used', async () => {
    const [one, other] = [await pay({ payment_method: 'pm_card_visa' }), await pay({ payment_method: 'pm_card_visa' })];
    expect(methodOf(one)).toMatch(/^pm_[0-9a-f]{24}$/);
    expect(methodOf(other)).not.toBe(methodOf(one));
  });

  test('that was used for nobody is used up, to create and to confirm', async () => {
    const used = methodOf(await pay({ payment_method: 'pm_card_visa' }));
    const message = expect.stringContaining('It may not be used again');
    for (const more of [{}, { customer: await newCustomer() }])
      expect(await errorOf(pay({ payment_method: used, ...more }))).toMatchObject({ statusCode: 400, message });
    const waiting = await intents().create({ amount: 1_000, currency: 'eur' });
    expect(await errorOf(intents().confirm(waiting.id, { payment_method: used }))).toMatchObject({ message });

    // Two payments that name it: the one that is confirmed first has it.
    const first = await intents().create({ amount: 1_000, currency: 'eur', payment_method: 'pm_card_visa' });
    const second = await intents().create({ amount: 1_000, currency: 'eur', payment_method: methodOf(first) });
    await intents().confirm(first.id);
    expect(await errorOf(intents().confirm(second.id))).toMatchObject({ message });
  });

  test('with a customer, and not to be saved, is used up as well', async () => {
    const customer = await newCustomer();
    const used = methodOf(await pay({ customer, payment_method: 'pm_card_visa' }));
    expect(await errorOf(pay({ customer, payment_method: used }))).toMatchObject({ statusCode: 400 });
  });

  test('that is saved pays again for its customer, for no other and for nobody', async () => {
    const customer = await newCustomer();
    const saved = await save(customer, 'pm_card_visa');
    await running.reopen();
    expect(await pay({ customer, payment_method: saved, off_session: true })).toMatchObject({
      ...{ status: 'succeeded', payment_method: saved, customer },
    });
    const others = await errorOf(pay({ customer: await newCustomer(), payment_method: saved, off_session: true }));
    expect(others).toMatchObject({ statusCode: 400, message: expect.stringContaining('does not belong to') });
    const nobodys = await errorOf(pay({ payment_method: saved, off_session: true }));
    expect(nobodys).toMatchObject({ statusCode: 400, message: expect.stringContaining('belongs to the Customer') });
  });

  test('is saved by what it paid, not by what was declined or is waited for', async () => {
    const customer = await newCustomer();
    const wanted = { customer, setup_future_usage: 'off_session' } as const;
    const slow = await pay({ ...wanted, payment_method: 'pm_sim_processing_succeeds' });
    await until(async () => (await intents().retrieve(slow.id)).status === 'succeeded', 'it is paid');
    expect((await pay({ customer, payment_method: methodOf(slow) })).status).toBe('processing');
    const waiting = await pay({ ...wanted, payment_method: 'pm_card_authenticationRequired' });
    const elsewhere = { customer: await newCustomer(), payment_method: methodOf(waiting), confirm: false };
    expect(await pay(elsewhere)).toMatchObject({ status: 'requires_confirmation' });
    await running.control(`payment_intents/${waiting.id}/authenticate`, succeed);
    expect(await errorOf(pay(elsewhere))).toMatchObject({ message: expect.stringContaining('does not belong to') });
  });

  test.each([
    ['pm_card_visa', null],
    ['pm_card_authenticationRequiredOnSetup', null],
    ['pm_card_authenticationRequiredSetupForOffSession', null],
    ['pm_card_authenticationRequired', 'authentication_required'],
    ['pm_sim_declines_off_session', 'insufficient_funds'],
  ])('%s, once saved, pays with its holder absent, or says %s', async (testName, code) => {
    const customer = await newCustomer();
    const payment_method = await save(customer, testName);
    const paying = pay({ customer, payment_method, off_session: true });
    if (code === null) return expect(await paying).toMatchObject({ status: 'succeeded' });
    const error = await errorOf(paying);
    expect(error).toMatchObject({ statusCode: 402, type: 'StripeCardError', decline_code: code });
    const { id = '' } = error.payment_intent ?? {};
    expect(await intents().retrieve(id)).toMatchObject({ status: 'requires_payment_method', amount_received: 0 });
  });

  test.each(['pm_card_authenticationRequiredOnSetup', 'pm_card_authenticationRequired'])(
    '%s, not saved, needs its holder',
    async (payment_method) => {
      expect(await pay({ payment_method })).toMatchObject({ status: 'requires_action' });
      expect(await errorOf(pay({ payment_method, off_session: true }))).toMatchObject({
        code: 'authentication_required',
      });
    },
  );
});

test.each(['drop_after_effect', 'error_500_after_effect', 'half_body'])(
  'a customer whose answer is lost (%s) is the same one under its key',
  async (mode) => {
    const orderId = `ord_${mode}`;
    await running.inject({ operation: 'create_customer', mode, match: { orderId } });
    const make = () =>
      running.stripe().customers.create({ metadata: { orderId } }, { idempotencyKey: `${orderId}:customer` });
    // The client asks again by itself where the connection broke.
    await make().catch(() => null);
    const { id } = await make();
    const made = (await running.journal(orderId)).filter(({ effect }) => effect === 'created');
    expect(made).toMatchObject([{ operation: 'create_customer', customerId: id }]);
  },
);
