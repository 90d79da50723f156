// Streams over real connections, from a feed that answers when and what the test says.
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Express } from 'express';
import { pino } from 'pino';
import { createApp } from '../../src/api/app.ts';
import { authenticateLocally } from '../../src/api/middleware/authenticate.ts';
import { createEventTail } from '../../src/api/event-tail.ts';
import { eventRoutes } from '../../src/api/routes/events.ts';
import { listen, type HttpServer } from '../../src/api/server.ts';
import type { EventLog } from '../../src/ports/events.ts';
import type { OrderReading } from '../../src/ports/order.ts';
import { memoryFeed } from '../support/feed.ts';
import { until } from '../support/until.ts';

const logger = pino({ level: 'silent' });
const reading: OrderReading = {
  find: () => Promise.resolve(null),
  list: () => Promise.resolve({ items: [], next: null }),
  findSettled: () => Promise.resolve([]),
};

let server: HttpServer;
afterEach(() => server.close());

async function serve(events: EventLog): Promise<Express> {
  const tail = createEventTail({ events, logger });
  const app = createApp({
    logger,
    authenticate: authenticateLocally,
    ratePerSecond: 0,
    refusal: () => null,
    routes: eventRoutes({ reading, events, tail }),
  });
  server = await listen(app, { host: '127.0.0.1', port: 0 });
  return app;
}

/** A client that asks for the feed; `text` grows as it reads. */
async function openStream(): Promise<{ socket: Socket; text: () => string }> {
  const socket = connect(server.port, '127.0.0.1');
  let text = '';
  socket.on('data', (data) => (text += data.toString()));
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.write('GET /events HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n');
  return { socket, text: () => text };
}

const numbersIn = (text: string): number[] => [...text.matchAll(/^id:(\d+)$/gm)].map(([, id]) => Number(id));

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
    const clients = await Promise.all(Array.from({ length: CLIENTS }, openStream));
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

test('a client that does not read what comes live is cut off', async () => {
  const { events, append } = memoryFeed();
  await serve(events);
  const { socket, text } = await openStream();
  await until(() => text().includes('retry:'), 'the stream is open');
  append();
  await until(() => text().includes('id:1'), 'the stream is live');
  socket.pause();
  // More than the kernel's buffers and ours hold together.
  for (let count = 0; count < 400; count += 1) append(100_000);
  await sleep(500);
  socket.resume();
  await until(() => socket.closed, 'the end of the connection');
  expect(numbersIn(text()).length).toBeLessThan(401);
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
  for (let count = 0; count < 200; count += 1) append();
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
