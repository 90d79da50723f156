// What is authorized and captured as it ships, by our rows and the provider's, whatever gets lost on the way.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { sql } from 'kysely';
import { startCapturing, type Capturing } from '../support/capturing.ts';

let shop: Capturing;
beforeAll(async () => {
  shop = await startCapturing();
});
afterAll(async () => {
  try {
    expect(await shop.brokenRules()).toEqual({});
  } finally {
    await shop.close();
  }
});

const ending = { status: 'cancelled', reason: 'changed my mind', actor: 'customer-1' } as const;

/** Cancels it and undoes its payment, as its workflow does. */
async function cancel(orderId: string): Promise<void> {
  await shop.ports.orders.cancel({ orderId, ...ending });
  await shop.run(() => shop.activities().refundPayment({ orderId, ordinal: 1, ending }));
  await shop.ports.inventory.release({ orderId, ending });
  await shop.ports.orders.close({ orderId, ending });
}

/** What the provider did for the order that moved money, or gave it free. */
async function effectsOf(orderId: string): Promise<string[]> {
  const done = (await shop.journal(orderId)).filter(({ effect }) => effect !== 'none' && effect !== 'created');
  return done.map(({ effect, amountMinor }) => `${effect} ${amountMinor}`);
}

/** Again after whatever gets lost, as Temporal does; not after a stop. */
async function insist<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === 5 || (error instanceof ApplicationFailure && error.nonRetryable)) throw error;
    }
  }
}

describe('an order that is paid as it ships', () => {
  test('is authorized with its sale, and captured by what leaves, to the last cent', async () => {
    const orderId = await shop.sell();
    expect(await shop.find(orderId)).toMatchObject({
      status: 'confirmed',
      payment: { state: 'authorized', capturedMinor: 0, authorizedMinor: 1_333 },
    });
    await shop.capture(orderId);
    expect(await shop.ledgerOf(orderId)).toEqual([]);

    await shop.ship(orderId, 1);
    expect((await shop.marks.claimDue({ limit: 1_000 })).map((due) => due.orderId)).toContain(orderId);
    await shop.capture(orderId);
    expect((await shop.find(orderId)).payment).toMatchObject({
      state: 'authorized',
      capturedMinor: 1_000,
      authorizedMinor: 333,
    });

    await shop.ship(orderId, 2, 'dispatched', 'delivered');
    await shop.ship(orderId, 1, 'delivered');
    await shop.capture(orderId);
    expect(await shop.find(orderId)).toMatchObject({
      status: 'delivered',
      payment: { state: 'captured', capturedMinor: 1_333, authorizedMinor: 0 },
    });
    expect(await effectsOf(orderId)).toEqual(['authorized 1333', 'captured 1000', 'captured 333']);
    expect(await shop.ledgerOf(orderId)).toEqual([1_000, 333]);
  });

  test('is captured whole with the first shipment where the provider allows one capture only', async () => {
    const orderId = await shop.sell({ paymentMethod: 'pm_sim_captured_once' });
    await shop.ship(orderId, 2);
    await shop.capture(orderId);
    await shop.ship(orderId, 1, 'dispatched', 'delivered');
    await shop.ship(orderId, 2, 'delivered');
    await shop.capture(orderId);
    expect(await effectsOf(orderId)).toEqual(['authorized 1333', 'captured 1333']);
    expect((await shop.find(orderId)).payment).toMatchObject({ state: 'captured', capturedMinor: 1_333 });
  });

  test('is void when it is cancelled before anything of it left, and nothing is captured of it any more', async () => {
    const orderId = await shop.sell();
    await cancel(orderId);
    await shop.capture(orderId);
    expect((await shop.find(orderId)).payment).toMatchObject({ state: 'voided', capturedMinor: 0, authorizedMinor: 0 });
    expect(await effectsOf(orderId)).toEqual(['authorized 1333', 'canceled 1333']);
  });

  test('of which a part was captured in a time that is not on record goes on, and that part pays for what ships', async () => {
    const orderId = await shop.place();
    // As a database shows it that was restored from a backup older than the authorization.
    const lost = shop.charge(orderId, {
      confirm: async (request) => {
        await shop.provider.confirm(request);
        await shop.dashboard.paymentIntents.capture(request.providerId, {
          amount_to_capture: 1_000,
          final_capture: false,
        });
        throw new Error('the process died');
      },
    });
    await expect(lost).rejects.toThrow('died');
    await shop.charge(orderId);
    expect(await shop.ledgerOf(orderId)).toEqual([1_000]);
    await shop.ports.orders.confirm({ orderId });
    await shop.shipments.plan({ orderId });
    await shop.ship(orderId, 1, 'delivered');
    await shop.ship(orderId, 2, 'delivered');
    await shop.capture(orderId);
    expect(await effectsOf(orderId)).toEqual(['authorized 1333', 'captured 1000', 'captured 333']);
    expect(await shop.find(orderId)).toMatchObject({ status: 'delivered', payment: { capturedMinor: 1_333 } });
  });

  test('is not sold when the bank says no', async () => {
    const orderId = await shop.place({ paymentMethod: 'pm_card_chargeDeclined' });
    await expect(shop.charge(orderId)).rejects.toMatchObject({ type: 'OrderRejected' });
    await expect(shop.ports.orders.confirm({ orderId })).rejects.toThrow('to be captured or authorized');
    await cancel(orderId);
    expect(await effectsOf(orderId)).toEqual(['canceled 1333']);
  });

  test('asks once for what is handed over, whatever is told twice or sent once more', async () => {
    const orderId = await shop.sell({ skus: ['book'] });
    await shop.ship(orderId, 1, 'dispatched', 'lost');
    await shop.ship(orderId, 1, 'dispatched', 'lost');
    await shop.shipments.replace({ orderId, number: 1 });
    await shop.ship(orderId, 2, 'dispatched', 'delivered');
    await shop.capture(orderId);
    expect(await shop.capturesOf(orderId)).toEqual(['1000 captured']);
    expect(await shop.find(orderId)).toMatchObject({ status: 'delivered', payment: { capturedMinor: 1_000 } });
  });

  test('is captured in turn when both of its shipments leave before anybody looks', async () => {
    const orderId = await shop.sell();
    await shop.ship(orderId, 2, 'delivered');
    await shop.ship(orderId, 1, 'delivered');
    // Two that look at once: one of them is told to come again.
    await Promise.allSettled([shop.captureOnce(orderId), shop.captureOnce(orderId)]);
    await insist(() => shop.capture(orderId));
    expect(await effectsOf(orderId)).toEqual(['authorized 1333', 'captured 333', 'captured 1000']);
    expect((await shop.find(orderId)).payment).toMatchObject({ state: 'captured', capturedMinor: 1_333 });
  });

  test('gives back what was captured, and no more, when a part of it never comes', async () => {
    const orderId = await shop.sell({ skus: ['book', 'rare'], onShortage: 'split' });
    await shop.ship(orderId, 1, 'delivered');
    await shop.capture(orderId);
    await shop.backorders.awaitStock({ orderId, withinMs: 60_000 });
    await sql`update backorders set until = clock_timestamp() where order_id = ${orderId}`.execute(shop.db);
    await shop.backorders.awaitStock({ orderId, withinMs: 60_000 });
    await shop.capture(orderId);
    expect(await shop.find(orderId)).toMatchObject({
      refunds: [],
      payment: { state: 'captured', capturedMinor: 1_000, refundedMinor: 0, authorizedMinor: 0 },
    });
    expect(await effectsOf(orderId)).toEqual(['authorized 1500', 'captured 1000', 'released 0']);
  });
});

describe('a capture that was sent', () => {
  test('is final or not as it first was under its key, whatever has left since', async () => {
    const orderId = await shop.sell({ skus: ['book'] });
    await shop.ship(orderId, 1);
    const named = { orderId, number: 1, revision: 1 };
    const { captures } = shop.ports;
    expect(await captures.allowSending({ ...named, isFinal: false })).toEqual({ isFinal: false });
    expect(await captures.allowSending({ ...named, isFinal: true })).toEqual({ isFinal: false });
    await captures.raiseRevision({ orderId, number: 1, from: 1 });
    expect(await captures.allowSending({ ...named, isFinal: true })).toBeNull();
    expect(await captures.allowSending({ ...named, revision: 2, isFinal: true })).toEqual({ isFinal: true });
    await shop.capture(orderId);
    expect(await effectsOf(orderId)).toEqual(['authorized 1000', 'captured 1000']);
  });

  test('is not given up before it is known what became of it', async () => {
    const orderId = await shop.sell({ skus: ['book'] });
    await shop.ship(orderId, 1);
    await shop.control('faults', { mode: 'drop_before_effect', operation: 'capture', match: { orderId } });
    await expect(shop.captureOnce(orderId)).rejects.toThrow();
    const parked = shop.parkedOf(orderId, 1);
    const request = { orderId, ordinal: 1, parked, actor: 'operator-1', reason: 'a gift' };
    const giveUp = () => shop.run(() => shop.activities().abandonCapture(request));
    await expect(giveUp()).rejects.toMatchObject({ type: 'NotNow' });
    await sql`update payment_captures set sent_at = sent_at - interval '2 minutes' where order_id = ${orderId}`.execute(
      shop.db,
    );
    await giveUp();
    await shop.capture(orderId);
    expect(await shop.capturesOf(orderId)).toEqual(['1000 given_up']);
    expect(await effectsOf(orderId)).toEqual(['authorized 1000', 'canceled 1000']);
  });
});

const lost = [
  { mode: 'error_500' },
  { mode: 'error_500', cached: true },
  { mode: 'error_500_after_effect' },
  { mode: 'error_500_after_effect', cached: true },
  { mode: 'drop_before_effect' },
  { mode: 'drop_after_effect' },
  { mode: 'half_body' },
  { mode: 'error_429' },
] as const;

describe.each(lost)('where an answer gets lost (%j)', (fault) => {
  test('of an authorization, it is authorized once', async () => {
    const orderId = await shop.place();
    await shop.control('faults', { ...fault, operation: 'confirm', match: { orderId } });
    await insist(() => shop.charge(orderId));
    expect(await effectsOf(orderId)).toEqual(['authorized 1333']);
    await cancel(orderId);
  });

  test('of a capture, it is captured once', async () => {
    const orderId = await shop.sell();
    await shop.ship(orderId, 1);
    await shop.control('faults', { ...fault, operation: 'capture', match: { orderId } });
    await insist(() => shop.capture(orderId));
    expect(await effectsOf(orderId)).toEqual(['authorized 1333', 'captured 1000']);
    expect(await shop.ledgerOf(orderId)).toEqual([1_000]);
  });

  test('of the last capture, the payment is over', async () => {
    const orderId = await shop.sell({ skus: ['book'] });
    await shop.ship(orderId, 1, 'delivered');
    await shop.control('faults', { ...fault, operation: 'capture', match: { orderId } });
    await insist(() => shop.capture(orderId));
    expect(await effectsOf(orderId)).toEqual(['authorized 1000', 'captured 1000']);
    expect((await shop.find(orderId)).payment).toMatchObject({ state: 'captured', capturedMinor: 1_000 });
  });

  test('of a void, nothing can be captured any more', async () => {
    const orderId = await shop.sell();
    await shop.control('faults', { ...fault, operation: 'cancel', match: { orderId } });
    await insist(() => cancel(orderId));
    expect(await effectsOf(orderId)).toEqual(['authorized 1333', 'canceled 1333']);
    expect((await shop.find(orderId)).payment.state).toBe('voided');
  });
});
