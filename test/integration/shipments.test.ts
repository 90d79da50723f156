// Shipments in the rows: the table of transitions, facts in any order, the first dispatch against a cancellation, and the stock behind it.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { Database } from '../../src/adapters/postgres/database.ts';
import { createInventory } from '../../src/adapters/postgres/inventory.ts';
import { createOrderSteps } from '../../src/adapters/postgres/order.ts';
import { createPaymentRecords } from '../../src/adapters/postgres/payment.ts';
import { createShipmentNotices } from '../../src/adapters/postgres/shipment-notices.ts';
import { createShipmentRecords } from '../../src/adapters/postgres/shipment.ts';
import { createPacking } from '../../src/adapters/postgres/packing.ts';
import { shipmentStatuses, shipmentTransitions, type TrackingFact } from '../../src/domain/shipment.ts';
import { createCatalogue } from '../../src/adapters/postgres/catalogue.ts';
import { createWarehouses } from '../../src/adapters/postgres/warehouse.ts';
import { acceptOrder, openTestDatabase, stockProduct } from '../support/database.ts';

let db: Database;
let close: () => Promise<void>;
const records = () => createShipmentRecords({ db });
const orders = () => createOrderSteps({ db });
const warehouse = () => createPacking({ db });

beforeAll(async () => {
  ({ db, close } = await openTestDatabase());
  await stockProduct(db, 'book', 10_000);
});
afterAll(() => close());

const cancellation = { actor: 'customer-1', reason: 'changed my mind' };
const cancelled = { status: 'cancelled', ...cancellation } as const;
const fact = (status: TrackingFact['status'], day = 1): TrackingFact => ({
  status,
  at: `2026-02-0${day}T00:00:00.000Z`,
});

async function sell(orderId: string, amountMinor: number): Promise<void> {
  await createInventory({ db }).reserve({ orderId });
  const capture = { providerId: `pi_${orderId}`, amountMinor, currency: 'EUR' };
  await createPaymentRecords({ db }).recordCapture({ orderId, ordinal: 1, ...capture });
  await orders().confirm({ orderId });
}
/** A confirmed order of `quantity` books that ships, with its first shipment. */
async function confirmed(quantity = 2): Promise<string> {
  const orderId = await acceptOrder(db, ['book'], quantity);
  await sql`update orders set ships = true, shipping = '{"name":"A"}' where id = ${orderId}`.execute(db);
  await sell(orderId, 1_000 * quantity);
  expect(await records().plan({ orderId })).toEqual({ numbers: [1] });
  return orderId;
}
async function labelled(): Promise<string> {
  const orderId = await confirmed();
  const ref = { orderId, number: 1 };
  await warehouse().pack({ ...ref, tenant: 'local', actor: 'packer' });
  await records().askLabel(ref);
  await records().keepParcel({ ...ref, parcelId: `parcel_${orderId}`, trackingNumber: 'T1' });
  return orderId;
}
async function orderRow(orderId: string): Promise<Record<string, unknown>> {
  const { rows } = await sql<Record<string, unknown>>`
    select status, closed_at is not null as closed, launch_after is not null as looked, ending ->> 'status' as ending
    from orders where id = ${orderId}`.execute(db);
  return rows[0] ?? {};
}
async function eventsOf(orderId: string): Promise<string[]> {
  const { rows } = await sql<{ type: string }>`
    select event_type as type from events where order_id = ${orderId} order by sequence`.execute(db);
  return rows.map(({ type }) => type);
}
async function onHand(): Promise<number> {
  const { rows } = await sql<{ onHand: number }>`select on_hand as "onHand" from stock where sku = 'book'`.execute(db);
  return rows[0]?.onHand ?? 0;
}

describe('an order that is served from two warehouses', () => {
  /** One unit of each of two products, one of them in another warehouse; as it is confirmed. */
  async function fromTwo(): Promise<string> {
    await createWarehouses({ db }).put({ tenant: 'local', id: 'east', name: 'East', priority: 1, ships: true });
    await stockProduct(db, 'pen', 0);
    const added = { delta: 5, reason: 'r', warehouse: 'east', idempotencyKey: randomUUID(), requestHash: 'h' };
    const answer = { status: 200, body: '', location: null };
    await createCatalogue({ db }).adjust({ tenant: 'local', sku: 'pen', ...added }, () => answer);
    const orderId = await acceptOrder(db, ['book', 'pen']);
    await sql`update orders set ships = true, shipping = '{"name":"A"}' where id = ${orderId}`.execute(db);
    await sell(orderId, 2_000);
    return orderId;
  }

  test('comes in two shipments, each from where it is, and is delivered when both are', async () => {
    const orderId = await fromTwo();
    expect(await records().plan({ orderId })).toEqual({ numbers: [1, 2] });
    expect(await warehouse().list({ tenant: 'local', orderId })).toMatchObject([
      { number: 1, warehouse: 'east', items: [{ sku: 'pen', quantity: 1 }] },
      { number: 2, warehouse: 'main', items: [{ sku: 'book', quantity: 1 }] },
    ]);
    for (const number of [2, 1]) {
      await expect(records().finish({ orderId })).rejects.toThrow('on its way');
      expect((await orderRow(orderId))['status']).toBe(number === 2 ? 'confirmed' : 'shipped');
      const ref = { orderId, number };
      await warehouse().pack({ ...ref, tenant: 'local', actor: 'packer' });
      await records().askLabel(ref);
      await records().keepParcel({ ...ref, parcelId: `parcel_${orderId}_${number}`, trackingNumber: 'T1' });
      await records().recordFacts({ ...ref, facts: [fact('dispatched'), fact('delivered', 2)] });
    }
    expect(await orderRow(orderId)).toMatchObject({ status: 'delivered', closed: true });
  });

  test('goes back to both when the sale is taken back', async () => {
    const orderId = await fromTwo();
    await records().plan({ orderId });
    expect(await orders().cancel({ orderId, ...cancellation })).toEqual({ ending: cancelled });
    await createInventory({ db }).release({ orderId, ending: cancelled });
    const { rows } = await sql`
      select warehouse from stock_movements where order_id = ${orderId} and kind = 'restocked' order by 1`.execute(db);
    expect(rows).toMatchObject([{ warehouse: 'east' }, { warehouse: 'main' }]);
  });
});

test('the database allows the transitions of the table, and no others', async () => {
  const orderId = await confirmed();
  const allowed: string[] = [];
  for (const from of shipmentStatuses) {
    for (const to of shipmentStatuses.filter((status) => status !== from)) {
      const moved = await sql`
        with there as (
          insert into shipments (order_id, number, tenant, warehouse, status, packed_at, dispatched_at, delivered_at, cancelled_at)
          select ${orderId}, max(number) + 1, 'local', 'main', ${from}, case when ${from} <> 'pending' then now() end, now(), now(),
                 case when ${from} = 'cancelled' then now() end
          from shipments where order_id = ${orderId} returning number
        ) select number from there`
        .execute(db)
        .then(({ rows }) => (rows[0] as { number: number }).number)
        .then((number) =>
          sql`update shipments set status = ${to}, cancelled_at = case when ${to} = 'cancelled' then now() end
              where order_id = ${orderId} and number = ${number}`.execute(db),
        )
        .then(
          () => true,
          (error: unknown) => (expect(String(error)).toContain('a shipment can not become'), false),
        );
      if (moved) allowed.push(`${from} ${to}`);
    }
  }
  const wanted = shipmentStatuses.flatMap((from) => shipmentTransitions[from].map((to) => `${from} ${to}`));
  expect(allowed.sort()).toEqual(wanted.sort());
});

describe('facts', () => {
  test('are kept once, whatever order they come in, and the last parcel ends the order', async () => {
    const orderId = await labelled();
    const ref = { orderId, number: 1 };
    // The later first: what was delivered had left.
    expect(await records().recordFacts({ ...ref, facts: [fact('delivered', 3)] })).toMatchObject({
      status: 'delivered',
    });
    expect(await orderRow(orderId)).toEqual({ status: 'delivered', closed: true, looked: false, ending: null });
    const events = await eventsOf(orderId);
    expect(events.slice(-4)).toEqual(['shipment.dispatched', 'shipment.delivered', 'order.shipped', 'order.delivered']);
    await records().recordFacts({ ...ref, facts: [fact('dispatched', 1), fact('delivered', 3), fact('lost', 2)] });
    expect(await records().findStanding(ref)).toMatchObject({ status: 'delivered' });
    expect((await eventsOf(orderId)).slice(events.length)).toEqual(['shipment.lost']);
    expect(await records().finish({ orderId })).toEqual({ status: 'delivered' });
    expect(await records().plan({ orderId })).toEqual({ numbers: [] });
  });
});

describe('the first dispatch and a cancellation', () => {
  test('meet under the lock: whichever commits first stands', async () => {
    const seen = new Set<string>();
    for (let turn = 0; turn < 12; turn += 1) {
      const orderId = await labelled();
      const dispatch = () => records().recordFacts({ orderId, number: 1, facts: [fact('dispatched')] });
      const cancel = () => orders().cancel({ orderId, ...cancellation });
      const pair = turn % 2 === 0 ? [cancel(), dispatch()] : [dispatch(), cancel()];
      await Promise.all(pair);
      const answer = await orders().cancel({ orderId, ...cancellation });
      const standing = await records().findStanding({ orderId, number: 1 });
      const row = await orderRow(orderId);
      if ('sold' in answer) {
        expect([row['status'], row['ending'], standing.status]).toEqual(['shipped', null, 'dispatched']);
        seen.add('dispatch');
      } else {
        expect([row['status'], row['ending'], standing.status]).toEqual(['confirmed', 'cancelled', 'cancelled']);
        expect(standing.hasLeftAllTheSame).toBe(true);
        seen.add('cancellation');
      }
    }
    expect([...seen].sort()).toEqual(['cancellation', 'dispatch']);
  });

  test('what is cancelled is packed and labelled no more, and a label that was being made is known', async () => {
    const orderId = await labelled();
    const ref = { orderId, number: 1 };
    await sql`update shipments set parcel_id = null where order_id = ${orderId}`.execute(db);
    expect(await orders().cancel({ orderId, ...cancellation })).toEqual({ ending: cancelled });
    expect(await warehouse().pack({ ...ref, tenant: 'local', actor: 'packer' })).toEqual({ notPackable: 'cancelled' });
    expect(await records().askLabel(ref)).toEqual({ ending: cancelled });
    expect(await records().plan({ orderId })).toEqual({ ending: cancelled });
    const late = { parcelId: `late_${orderId}`, trackingNumber: 'T2' };
    expect(await records().keepParcel({ ...ref, ...late })).toEqual({ ending: cancelled });
    expect(await records().findCancelled({ orderId })).toMatchObject([{ ...ref, parcelId: late.parcelId }]);
  });

  test.each([
    ['confirmed', false],
    ['delivered', true],
  ] as const)('an order that is %s and has nothing to keep back is sold for good', async (_status, ships) => {
    const orderId = ships ? await labelled() : await acceptOrder(db);
    if (ships) await records().recordFacts({ orderId, number: 1, facts: [fact('delivered')] });
    else await sell(orderId, 1_000);
    expect(await orders().cancel({ orderId, ...cancellation })).toEqual({ sold: true });
  });
});

describe('stock', () => {
  test('comes back once when a sale is taken back, and never what has left', async () => {
    const before = await onHand();
    const orderId = await confirmed(3);
    expect(await onHand()).toBe(before - 3);
    await orders().cancel({ orderId, ...cancellation });
    await createInventory({ db }).release({ orderId, ending: cancelled });
    await createInventory({ db }).release({ orderId, ending: cancelled });
    expect(await onHand()).toBe(before);
    expect((await eventsOf(orderId)).filter((type) => type === 'inventory.restocked')).toHaveLength(1);

    const left = await labelled();
    await orders().cancel({ orderId: left, ...cancellation });
    await records().recordFacts({ orderId: left, number: 1, facts: [fact('dispatched')] });
    await createInventory({ db }).release({ orderId: left, ending: cancelled });
    expect(await onHand()).toBe(before - 2);
    // Back again, it is no longer a person's: what one decides is about other parcels.
    await records().recordFacts({ orderId: left, number: 1, facts: [fact('returned', 2)] });
    await records().accept({ orderId: left, number: 1 });
    expect(await eventsOf(left)).not.toContain('shipment.accepted');
  });

  test('stays sold while the order is: its undo can not run', async () => {
    const orderId = await confirmed();
    await expect(createInventory({ db }).release({ orderId, ending: cancelled })).rejects.toThrow('confirmed');
    await records().recordFacts({ orderId, number: 1, facts: [] });
    expect(await orderRow(orderId)).toMatchObject({ status: 'confirmed', ending: null });
  });

  test('is taken once more for what is lost, not for what came back, and not where there is none', async () => {
    const lost = await labelled();
    await records().recordFacts({ orderId: lost, number: 1, facts: [fact('lost')] });
    const before = await onHand();
    expect(await records().replace({ orderId: lost, number: 1 })).toEqual({ replacedBy: 2 });
    expect(await records().replace({ orderId: lost, number: 1 })).toEqual({ replacedBy: 2 });
    expect(await onHand()).toBe(before - 2);
    expect(await records().plan({ orderId: lost })).toEqual({ numbers: [2] });

    const returned = await labelled();
    await records().recordFacts({ orderId: returned, number: 1, facts: [fact('returned')] });
    const then = await onHand();
    expect(await records().replace({ orderId: returned, number: 1 })).toEqual({ replacedBy: 2 });
    expect(await onHand()).toBe(then);

    const short = await labelled();
    await records().recordFacts({ orderId: short, number: 1, facts: [fact('lost')] });
    await sql`update stock set reserved = on_hand where sku = 'book'`.execute(db);
    expect(await records().replace({ orderId: short, number: 1 })).toEqual({
      shortage: expect.stringContaining('book'),
    });
    await sql`update stock set reserved = 0 where sku = 'book'`.execute(db);
    await records().accept({ orderId: short, number: 1 });
    // Taken as it is: over, and its status stays the truth.
    expect(await orderRow(short)).toMatchObject({ status: 'shipped', closed: true, looked: false });
  });
});

test('a wait keeps its end until it is renewed, is told of once when it is long, and is over with what it waits for', async () => {
  const orderId = await confirmed();
  const wait = { orderId, number: 1, what: 'packing', withinMs: 3_600_000 } as const;
  const first = await records().await({ ...wait, renew: false });
  const again = await records().await({ ...wait, withinMs: 7_200_000, renew: false });
  expect(again.leftMs).toBeLessThanOrEqual(first.leftMs);
  expect((await records().await({ ...wait, withinMs: 7_200_000, renew: true })).leftMs).toBeGreaterThan(3_600_000);
  await records().noteDelay({ orderId, number: 1 });
  await records().noteDelay({ orderId, number: 1 });
  expect((await eventsOf(orderId)).filter((type) => type === 'shipment.delayed')).toHaveLength(1);
  const waitsFor = async (): Promise<unknown> =>
    (await sql<{ for: string | null }>`select waiting ->> 'for' as for from orders where id = ${orderId}`.execute(db))
      .rows;
  expect(await waitsFor()).toEqual([{ for: 'warehouse' }]);
  const notices = createShipmentNotices({ db });
  await warehouse().pack({ orderId, number: 1, tenant: 'local', actor: 'packer' });
  expect(await waitsFor()).toEqual([{ for: null }]);
  expect(await warehouse().pack({ orderId, number: 1, tenant: 'other', actor: 'packer' })).toBeNull();
  // The commit has left a notice; one of the carrier is kept once.
  const message = { eventId: 'evt_1', eventType: 'parcel.lost', parcelId: 'p', reference: 'somebody else’s' };
  expect([await notices.keep(message), await notices.keep(message)]).toEqual([true, false]);
  const due = await notices.claimDue({ limit: 1_000 });
  expect(due.filter(({ shipment }) => shipment?.orderId === orderId || !shipment)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ shipment: expect.objectContaining({ orderId, number: 1, isLookedAfter: true }) }),
      expect.objectContaining({ eventId: 'evt_1', shipment: null }),
    ]),
  );
});
