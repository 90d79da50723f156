// After the sale: what comes ships, and what does not is given back, by the rows of a real database.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { createRefunds } from '../../src/adapters/postgres/refund.ts';
import { createRefundRecords } from '../../src/adapters/postgres/refund-work.ts';
import { createPaymentRecords } from '../../src/adapters/postgres/payment.ts';
import type { ProviderDispute } from '../../src/ports/payment.ts';
import { cancelled, startBackordering, type Backordering } from '../support/backordering.ts';

const HOUR = 3_600_000;
let shop: Backordering;
beforeAll(async () => {
  shop = await startBackordering();
});
afterAll(async () => {
  try {
    // Money is given back by workflows, of which there are none here.
    await shop.expectRules();
  } finally {
    await shop.close();
  }
});

/** A bank has taken all of it back, and will not give it again. */
const disputeOf = (orderId: string): ProviderDispute => ({
  ...{ disputeId: `du_${orderId}`, amountMinor: 3_000, currency: 'EUR', reason: 'fraudulent', evidenceDueAt: null },
  ...{ state: 'lost', movements: [{ movementId: `txn_${orderId}`, amountMinor: -3_000 }] },
});
/** The provider has paid the refund of an order with one payment. */
async function settle(orderId: string, number: number): Promise<void> {
  const [refund] = ((await createRefunds({ db: shop.db }).list({ tenant: 'local', orderId })) ?? []).filter(
    (one) => one.number === number,
  );
  const paid = { refundId: `re_${orderId}_${number}`, amountMinor: refund?.amountMinor ?? 0, currency: 'EUR' };
  await createRefundRecords({ db: shop.db }).settlePart({ orderId, number, ordinal: 1, ...paid, isByHand: false });
}
const look = (orderId: string) => shop.awaitStock({ orderId, withinMs: HOUR });
const refundsOf = async (orderId: string) => {
  const found = (await createRefunds({ db: shop.db }).list({ tenant: 'local', orderId })) ?? [];
  return found.map(({ amountMinor, items, actor, state }) => ({ amountMinor, items, actor, state }));
};

describe('an order that may be split', () => {
  test('ships what is there, then what comes, each once, and is over when all has arrived', async () => {
    const sku = await shop.product(1);
    const orderId = await shop.sold([sku], 3);
    expect(await shop.standing(orderId)).toBe('waiting 0/2, sold 1');
    const first = await look(orderId);
    expect(first).toMatchObject({ shipments: [{ first: 1, number: 1 }] });
    expect(await shop.row(orderId)).toMatchObject({ waiting: { for: 'stock' } });
    await shop.deliver(orderId, 1);
    expect(await shop.row(orderId)).toMatchObject({ status: 'shipped', isClosed: false });

    await shop.adjust(sku, 5);
    await shop.serve([sku]);
    expect(shop.told).toContain(orderId);
    expect(await shop.standing(orderId)).toBe('sold 3, filled 2/2');
    expect(await look(orderId)).toEqual({ shipments: [{ first: 2, number: 2 }], nextInMs: null, until: null });
    await look(orderId);
    expect(await shop.shipped(orderId)).toEqual(['1: 1', '2: 2']);
    await shop.deliver(orderId, 2);
    expect(await shop.row(orderId)).toMatchObject({ status: 'delivered', isClosed: true, waiting: null });
    expect(await shop.shipments.finish({ orderId })).toEqual({ status: 'delivered' });
    expect(await shop.level(sku)).toEqual({ onHand: 3, reserved: 0 });
  });

  test('is not over while stock that has come for it stands in no shipment', async () => {
    const sku = await shop.product(1);
    const orderId = await shop.sold([sku], 2);
    await look(orderId);
    await shop.adjust(sku, 1);
    await shop.serve([sku]);
    await shop.deliver(orderId, 1);
    expect(await shop.row(orderId)).toMatchObject({ status: 'shipped', isClosed: false });
    expect(await look(orderId)).toMatchObject({ shipments: [{ first: 2, number: 2 }] });
    await shop.deliver(orderId, 2);
    expect(await shop.row(orderId)).toMatchObject({ isClosed: true });
  });

  test('is told of stock until it has taken it into account', async () => {
    const sku = await shop.product(1);
    const orderId = await shop.sold([sku], 2);
    await look(orderId);
    await shop.adjust(sku, 1);
    await shop.serve([sku]);
    const isDue = async (): Promise<boolean> => {
      await sql`update backorders set news_at = now() - interval '1 second' where order_id = ${orderId} and news_at is not null`.execute(
        shop.db,
      );
      return (await shop.backorders.claimNews({ limit: 1_000 })).some((one) => one.orderId === orderId);
    };
    expect([await isDue(), await isDue()]).toEqual([true, true]);
    // Less and less often: one that is parked may not listen for weeks.
    const { rows } = await sql<{ pause: number }>`
      select extract(epoch from news_at - clock_timestamp())::int as pause from backorders where order_id = ${orderId}`.execute(
      shop.db,
    );
    expect(rows[0]?.pause).toBeGreaterThan(9);
    await look(orderId);
    expect(await isDue()).toBe(false);
    await shop.deliver(orderId, 1);
    await shop.deliver(orderId, 2);
  });

  test('goes on with the number of what is sent once more, under the name of what that was', async () => {
    const sku = await shop.product(2);
    const orderId = await shop.sold([sku], 3);
    await look(orderId);
    await shop.deliver(orderId, 1, 'lost');
    await shop.adjust(sku, 9);
    await shop.serve([sku]);
    expect(await shop.shipments.replace({ orderId, number: 1 })).toEqual({ replacedBy: 2 });
    expect(await look(orderId)).toMatchObject({
      shipments: [
        { first: 1, number: 2 },
        { first: 3, number: 3 },
      ],
    });
    // What is sent once more is not sold once more, and does not stand for what came later.
    expect(await shop.shipped(orderId)).toEqual(['1: 2', '2: 2', '3: 1']);
    await shop.deliver(orderId, 2);
    await shop.deliver(orderId, 3);
    expect(await shop.row(orderId)).toMatchObject({ status: 'delivered' });
  });
});

describe('an order that ships together', () => {
  test('ships nothing before all is there, then in one shipment', async () => {
    const [sku, other] = [await shop.product(1), await shop.product(3)];
    const orderId = await shop.sold([sku, other], 3, 'wait');
    expect(await look(orderId)).toMatchObject({ shipments: [] });
    await shop.adjust(sku, 1);
    await shop.serve([sku]);
    expect(await look(orderId)).toMatchObject({ shipments: [] });
    expect(await shop.shipped(orderId)).toEqual([]);
    await shop.adjust(sku, 1);
    await shop.serve([sku]);
    expect(await look(orderId)).toMatchObject({ shipments: [{ first: 1, number: 1 }], nextInMs: null });
    expect(await shop.shipped(orderId)).toEqual(['1: 3+3']);
    await shop.deliver(orderId, 1);
    expect(await shop.row(orderId)).toMatchObject({ status: 'delivered' });
  });

  test('ships what it has when the rest has not come in time', async () => {
    const sku = await shop.product(1);
    const orderId = await shop.sold([sku], 3, 'wait');
    await look(orderId);
    await shop.runOut(orderId);
    expect(await look(orderId)).toMatchObject({ shipments: [{ first: 1, number: 1 }], nextInMs: null });
    expect(await refundsOf(orderId)).toMatchObject([{ amountMinor: 2_000, items: [{ sku, quantity: 2 }] }]);
  });
});

describe('the time in which stock should come', () => {
  test('begins with the sale, and ends when it was said, however often it is asked', async () => {
    const sku = await shop.product(1);
    const orderId = await shop.sold([sku], 2);
    const first = await look(orderId);
    const again = await shop.awaitStock({ orderId, withinMs: 9 * HOUR });
    if ('ending' in first || 'ending' in again) throw new Error('Expected it to wait');
    expect(again.until).toBe(first.until);
    expect(first.nextInMs).toBeGreaterThan(HOUR / 4);
    expect(first.nextInMs).toBeLessThanOrEqual(HOUR / 2);
  });

  test('is told of when half of it is over, once', async () => {
    const sku = await shop.product(1);
    const orderId = await shop.sold([sku], 2);
    await look(orderId);
    await shop.runOut(orderId, { half: true });
    const told = await look(orderId);
    await look(orderId);
    if ('ending' in told) throw new Error('Expected it to wait');
    expect(told.nextInMs).toBeGreaterThan(HOUR / 12);
    const delays = (await shop.events(orderId)).filter(({ type }) => type === 'inventory.backorder_delayed');
    expect(delays.map(({ data }) => data['items'])).toEqual([[{ sku, quantity: 1 }]]);
  });

  test('ends with a refund of what has not come, in one commit; what has arrived closes the order', async () => {
    const sku = await shop.product(1);
    const orderId = await shop.sold([sku], 3);
    await look(orderId);
    await shop.deliver(orderId, 1);
    await shop.runOut(orderId);
    expect(await look(orderId)).toEqual({ shipments: [], nextInMs: null, until: null });
    await look(orderId);
    expect(await shop.standing(orderId)).toBe('sold 1, expired 0/2');
    expect(await refundsOf(orderId)).toEqual([
      { amountMinor: 2_000, items: [{ sku, quantity: 2 }], actor: 'system', state: 'requested' },
    ]);
    expect(await shop.row(orderId)).toMatchObject({ status: 'delivered', isClosed: true, waiting: null });
    const late = await shop.level(sku);
    await shop.adjust(sku, 5);
    await shop.serve([sku]);
    expect(await shop.level(sku)).toEqual({ onHand: late.onHand + 5, reserved: 0 });
  });

  test('gives back nothing twice: what an operator gave back before is for a person to tell apart', async () => {
    const sku = await shop.product(1);
    const give = async (orderId: string, wish: object) => {
      const request = { tenant: 'local', orderId, actor: 'operator', reason: 'goodwill', wish, requestHash: 'h' };
      const answer = { status: 202, body: '{}', location: null };
      await createRefunds({ db: shop.db }).accept({ ...request, idempotencyKey: randomUUID() }, () => answer);
    };
    // Whether these are the units that never came, or those that did, a person has to say.
    const byUnits = await shop.sold([sku], 3);
    await give(byUnits, { items: [{ sku, quantity: 2 }] });
    await look(byUnits);
    await shop.runOut(byUnits);
    expect(await look(byUnits)).toMatchObject({ undecided: expect.stringContaining('were refunded before') });
    await shop.expire({ orderId: byUnits, withoutRefund: true });
    expect((await refundsOf(byUnits)).map(({ amountMinor }) => amountMinor)).toEqual([2_000]);

    await shop.adjust(sku, 1);
    const byAmount = await shop.sold([sku], 3);
    await give(byAmount, { amountMinor: 2_700 });
    await look(byAmount);
    await shop.runOut(byAmount);
    // Should it be given up, the customer would get nothing for what never came.
    expect(await look(byAmount)).toMatchObject({ nextInMs: null, undecided: expect.stringContaining('under way') });
    expect(await shop.standing(byAmount)).toBe('waiting 0/2, sold 1');
    await settle(byAmount, 1);
    expect(await shop.expire({ orderId: byAmount, withoutRefund: false })).toEqual({
      undecided: expect.stringContaining('an amount was given back before'),
    });
    expect(await shop.expire({ orderId: byAmount, withoutRefund: true })).toEqual({ expired: true });
    expect(await look(byAmount)).toMatchObject({ nextInMs: null });
    expect((await refundsOf(byAmount)).map(({ amountMinor }) => amountMinor)).toEqual([2_700]);
  });

  test.each([
    [
      'a bank has the money',
      (orderId: string) =>
        createPaymentRecords({ db: shop.db }).recordDispute({ orderId, ordinal: 1, dispute: disputeOf(orderId) }),
      'bank holds 3000',
    ],
    [
      'somebody else gave something back',
      (orderId: string) =>
        createPaymentRecords({ db: shop.db }).recordRefund({
          ...{ orderId, ordinal: 1, refundId: `re_other_${orderId}`, amountMinor: 500, currency: 'EUR' },
        }),
      '500 were given back by others',
    ],
  ])('is decided by a person while %s', async (_name, moved, why) => {
    const sku = await shop.product(1);
    const orderId = await shop.sold([sku], 3);
    await look(orderId);
    await moved(orderId);
    await shop.runOut(orderId);
    expect(await look(orderId)).toMatchObject({ undecided: expect.stringContaining(why) });
    expect(await shop.expire({ orderId, withoutRefund: false })).toMatchObject({ undecided: expect.anything() });
    expect([await refundsOf(orderId), await shop.standing(orderId)]).toEqual([[], 'waiting 0/2, sold 1']);
    expect(await shop.expire({ orderId, withoutRefund: true })).toEqual({ expired: true });
    expect(await shop.expire({ orderId, withoutRefund: false })).toEqual({ expired: true });
    expect([await refundsOf(orderId), await shop.standing(orderId)]).toEqual([[], 'sold 1, expired 0/2']);
    // Others' money is followed by a workflow, which there is none of here.
    await sql`update payments set acknowledged_at = clock_timestamp() where order_id = ${orderId}`.execute(shop.db);
  });

  test('ends the order cancelled where nothing ever came, decided by its row', async () => {
    const sku = await shop.product(0);
    const orderId = await shop.sold([sku], 2);
    await look(orderId);
    await shop.runOut(orderId);
    const ending = { status: 'cancelled', reason: 'No stock came in time', actor: 'system' } as const;
    expect(await look(orderId)).toEqual({ ending });
    expect(await look(orderId)).toEqual({ ending });
    expect(await refundsOf(orderId)).toEqual([]);
    expect(await shop.orders.cancel({ orderId, actor: 'a', reason: 'r' })).toEqual({ ending });
    const refund = { refundId: `re_${orderId}`, amountMinor: 2_000, currency: 'EUR' };
    await createPaymentRecords({ db: shop.db }).recordRefund({ orderId, ordinal: 1, ...refund });
    await shop.inventory.release({ orderId, ending });
    expect(await shop.orders.close({ orderId, ending })).toEqual(ending);
    expect(await shop.row(orderId)).toMatchObject({ status: 'cancelled', isClosed: true, waiting: null });
  });
});

test('an order that is cancelled while it waits gives back what it had, and gets nothing any more', async () => {
  const sku = await shop.product(1);
  const orderId = await shop.sold([sku], 3);
  await look(orderId);
  await shop.adjust(sku, 1);
  const [answer] = await Promise.all([
    shop.orders.cancel({ orderId, actor: 'customer-1', reason: 'changed my mind' }),
    shop.serve([sku], 2),
  ]);
  expect(answer).toEqual({ ending: cancelled });
  const refund = { refundId: `re_${orderId}`, amountMinor: 3_000, currency: 'EUR' };
  await createPaymentRecords({ db: shop.db }).recordRefund({ orderId, ordinal: 1, ...refund });
  await shop.inventory.release({ orderId, ending: cancelled });
  await shop.orders.close({ orderId, ending: cancelled });
  expect(await shop.standing(orderId)).toMatch(/^restocked \d, cancelled \d\/2$/);
  expect(await shop.level(sku)).toEqual({ onHand: 2, reserved: 0 });
});
