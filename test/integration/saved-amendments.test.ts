// Amendments to more that bring no payment method: what was saved with the order is charged, once, or the order stays as it was.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { createRecoveryRecords } from '../../src/adapters/postgres/recovery.ts';
import { books, cancellation, ref } from '../support/amending.ts';
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

/** A bank asks about a payment of the order. `record` enters what the provider says of it by then. */
async function dispute(orderId: string, ordinal = 1) {
  const { providerId } = await shop.payments.find({ orderId, ordinal });
  const opened = await saving.toSimulator(`payment_intents/${providerId}/dispute`, { inquiry: true });
  const { id } = (await opened.json()) as { id: string };
  return {
    record: async (): Promise<void> => {
      const disputes = await shop.provider.listDisputes({ providerId: providerId ?? '' });
      const [found] = 'done' in disputes ? disputes.done : [];
      if (!found) throw new Error('Expected a dispute; found none');
      await shop.payments.recordDispute({ orderId, ordinal, dispute: found });
    },
    decide: (outcome: 'won' | 'lost') => saving.toSimulator(`disputes/${id}/decide`, { outcome }),
  };
}

describe('an amendment to more, without a payment method', () => {
  test('charges the saved one once, its customer absent, and is applied', async () => {
    const orderId = await saving.sold();
    const [own] = await saving.rowsOf(orderId);
    await shop.amend(orderId, dearer);
    await shop.amendments.hold(ref(orderId));
    await shop.charge(orderId);
    await shop.charge(orderId);
    expect(await shop.amendments.apply(ref(orderId))).toEqual({ applied: true });
    expect((await saving.rowsOf(orderId))[1]).toMatchObject({ offSession: own?.customer, savedMethod: null });
    const { providerId, paymentMethod } = await shop.payments.find({ orderId, ordinal: 2 });
    const { customer, payment_method, setup_future_usage } = await shop.dashboard.paymentIntents.retrieve(
      providerId ?? '',
    );
    expect([customer, payment_method]).toEqual([own?.customer, paymentMethod]);
    expect([paymentMethod, setup_future_usage]).toEqual([own?.savedMethod, null]);
    expect(await saving.effectsOf(orderId)).toEqual(['create_customer', 'create', 'confirm', 'create', 'confirm']);
    // And once more: what was saved first still is.
    await shop.amend(orderId, { items: books(4), paymentMethod: null });
    await shop.amendments.hold(ref(orderId, 2));
    await shop.charge(orderId, 2);
    await shop.amendments.apply(ref(orderId, 2));
    expect(await shop.find(orderId)).toMatchObject({ totalMinor: 4_000, payment: { capturedMinor: 4_000 } });
  });

  test.each([
    ['create', 'drop_after_effect'],
    ['confirm', 'drop_after_effect'],
    ['confirm', 'half_body'],
    ['confirm', 'error_500_after_effect'],
  ])('whose answer to %s is lost (%s) is charged once', async (operation, mode) => {
    const orderId = await saving.sold();
    await shop.amend(orderId, dearer);
    await saving.toSimulator('faults', { operation, mode, match: { orderId } });
    await insist(() => shop.charge(orderId));
    expect((await saving.effectsOf(orderId)).filter((effect) => effect === 'confirm')).toHaveLength(2);
    expect((await shop.paymentsOf(orderId))[1]).toMatchObject({ state: 'captured', left: 1_000 });
    await shop.amendments.hold(ref(orderId));
    await shop.amendments.apply(ref(orderId));
  });

  test.each([
    ['pm_card_authenticationRequired', 'authentication_required'],
    ['pm_sim_declines_off_session', 'insufficient_funds'],
  ])('is refused where the bank says no (%s: %s), and the order is as it was', async (method, declineCode) => {
    const orderId = await saving.sold(method);
    const before = await shop.find(orderId);
    await shop.amend(orderId, dearer);
    await shop.amendments.hold(ref(orderId));
    for (let attempt = 0; attempt < 2; attempt += 1)
      await expect(shop.charge(orderId)).rejects.toMatchObject({ type: 'OrderRejected' });
    const { rejection } = await shop.payments.find({ orderId, ordinal: 2 });
    expect(rejection).toMatchObject({ code: 'payment.declined', declineCode });
    await shop.undo(orderId);
    await shop.refuse(orderId);
    const after = await shop.find(orderId);
    expect([after.totalMinor, after.items, after.payment]).toEqual([before.totalMinor, before.items, before.payment]);
    expect((await saving.journalOf(orderId)).filter(({ effect }) => effect === 'captured')).toHaveLength(1);
  });

  test('pays with what came with the request, where something did', async () => {
    const orderId = await saving.sold();
    await shop.amend(orderId, { ...dearer, paymentMethod: 'pm_card_mastercard' });
    await shop.charge(orderId);
    expect((await saving.rowsOf(orderId))[1]).toMatchObject({ offSession: null, savedMethod: null });
    await shop.amendments.hold(ref(orderId));
    await shop.amendments.apply(ref(orderId));
  });

  test.each<[string, () => Promise<string>]>([
    ['was placed without saving', () => shop.sell()],
    [
      'was paid by a payment that somebody made by hand',
      async () => {
        const orderId = await saving.placed();
        const wanted = { amount: 2_000, currency: 'eur', payment_method: 'pm_card_visa', confirm: true };
        const { id: providerId } = await shop.dashboard.paymentIntents.create({ ...wanted, metadata: { orderId } });
        const payment = { orderId, ordinal: 1, providerId, amountMinor: 2_000, currency: 'EUR' };
        await shop.payments.adoptPayment({ ...payment, insteadOf: null });
        await shop.ship(orderId);
        return orderId;
      },
    ],
  ])('is not accepted for an order that %s', async (_why, sell) => {
    const orderId = await sell();
    const before = await shop.find(orderId);
    expect(await shop.ask(orderId, dearer)).toEqual({ refused: 'method', chargeMinor: 1_000 });
    expect((await shop.find(orderId)).version).toBe(before.version);
  });

  test.each([
    ['the order', 1],
    ['an earlier amendment', 2],
  ])('is not accepted while what was paid with it for %s is disputed', async (_what, ordinal) => {
    const orderId = await saving.sold();
    await shop.amend(orderId, dearer);
    await shop.charge(orderId);
    await shop.amendments.hold(ref(orderId));
    await shop.amendments.apply(ref(orderId));
    const dearest = { items: books(4), paymentMethod: null };
    const { record, decide } = await dispute(orderId, ordinal);
    await record();
    expect(await shop.ask(orderId, dearest)).toEqual({ refused: 'method', chargeMinor: 1_000 });
    await decide('won');
    await record();
    expect(await shop.amend(orderId, dearest)).toBe(2);
    await shop.refuse(orderId, 2);
  });

  test.each([
    ['before anything was asked', false],
    ['after a payment was made, and before it was confirmed', true],
  ])('is refused where a payment of the order is disputed by the time of the charge: %s', async (_when, isMade) => {
    const orderId = await saving.sold();
    await shop.amend(orderId, dearer);
    const breaksOff = { confirm: () => Promise.reject(new Error('broken off')) };
    if (isMade) await expect(shop.charge(orderId, 1, breaksOff)).rejects.toThrow('broken off');
    const { record, decide } = await dispute(orderId);
    await record();
    await expect(shop.charge(orderId)).rejects.toMatchObject({ type: 'OrderRejected' });
    expect((await saving.effectsOf(orderId)).filter((effect) => effect === 'confirm')).toHaveLength(1);
    await shop.undo(orderId);
    await shop.refuse(orderId);
    await decide('won');
    await record();
  });

  test.each([
    ['is somebody else’s', async () => (await saving.rowsOf(await saving.sold()))[0]?.savedCustomer],
    ['went with its customer, whom somebody deleted', () => Promise.resolve('cus_deleted')],
  ])('is refused where the method %s', async (_why, customer) => {
    const orderId = await saving.sold();
    await sql`update payments set saved_customer = ${await customer()} where order_id = ${orderId}`.execute(shop.db);
    await shop.amend(orderId, dearer);
    await expect(shop.charge(orderId)).rejects.toMatchObject({ type: 'OrderRejected' });
    expect((await shop.payments.find({ orderId, ordinal: 2 })).rejection).toMatchObject({
      code: 'payment.method_refused',
    });
    await shop.refuse(orderId);
  });

  test('is given back where the order is cancelled first', async () => {
    const orderId = await saving.sold();
    await shop.amend(orderId, dearer);
    await shop.charge(orderId);
    await shop.orders.cancel({ orderId, ...cancellation });
    expect(await shop.amendments.apply(ref(orderId))).toHaveProperty('refusal');
    await shop.undo(orderId);
    await shop.refuse(orderId);
    expect((await shop.paymentsOf(orderId))[1]).toMatchObject({ state: 'refunded', left: 0 });
  });

  test('that was charged, as a restored backup has forgotten, is not charged again', async () => {
    const orderId = await saving.sold();
    await shop.amend(orderId, dearer);
    const wanted = { amount: 1_000, currency: 'eur', payment_method: 'pm_card_visa', confirm: true };
    const { id: providerId } = await shop.dashboard.paymentIntents.create({ ...wanted, metadata: { orderId } });
    const recovery = createRecoveryRecords({ db: shop.db });
    const { id: recoveryId } = await recovery.begin();
    await recovery.settle({
      ...{ recoveryId, orderId, how: 'restarted', paymentIds: [providerId], tries: [{ providerId, ordinal: 2 }] },
      ...{ plan: { own: null, ending: null, isReviewed: false, doubt: null }, omitted: [] },
    });
    await shop.charge(orderId);
    expect(await shop.payments.find({ orderId, ordinal: 2 })).toMatchObject({ providerId, state: 'captured' });
    expect((await saving.journalOf(orderId)).filter(({ effect }) => effect === 'captured')).toHaveLength(2);
    await shop.amendments.hold(ref(orderId));
    await shop.amendments.apply(ref(orderId));
  });
});
