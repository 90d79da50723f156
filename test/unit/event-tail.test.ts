// The one follower of the feed that all streams of a process share, over a feed that answers when the test says so.
import { expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { createEventTail } from '../../src/api/event-tail.ts';
import type { EventEnvelope } from '../../src/contracts/events.ts';
import type { EventLog } from '../../src/ports/events.ts';

const eventAt = (position: number): EventEnvelope => ({
  eventId: `event-${position}`,
  eventType: 'order.placed',
  eventVersion: 1,
  timestamp: '2026-01-31T12:00:00.000Z',
  source: 'test',
  orderId: 'order_x',
  sequence: 1,
  position,
  data: {},
  metadata: { correlationId: 'c', causationId: null },
});

/** A feed in memory; every question for its end is put on hold until the test lets it go. */
function feedOnHold() {
  const items: EventEnvelope[] = [];
  const held: (() => void)[] = [];
  const events: EventLog = {
    ofOrder: () => Promise.resolve([]),
    feed: ({ after }) => {
      const found = items.filter(({ position }) => (position ?? 0) > after);
      return Promise.resolve({ items: found, scannedTo: found.at(-1)?.position ?? after });
    },
    lastPosition: () => new Promise((resolve) => held.push(() => resolve(items.length))),
    assignPositions: () => Promise.resolve(0),
  };
  const append = (): void => void items.push(eventAt(items.length + 1));
  const letGo = (): void => held.shift()?.();
  return { events, append, letGo, isOver: () => held.length === 0 };
}

const logger = pino({ level: 'silent' });

async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 200 && !holds(); turn += 1) await sleep(10);
}

test('two who come at once lose nothing: the later answer does not move the place of the first', async () => {
  const { events, append, letGo } = feedOnHold();
  const tail = createEventTail({ events, tenant: 'local', logger });
  const heard: [number[], number[]] = [[], []];
  const first = tail.subscribe(({ position }) => void heard[0].push(position ?? 0));
  const second = tail.subscribe(({ position }) => void heard[1].push(position ?? 0));
  letGo();
  const stopFirst = await first;
  // Numbered after the first was told that it follows from here on, and before the second's question is answered.
  append();
  append();
  letGo();
  const stopSecond = await second;
  append();
  await until(() => heard[0].length >= 3);
  stopFirst();
  stopSecond();
  expect(heard[0]).toEqual([1, 2, 3]);
  expect(heard[1]).toContain(3);
});
