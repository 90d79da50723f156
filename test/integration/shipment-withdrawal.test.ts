// A shipment that never goes, in the rows of a real database: taken out of its order, then back on the shelf together with its money, once.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { createCarrierActivities } from '../../src/activities/carrier.ts';
import { noCarrier } from '../../src/adapters/shipping/http.ts';
import { createPacking } from '../../src/adapters/postgres/packing.ts';
import { createPaymentRecords } from '../../src/adapters/postgres/payment.ts';
import { createRefunds } from '../../src/adapters/postgres/refund.ts';
import type { Carrier, Parcel } from '../../src/ports/carrier.ts';
import { cancelled, startBackordering, type Backordering } from '../support/backordering.ts';

let shop: Backordering;
beforeAll(async () => {
  shop = await startBackordering();
});
afterAll(async () => {
  try {
    await shop.expectRules();
  } finally {
    await shop.close();
  }
});

/** A sold order of three: one in shipment 1, two in shipment 2, of which `left` are on the shelf beside it. */
async function inTwo(left = 3): Promise<{ orderId: string; sku: string }> {
  const sku = await shop.product(1);
  const orderId = await shop.sold([sku], 3);
  await look(orderId);
  await shop.adjust(sku, 2 + left);
  await shop.serve([sku]);
  await look(orderId);
  expect(await shop.shipped(orderId)).toEqual(['1: 1', '2: 2']);
  return { orderId, sku };
}
const look = (orderId: string) => shop.awaitStock({ orderId, withinMs: 3_600_000 });
const second = (orderId: string) => ({ orderId, number: 2 });
const giveBack = (orderId: string, withoutRefund = false) =>
  shop.shipments.giveBack({ ...second(orderId), withoutRefund });
const refundsOf = async (orderId: string) =>
  ((await createRefunds({ db: shop.db }).list({ tenant: 'local', orderId })) ?? []).map(
    ({ amountMinor, items, actor }) => ({ amountMinor, items, actor }),
  );
const typesOf = async (orderId: string): Promise<string[]> => (await shop.events(orderId)).map(({ type }) => type);

describe('a shipment that never goes', () => {
  test('keeps its order open until its units are on the shelf and its money is on the way, once', async () => {
    const { orderId, sku } = await inTwo();
    await shop.deliver(orderId, 1);
    const withdrawn = { status: 'cancelled', withdrawn: 'open' };
    expect(await shop.shipments.withdraw(second(orderId))).toMatchObject(withdrawn);
    expect(await shop.shipments.withdraw(second(orderId))).toMatchObject(withdrawn);
    // It is looked after, not planned once more, not packed, and the order is not over.
    expect(await look(orderId)).toMatchObject({ shipments: [{ first: 2, number: 2 }] });
    expect(await shop.shipped(orderId)).toEqual(['1: 1', '2: 2']);
    const packing = createPacking({ db: shop.db });
    expect(await packing.pack({ ...second(orderId), tenant: 'local', actor: 'packer' })).toEqual({
      notPackable: 'cancelled',
    });
    expect(await shop.row(orderId)).toMatchObject({ status: 'shipped', isClosed: false });
    expect(await shop.level(sku)).toEqual({ onHand: 3, reserved: 0 });

    expect([await giveBack(orderId), await giveBack(orderId)]).toEqual([{ givenBack: true }, { givenBack: true }]);
    expect(await shop.level(sku)).toEqual({ onHand: 5, reserved: 0 });
    expect(await refundsOf(orderId)).toEqual([{ amountMinor: 2_000, items: [{ sku, quantity: 2 }], actor: 'system' }]);
    expect(await shop.row(orderId)).toMatchObject({ status: 'delivered', isClosed: true, waiting: null });
    expect((await typesOf(orderId)).slice(-5)).toEqual([
      'shipment.withdrawn',
      'refund.requested',
      'inventory.restocked',
      'shipment.given_back',
      'order.delivered',
    ]);
    expect(await shop.shipments.findStanding(second(orderId))).toMatchObject({ withdrawn: 'given-back' });
  });

  test('serves who waits for its units', async () => {
    const { orderId, sku } = await inTwo(0);
    const next = await shop.sold([sku], 2);
    await shop.serve([sku]);
    expect(await shop.standing(next)).toBe('waiting 0/2');
    await shop.shipments.withdraw(second(orderId));
    await giveBack(orderId);
    await shop.serve([sku]);
    expect(await shop.standing(next)).toBe('sold 2, filled 2/2');
  });

  test('must not be the last that goes: such an order is cancelled, or sent', async () => {
    const { orderId } = await inTwo();
    await shop.shipments.withdraw({ orderId, number: 1 });
    expect(await shop.shipments.withdraw(second(orderId))).toEqual({
      refused: expect.stringContaining('cancel it (POST'),
    });
    await shop.shipments.giveBack({ orderId, number: 1, withoutRefund: false });
    await shop.deliver(orderId, 2);
    expect(await shop.row(orderId)).toMatchObject({ status: 'delivered', isClosed: true });
  });

  test('may be the last that goes of an order of which something has left: it ends as it is', async () => {
    const { orderId, sku } = await inTwo();
    await shop.shipments.withdraw({ orderId, number: 1 });
    await shop.shipments.giveBack({ orderId, number: 1, withoutRefund: false });
    await shop.deliver(orderId, 2, 'lost');
    expect(await shop.shipments.replace(second(orderId))).toEqual({ replacedBy: 3 });
    const third = { orderId, number: 3 };
    expect(await shop.shipments.withdraw(third)).toMatchObject({ withdrawn: 'open' });
    expect(await shop.row(orderId)).toMatchObject({ status: 'shipped', isClosed: false });
    await shop.shipments.giveBack({ ...third, withoutRefund: false });
    expect(await shop.row(orderId)).toMatchObject({ status: 'shipped', isClosed: true });
    expect(await refundsOf(orderId)).toMatchObject([{ amountMinor: 1_000 }, { amountMinor: 2_000 }]);
    expect(await shop.level(sku)).toEqual({ onHand: 4, reserved: 0 });
  });

  test('has its label made void also when that is made late', async () => {
    const { orderId } = await inTwo();
    await createPacking({ db: shop.db }).pack({ ...second(orderId), tenant: 'local', actor: 'packer' });
    await shop.shipments.askLabel(second(orderId));
    await shop.shipments.withdraw(second(orderId));
    const late = { ...second(orderId), parcelId: `parcel_${orderId}`, trackingNumber: 'T1' };
    expect(await shop.shipments.keepParcel(late)).toEqual({ cancelled: true });
  });

  test('does not when two are withdrawn at once: one of them goes', async () => {
    const { orderId } = await inTwo();
    const answers = await Promise.all([1, 2].map((number) => shop.shipments.withdraw({ orderId, number })));
    expect(answers.filter((answer) => 'refused' in answer)).toHaveLength(1);
  });

  test('that has left meanwhile goes on as what it is', async () => {
    const { orderId } = await inTwo();
    await shop.deliver(orderId, 2);
    const standing = await shop.shipments.withdraw(second(orderId));
    expect(standing).toMatchObject({ status: 'delivered' });
    expect(standing).not.toHaveProperty('withdrawn');
    await expect(giveBack(orderId)).rejects.toThrow('to be withdrawn');
  });

  test('and leaves all the same is not given back; once a person takes it as it is, the order is over', async () => {
    const { orderId, sku } = await inTwo();
    await shop.deliver(orderId, 1);
    await shop.shipments.withdraw(second(orderId));
    const facts = [{ status: 'dispatched', at: new Date().toISOString() }] as const;
    expect(await shop.shipments.recordFacts({ ...second(orderId), facts })).toMatchObject({ hasLeftAllTheSame: true });
    await expect(giveBack(orderId)).rejects.toThrow('it has left');
    await shop.shipments.accept(second(orderId));
    expect(await giveBack(orderId)).toEqual({ givenBack: true });
    expect([await shop.level(sku), await refundsOf(orderId)]).toEqual([{ onHand: 3, reserved: 0 }, []]);
    expect(await shop.row(orderId)).toMatchObject({ status: 'shipped', isClosed: true });
  });

  test('gives back what it can only once a person has said so, where somebody else gave something back', async () => {
    const { orderId, sku } = await inTwo();
    await shop.shipments.withdraw(second(orderId));
    const other = { refundId: `re_other_${orderId}`, amountMinor: 100, currency: 'EUR' };
    await createPaymentRecords({ db: shop.db }).recordRefund({ orderId, ordinal: 1, ...other });
    expect(await giveBack(orderId)).toMatchObject({ undecided: expect.stringContaining('100 were given back') });
    expect(await shop.level(sku)).toEqual({ onHand: 3, reserved: 0 });
    expect(await giveBack(orderId, true)).toEqual({ givenBack: true });
    expect([await shop.level(sku), await refundsOf(orderId)]).toEqual([{ onHand: 5, reserved: 0 }, []]);
    await sql`update payments set acknowledged_at = clock_timestamp() where order_id = ${orderId}`.execute(shop.db);
  });

  test('of an order that is cancelled meanwhile comes back with all of it, once', async () => {
    const { orderId, sku } = await inTwo();
    await shop.shipments.withdraw(second(orderId));
    expect(await shop.orders.cancel({ orderId, actor: 'customer-1', reason: 'changed my mind' })).toEqual({
      ending: cancelled,
    });
    expect(await giveBack(orderId)).toEqual({ ending: cancelled });
    const refund = { refundId: `re_${orderId}`, amountMinor: 3_000, currency: 'EUR' };
    await createPaymentRecords({ db: shop.db }).recordRefund({ orderId, ordinal: 1, ...refund });
    await shop.inventory.release({ orderId, ending: cancelled });
    await shop.orders.close({ orderId, ending: cancelled });
    expect(await shop.level(sku)).toEqual({ onHand: 6, reserved: 0 });
  });

  test('that was to go in the place of a lost one comes back to the shelf, and what was lost stays sold', async () => {
    const { orderId, sku } = await inTwo();
    await shop.deliver(orderId, 1);
    await shop.deliver(orderId, 2, 'lost');
    expect(await shop.shipments.replace(second(orderId))).toEqual({ replacedBy: 3 });
    expect(await shop.level(sku)).toEqual({ onHand: 1, reserved: 0 });
    const third = { orderId, number: 3 };
    expect(await shop.shipments.withdraw(third)).toMatchObject({ withdrawn: 'open' });
    expect(await shop.shipments.giveBack({ ...third, withoutRefund: false })).toEqual({ givenBack: true });
    expect(await shop.level(sku)).toEqual({ onHand: 3, reserved: 0 });
    expect(await refundsOf(orderId)).toMatchObject([{ amountMinor: 2_000 }]);
    expect(await shop.standing(orderId)).toContain('sold 3');
    expect(await shop.row(orderId)).toMatchObject({ isClosed: true });
  });
});

test('of an order that is cancelled every shipment is looked at before a person is asked, who takes as gone only what is', async () => {
  const { orderId, sku } = await inTwo();
  for (const number of [1, 2]) {
    await createPacking({ db: shop.db }).pack({ orderId, number, tenant: 'local', actor: 'packer' });
    await shop.shipments.askLabel({ orderId, number });
    await shop.shipments.keepParcel({ orderId, number, parcelId: `${orderId}-${number}`, trackingNumber: 'T' });
  }
  await shop.orders.cancel({ orderId, actor: 'customer-1', reason: 'changed my mind' });
  const voided: string[] = [];
  const parcelOf = (parcelId: string): Parcel => ({
    ...{ parcelId, trackingNumber: 'T', reference: parcelId, isCancelled: voided.includes(parcelId) },
    facts: parcelId.endsWith('-1') ? [{ status: 'dispatched', at: new Date().toISOString() }] : [],
  });
  const carrier: Carrier = {
    ...noCarrier,
    find: ({ parcelId }) => Promise.resolve({ done: parcelOf(parcelId) }),
    cancel: ({ parcelId }) => Promise.resolve({ done: (voided.push(parcelId), parcelOf(parcelId)) }),
  };
  const activities = createCarrierActivities({ carrier, shipments: shop.shipments, orders: shop.orders });
  await expect(activities.cancelShipments({ orderId })).rejects.toThrow('Shipment 1 was cancelled');
  expect(voided).toEqual([`${orderId}-2`]);
  for (const { number } of await shop.shipments.findCancelled({ orderId }))
    await shop.shipments.accept({ orderId, number });
  await activities.cancelShipments({ orderId });
  expect(await shop.shipments.findStanding({ orderId, number: 1 })).toMatchObject({ isAccepted: true });
  expect(await shop.shipments.findStanding(second(orderId))).toMatchObject({ isAccepted: false });
  const refund = { refundId: `re_${orderId}`, amountMinor: 3_000, currency: 'EUR' };
  await createPaymentRecords({ db: shop.db }).recordRefund({ orderId, ordinal: 1, ...refund });
  await shop.inventory.release({ orderId, ending: cancelled });
  await shop.orders.close({ orderId, ending: cancelled });
  // What has left is not on the shelf again.
  expect(await shop.level(sku)).toEqual({ onHand: 5, reserved: 0 });
});
