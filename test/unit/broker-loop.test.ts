// Publishing to a broker, turn by turn: what counts as published when it takes some of it, when a place can not be kept, and when it is silent.
import { afterEach, expect, test } from '@jest/globals';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { pino } from 'pino';
import { createAmqpPublisher } from '../../src/adapters/amqp/publisher.ts';
import { createBroker } from '../../src/background/broker.ts';
import type { BrokerPublisher, BrokerWork, FeedEvent } from '../../src/ports/broker.ts';
import { until } from '../support/until.ts';

const logger = pino({ level: 'silent' });
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** Events of these orders, at the positions 1, 2, …. */
const feedOf = (orders: string): FeedEvent[] =>
  orders.split('').map((orderId, index) => ({
    ...{ tenant: 'local', orderId, position: index + 1 },
    event: { eventId: `event-${index + 1}` } as FeedEvent['event'],
  }));

/** A place in such a feed, as the row keeps it; `settled` is each position that it was told. */
function memoryWork(feed: readonly FeedEvent[]): BrokerWork & { settled: number[]; declared: () => boolean } {
  let [to, claim, isDeclared] = [0, '', false];
  const settled: number[] = [];
  return {
    settled,
    declared: () => isDeclared,
    begin: () => Promise.resolve(),
    read: () => Promise.resolve({ waiting: feed.length - to, isDeclared }),
    markDeclared: () => Promise.resolve(void (isDeclared = true)),
    claim: ({ limit }) => {
      if (claim !== '' || to === feed.length) return Promise.resolve(null);
      claim = `claim-${settled.length}`;
      return Promise.resolve({ claim, after: to, last: feed.length, events: feed.slice(to, to + limit) });
    },
    settle: ({ claim: by, through }) => {
      settled.push(through);
      if (by === claim) [to, claim] = [through, ''];
      return Promise.resolve();
    },
  };
}

function run(work: BrokerWork, publisher: BrokerPublisher & { close?: () => Promise<void> }, timeoutMs = 10_000) {
  const close = publisher.close ?? (() => Promise.resolve());
  const broker = createBroker({
    parts: { work, publisher, close, after: null, timeoutMs, unrouted: new Map() },
    logger,
  });
  broker.start();
  stops.push(broker.stop);
  return broker;
}

const positionsOf = (events: readonly FeedEvent[]): number[] => events.map(({ position }) => position);

/** Takes of each wave what `takes` says, and refuses the rest. */
function pickyPublisher(takes: (event: FeedEvent, time: number) => boolean) {
  const waves: number[][] = [];
  const publisher: BrokerPublisher = {
    connect: () => Promise.resolve(),
    publish: ({ events, onConfirmed }) => {
      waves.push(positionsOf(events));
      const taken = events.filter((event) => takes(event, waves.length));
      taken.forEach(onConfirmed);
      return taken.length === events.length ? Promise.resolve() : Promise.reject(new Error('a queue is full'));
    },
  };
  return { publisher, waves };
}

test('what a broker took of a wave counts, though it did not take all of it, and is not sent again', async () => {
  const work = memoryWork(feedOf('abcdeab'));
  // A queue with room for three, of which somebody reads meanwhile; and one event that is refused at first, with others behind it taken.
  const { publisher, waves } = pickyPublisher(({ position }, time) =>
    time === 1 ? [1, 2, 4].includes(position) : true,
  );
  run(work, publisher);
  await until(() => work.settled.at(-1) === 7, 'all of it', 5_000);
  expect(waves).toEqual([
    [1, 2, 3, 4, 5],
    [3, 5, 6, 7],
  ]);
  expect(work.settled).toEqual([2, 7]);
});

test('a queue that takes one event at a time gets on with each try, as soon as at the first', async () => {
  const work = memoryWork(feedOf('abcd'));
  let room = 1;
  const { publisher, waves } = pickyPublisher(() => room-- > 0);
  const connect = () => Promise.resolve(void (room = 1));
  const begun = performance.now();
  run(work, { ...publisher, connect });
  await until(() => work.settled.at(-1) === 4, 'all of it', 8_000);
  expect(waves).toEqual([[1, 2, 3, 4], [2, 3, 4], [3, 4], [4]]);
  // 3 pauses of 0.4 to 0.6 s and the loop's own; were they to double: 3.5 s on average.
  expect(performance.now() - begun).toBeLessThan(3_000);
});

test('what a broker took before it went away is sent again', async () => {
  const work = memoryWork(feedOf('abc'));
  const { publisher, waves } = pickyPublisher(({ position }, time) => time > 1 || position !== 1);
  let connections = 0;
  const connect = () => (++connections === 2 ? Promise.reject(new Error('it is away')) : Promise.resolve());
  run(work, { ...publisher, connect });
  await until(() => work.settled.at(-1) === 3, 'all of it', 8_000);
  expect(waves).toEqual([
    [1, 2, 3],
    [1, 2, 3],
  ]);
});

test('a place that could not be kept is kept with the next turn, before anything else is published', async () => {
  const work = memoryWork(feedOf('ab'));
  const { publisher, waves } = pickyPublisher(() => true);
  let isAway = true;
  const settle: BrokerWork['settle'] = (request) => {
    if (!isAway) return work.settle(request);
    isAway = false;
    return Promise.reject(new Error('the database is away'));
  };
  const broker = run({ ...work, settle }, publisher);
  await until(() => work.settled.length > 0, 'the place is kept', 5_000);
  await until(async () => (await broker.probes.broker?.()) === '0 events wait', 'it is well', 5_000);
  expect([work.settled, waves]).toEqual([[2], [[1, 2]]]);
});

test('the exchange is made once: afterwards one that is missing is missed', async () => {
  const work = memoryWork(feedOf('a'));
  const { publisher } = pickyPublisher(() => true);
  const asked: boolean[] = [];
  const connect: BrokerPublisher['connect'] = ({ declare }) => {
    asked.push(declare);
    return asked.length === 1 ? Promise.reject(new Error('it is away')) : Promise.resolve();
  };
  run(work, { ...publisher, connect });
  await until(() => asked.length >= 4, 'some turns', 5_000);
  expect(asked.slice(0, 4)).toEqual([true, true, false, false]);
  expect(work.declared()).toBe(true);
});

test('a broker that says nothing keeps nobody from stopping', async () => {
  const sockets: Socket[] = [];
  const silent = createServer((socket) => void sockets.push(socket));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;
  const target = { protocol: 'amqp' as const, hostname: '127.0.0.1', port, username: 'o', password: 'p', vhost: '%2F' };
  const messageOf = () => {
    throw new Error('nothing is published here');
  };
  const publisher = createAmqpPublisher({ target, exchange: 'orders', timeoutMs: 10_000, messageOf });
  const broker = run(memoryWork(feedOf('a')), publisher);
  await until(() => sockets.length > 0, 'it is connected to', 5_000);
  const begun = performance.now();
  await broker.stop();
  expect(performance.now() - begun).toBeLessThan(1_900);
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => silent.close(resolve));
});
