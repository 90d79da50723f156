// The one follower of the feed that all streams of a process share.
import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { EventEnvelope } from '../../src/contracts/events.ts';
import { createEventTail } from '../../src/api/event-tail.ts';
import { memoryFeed } from '../support/feed.ts';
import { until } from '../support/until.ts';

const positionsOf = (events: readonly EventEnvelope[]): number[] => events.map(({ position }) => position ?? 0);

test('two who come at once lose nothing: the later answer does not move the place of the first', async () => {
  const held: (() => void)[] = [];
  const { events, append } = memoryFeed((question) =>
    question === 'feed' ? Promise.resolve() : new Promise((resolve) => held.push(resolve)),
  );
  const tail = createEventTail({ events, logger: pino({ level: 'silent' }) });
  const heard: [number[], number[]] = [[], []];
  const first = tail.subscribe('local', (events) => void heard[0].push(...positionsOf(events)));
  const second = tail.subscribe('local', (events) => void heard[1].push(...positionsOf(events)));
  held[0]?.();
  const stopFirst = await first;
  // Numbered after the first was told that it follows from here on, and before the second's question is answered.
  append();
  append();
  held[1]?.();
  const stopSecond = await second;
  append();
  await until(() => heard[1].includes(3), 'the second hears the last event');
  stopFirst();
  stopSecond();
  expect(heard[0]).toEqual([1, 2, 3]);
});

test('between many listeners the process does other things, and each hears everything in order', async () => {
  const { events, append } = memoryFeed();
  const tail = createEventTail({ events, logger: pino({ level: 'silent' }) });
  const heard = Array.from({ length: 500 }, (): number[] => []);
  let told = 0;
  const stops = await Promise.all(
    heard.map((positions) =>
      tail.subscribe('local', (batch) => {
        told += 1;
        positions.push(...positionsOf(batch));
      }),
    ),
  );
  const seenAt: number[] = [];
  const other = setInterval(() => void seenAt.push(told), 0);
  for (let count = 0; count < 40; count += 1) {
    append();
    if (count % 10 === 9) await new Promise((resolve) => setTimeout(resolve, 150));
  }
  await until(() => heard.every((positions) => positions.length === 40), 'all have heard all');
  clearInterval(other);
  for (const stop of stops) stop();
  expect(new Set(heard.map((positions) => positions.join()))).toEqual(
    new Set([Array.from({ length: 40 }, (_, index) => index + 1).join()]),
  );
  // Something else was done while some had heard of a batch and others had not.
  expect(seenAt.filter((count) => count % 500 !== 0).length).toBeGreaterThan(0);
});

test('a database that is away is told of once, and once when it is back; nothing is missed', async () => {
  const lines: string[] = [];
  let [asked, isAway] = [0, false];
  const { events, append } = memoryFeed(() => {
    asked += 1;
    return isAway ? Promise.reject(new Error('connect ECONNREFUSED')) : Promise.resolve();
  });
  const tail = createEventTail({
    events,
    logger: pino({ level: 'info' }, { write: (line: string) => void lines.push(line) }),
  });
  const heard: number[] = [];
  const stop = await tail.subscribe('local', (events) => void heard.push(...positionsOf(events)));
  append();
  await until(() => heard.includes(1), 'the first');
  isAway = true;
  const before = asked;
  append();
  await until(() => asked === before + 3, 'it is asked for in vain');
  isAway = false;
  await until(() => heard.includes(2), 'what came meanwhile');
  stop();
  expect(heard).toEqual([1, 2]);
  expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
    'the feed can not be followed right now',
    'the feed can be followed again',
  ]);
});
