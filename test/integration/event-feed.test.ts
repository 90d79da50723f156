// The global feed: positions are given after the commit, so a reader that follows misses nothing and sees nothing twice.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { Database } from '../../src/adapters/postgres/database.ts';
import { createEventLog } from '../../src/adapters/postgres/events.ts';
import { createSequencer } from '../../src/background/sequencer.ts';
import { recordChange, lockOrder } from '../../src/adapters/postgres/order-change.ts';
import { EventType, type EventEnvelope } from '../../src/contracts/events.ts';
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
          await recordChange(tx, { orderId, type: EventType.orderParked, data: { change } });
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

test('an event names what caused it: the order’s event before it', async () => {
  const events = createEventLog({ db });
  const orderId = await acceptOrder(db);
  await db.transaction().execute(async (tx) => {
    await lockOrder(tx, orderId);
    await recordChange(tx, { orderId, type: EventType.orderParked, data: {} });
  });
  const [first, second] = await events.ofOrder({ orderId, afterSequence: 0, limit: 10 });
  expect(first?.metadata.causationId).toBeNull();
  expect(second?.metadata).toEqual({ correlationId: 'correlation-1', causationId: first?.eventId });
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
