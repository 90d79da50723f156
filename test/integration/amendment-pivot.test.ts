// The pivot of an amendment against whoever else decides about the order, in both orders of commits, over a real database.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { driftOf } from '../../src/domain/reconciliation.ts';
import type { AcceptAmendment } from '../../src/ports/amendment.ts';
import { until } from '../support/until.ts';
import { books, cancellation, ref, startAmending, type Amending } from '../support/amending.ts';

let shop: Amending;
beforeAll(async () => {
  shop = await startAmending();
  await shop.stock('book', 1_000);
  await shop.stock('pen', 0);
  await shop.stockAt('east', 50, 'pen', 100);
});
afterAll(() => shop.close());
afterEach(async () => {
  expect(await shop.broken()).toEqual({});
});

const moreBooks: Partial<AcceptAmendment> = { items: books(3) };
const movedOn = (message: string) => ({
  refusal: { code: 'order.moved_on', message: expect.stringContaining(message) },
});

describe('the pivot against', () => {
  let orderId: string;
  beforeEach(async () => {
    orderId = await shop.sell();
    await shop.amend(orderId, moreBooks);
    await shop.amendments.hold(ref(orderId));
    await shop.charge(orderId);
  });
  const stays = async (): Promise<void> => {
    await shop.undo(orderId);
    expect(await shop.refuse(orderId)).toEqual({ status: 'refused' });
    expect(await shop.find(orderId)).toMatchObject({ totalMinor: 2_000 });
    expect((await shop.paymentsOf(orderId))[1]).toMatchObject({ stray: true, left: 0 });
  };
  const becomes = async (): Promise<void> => {
    expect(await shop.amendments.apply(ref(orderId))).toEqual({ applied: true });
  };

  test('a packing that was first: the order stays as it was packed', async () => {
    await shop.pack(orderId);
    expect(await shop.amendments.apply(ref(orderId))).toEqual(movedOn('Shipment 1 is packed'));
    await stays();
  });

  test('a packing that comes after it: what was amended is packed', async () => {
    await becomes();
    expect(await shop.pack(orderId)).toMatchObject({ packed: { items: books(3) } });
  });

  test('a refund that was first', async () => {
    await shop.refund(orderId);
    expect(await shop.amendments.apply(ref(orderId))).toEqual(movedOn('Refund 1 is under way'));
    await stays();
  });

  test('a refund that comes after it can have of both payments', async () => {
    await becomes();
    await shop.refund(orderId, {});
    const { rows } = await sql<{ ordinal: number; amount: number }>`
      select ordinal, amount_minor as amount from refund_parts where order_id = ${orderId} order by ordinal`.execute(
      shop.db,
    );
    expect(rows).toEqual([
      { ordinal: 1, amount: 2_000 },
      { ordinal: 2, amount: 1_000 },
    ]);
  });

  test('a cancellation that was first: each gives back its own, whichever ends first', async () => {
    const before = await shop.levels('book');
    const cancelled = await shop.orders.cancel({ orderId, ...cancellation });
    if (!('ending' in cancelled)) throw new Error('Expected it to be cancelled');
    expect(await shop.amendments.apply(ref(orderId))).toEqual(movedOn('being taken back'));
    expect(await shop.payments.findFurther({ orderId })).toEqual([1]);
    const { ending } = cancelled;
    await shop.payments.fence({ orderId, ordinal: 1, ending });
    await shop.giveBack(orderId, 1);
    await shop.inventory.release({ orderId, ending });
    // The order's end does not wait for the amendment, whose money is not its own.
    expect(await shop.orders.close({ orderId, ending })).toEqual(ending);
    expect(await shop.broken()).toEqual({});
    await shop.undo(orderId);
    expect(await shop.refuse(orderId)).toEqual({ status: 'refused' });
    expect((await shop.paymentsOf(orderId)).map(({ left }) => left)).toEqual([0, 0]);
    expect((await shop.levels('book'))['main']).toEqual([(before['main']?.[0] ?? 0) + 2, 0]);
  });

  test('a cancellation that comes after it: the further charge is the order’s to give back', async () => {
    await becomes();
    const cancelled = await shop.orders.cancel({ orderId, ...cancellation });
    if (!('ending' in cancelled)) throw new Error('Expected it to be cancelled');
    expect(await shop.payments.findFurther({ orderId })).toEqual([1, 2]);
    // Its own workflow, tried again, finds that it is too late.
    await shop.undo(orderId);
    expect(await shop.refuse(orderId)).toEqual({ status: 'applied' });
    expect((await shop.paymentsOf(orderId))[1]).toMatchObject({ state: 'captured', left: 1_000 });
    await shop.inventory.release({ orderId, ending: cancelled.ending });
    await expect(shop.orders.close({ orderId, ending: cancelled.ending })).rejects.toMatchObject({
      message: expect.stringContaining('found 3000'),
    });
    for (const ordinal of [1, 2]) await shop.giveBack(orderId, ordinal);
    await shop.orders.close({ orderId, ending: cancelled.ending });
  });

  test('all of them at once: one decides, and the books agree', async () => {
    const [applied] = await Promise.all([
      shop.amendments.apply(ref(orderId)),
      shop.pack(orderId),
      shop.refund(orderId),
      shop.amendments.apply(ref(orderId)),
    ]);
    if ('refusal' in applied) await stays();
    else expect(await shop.find(orderId)).toMatchObject({ totalMinor: 3_000 });
  });

  test('whoever follows the payment leaves it to the amendment, and sees no news in it afterwards', async () => {
    const [, further] = await shop.paymentsOf(orderId);
    const paymentId = further?.providerId ?? '';
    await shop.follow(orderId, paymentId);
    expect((await shop.paymentsOf(orderId))[1]).toMatchObject({ state: 'captured', left: 1_000 });
    const found = await shop.provider.find({ providerId: paymentId });
    const asked = { paymentId, found: 'done' in found ? found.done : null };
    const { facts } = await shop.books.findPayment(asked);
    expect(facts).toMatchObject({ isAmending: true, record: { isStray: true } });
    expect(driftOf(facts)).toBeNull();
    await becomes();
    await shop.follow(orderId, paymentId);
    expect((await shop.books.findPayment(asked)).facts).toMatchObject({
      isAmending: false,
      record: { isStray: false },
    });
    const { rows } = await sql`
      select 1 from payment_notices where payment_id = ${paymentId} and due_at is not null`.execute(shop.db);
    expect(rows).toHaveLength(1);
  });
});

test('a cancelled order takes the stock that it has sold and what an amendment holds in one order, as everybody else does', async () => {
  await shop.stock('atlas', 10);
  const orderId = await shop.sell();
  await shop.amend(orderId, { items: [...books(2), { sku: 'atlas', quantity: 1 }] });
  await shop.amendments.hold(ref(orderId));
  const cancelled = await shop.orders.cancel({ orderId, ...cancellation });
  if (!('ending' in cancelled)) throw new Error('Expected it to be cancelled');
  const { ending } = cancelled;
  const lock = (tx: typeof shop.db, sku: string) =>
    sql`select 1 from stock where sku = ${sku} for update nowait`.execute(tx);
  let release: Promise<void> = Promise.resolve();
  await shop.db.transaction().execute(async (tx) => {
    await lock(tx, 'atlas');
    release = shop.inventory.release({ orderId, ending });
    await until(async () => {
      const { rows } = await sql`
        select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
        shop.db,
      );
      return rows.length > 0;
    }, 'it waits for the atlas');
    // It must not have the books by then: whoever has the one and wants the other would wait for ever.
    await lock(tx, 'book');
  });
  await release;
  await shop.payments.fence({ orderId, ordinal: 1, ending });
  await shop.giveBack(orderId, 1);
  expect(await shop.orders.close({ orderId, ending })).toEqual(ending);
  await shop.undo(orderId);
  await shop.refuse(orderId);
});
