// Accepting refunds on a real database: together they never ask for more than is left, whoever asks at the same time.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { createOrderSteps } from '../../src/adapters/postgres/order.ts';
import { createRefundMarks } from '../../src/adapters/postgres/refund-marks.ts';
import { acceptedIn, after, startRefunding, type Refunding } from '../support/refunding.ts';

let shop: Refunding;
beforeAll(async () => {
  shop = await startRefunding();
});
afterAll(() => shop.close());

const counts = async (orderId: string) => {
  const { rows } = await sql<{ refunds: number; parts: number; lines: number }>`
    select (select count(*)::int from refunds where order_id = ${orderId}) as refunds,
           (select count(*)::int from refund_parts where order_id = ${orderId}) as parts,
           (select count(*)::int from refund_lines where order_id = ${orderId}) as lines`.execute(shop.db);
  return rows[0];
};

describe('a refund', () => {
  test('is accepted with its parts, its event and its mark, and leaves the order closed', async () => {
    const { orderId } = await shop.sell({ quantity: 3 });
    const refund = acceptedIn(await shop.request(orderId, { items: [{ sku: 'book', quantity: 2 }] }));
    expect(refund).toMatchObject({ number: 1, amountMinor: 2_000, state: 'requested', settledAt: null, refundIds: [] });
    expect((await shop.eventsOf(orderId)).at(-1)).toBe('refund.requested');
    expect(await counts(orderId)).toEqual({ refunds: 1, parts: 1, lines: 1 });
    const { rows } = await sql`
      select 1 from orders o join refunds r on r.order_id = o.id
      where o.id = ${orderId} and o.launch_after is null and r.launch_after is not null`.execute(shop.db);
    expect(rows).toHaveLength(1);
  });

  test('is the same however often it is asked for under one key, and another body is refused', async () => {
    const { orderId } = await shop.sell();
    const same = { idempotencyKey: `key-${orderId}` };
    const first = await shop.request(orderId, { amountMinor: 100 }, same);
    const all = await Promise.all(Array.from({ length: 5 }, () => shop.request(orderId, { amountMinor: 100 }, same)));
    for (const repeat of all) expect(repeat).toEqual({ ...first, repeated: true });
    expect(await shop.request(orderId, {}, { ...same, requestHash: 'other' })).toEqual({ keyReused: true });
    expect(await counts(orderId)).toMatchObject({ refunds: 1 });
  });

  test('is refused above what is left, binds nothing, and says the figures', async () => {
    const { orderId } = await shop.sell();
    const key = { idempotencyKey: `later-${orderId}` };
    acceptedIn(await shop.request(orderId, { amountMinor: 400 }));
    expect(await shop.request(orderId, { amountMinor: 601 }, key)).toEqual({
      ...{ refused: 'amount', wantedMinor: 601, leftMinor: 600 },
    });
    expect(acceptedIn(await shop.request(orderId, { amountMinor: 600 }, key)).number).toBe(2);
    expect(await shop.request(orderId)).toMatchObject({ refused: 'amount', leftMinor: 0 });
  });

  test('has a number that the provider can not know, when the database was restored from a backup', async () => {
    const { orderId } = await shop.sell();
    expect(acceptedIn(await shop.request(orderId, { amountMinor: 100 })).number).toBe(1);
    await sql`update database_epoch set epoch = 2`.execute(shop.db);
    expect(acceptedIn(await shop.request(orderId, { amountMinor: 100 })).number).toBe(1_001);
    expect(acceptedIn(await shop.request(orderId, { amountMinor: 100 })).number).toBe(1_002);
    await sql`update database_epoch set epoch = 1`.execute(shop.db);
  });

  test('whose order is cancelled meanwhile is told so at once, also while its workflow runs', async () => {
    const { orderId } = await shop.sell();
    await sql`update orders set ships = true, closed_at = null, launch_after = clock_timestamp() where id = ${orderId}`.execute(
      shop.db,
    );
    acceptedIn(await shop.request(orderId, { amountMinor: 100 }));
    const marks = createRefundMarks({ db: shop.db });
    const mine = async (): Promise<unknown> =>
      (await marks.claimDue({ limit: 1_000 })).filter((due) => due.orderId === orderId).map(({ isMoot }) => isMoot);
    expect(await mine()).toEqual([false]);
    await marks.noteRunning({ orderId, number: 1 });
    expect(await mine()).toEqual([]);
    const cancellation = { orderId, actor: 'customer-1', reason: 'changed my mind' };
    expect(await createOrderSteps({ db: shop.db }).cancel(cancellation)).toHaveProperty('ending');
    expect(await mine()).toEqual([true]);
  });

  test('counts units of earlier refunds, but not of those that were given up', async () => {
    const { orderId } = await shop.sell({ quantity: 2 });
    const both = { items: [{ sku: 'book', quantity: 2 }] };
    acceptedIn(await shop.request(orderId, both));
    expect(await shop.request(orderId, { items: [{ sku: 'book', quantity: 1 }] })).toEqual({
      ...{ refused: 'units', sku: 'book', wanted: 1, sold: 2, refunded: 2 },
    });
    const named = { orderId, number: 1 };
    await shop.activities().abandonRefund({ ...after(1, named), actor: 'operator-1', reason: 'a mistake' });
    expect(acceptedIn(await shop.request(orderId, both))).toMatchObject({ number: 2, amountMinor: 2_000 });
  });

  test('is not possible of what a dispute holds', async () => {
    const { orderId, providerId } = await shop.sell();
    await shop.payments.recordDispute({
      ...{ orderId, ordinal: 1 },
      dispute: {
        ...{ disputeId: `dp_${providerId}`, amountMinor: 700, currency: 'EUR', reason: 'fraudulent', state: 'open' },
        evidenceDueAt: null,
        movements: [{ movementId: `txn_${providerId}`, amountMinor: -700 }],
      },
    });
    expect(await shop.request(orderId, { amountMinor: 301 })).toMatchObject({ refused: 'amount', leftMinor: 300 });
  });

  test('is refused for an order that is not sold, that ends, or that is nobody’s here', async () => {
    const { orderId } = await shop.sell();
    await sql`update orders set tenant = 'other' where id = ${orderId}`.execute(shop.db);
    expect(await shop.request(orderId)).toEqual({ refused: 'unknown' });
    expect(await shop.request('order_01kax3v7ehe4sbg0krv6m4fxxv')).toEqual({ refused: 'unknown' });
    const { acceptOrder } = await import('../support/database.ts');
    const placed = await acceptOrder(shop.db);
    expect(await shop.request(placed)).toEqual({ refused: 'status', status: 'placed', isEnding: false });
  });
});

test('many at once ask for no more than was taken, whichever are first', async () => {
  for (let round = 0; round < 5; round += 1) {
    const { orderId } = await shop.sell({ quantity: 3 });
    const asked = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        shop.request(
          orderId,
          index % 3 === 0 ? { items: [{ sku: 'book', quantity: 1 }] } : { amountMinor: 300 + index },
        ),
      ),
    );
    const accepted = asked.flatMap((one) => ('answer' in one ? [acceptedIn(one)] : []));
    const sum = accepted.reduce((total, { amountMinor }) => total + amountMinor, 0);
    expect(sum).toBeLessThanOrEqual(3_000);
    // Nobody is refused while there is enough left for what was asked.
    expect(3_000 - sum).toBeLessThan(1_000);
    expect(accepted.map(({ number }) => number).sort((a, b) => a - b)).toEqual(accepted.map((_, index) => index + 1));
  }
});
