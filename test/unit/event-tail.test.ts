// The one follower of the feed that all streams of a process share.
import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createEventTail } from '../../src/api/event-tail.ts';
import { memoryFeed } from '../support/feed.ts';
import { until } from '../support/until.ts';

test('two who come at once lose nothing: the later answer does not move the place of the first', async () => {
  const held: (() => void)[] = [];
  const { events, append } = memoryFeed((question) =>
    question === 'feed' ? Promise.resolve() : new Promise((resolve) => held.push(resolve)),
  );
  const tail = createEventTail({ events, logger: pino({ level: 'silent' }) });
  const heard: [number[], number[]] = [[], []];
  const first = tail.subscribe('local', ({ position }) => void heard[0].push(position ?? 0));
  const second = tail.subscribe('local', ({ position }) => void heard[1].push(position ?? 0));
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
