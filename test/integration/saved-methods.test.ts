// Payment methods that are saved with their order: over a real database and a simulated provider, also when answers are lost.
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { inTransaction } from '../../src/adapters/postgres/database.ts';
import { createLaunchMarks } from '../../src/adapters/postgres/launch.ts';
import { createPaymentMethods } from '../../src/adapters/postgres/payment-notices.ts';
import { rebuildOrder } from '../../src/adapters/postgres/rebuilding.ts';
import { books, ref } from '../support/amending.ts';
import { dearer, insist, startSaving, type Saving } from '../support/saving.ts';

let saving: Saving;
let shop: Saving['shop'];
beforeAll(async () => {
  saving = await startSaving();
  shop = saving.shop;
});
afterEach(async () => {
  await saving.toSimulator('faults', undefined, 'DELETE');
  expect(await shop.broken()).toEqual({});
});
afterAll(() => shop.close());

describe('paying', () => {
  test('makes a customer that names the order and nobody, and keeps what the provider says it saved', async () => {
    const orderId = await saving.sold();
    const [row] = await saving.rowsOf(orderId);
    const { providerId } = await shop.payments.find({ orderId, ordinal: 1 });
    const intent = await shop.dashboard.paymentIntents.retrieve(providerId ?? '');
    expect(intent).toMatchObject({ customer: row?.customer, setup_future_usage: 'off_session' });
    expect(row).toMatchObject({ savedCustomer: row?.customer, savedMethod: intent.payment_method });
    const customer = await shop.dashboard.customers.retrieve(row?.customer ?? '');
    const metadata = { orderId, idempotencyKey: `${orderId}:customer:1` };
    expect(customer).toMatchObject({ metadata, email: null, name: null, description: null });
  });

  test('without saving it asks the provider for nothing more than ever', async () => {
    const { orderId } = await shop.place(books(2));
    await shop.pay(orderId);
    expect((await saving.journalOf(orderId)).map(({ operation }) => operation)).toEqual(['create', 'confirm']);
    const [row] = await saving.rowsOf(orderId);
    expect(row).toMatchObject({ customer: null, savedMethod: null });
    await shop.ship(orderId);
  });

  test.each([
    ['nobody wanted to save', false],
    ['belongs to another customer than the order’s', true],
  ])('keeps no method that %s', async (_what, savePaymentMethod) => {
    const { orderId, amountMinor } = await shop.place(books(2), { savePaymentMethod });
    const { id: providerId } = await shop.dashboard.paymentIntents.create({
      ...{ amount: amountMinor, currency: 'eur', payment_method: 'pm_card_visa', confirm: true, metadata: { orderId } },
    });
    if (savePaymentMethod) await shop.payments.keepCustomer({ orderId, ordinal: 1, customerId: 'cus_own' });
    await shop.payments.keepProviderId({ orderId, ordinal: 1, providerId });
    const saved = { customerId: 'cus_other', paymentMethod: 'pm_1' };
    await shop.payments.recordCapture({ orderId, ordinal: 1, providerId, amountMinor, currency: 'EUR', saved });
    expect((await saving.rowsOf(orderId))[0]).toMatchObject({ savedCustomer: null, savedMethod: null });
    await shop.ship(orderId);
  });

  test.each([
    [{ operation: 'create_customer', mode: 'drop_after_effect' }, ['customer:1', 'create:1', 'confirm:1']],
    [{ operation: 'create_customer', mode: 'drop_before_effect' }, ['customer:1', 'create:1', 'confirm:1']],
    [
      { operation: 'create_customer', mode: 'error_500', cached: true },
      ['customer:1', 'customer:1:r2', 'create:1', 'confirm:1'],
    ],
    [
      { operation: 'create_customer', mode: 'error_500_after_effect', cached: true },
      ['customer:1', 'customer:1:r2', 'create:1', 'confirm:1'],
    ],
    [{ operation: 'create', mode: 'drop_after_effect' }, ['customer:1', 'create:1', 'confirm:1']],
    [{ operation: 'confirm', mode: 'drop_after_effect' }, ['customer:1', 'create:1', 'confirm:1']],
    [
      { operation: 'create', mode: 'error_500_after_effect', cached: true },
      ['customer:1', 'create:1', 'create:1:r2', 'confirm:1'],
    ],
  ])('after %j it is paid once, and what was saved is known', async (fault, keys) => {
    const orderId = await saving.placed();
    await saving.toSimulator('faults', { ...fault, match: { orderId } });
    await insist(() => shop.pay(orderId));
    expect(await saving.keysOf(orderId)).toEqual(keys);
    expect((await saving.journalOf(orderId)).filter(({ effect }) => effect === 'captured')).toHaveLength(1);
    const [row] = await saving.rowsOf(orderId);
    expect(row).toMatchObject({ savedCustomer: row?.customer, savedMethod: expect.stringMatching(/^pm_/) });
    await shop.ship(orderId);
    await shop.amend(orderId, dearer);
    await shop.charge(orderId);
    expect((await shop.paymentsOf(orderId))[1]).toMatchObject({ state: 'captured', left: 1_000 });
    await shop.amendments.hold(ref(orderId));
    await shop.amendments.apply(ref(orderId));
  });

  test('two attempts at once name the same customer, whichever was stored', async () => {
    const orderId = await saving.placed();
    const attempts = await Promise.allSettled([shop.pay(orderId), shop.pay(orderId), shop.pay(orderId)]);
    if (attempts.every(({ status }) => status === 'rejected')) await insist(() => shop.pay(orderId));
    const [row] = await saving.rowsOf(orderId);
    expect(row).toMatchObject({ savedCustomer: row?.customer, savedMethod: expect.any(String) });
    expect((await saving.effectsOf(orderId)).sort()).toEqual(['confirm', 'create', 'create_customer']);
    const kept = await shop.payments.keepCustomer({ orderId, ordinal: 1, customerId: 'cus_other' });
    expect(kept).toEqual({ customerId: row?.customer });
    await shop.ship(orderId);
  });

  test('an attempt that comes second names the customer that the first has stored, not its own', async () => {
    const orderId = await saving.placed();
    const first = await shop.dashboard.customers.create({ metadata: { orderId } });
    await shop.pay(orderId, 1, {
      createCustomer: async (request) => {
        await shop.payments.keepCustomer({ orderId, ordinal: 1, customerId: first.id });
        return shop.provider.createCustomer(request);
      },
    });
    const { providerId } = await shop.payments.find({ orderId, ordinal: 1 });
    expect(await shop.dashboard.paymentIntents.retrieve(providerId ?? '')).toMatchObject({ customer: first.id });
    expect((await saving.rowsOf(orderId))[0]).toMatchObject({ customer: first.id, savedCustomer: first.id });
    await shop.ship(orderId);
  });

  test('stops where its order ends before the customer is stored, and nothing is made for it', async () => {
    const orderId = await saving.placed();
    const ending = { status: 'cancelled', reason: 'no', actor: 'customer-1' } as const;
    const asked = shop.payments.keepCustomer({ orderId, ordinal: 1, customerId: 'cus_1' });
    expect(await asked).toEqual({ customerId: 'cus_1' });
    const other = await saving.placed();
    await shop.payments.fence({ orderId: other, ordinal: 1, ending });
    expect(await shop.payments.keepCustomer({ orderId: other, ordinal: 1, customerId: 'cus_1' })).toEqual({ ending });
    await expect(shop.pay(other)).rejects.toThrow();
    expect(await saving.journalOf(other)).toEqual([]);
  });

  test('after a decline it saves the method of the try that paid, for the same customer', async () => {
    const orderId = await saving.placed('pm_card_chargeDeclined');
    await expect(shop.pay(orderId)).rejects.toThrow('declined');
    await shop.payments.fenceTry({ orderId, ordinal: 1 });
    await shop.payments.requestMethod({ orderId, ordinal: 1, withinMs: 60_000 });
    await createPaymentMethods({ db: shop.db }).provide(
      {
        ...{ tenant: 'local', orderId, paymentMethod: 'pm_card_mastercard' },
        ...{ idempotencyKey: randomUUID(), requestHash: 'h' },
      },
      () => ({ status: 202, body: '{}', location: null }),
    );
    await shop.pay(orderId, 2);
    const [declined, paid] = await saving.rowsOf(orderId);
    expect(declined).toMatchObject({ savedMethod: null });
    expect(paid).toMatchObject({ savedCustomer: declined?.customer, savedMethod: expect.stringMatching(/^pm_/) });
    expect((await saving.effectsOf(orderId)).filter((operation) => operation === 'create_customer')).toHaveLength(1);
    await shop.ship(orderId);
    expect(await shop.amend(orderId, dearer)).toBe(1);
    expect((await shop.payments.find({ orderId, ordinal: 3 })).paymentMethod).toBe(paid?.savedMethod);
    await shop.refuse(orderId);
  });

  test('is told to whoever rebuilds the order after a backup was restored', async () => {
    const orderId = await saving.placed();
    const found = await createLaunchMarks({ db: shop.db }).findOpen({ orderId });
    const record = found?.record;
    if (!record) throw new Error('Expected the record of the order; found none');
    expect(record).toMatchObject({ savePaymentMethod: true });
    const rebuiltId = 'order_01kax3v7ehe4sbg0krv6m4fxxw';
    const { rows } = await sql<{ id: number }>`
      insert into recoveries (known_until) values (now()) returning id`.execute(shop.db);
    const rebuilt = { recoveryId: rows[0]?.id ?? 0, orderId: rebuiltId, currency: 'EUR', totalMinor: 2_000 };
    const render = () => ({ status: 202, body: '{}', location: null });
    await inTransaction(shop.db, (tx) =>
      rebuildOrder(tx, { ...rebuilt, record: { ...record, idempotencyKey: randomUUID() } }, render),
    );
    expect((await shop.payments.find({ orderId: rebuiltId, ordinal: 1 })).customer).toEqual({
      ...{ use: 'save', customerId: null },
    });
    const { orderId: plain } = await shop.place(books(1));
    const other = await createLaunchMarks({ db: shop.db }).findOpen({ orderId: plain });
    expect(other?.record).not.toHaveProperty('savePaymentMethod');
  });
});

test('a method that was used for another order before is a no, not a mistake of ours', async () => {
  const { payment_method: used } = await shop.dashboard.paymentIntents.create({
    ...{ amount: 1_000, currency: 'eur', payment_method: 'pm_card_visa', confirm: true },
  });
  const { orderId } = await shop.place(books(1), { paymentMethod: typeof used === 'string' ? used : '' });
  await expect(shop.pay(orderId)).rejects.toMatchObject({ type: 'OrderRejected' });
  expect((await shop.payments.find({ orderId, ordinal: 1 })).rejection).toMatchObject({
    code: 'payment.method_refused',
  });
});
