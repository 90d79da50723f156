// The place in the feed of a broker: one process at a time is at it, and what comes late moves nothing.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { createBrokerWork } from '../../src/adapters/postgres/broker.ts';
import { createEventLog } from '../../src/adapters/postgres/events.ts';
import { acceptOrder, openTestDatabase, stockProduct } from '../support/database.ts';

const { db, close } = await openTestDatabase();
const work = createBrokerWork({ db, exchange: 'orders' });
const log = createEventLog({ db });
beforeAll(() => stockProduct(db, 'book'));
afterAll(() => close());

async function place(): Promise<string> {
  const orderId = await acceptOrder(db);
  await log.assignPositions({ limit: 100 });
  return orderId;
}

test('begins where it was told to, once', async () => {
  await place();
  await createBrokerWork({ db, exchange: 'late' }).begin({ after: null });
  await work.begin({ after: 0 });
  await work.begin({ after: null });
  expect((await createBrokerWork({ db, exchange: 'late' }).read()).waiting).toBe(0);
  expect((await work.read()).waiting).toBe(1);
});

test('is with one process until that is over, and whoever comes late moves nothing', async () => {
  await place();
  const first = await work.claim({ limit: 10, leaseMs: 60_000 });
  expect(first?.events.map(({ position }) => position)).toEqual([1, 2]);
  expect(await work.claim({ limit: 10, leaseMs: 60_000 })).toBeNull();

  // It was frozen: its time is over.
  await sql`update event_publishers set held_until = clock_timestamp() where exchange = 'orders'`.execute(db);
  const second = await work.claim({ limit: 1, leaseMs: 60_000 });
  expect(second?.events.map(({ position }) => position)).toEqual([1]);
  await work.settle({ claim: first?.claim ?? '', through: 2 });
  expect((await work.read()).waiting).toBe(2);
  expect(await work.claim({ limit: 10, leaseMs: 60_000 })).toBeNull();

  await work.settle({ claim: second?.claim ?? '', through: 1 });
  const third = await work.claim({ limit: 10, leaseMs: 60_000 });
  expect(third?.events.map(({ position }) => position)).toEqual([2]);
  await work.settle({ claim: third?.claim ?? '', through: 2 });
  expect([(await work.read()).waiting, await work.claim({ limit: 10, leaseMs: 60_000 })]).toEqual([0, null]);
});

test('a place beyond the end of the feed is not begun at, and says so where it comes about; so does none', async () => {
  const typo = createBrokerWork({ db, exchange: 'typo' });
  await typo.begin({ after: 1_000_000_000 });
  await place();
  expect(await typo.read()).toEqual({ waiting: 1, isDeclared: false });
  await typo.markDeclared();
  expect(await typo.read()).toEqual({ waiting: 1, isDeclared: true });

  await sql`update event_publishers set fed_to = 1000000000 where exchange = 'typo'`.execute(db);
  await expect(typo.read()).rejects.toThrow('within the feed, which ends at 3; found 1000000000');
  await sql`delete from event_publishers where exchange = 'typo'`.execute(db);
  await expect(typo.read()).rejects.toThrow('found none');
});

test('a claim whose events can not be read holds nobody up', async () => {
  const held = createBrokerWork({ db, exchange: 'held' });
  await held.begin({ after: 0 });
  // Read with the events alone: the place and the end of the feed can be.
  await sql`alter table events rename column correlation_id to away`.execute(db);
  await expect(held.claim({ limit: 10, leaseMs: 60_000 })).rejects.toThrow('correlation_id');
  await sql`alter table events rename column away to correlation_id`.execute(db);
  expect((await held.claim({ limit: 10, leaseMs: 60_000 }))?.events).toHaveLength(3);
});
