// Streams over real connections, from a feed that answers when and what the test says.
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Express } from 'express';
import { pino } from 'pino';
import { streamEvents, type Exchange } from '../../src/api/event-stream.ts';
import { createEventTail } from '../../src/api/event-tail.ts';
import type { HttpServer } from '../../src/api/server.ts';
import type { EventLog } from '../../src/ports/events.ts';
import { memoryFeed } from '../support/feed.ts';
import { ask, numbersIn, openClient, serveEvents } from '../support/streaming.ts';
import { until } from '../support/until.ts';

const logger = pino({ level: 'silent' });
let server: HttpServer;
afterEach(() => server.close());

async function serve(events: EventLog, streams = { perCaller: 100, inAll: 100 }): Promise<Express> {
  const served = await serveEvents({ events, streams });
  server = served.server;
  return served.app;
}

const openStream = (query = '') => openClient(server.port, ask(`/events${query}`));

describe('a client that goes away', () => {
  const CLIENTS = 20;

  test.each(['lastPosition', 'feed'] as const)('while %s is asked leaves no listener behind', async (slow) => {
    const held: (() => void)[] = [];
    let asked = 0;
    const { events } = memoryFeed(async (question) => {
      asked += 1;
      if (question === slow && held.length < CLIENTS) await new Promise<void>((resolve) => held.push(resolve));
    });
    await serve(events);
    const clients = await Promise.all(Array.from({ length: CLIENTS }, () => openStream()));
    await until(() => held.length === CLIENTS, 'all clients wait');
    for (const { socket } of clients) socket.destroy();
    // Time for the server to hear of it before it goes on.
    await sleep(200);
    for (const letGo of held) letGo();
    // The feed is asked for as long as there is one listener.
    const isQuiet = async (): Promise<boolean> => {
      const before = asked;
      await sleep(500);
      return asked === before;
    };
    await until(isQuiet, 'nobody follows the feed', 5_000);
  });
});

test('more than a megabyte that is there already arrives, however slowly it is read', async () => {
  const { events, append } = memoryFeed();
  const COUNT = 450;
  for (let count = 0; count < COUNT; count += 1) append(20_000);
  await serve(events);
  const { socket, text } = await openStream();
  socket.pause();
  await sleep(300);
  socket.resume();
  await until(() => numbersIn(text()).length >= COUNT || socket.closed, 'all of it');
  append();
  await until(() => numbersIn(text()).includes(COUNT + 1) || socket.closed, 'what comes afterwards');
  socket.destroy();
  expect(numbersIn(text())).toEqual(Array.from({ length: COUNT + 1 }, (_, index) => index + 1));
});

test('a client that is slow to read what comes live gets all of it, and holds up nobody', async () => {
  const { events, append } = memoryFeed();
  await serve(events);
  const [slow, quick] = [await openStream(), await openStream()];
  append();
  await until(() => [slow, quick].every(({ text }) => text().includes('id:1')), 'both streams are live');
  slow.socket.pause();
  // More than the kernel's buffers and ours hold together, and more events than are kept for whoever is behind.
  const COUNT = 1_600;
  for (let count = 1; count < COUNT; count += 1) append(count < 400 ? 100_000 : 10);
  await until(() => numbersIn(quick.text()).length === COUNT, 'who reads has it', 20_000);
  slow.socket.resume();
  await until(() => numbersIn(slow.text()).length === COUNT, 'who was slow has it', 20_000);
  append();
  await until(() => [slow, quick].every(({ text }) => text().includes(`id:${COUNT + 1}`)), 'both are live again');
  for (const { socket, text } of [slow, quick]) {
    socket.destroy();
    expect(numbersIn(text())).toEqual(Array.from({ length: COUNT + 1 }, (_, index) => index + 1));
  }
});

test('a burst cuts off nobody who reads', async () => {
  const { events, append } = memoryFeed();
  await serve(events);
  const { socket, text } = await openStream();
  await until(() => text().includes('retry:'), 'the stream is open');
  append();
  await until(() => text().includes('id:1'), 'the stream is live');
  // Many times what may wait for a client, in one look at the feed.
  for (let count = 0; count < 300; count += 1) append(20_000);
  await until(() => numbersIn(text()).length === 301 || socket.closed, 'all of it');
  expect(numbersIn(text())).toHaveLength(301);
  socket.destroy();
});

test('a client that reads nothing for long is cut off', async () => {
  const { events, append } = memoryFeed();
  for (let count = 0; count < 400; count += 1) append(100_000);
  const tail = createEventTail({ events, logger });
  const gone: boolean[] = [];
  const raw = createServer((req, res) => {
    void streamEvents({ req, res } as unknown as Exchange, tail, {
      ...{ tenant: 'local', number: 'position', after: 0, times: { keepAliveMs: 50, stalledMs: 200 } },
      readPage: async (after, limit) => (await events.feed({ tenant: 'local', after, types: null, limit })).items,
      ...{ accepts: () => true, endsAfter: () => false, form: { name: 'x', render: (event) => event } },
    }).then(() => gone.push(true));
  });
  await new Promise<void>((resolve) => raw.listen(0, '127.0.0.1', resolve));
  const socket = connect((raw.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.pause();
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await until(() => gone.length === 1, 'the stream is over');
  socket.destroy();
  await new Promise((resolve) => raw.close(resolve));
});

describe('at a time', () => {
  const openTwo = async (streams: { perCaller: number; inAll: number }) => {
    const { events } = memoryFeed();
    await serve(events, streams);
    const open = [await openStream(), await openStream()];
    await until(() => open.every(({ text }) => text().includes('retry:')), 'two streams are open');
    const answer = await fetch(`${server.url}/events`, { headers: { Accept: 'text/event-stream' } });
    const { type } = (await answer.json()) as { type: string };
    expect((await fetch(`${server.url}/events`)).status).toBe(200);
    return { open, told: [answer.status, type, answer.headers.get('Retry-After')] };
  };

  test.each([
    [{ perCaller: 2, inAll: 9 }, [429, '/problems/too-many-streams', '10']],
    [{ perCaller: 9, inAll: 2 }, [503, '/problems/overloaded', '10']],
  ])('no more streams are open than %j; one that ends makes room', async (streams, expected) => {
    const { open, told } = await openTwo(streams);
    expect(told).toEqual(expected);
    for (const { socket } of open) socket.destroy();
    let next = await openStream();
    await until(async () => {
      if (next.text().includes('retry:')) return true;
      next.socket.destroy();
      next = await openStream();
      await sleep(50);
      return next.text().includes('retry:');
    }, 'there is room');
    next.socket.destroy();
  });
});

test.each(['lastPosition', 'feed'] as const)(
  'is a problem while the database can not be asked: %s',
  async (failing) => {
    const { events } = memoryFeed((question) => {
      const error = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
      return question === failing ? Promise.reject(error) : Promise.resolve();
    });
    await serve(events);
    const answer = await fetch(`${server.url}/events`, { headers: { Accept: 'text/event-stream' } });
    expect([answer.status, answer.headers.get('Content-Type')]).toEqual([
      503,
      'application/problem+json; charset=utf-8',
    ]);
  },
);

test('a failure in the middle cuts the stream off and is told to our log alone', async () => {
  const printed = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  let asked = 0;
  const { events, append } = memoryFeed((question) => {
    if (question === 'feed') asked += 1;
    return asked > 1 ? Promise.reject(new Error('a defect')) : Promise.resolve();
  });
  for (let count = 0; count < 200; count += 1) append(5_000);
  const app = await serve(events);
  // Express holds its tongue in tests.
  app.set('env', 'production');
  const { socket, text } = await openStream();
  await until(() => socket.closed, 'the end of the connection');
  expect(numbersIn(text())[0]).toBe(1);
  expect(text()).not.toContain('a defect');
  expect(printed).not.toHaveBeenCalled();
  printed.mockRestore();
});

describe('the form of events', () => {
  const BATCH = 'application/cloudevents-batch+json';
  const get = async (path: string, accept = '*/*') => {
    const { events, append } = memoryFeed();
    append();
    await serve(events);
    const answer = await fetch(`${server.url}${path}`, { headers: { Accept: accept } });
    return { type: answer.headers.get('Content-Type')?.split(';')[0], body: await answer.json() };
  };

  test.each([
    ['/events', BATCH],
    ['/events', `${BATCH}, application/json;q=0.5`],
    ['/events?format=cloudevents', '*/*'],
    ['/events?format=cloudevents', 'application/json'],
  ])('is that of CloudEvents for %s with Accept: %s', async (path, accept) => {
    const { type, body } = await get(path, accept);
    expect(type).toBe(BATCH);
    expect(body).toEqual([expect.objectContaining({ specversion: '1.0', type: 'order.placed', position: '1' })]);
  });

  test.each([
    ['/events', '*/*'],
    ['/events', 'application/json'],
    ['/events', `application/json, ${BATCH};q=0.5`],
    ['/events?format=envelope', '*/*'],
  ])('is our own for %s with Accept: %s', async (path, accept) => {
    const { type, body } = await get(path, accept);
    expect(type).toBe('application/json');
    expect(body).toEqual({ items: [expect.objectContaining({ eventType: 'order.placed', position: 1 })] });
  });

  test('is none that we do not know', async () => {
    expect(await get('/events?format=protobuf')).toMatchObject({ type: 'application/problem+json' });
  });

  test.each([
    ['', 'eventType'],
    ['?format=cloudevents', 'specversion'],
  ])('of a stream is asked for in its query: "%s"', async (query, field) => {
    const { events, append } = memoryFeed();
    append();
    await serve(events);
    const { socket, text } = await openStream(query);
    await until(() => text().includes('id:1'), 'the event');
    append();
    await until(() => text().includes('id:2'), 'one that came live');
    socket.destroy();
    const shown = [...text().matchAll(/^data:(.*)$/gm)].map(([, data]) => JSON.parse(data ?? '') as object);
    expect(shown).toHaveLength(2);
    for (const event of shown) expect(event).toHaveProperty(field);
  });
});
