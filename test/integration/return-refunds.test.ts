// What comes after goods that came back, on a real database: the refund that completes the return, and the order in exchange.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { createAcceptance } from '../../src/adapters/postgres/acceptance.ts';
import { createLaunchMarks } from '../../src/adapters/postgres/launch.ts';
import { findOrder } from '../../src/adapters/postgres/order-reading.ts';
import { rebuildOrder } from '../../src/adapters/postgres/rebuilding.ts';
import { inTransaction } from '../../src/adapters/postgres/database.ts';
import { createConfiguredPricing } from '../../src/adapters/pricing/configured.ts';
import { noTerms } from '../../src/domain/totals.ts';
import type { Accepting, PlaceOrder } from '../../src/ports/acceptance.ts';
import { after } from '../support/refunding.ts';
import { askedIn, startReturning, type Returning } from '../support/returning.ts';

let shop: Returning;
beforeAll(async () => {
  shop = await startReturning();
});
afterAll(() => shop.close());

const eventsAfter = async (orderId: string, type: string): Promise<string[]> => {
  const types = await shop.eventsOf(orderId);
  return types.slice(types.lastIndexOf(type));
};
const payRefund = async (orderId: string, number = 1): Promise<void> => {
  await shop.activities().payRefund(after(0, { orderId, number }));
};
const abandonRefund = (orderId: string, number = 1) =>
  shop.activities().abandonRefund({ ...after(1, { orderId, number }), actor: 'operator-1', reason: 'a mistake' });

describe('its refund', () => {
  test('completes the return, which hears of it at once', async () => {
    const orderId = await shop.approved(2);
    askedIn(await shop.receive(orderId, { restock: 2 }));
    const [claimed] = (await shop.marks.claimDue({ limit: 1_000 })).filter((one) => one.orderId === orderId);
    if (claimed) await shop.marks.noteRunning(claimed);
    const ref = { orderId, number: 1 };
    expect(await shop.records.settle(ref)).toMatchObject({ status: 'received', refund: { state: 'requested' } });
    expect(await shop.hasNews(orderId)).toBe(false);
    await payRefund(orderId);
    expect(await shop.hasNews(orderId)).toBe(true);
    expect(await shop.records.settle(ref)).toMatchObject({ status: 'completed' });
    expect(await shop.records.settle(ref)).toMatchObject({ status: 'completed' });
    expect(await eventsAfter(orderId, 'refund.completed')).toEqual(['refund.completed', 'return.completed']);
    expect(await shop.ledgerOf(orderId)).toEqual([2_000, -2_000]);
  });

  test('that was given up is asked for once more, however often that is said', async () => {
    const orderId = await shop.approved();
    askedIn(await shop.receive(orderId));
    await abandonRefund(orderId);
    expect(await shop.hasNews(orderId)).toBe(true);
    const ref = { orderId, number: 1 };
    expect(await shop.records.settle(ref)).toMatchObject({ status: 'received', refund: { state: 'abandoned' } });
    for (const _ of [1, 2])
      expect(await shop.records.askRefund(ref)).toMatchObject({ refund: { number: 2, state: 'requested' } });
    await expect(shop.records.accept(ref)).rejects.toThrow('under way');
    await payRefund(orderId, 2);
    expect(await shop.records.accept(ref)).toMatchObject({ status: 'completed' });
    expect(await shop.find(orderId)).toMatchObject({ noRefund: null, refund: { number: 2, state: 'completed' } });
  });

  test('that was given up can be taken as it is', async () => {
    const orderId = await shop.approved();
    askedIn(await shop.receive(orderId));
    await abandonRefund(orderId);
    for (const _ of [1, 2])
      expect(await shop.records.accept({ orderId, number: 1 })).toMatchObject({ status: 'completed' });
    expect(await shop.find(orderId)).toMatchObject({ status: 'completed', noRefund: expect.any(String) });
    expect(await shop.ledgerOf(orderId)).toEqual([1_000]);
  });
});

describe('an order in exchange', () => {
  const place = (orderId: string, more: Partial<PlaceOrder> = {}): Promise<Accepting> =>
    createAcceptance({ db: shop.db, pricing: createConfiguredPricing(noTerms) }).place(
      {
        ...{ tenant: 'local', idempotencyKey: randomUUID(), requestHash: 'hash', correlationId: 'c-1' },
        ...{ customerId: 'customer-1', paymentMethod: 'pm_card_visa', items: [{ sku: 'book', quantity: 1 }] },
        ...{ shipping: null, onShortage: 'reject', metadata: {}, paymentRetryMinutes: null, onlyRepeats: false },
        exchangeOf: { orderId, return: 1 },
        ...more,
      },
      { now: (order) => ({ status: 202, body: JSON.stringify(order), location: null }) },
    );
  const placedIn = (accepting: Accepting): string => {
    if (!('accepted' in accepting)) throw new Error(`Expected an order; found ${JSON.stringify(accepting)}`);
    return accepting.accepted.orderId;
  };
  const refused = (why: object) => ({ notExchangeable: why });

  test('is linked on both sides, told by an event, and is the same under one key', async () => {
    const orderId = await shop.approved();
    const same = { idempotencyKey: `exchange-${orderId}` };
    const id = placedIn(await place(orderId, same));
    expect(await place(orderId, same)).toMatchObject({ repeated: { orderId: id } });
    expect((await shop.find(orderId)).exchange).toEqual({ orderId: id });
    expect(await findOrder(shop.db, { tenant: 'local', orderId: id })).toMatchObject({
      ...{ exchangeOf: { orderId, return: 1 }, returns: [] },
    });
    expect(await eventsAfter(orderId, 'return.approved')).toEqual(['return.approved', 'return.exchanged']);
  });

  test('is placed once for each return, whoever asks at the same time, and also when the goods are here', async () => {
    const orderId = await shop.approved();
    askedIn(await shop.receive(orderId));
    const all = await Promise.all(Array.from({ length: 6 }, () => place(orderId)));
    const [id] = all.flatMap((one) => ('accepted' in one ? [one.accepted.orderId] : []));
    expect(all.filter((one) => 'accepted' in one)).toHaveLength(1);
    expect(await place(orderId)).toEqual(refused({ refused: 'exchanged', orderId: id }));
    // The database would refuse it too.
    const { orderId: other } = await shop.sell();
    const forced = sql`update orders set exchange_of_order = ${orderId}, exchange_of_return = 1 where id = ${other}`;
    await expect(forced.execute(shop.db)).rejects.toThrow('orders_one_exchange');
  });

  test('that came to nothing leaves room for another', async () => {
    const orderId = await shop.approved();
    const id = placedIn(await place(orderId));
    await sql`update orders set status = 'rejected', closed_at = now(), launch_after = null where id = ${id}`.execute(
      shop.db,
    );
    expect((await shop.find(orderId)).exchange).toBeNull();
    const second = placedIn(await place(orderId));
    expect((await shop.find(orderId)).exchange).toEqual({ orderId: second });
  });

  test('is refused for a return that may not come, that nobody has, or that is another’s', async () => {
    const { orderId } = await shop.sell();
    expect(await place(orderId)).toEqual(refused({ refused: 'unknown' }));
    askedIn(await shop.ask(orderId));
    expect(await place(orderId)).toEqual(refused({ refused: 'standing', status: 'requested' }));
    await shop.decide(orderId);
    expect(await place(orderId, { customerId: 'customer-2' })).toEqual(refused({ refused: 'unknown' }));
    expect(await place('order_01kax3v7ehe4sbg0krv6m4fxxv')).toEqual(refused({ refused: 'unknown' }));
    await shop.records.expire({ orderId, number: 1 });
    expect(await place(orderId)).toEqual(refused({ refused: 'standing', status: 'expired' }));
    // Nothing was bound by what was refused.
    expect((await shop.find(orderId)).exchange).toBeNull();
  });

  test('is linked again when it is rebuilt after a restored backup, if its return is known', async () => {
    const orderId = await shop.approved();
    const id = placedIn(await place(orderId));
    const record = (await createLaunchMarks({ db: shop.db }).findOpen({ orderId: id }))?.record;
    if (!record) throw new Error('Expected the record of the order; found none');
    expect(record.exchangeOf).toEqual({ orderId, return: 1 });
    await sql`update orders set status = 'cancelled', closed_at = now(), launch_after = null where id = ${id}`.execute(
      shop.db,
    );
    const begun = sql<{ id: number }>`insert into recoveries (known_until) values (now()) returning id`;
    const recoveryId = (await begun.execute(shop.db)).rows[0]?.id ?? 0;
    const rebuild = async (rebuiltId: string, exchangeOf: { orderId: string; return: number }) => {
      const request = {
        ...{ recoveryId, orderId: rebuiltId, currency: 'EUR', totalMinor: 1_000 },
        record: { ...record, exchangeOf, idempotencyKey: randomUUID() },
      };
      const render = () => ({ status: 202, body: '{}', location: null });
      await inTransaction(shop.db, (tx) => rebuildOrder(tx, request, render));
      return (await findOrder(shop.db, { tenant: 'local', orderId: rebuiltId }))?.exchangeOf;
    };
    expect(await rebuild('order_01kax3v7ehe4sbg0krv6m4fxxw', { orderId, return: 1 })).toEqual({ orderId, return: 1 });
    expect(await rebuild('order_01kax3v7ehe4sbg0krv6m4fxxx', { orderId, return: 2 })).toBeNull();
  });
});
