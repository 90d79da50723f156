// The global feed: positions are given after the commit, so a reader that follows misses nothing and sees nothing twice.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { Database } from '../../src/adapters/postgres/database.ts';
import { createEventLog } from '../../src/adapters/postgres/events.ts';
import { createSequencer } from '../../src/background/sequencer.ts';
import { recordChange, lockOrder } from '../../src/adapters/postgres/order-change.ts';
import { EventType, type EventEnvelope } from '../../src/contracts/events.ts';
import type { DataOf } from '../../src/events/registry.ts';
import { acceptOrder, openTestDatabase, silent, stockProduct } from '../support/database.ts';
import { until } from '../support/until.ts';

let db: Database;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ db, close } = await openTestDatabase());
  await stockProduct(db, 'book', 1_000);
});
afterAll(() => close());

test('a reader that follows misses nothing and sees nothing twice while slow and quick transactions overlap', async () => {
  const events = createEventLog({ db });
  // Several sequencers, as with several processes: one works at a time.
  const sequencers = Array.from({ length: 3 }, () => createSequencer({ events, logger: silent }));
  for (const sequencer of sequencers) sequencer.start();

  const seen: EventEnvelope[] = [];
  const writers = { atWork: true };
  const reading = (async () => {
    for (let after = 0; ;) {
      // Asked before reading: what is numbered by then is seen by this very read.
      const isLast = !writers.atWork && (await unnumbered()) === 0;
      const { items, scannedTo } = await events.feed({ tenant: 'local', after, types: null, limit: 7 });
      seen.push(...items);
      after = scannedTo;
      if (isLast && items.length === 0) return;
    }
  })();

  const orders = await Promise.all(Array.from({ length: 12 }, () => acceptOrder(db)));
  // Each order is changed several times; every third change stays open while later ones commit.
  await Promise.all(
    orders.map(async (orderId, index) => {
      for (let change = 0; change < 8; change += 1) {
        await db.transaction().execute(async (tx) => {
          await lockOrder(tx, orderId);
          await recordChange(tx, { orderId, type: EventType.shipmentCancelled, data: { number: change + 1 } });
          if ((index + change) % 3 === 0) await sql`select pg_sleep(${0.03 * ((index % 4) + 1)})`.execute(tx);
        });
      }
    }),
  );
  writers.atWork = false;
  await reading;
  await Promise.all(sequencers.map((sequencer) => sequencer.stop()));

  expect(seen.map(({ position }) => position)).toEqual(Array.from({ length: 12 * 9 }, (_, index) => index + 1));
  for (const orderId of orders) {
    const sequences = seen.filter((event) => event.orderId === orderId).map(({ sequence }) => sequence);
    expect(sequences).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  }
});

test('an event names what caused it: a command, or the latest of the order’s events that can have', async () => {
  const events = createEventLog({ db });
  const orderId = await acceptOrder(db);
  await db.transaction().execute(async (tx) => {
    await lockOrder(tx, orderId);
    const tell = { number: 1, at: '2026-01-31T12:00:00.000Z', trackingNumber: null };
    for (const number of [1, 2])
      await recordChange(tx, { orderId, type: EventType.shipmentPacked, data: { number, actor: 'anna' } });
    await recordChange(tx, { orderId, type: EventType.shipmentDispatched, data: tell });
    await recordChange(tx, { orderId, type: EventType.inventoryReleased, data: { items: [] } });
  });
  const [placed, first, second, dispatched, released] = await events.ofOrder({ orderId, afterSequence: 0, limit: 10 });
  expect(placed?.metadata).toEqual({ correlationId: 'correlation-1', causationId: `command:place:${orderId}` });
  expect(first?.metadata.causationId).toBe(`command:pack:${orderId}:1`);
  expect(second?.metadata.causationId).toBe(`command:pack:${orderId}:2`);
  // Not the event before it: that is of another shipment.
  expect(dispatched?.metadata.causationId).toBe(first?.eventId);
  // Nothing has happened that its stock could be released for: it was placed, and there was none.
  expect(released?.metadata.causationId).toBe(placed?.eventId);
});

test('what comes after a sale names what it came from, also where much has happened in between', async () => {
  const events = createEventLog({ db });
  const orderId = await acceptOrder(db);
  const told = (number: number) => ({ number, at: '2026-01-31T12:00:00.000Z', trackingNumber: null });
  const money = { ordinal: 1, providerId: 'pi_1', amountMinor: 1_000, currency: 'EUR' };
  const refund = { number: 1, amountMinor: 500, currency: 'EUR' };
  const who = { actor: 'anna', reason: 'it is broken' };
  const parked = { workflowId: `${orderId}:shipment:2`, step: 'pack-shipment' } as const;
  const planned = { warehouse: 'main', items: [{ sku: 'book', quantity: 1 }] };
  const capture = { ordinal: 1, amountMinor: 500, currency: 'EUR' };
  await db.transaction().execute(async (tx) => {
    await lockOrder(tx, orderId);
    const tell = <T extends EventType>(type: T, data: DataOf<T>) =>
      recordChange<T, DataOf<T>>(tx, { orderId, type, data } as never);
    await tell(EventType.paymentAuthorized, { ...money, until: null, isMultiple: true });
    await tell(EventType.orderConfirmed, { totalMinor: 1_000, currency: 'EUR', items: [], ships: true });
    for (const number of [1, 2, 3]) await tell(EventType.shipmentPlanned, { number, ...planned });
    for (const number of [1, 3]) await tell(EventType.shipmentDispatched, told(number));
    for (const number of [1, 3])
      await tell(EventType.paymentCaptureRequested, { ...capture, capture: number, shipment: number });
    await tell(EventType.orderParked, { ...parked, reason: 'nobody packs it', since: told(1).at });
    await tell(EventType.orderResumed, { ...parked, ...who, action: 'skip' });
    await tell(EventType.shipmentWithdrawn, { number: 2 });
    await tell(EventType.paymentCaptureCompleted, { capture: 1, currency: 'EUR', amountMinor: 500, shipment: 1 });
    await tell(EventType.shipmentLost, told(1));
    await tell(EventType.shipmentPlanned, { number: 4, ...planned, replaces: 1 });
    await tell(EventType.refundRequested, { ...refund, ...who });
    await tell(EventType.shipmentDelivered, told(3));
    await tell(EventType.refundCompleted, refund);
    await tell(EventType.shipmentGivenBack, { number: 2, refund: null });
  });
  const written = await events.ofOrder({ orderId, afterSequence: 1, limit: 100 });
  const nameOf = ({ eventType, data }: EventEnvelope): string => {
    const number = (data['capture'] ?? data['number']) as number | undefined;
    return number === undefined ? eventType : `${eventType} ${number}`;
  };
  const causes = written.map((event) => {
    const cause = [...written].find(({ eventId }) => eventId === event.metadata.causationId);
    return [nameOf(event), cause ? nameOf(cause) : event.metadata.causationId];
  });
  const [placed] = await events.ofOrder({ orderId, afterSequence: 0, limit: 1 });
  expect(causes).toEqual([
    ['payment.authorized', placed?.eventId],
    ['order.confirmed', 'payment.authorized'],
    ...[1, 2, 3].map((number) => [`shipment.planned ${number}`, 'order.confirmed']),
    ...[1, 3].map((number) => [`shipment.dispatched ${number}`, `shipment.planned ${number}`]),
    ...[1, 3].map((number) => [`payment.capture_requested ${number}`, `shipment.dispatched ${number}`]),
    ['order.parked', 'shipment.planned 2'],
    ['order.resumed', 'order.parked'],
    ['shipment.withdrawn 2', 'order.resumed'],
    ['payment.capture_completed 1', 'payment.capture_requested 1'],
    ['shipment.lost 1', 'shipment.dispatched 1'],
    ['shipment.planned 4', 'shipment.lost 1'],
    ['refund.requested 1', `command:refund:${orderId}:1`],
    ['shipment.delivered 3', 'shipment.dispatched 3'],
    ['refund.completed 1', 'refund.requested 1'],
    ['shipment.given_back 2', 'shipment.withdrawn 2'],
  ]);
});

async function unnumbered(): Promise<number> {
  const { rows } = await sql<{
    count: number;
  }>`select count(*)::int as count from events where position is null`.execute(db);
  return rows[0]?.count ?? Number.NaN;
}

test('nothing is left unnumbered', async () => {
  const sequencer = createSequencer({ events: createEventLog({ db }), logger: silent });
  sequencer.start();
  await until(async () => (await unnumbered()) === 0, 'every event has a position');
  await sequencer.stop();
});
