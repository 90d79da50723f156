// What is captured of an authorization beside the other books: others' captures, comparisons, refunds, and what never ships.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { createReconciliationBooks } from '../../src/adapters/postgres/reconciliation-books.ts';
import { createRefunds } from '../../src/adapters/postgres/refund.ts';
import { driftOfPayment } from '../../src/domain/payment-drifts.ts';
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

async function effectsOf(orderId: string): Promise<string[]> {
  const done = (await shop.journal(orderId)).filter(({ effect }) => effect !== 'none' && effect !== 'created');
  return done.map(({ effect, amountMinor }) => `${effect} ${amountMinor}`);
}

describe('what is captured of an authorization', () => {
  test('by somebody else is recorded, told to a person, and pays for what ships', async () => {
    const orderId = await shop.sell();
    const paymentId = await shop.providerIdOf(orderId);
    await shop.dashboard.paymentIntents.capture(paymentId);
    const parked = { ...shop.parkedOf(orderId), workflowId: `${orderId}:payment:${paymentId}` };
    const follow = () => shop.run(() => shop.activities().followPayment({ orderId, paymentId, parked }));
    await expect(follow()).rejects.toMatchObject({
      type: 'NeedsOperator',
      message: expect.stringContaining('1333 EUR'),
    });
    expect(await shop.ledgerOf(orderId)).toEqual([1_333]);
    await shop.ship(orderId, 1, 'delivered');
    await shop.ship(orderId, 2, 'delivered');
    await shop.capture(orderId);
    await follow();
    expect(await shop.capturesOf(orderId)).toEqual(['1000 captured', '333 captured']);
    expect(await effectsOf(orderId)).toEqual(['authorized 1333', 'captured 1333']);
  });

  test('is not of a shipment that is taken out of its order: that is released', async () => {
    const orderId = await shop.sell();
    await shop.ship(orderId, 1, 'delivered');
    await shop.shipments.withdraw({ orderId, number: 2 });
    expect(await shop.shipments.giveBack({ orderId, number: 2, withoutRefund: false })).toEqual({ givenBack: true });
    await shop.capture(orderId);
    expect(await effectsOf(orderId)).toEqual(['authorized 1333', 'captured 1000']);
    expect(await shop.find(orderId)).toMatchObject({
      status: 'delivered',
      refunds: [],
      payment: { state: 'captured', capturedMinor: 1_000, authorizedMinor: 0 },
    });
  });

  test('agrees with the books at every moment of its life', async () => {
    const books = createReconciliationBooks({ db: shop.db });
    const orderId = await shop.sell();
    const paymentId = await shop.providerIdOf(orderId);
    const driftNow = async () => {
      const found = await shop.provider.find({ providerId: paymentId });
      if (!('done' in found)) throw new Error('Expected the payment; found none');
      return driftOfPayment((await books.findPayment({ paymentId, found: found.done })).facts);
    };
    expect(await driftNow()).toBeNull();
    await shop.ship(orderId, 1);
    expect(await driftNow()).toBeNull();
    await shop.capture(orderId);
    expect(await driftNow()).toBeNull();
    await shop.ship(orderId, 2);
    await shop.capture(orderId);
    expect(await driftNow()).toBeNull();
  });

  test('alone can be refunded, and its refund leaves the rest to be captured', async () => {
    const orderId = await shop.sell();
    await shop.ship(orderId, 1);
    await shop.capture(orderId);
    const door = createRefunds({ db: shop.db });
    const ask = (key: string, wish: object) =>
      door.accept(
        {
          tenant: 'local',
          orderId,
          actor: 'operator-1',
          reason: 'r',
          wish,
          idempotencyKey: `${orderId}-${key}`,
          requestHash: 'h',
        },
        () => ({ status: 202, body: '', location: null }),
      );
    expect(await ask('1', { items: [{ sku: 'pen', quantity: 1 }] })).toMatchObject({ refused: 'not-captured' });
    expect(await ask('2', { amountMinor: 1_001 })).toMatchObject({ refused: 'amount', leftMinor: 1_000 });
    expect(await ask('3', { items: [{ sku: 'book', quantity: 1 }] })).toMatchObject({ repeated: false });
    const parked = { ...shop.parkedOf(orderId), workflowId: `${orderId}:refund:1` };
    await shop.run(() => shop.activities().payRefund({ orderId, number: 1, parked }));
    expect((await shop.find(orderId)).payment).toMatchObject({
      state: 'authorized',
      refundedMinor: 1_000,
      authorizedMinor: 333,
    });
    await shop.ship(orderId, 2);
    await shop.capture(orderId);
    expect(await shop.ledgerOf(orderId)).toEqual([1_000, -1_000, 333]);
    expect((await shop.find(orderId)).payment.state).toBe('captured');
  });

  test('with the rest is not of units whose capture was given up: nothing is given back for those', async () => {
    const orderId = await shop.sell();
    await shop.ship(orderId, 1, 'delivered');
    await shop.ports.captures.giveUp({ orderId, number: 1, actor: 'operator-1', reason: 'a gift' });
    await sql`update payments set authorized_until = clock_timestamp() + interval '1 hour' where order_id = ${orderId}`.execute(
      shop.db,
    );
    await shop.capture(orderId);
    expect(await shop.capturesOf(orderId)).toEqual(['1000 given_up', '333 captured']);
    const refund = (sku: string) =>
      createRefunds({ db: shop.db }).accept(
        {
          ...{ tenant: 'local', orderId, actor: 'operator-1', reason: 'r', wish: { items: [{ sku, quantity: 1 }] } },
          ...{ idempotencyKey: `${orderId}-${sku}`, requestHash: 'h' },
        },
        () => ({ status: 202, body: '', location: null }),
      );
    expect(await refund('book')).toMatchObject({ refused: 'not-captured', wanted: 1, captured: 0 });
    expect(await refund('pen')).toMatchObject({ repeated: false });
  });

  test.each(['error_500', 'error_500_after_effect', 'drop_before_effect', 'drop_after_effect'])(
    'and never shipped is released once, also where the answer gets lost (%s)',
    async (mode) => {
      const orderId = await shop.sell({ skus: ['book', 'rare'], onShortage: 'split' });
      await shop.ship(orderId, 1, 'delivered');
      await shop.capture(orderId);
      await sql`update backorders set until = clock_timestamp() where order_id = ${orderId}`.execute(shop.db);
      await shop.backorders.awaitStock({ orderId, withinMs: 60_000 });
      await shop.control('faults', {
        mode,
        operation: 'capture',
        cached: mode.startsWith('error_500'),
        match: { orderId },
      });
      for (let attempt = 0; attempt < 3; attempt += 1) await shop.capture(orderId).catch(() => undefined);
      await shop.capture(orderId);
      expect(await effectsOf(orderId)).toEqual(['authorized 1500', 'captured 1000', 'released 0']);
      expect((await shop.find(orderId)).payment).toMatchObject({
        state: 'captured',
        capturedMinor: 1_000,
        authorizedMinor: 0,
      });
    },
  );
});

test('an authorization that ended after a part of it was captured is told to a person before the rest ships', async () => {
  const orderId = await shop.sell();
  const paymentId = await shop.providerIdOf(orderId);
  const parked = { ...shop.parkedOf(orderId), workflowId: `${orderId}:payment:${paymentId}` };
  const follow = () => shop.run(() => shop.activities().followPayment({ orderId, paymentId, parked }));
  await shop.ship(orderId, 1);
  await shop.capture(orderId);
  await follow();
  await shop.control(`payment_intents/${paymentId}/expire`, {});
  await expect(follow()).rejects.toMatchObject({
    type: 'NeedsOperator',
    message: expect.stringContaining('ended at the provider, and the order is not paid in full: 1000 EUR'),
  });
  await shop.ports.payments.acknowledge({ orderId, providerId: paymentId, parked: null });
  await follow();
});

test('an authorization that ended with the last capture is told to nobody', async () => {
  const orderId = await shop.sell();
  const paymentId = await shop.providerIdOf(orderId);
  const parked = { ...shop.parkedOf(orderId), workflowId: `${orderId}:payment:${paymentId}` };
  await shop.ship(orderId, 1);
  await shop.ship(orderId, 2);
  // Its notice comes before our books have the last one.
  const follow = () => shop.run(() => shop.activities().followPayment({ orderId, paymentId, parked }));
  await shop.capture(orderId, {
    capture: async (request) => {
      const answer = await shop.provider.capture(request);
      await follow();
      return answer;
    },
  });
  await follow();
  expect(await shop.capturesOf(orderId)).toEqual(['1000 captured', '333 captured']);
});
