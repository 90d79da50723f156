// How authorizations end otherwise than by what ships: in time, at the provider, by hand, and with their order.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { createCatalogue } from '../../src/adapters/postgres/catalogue.ts';
import { startCapturing, type Capturing } from '../support/capturing.ts';

const DAY_MS = 24 * 3_600_000;
const ending = { status: 'cancelled', reason: 'changed my mind', actor: 'customer-1' } as const;
let shop: Capturing;
/** One whose authorizations are always about to end. */
let late: Capturing;
beforeAll(async () => {
  shop = await startCapturing();
  late = await startCapturing({ authorizationMarginMs: 8 * DAY_MS });
});
afterAll(async () => {
  try {
    expect([await shop.brokenRules(), await late.brokenRules()]).toEqual([{}, {}]);
  } finally {
    await shop.close();
    await late.close();
  }
});

async function effectsOf(at: Capturing, orderId: string): Promise<string[]> {
  const done = (await at.journal(orderId)).filter(({ effect }) => effect !== 'none' && effect !== 'created');
  return done.map(({ effect, amountMinor }) => `${effect} ${amountMinor}`);
}

const undo = (at: Capturing, orderId: string, over: Parameters<Capturing['activities']>[0] = {}): Promise<void> =>
  at.run(() => at.activities(over).refundPayment({ orderId, ordinal: 1, ending }));

async function close(at: Capturing, orderId: string): Promise<void> {
  await at.ports.inventory.release({ orderId, ending });
  await at.ports.orders.close({ orderId, ending });
}

describe('an authorization that is about to end', () => {
  test('is looked at by its mark, and all that is still to come is captured at once', async () => {
    const orderId = await late.sell();
    expect((await late.marks.claimDue({ limit: 100 })).map((due) => due.orderId)).toContain(orderId);
    await late.capture(orderId);
    expect(await effectsOf(late, orderId)).toEqual(['authorized 1333', 'captured 1333']);
    await late.ship(orderId, 1, 'delivered');
    await late.ship(orderId, 2, 'delivered');
    await late.capture(orderId);
    expect(await late.capturesOf(orderId)).toEqual(['1333 captured']);
    expect((await late.find(orderId)).payment).toMatchObject({ state: 'captured', capturedMinor: 1_333 });
  });

  test('is captured for what is left when a part has shipped', async () => {
    const orderId = await shop.sell();
    await shop.ship(orderId, 1);
    await shop.capture(orderId);
    await sql`update payments set authorized_until = clock_timestamp() + interval '1 hour' where order_id = ${orderId}`.execute(
      shop.db,
    );
    await shop.capture(orderId);
    expect(await shop.capturesOf(orderId)).toEqual(['1000 captured', '333 captured']);
    await shop.ship(orderId, 2);
    await shop.capture(orderId);
    expect(await effectsOf(shop, orderId)).toEqual(['authorized 1333', 'captured 1000', 'captured 333']);
  });

  test('is given back when the order is cancelled after that', async () => {
    const orderId = await late.sell();
    await late.capture(orderId);
    await late.ports.orders.cancel({ orderId, ...ending });
    await undo(late, orderId);
    await close(late, orderId);
    expect(await effectsOf(late, orderId)).toEqual(['authorized 1333', 'captured 1333', 'refunded 1333']);
    expect((await late.find(orderId)).payment).toMatchObject({
      state: 'refunded',
      capturedMinor: 1_333,
      refundedMinor: 1_333,
    });
  });

  test('is not captured once its order is being cancelled, whoever asked before', async () => {
    const orderId = await late.sell();
    const capturing = late.captureOnce(orderId, {
      find: async (request) => {
        await late.ports.orders.cancel({ orderId, ...ending });
        return late.provider.find(request);
      },
    });
    await expect(capturing).rejects.toThrow('may not be sent now');
    await undo(late, orderId);
    await close(late, orderId);
    await late.capture(orderId);
    expect(await effectsOf(late, orderId)).toEqual(['authorized 1333', 'canceled 1333']);
    expect(await late.capturesOf(orderId)).toEqual(['1333 given_up']);
  });

  test('is given back when it was captured while its undo was under way', async () => {
    const orderId = await late.sell();
    await late.ports.orders.cancel({ orderId, ...ending });
    const undoing = undo(late, orderId, {
      cancel: async (request) => {
        await late.dashboard.paymentIntents.capture(request.providerId);
        return late.provider.cancel(request);
      },
    });
    await expect(undoing).rejects.toThrow('did not cancel');
    await undo(late, orderId);
    await close(late, orderId);
    expect(await effectsOf(late, orderId)).toEqual(['authorized 1333', 'captured 1333', 'refunded 1333']);
  });

  test('is released where a part of it was captured, and that part given back', async () => {
    const orderId = await late.sell();
    await late.dashboard.paymentIntents.capture(await late.providerIdOf(orderId), {
      amount_to_capture: 500,
      final_capture: false,
    });
    await late.ports.orders.cancel({ orderId, ...ending });
    await undo(late, orderId);
    await close(late, orderId);
    expect(await effectsOf(late, orderId)).toEqual(['authorized 1333', 'captured 500', 'released 0', 'refunded 500']);
  });
});

describe('an authorization that ended at the provider', () => {
  const byHand = async (amount: number, metadata: Record<string, string>): Promise<string> => {
    const { id } = await shop.dashboard.paymentIntents.create({
      ...{ amount, currency: 'eur', payment_method: 'pm_card_visa', confirm: true, metadata },
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    });
    return id;
  };
  const adopt = (orderId: string, providerId: string) =>
    shop.run(() =>
      shop.activities().adoptCapture({ orderId, ordinal: 1, parked: shop.parkedOf(orderId, 1), providerId }),
    );
  const giveUp = (orderId: string) =>
    shop.run(() =>
      shop.activities().abandonCapture({
        orderId,
        ordinal: 1,
        parked: shop.parkedOf(orderId, 1),
        actor: 'operator-1',
        reason: 'a gift',
      }),
    );

  test('parks what ships then; it is paid for by hand, or given up', async () => {
    const orderId = await shop.sell();
    await shop.control(`payment_intents/${await shop.providerIdOf(orderId)}/expire`, {});
    await shop.ship(orderId, 1, 'delivered');
    await expect(shop.capture(orderId)).rejects.toMatchObject({
      type: 'NeedsOperator',
      message: expect.stringContaining('is cancelled'),
    });
    expect(await shop.capturesOf(orderId)).toEqual(['1000 due']);

    await expect(adopt(orderId, await byHand(999, {}))).rejects.toMatchObject({ type: 'NeedsOperator' });
    const payment = await byHand(1_000, { orderId });
    await adopt(orderId, payment);
    await adopt(orderId, payment);
    await shop.capture(orderId);
    expect(await shop.capturesOf(orderId)).toEqual(['1000 captured']);

    await shop.ship(orderId, 2, 'delivered');
    await expect(shop.capture(orderId)).rejects.toMatchObject({ type: 'NeedsOperator' });
    await giveUp(orderId);
    await giveUp(orderId);
    await shop.capture(orderId);
    expect(await shop.capturesOf(orderId)).toEqual(['1000 captured', '333 given_up']);
    expect(await shop.find(orderId)).toMatchObject({
      status: 'delivered',
      payment: { capturedMinor: 1_000, authorizedMinor: 0 },
    });

    const other = await shop.sell({ skus: ['book'] });
    await shop.control(`payment_intents/${await shop.providerIdOf(other)}/expire`, {});
    await shop.ship(other, 1, 'delivered');
    await expect(adopt(other, payment)).rejects.toMatchObject({ type: 'NeedsOperator' });
    await giveUp(other);
  });

  test('a decision is about the capture that was due when it parked, and no other', async () => {
    const orderId = await shop.sell();
    await shop.control(`payment_intents/${await shop.providerIdOf(orderId)}/expire`, {});
    await shop.ship(orderId, 1, 'delivered');
    await expect(shop.capture(orderId)).rejects.toMatchObject({ type: 'NeedsOperator' });
    await shop.ports.orders.park({ ...shop.parkedOf(orderId, 1), step: 'capture-payment', reason: 'it is cancelled' });
    await shop.ship(orderId, 2, 'delivered');
    await giveUp(orderId);
    // Tried again, since its answer got lost: what is due by now was never decided about.
    await giveUp(orderId);
    expect(await shop.capturesOf(orderId)).toEqual(['1000 given_up', '333 due']);
    // Nor is a payment by hand forgotten that came too late for it.
    await expect(adopt(orderId, await byHand(1_000, {}))).rejects.toMatchObject({
      type: 'NeedsOperator',
      message: expect.stringContaining('one too many'),
    });
    await shop.ports.orders.park({ ...shop.parkedOf(orderId, 2), step: 'capture-payment', reason: 'it is cancelled' });
    const byOperator = { actor: 'operator-1', reason: 'a gift' };
    const parked = shop.parkedOf(orderId, 2);
    await shop.run(() => shop.activities().abandonCapture({ orderId, ordinal: 1, parked, ...byOperator }));
    expect(await shop.capturesOf(orderId)).toEqual(['1000 given_up', '333 given_up']);
  });

  test('a decision about nothing that was due gives up nothing that came due since', async () => {
    const orderId = await shop.sell();
    await shop.control(`payment_intents/${await shop.providerIdOf(orderId)}/expire`, {});
    await shop.ports.orders.park({ ...shop.parkedOf(orderId, 1), step: 'capture-payment', reason: 'the release' });
    await shop.ship(orderId, 1);
    await giveUp(orderId);
    expect(await shop.capturesOf(orderId)).toEqual(['1000 due']);
  });

  test('is told to a person when the provider tells of it, once for each decision', async () => {
    const orderId = await shop.sell();
    const paymentId = await shop.providerIdOf(orderId);
    await shop.control(`payment_intents/${paymentId}/expire`, {});
    const parked = { ...shop.parkedOf(orderId), workflowId: `${orderId}:payment:${paymentId}` };
    const follow = () => shop.run(() => shop.activities().followPayment({ orderId, paymentId, parked }));
    await expect(follow()).rejects.toMatchObject({
      type: 'NeedsOperator',
      message: expect.stringContaining('ended at the provider'),
    });
    await expect(follow()).rejects.toMatchObject({ type: 'NeedsOperator' });
    expect((await shop.find(orderId)).payment.state).toBe('voided');
    await shop.ports.payments.acknowledge({ orderId, providerId: paymentId, parked: null });
    await follow();
    await shop.ports.orders.cancel({ orderId, ...ending });
    await undo(shop, orderId);
    await close(shop, orderId);
  });
});

test('a withdrawn shipment that left all the same, was captured and came back is given back for; the other is captured as it ships', async () => {
  const orderId = await shop.sell();
  const second = { orderId, number: 2 };
  expect(await shop.shipments.withdraw(second)).toMatchObject({ withdrawn: 'open' });
  const tell = (status: 'dispatched' | 'returned', day: number) =>
    shop.shipments.recordFacts({ ...second, facts: [{ status, at: `2026-02-0${day}T00:00:00.000Z` }] });
  await tell('dispatched', 1);
  await tell('returned', 2);
  // Until it is captured, what to give back is not known.
  await expect(shop.shipments.giveBack({ ...second, withoutRefund: false })).rejects.toThrow('being captured');
  await shop.capture(orderId);
  expect(await shop.shipments.giveBack({ ...second, withoutRefund: false })).toEqual({ givenBack: true });
  const { rows } = await sql<{ amount: number }>`
    select amount_minor as amount from refunds where order_id = ${orderId}`.execute(shop.db);
  expect(rows).toEqual([{ amount: 333 }]);
  await shop.capture(orderId);
  await shop.ship(orderId, 1, 'delivered');
  await shop.capture(orderId);
  expect(await shop.capturesOf(orderId)).toEqual(['333 captured', '1000 captured']);
  expect(await effectsOf(shop, orderId)).toEqual(['authorized 1333', 'captured 333', 'captured 1000']);
});

test('what came back is no part of what is still to come: the authorization stands for the same product in another shipment', async () => {
  const main = { tenant: 'local', sku: 'twin', name: 'twin', priceMinor: 500, currency: 'EUR', onHand: 1 };
  await createCatalogue({ db: shop.db }).put(main);
  const added = { delta: 1, reason: 'r', warehouse: 'east', idempotencyKey: randomUUID(), requestHash: 'h' };
  const answer = { status: 200, body: '', location: null };
  await createCatalogue({ db: shop.db }).adjust({ tenant: 'local', sku: 'twin', ...added }, () => answer);
  const orderId = await shop.sell({ skus: ['twin'], quantity: 2 });
  const second = { orderId, number: 2 };
  await shop.shipments.withdraw(second);
  const tell = (status: 'dispatched' | 'returned', day: number) =>
    shop.shipments.recordFacts({ ...second, facts: [{ status, at: `2026-02-0${day}T00:00:00.000Z` }] });
  await tell('dispatched', 1);
  await shop.capture(orderId);
  await tell('returned', 2);
  await shop.shipments.giveBack({ ...second, withoutRefund: false });
  // Its workflow looks again: nothing may be released.
  await shop.capture(orderId);
  await shop.ship(orderId, 1, 'delivered');
  await shop.capture(orderId);
  expect(await shop.capturesOf(orderId)).toEqual(['500 captured', '500 captured']);
});
