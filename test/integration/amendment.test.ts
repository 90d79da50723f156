// Amendments over a real database and a simulated provider: what the door takes, what each step does, and the pivot against whoever
// else decides about the order, in both orders of commits.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { AcceptAmendment } from '../../src/ports/amendment.ts';
import { acceptedIn, address, books, cancellation, ref, startAmending, type Amending } from '../support/amending.ts';

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
describe('the door', () => {
  test('freezes what the order is and would be, with the payment that is needed, and tells of it', async () => {
    const orderId = await shop.sell();
    const before = await shop.find(orderId);
    const accepted = acceptedIn(
      await shop.ask(orderId, { items: [...books(3), { sku: 'pen', quantity: 1 }, ...books(1)] }),
    );
    expect(accepted).toMatchObject({
      ...{ number: 1, state: 'pending', chargeMinor: 3_000, changesAddress: false, refusal: null },
      before: { totalMinor: 2_000, items: [{ sku: 'book', quantity: 2 }] },
      after: {
        totalMinor: 5_000,
        items: [
          { sku: 'book', quantity: 4 },
          { sku: 'pen', quantity: 1 },
        ],
      },
    });
    expect(await shop.find(orderId)).toMatchObject({ totalMinor: 2_000, version: before.version + 1 });
    expect((await shop.eventsOf(orderId)).at(-1)).toBe('amendment.requested');
    expect(await shop.paymentsOf(orderId)).toMatchObject([{ stray: false }, { stray: true, state: 'pending' }]);
    await shop.refuse(orderId);
  });

  test('gives a repeat the same answer, and refuses the key for anything else', async () => {
    const orderId = await shop.sell();
    const { version } = await shop.find(orderId);
    const same = { ...moreBooks, version, idempotencyKey: `key-${orderId}` };
    const first = await shop.ask(orderId, same);
    const all = await Promise.all(Array.from({ length: 4 }, () => shop.ask(orderId, same)));
    for (const repeat of all) expect(repeat).toEqual({ ...first, repeated: true });
    expect(await shop.ask(orderId, { ...same, requestHash: 'other' })).toEqual({ keyReused: true });
    await shop.refuse(orderId);
  });

  test('refuses what was asked of another version, what changes nothing, and what nobody would pay for', async () => {
    const orderId = await shop.sell();
    const { version } = await shop.find(orderId);
    expect(await shop.ask(orderId, { ...moreBooks, version: version - 1 })).toEqual({ refused: 'version', version });
    expect(await shop.ask(orderId, { items: books(2), shipping: { ...address } })).toEqual({ refused: 'unchanged' });
    expect(await shop.ask(orderId, { ...moreBooks, paymentMethod: null })).toEqual({
      ...{ refused: 'method', chargeMinor: 1_000 },
    });
    const unknown = { items: [{ sku: 'unheard-of', quantity: 1 }] };
    expect(await shop.ask(orderId, unknown)).toMatchObject({ refused: 'price', why: { reason: 'unknown-sku' } });
    expect(await shop.ask(orderId, { ...moreBooks, tenant: 'other' })).toEqual({ refused: 'unknown' });
    expect((await shop.find(orderId)).version).toBe(version);
  });

  test('lets in one of many at a time', async () => {
    const orderId = await shop.sell();
    const { version } = await shop.find(orderId);
    const asked = await Promise.all(
      Array.from({ length: 6 }, (_, index) => shop.ask(orderId, { items: books(3 + index), version })),
    );
    expect(asked.filter((one) => 'answer' in one)).toHaveLength(1);
    expect(asked.filter((one) => 'refused' in one && one.refused === 'version')).toHaveLength(5);
    expect(await shop.ask(orderId, { items: books(9) })).toMatchObject({ why: expect.stringContaining('Amendment 1') });
    await shop.refuse(orderId);
    expect(await shop.amend(orderId, { items: books(9) })).toBe(2);
    await shop.refuse(orderId, 2);
  });

  test.each<[string, (orderId: string) => Promise<unknown>, string]>([
    ['packed', (orderId) => shop.pack(orderId), 'Shipment 1 is packed'],
    ['being cancelled', (orderId) => shop.orders.cancel({ orderId, ...cancellation }), 'being taken back'],
    ['being refunded', (orderId) => shop.refund(orderId), 'Refund 1 is under way'],
    [
      'without an address any more',
      (orderId) =>
        sql`update orders set ships = false, closed_at = now(), launch_after = null where id = ${orderId}`.execute(
          shop.db,
        ),
      'Nothing of the order is to be shipped',
    ],
  ])('refuses an order that is %s, and says what to do', async (_how, change, why) => {
    const orderId = await shop.sell();
    await change(orderId);
    expect(await shop.ask(orderId, moreBooks)).toEqual({ refused: 'status', why: expect.stringContaining(why) });
  });
});

describe('applied', () => {
  test('more of it is bought: the difference is charged, what was held is sold, and its shipments hold it', async () => {
    const orderId = await shop.sell();
    const before = { book: await shop.levels('book'), pen: await shop.levels('pen') };
    const number = await shop.amend(orderId, { items: [...books(3), { sku: 'pen', quantity: 2 }] });
    expect(await shop.amendments.hold(ref(orderId))).toEqual({ held: true });
    expect(await shop.amendments.hold(ref(orderId))).toEqual({ held: true });
    const [onHand = 0] = before.book['main'] ?? [];
    expect(await shop.levels('book')).toMatchObject({ main: [onHand, 1] });
    await shop.charge(orderId);
    // Before the pivot it belongs to the amendment.
    expect(await shop.paymentsOf(orderId)).toMatchObject([{ left: 2_000 }, { stray: true, left: 3_000 }]);
    expect(await shop.broken()).toEqual({});

    expect(await shop.amendments.apply(ref(orderId))).toEqual({ applied: true });
    expect(await shop.amendments.apply(ref(orderId))).toEqual({ applied: true });
    const order = await shop.find(orderId);
    expect(order).toMatchObject({
      ...{ totalMinor: 5_000, totals: { linesMinor: 5_000 }, payment: { capturedMinor: 5_000, refundedMinor: 0 } },
      amendments: [{ number, state: 'applied' }],
      shipments: [
        { number: 1, warehouse: 'main', items: books(3) },
        { number: 2, warehouse: 'east', status: 'pending', items: [{ sku: 'pen', quantity: 2 }] },
      ],
    });
    expect(await shop.levels('book')).toMatchObject({ main: [onHand - 1, 0] });
    expect(await shop.levels('pen')).toMatchObject({ east: [98 - (100 - (before.pen['east']?.[0] ?? 0)), 0] });
    const types = await shop.eventsOf(orderId);
    expect(types.filter((type) => type === 'order.amended')).toHaveLength(1);
    const { rows } = await sql`select 1 from shipment_notices where reference like ${`${orderId}%`}`.execute(shop.db);
    expect(rows).toHaveLength(2);
  });

  test('less of it is bought: the difference is to be refunded, and what is removed is back where it was', async () => {
    const orderId = await shop.sell([...books(3), { sku: 'pen', quantity: 1 }]);
    const before = await shop.levels('pen');
    await shop.amend(orderId, { items: books(1), paymentMethod: null });
    await shop.amendments.apply(ref(orderId));
    expect(await shop.find(orderId)).toMatchObject({
      totalMinor: 1_000,
      amendments: [{ chargeMinor: 0, refundNumber: 1 }],
      refunds: [{ number: 1, amountMinor: 3_000, state: 'requested', reason: 'amendment 1' }],
      items: [{ sku: 'book', quantity: 1 }],
    });
    expect((await shop.levels('pen'))['east']?.[0]).toBe((before['east']?.[0] ?? 0) + 1);
    const shipments = (await shop.find(orderId)).shipments.map(({ number, status }) => [number, status]);
    expect(shipments.sort()).toEqual([
      [1, expect.any(String)],
      [2, expect.any(String)],
    ]);
    expect(shipments.filter(([, status]) => status === 'cancelled')).toHaveLength(1);
    // What is left is all that can be refunded, once.
    expect(await shop.refund(orderId, { amountMinor: 1_001 })).toMatchObject({ leftMinor: 1_000 });
  });

  test('what was given up by an earlier amendment can be bought again by the next', async () => {
    const orderId = await shop.sell([...books(1), { sku: 'pen', quantity: 1 }]);
    await shop.amend(orderId, { items: books(1) });
    await shop.amendments.apply(ref(orderId));
    await sql`update refunds set state = 'abandoned', launch_after = null, settled_at = now(), outcome = '{}' where order_id = ${orderId}`.execute(
      shop.db,
    );
    const number = await shop.amend(orderId, { items: [...books(1), { sku: 'pen', quantity: 3 }] });
    await shop.amendments.hold(ref(orderId, number));
    await shop.charge(orderId, number);
    expect(await shop.amendments.apply(ref(orderId, number))).toEqual({ applied: true });
    const { rows } = await sql<{ sku: string; quantity: number; state: string }>`
      select sku, quantity, state from reservations where order_id = ${orderId} order by sku`.execute(shop.db);
    expect(rows).toMatchObject([
      { sku: 'book', quantity: 1, state: 'sold' },
      { sku: 'pen', quantity: 3, state: 'sold' },
    ]);
  });

  test('another address moves no money and no stock, and is kept with the order alone', async () => {
    const orderId = await shop.sell();
    await shop.amend(orderId, { shipping: { ...address, city: 'Elsewhere' }, paymentMethod: null });
    await shop.amendments.apply(ref(orderId));
    const { rows } = await sql<{ city: string; kept: unknown }>`
      select o.shipping ->> 'city' as city, m.shipping as kept from orders o join amendments m on m.order_id = o.id
      where o.id = ${orderId}`.execute(shop.db);
    expect(rows).toEqual([{ city: 'Elsewhere', kept: null }]);
    expect(await shop.find(orderId)).toMatchObject({
      totalMinor: 2_000,
      refunds: [],
      payment: { capturedMinor: 2_000 },
    });
  });

  test('an order that is not divided yet is divided as it is then', async () => {
    const orderId = await shop.sell(books(2), { isPlanned: false });
    await shop.amend(orderId, { items: books(1) });
    await shop.amendments.apply(ref(orderId));
    expect(await shop.shipments.plan({ orderId })).toEqual({ numbers: [1] });
    expect((await shop.find(orderId)).shipments).toMatchObject([{ items: books(1) }]);
  });

  test('is delivered when all that is left of it has arrived', async () => {
    const orderId = await shop.sell([...books(1), { sku: 'pen', quantity: 1 }]);
    await shop.amend(orderId, { items: books(1) });
    await shop.amendments.apply(ref(orderId));
    const open = await shop.shipments.plan({ orderId });
    const [number = 0] = 'numbers' in open ? open.numbers : [];
    expect(open).toEqual({ numbers: [expect.any(Number)] });
    await shop.pack(orderId, number);
    const facts = [{ status: 'delivered', at: '2026-02-01T00:00:00.000Z' }] as const;
    await shop.shipments.recordFacts({ orderId, number, facts });
    expect(await shop.find(orderId)).toMatchObject({ status: 'delivered', isClosed: true });
  });
});

describe('refused', () => {
  test('for too little stock it has held nothing, and its payment is never made', async () => {
    const orderId = await shop.sell();
    const before = await shop.levels('book');
    await shop.amend(orderId, { items: books(5_000) });
    expect(await shop.amendments.hold(ref(orderId))).toMatchObject({ refusal: { code: 'inventory.out_of_stock' } });
    expect(await shop.refuse(orderId)).toEqual({ status: 'refused' });
    expect(await shop.refuse(orderId)).toEqual({ status: 'refused' });
    expect(await shop.levels('book')).toEqual(before);
    expect(await shop.paymentsOf(orderId)).toMatchObject([{ left: 2_000 }, { state: 'voided', providerId: null }]);
    await expect(shop.charge(orderId)).rejects.toMatchObject({ type: 'NeedsOperator' });
  });

  test.each([
    ['pm_card_chargeDeclined', 'payment.declined'],
    ['pm_card_authenticationRequired', 'payment.authentication_required'],
  ])('with %s the order is as it was, and nothing can be taken any more', async (paymentMethod, code) => {
    const orderId = await shop.sell();
    const before = await shop.levels('book');
    await shop.amend(orderId, { ...moreBooks, paymentMethod });
    await shop.amendments.hold(ref(orderId));
    await expect(shop.charge(orderId)).rejects.toMatchObject({ type: 'OrderRejected', details: [{ code }] });
    expect((await shop.find(orderId)).waiting?.for).not.toBe('customer');
    await shop.undo(orderId);
    await shop.refuse(orderId);
    expect(await shop.levels('book')).toEqual(before);
    const [, further] = await shop.paymentsOf(orderId);
    expect(further).toMatchObject({ stray: true, state: 'declined', left: 0 });
    const intent = await shop.dashboard.paymentIntents.retrieve(further?.providerId ?? '');
    expect(intent.status).toBe('canceled');
    expect(await shop.find(orderId)).toMatchObject({ totalMinor: 2_000, payment: { state: 'captured' } });
    expect((await shop.eventsOf(orderId)).at(-1)).toBe('amendment.refused');
  });

  test('after it was charged, the charge is given back once, and a late attempt finds the fence', async () => {
    const orderId = await shop.sell();
    await shop.amend(orderId, moreBooks);
    await shop.amendments.hold(ref(orderId));
    await shop.charge(orderId);
    await expect(shop.refuse(orderId)).rejects.toMatchObject({ type: 'NeedsOperator' });
    await shop.undo(orderId);
    await shop.undo(orderId);
    expect(await shop.amendments.apply(ref(orderId))).toMatchObject({ refusal: { code: 'payment.declined' } });
    expect(await shop.refuse(orderId)).toEqual({ status: 'refused' });
    expect(await shop.paymentsOf(orderId)).toMatchObject([{ left: 2_000 }, { state: 'refunded', left: 0 }]);
  });

  test('what its answer had lost is found by the undo, recorded and given back', async () => {
    const orderId = await shop.sell();
    await shop.amend(orderId, moreBooks);
    const confirm: typeof shop.provider.confirm = async (request) => {
      await shop.provider.confirm(request);
      throw new Error('the answer got lost');
    };
    await expect(shop.charge(orderId, 1, { confirm })).rejects.toThrow('lost');
    await shop.undo(orderId);
    await shop.refuse(orderId);
    expect(await shop.paymentsOf(orderId)).toMatchObject([{ left: 2_000 }, { state: 'refunded', left: 0 }]);
  });
});
