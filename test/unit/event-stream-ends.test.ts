// How streams end, and how they do not: whatever a client does with one, the process and the other streams go on.
import { afterEach, describe, expect, test } from '@jest/globals';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Request } from 'express';
import { setTimeout as sleep } from 'node:timers/promises';
import { authenticateLocally, type Authenticate } from '../../src/api/middleware/authenticate.ts';
import type { HttpServer } from '../../src/api/server.ts';
import { streamEvents, type Exchange, type StreamTimes } from '../../src/api/event-stream.ts';
import type { EventTail } from '../../src/api/event-tail.ts';
import type { EventEnvelope } from '../../src/contracts/events.ts';
import { memoryFeed } from '../support/feed.ts';
import { ask, numbersIn, openClient, serveEvents } from '../support/streaming.ts';
import { until } from '../support/until.ts';

const ORDER = 'order_01kax3v7ehe4sbg0krv6m4fxxv';

let server: HttpServer | null = null;
afterEach(() => server?.close());

const count = (text: string, part: string): number => text.split(part).length - 1;

test('a stream that has ended behind one that goes on, on one connection, ends nothing else', async () => {
  const { events, append } = memoryFeed();
  append(0, { eventType: 'order.cancelled' });
  ({ server } = await serveEvents({ events, times: { keepAliveMs: 20 } }));
  const client = await openClient(server.port, ask('/events'), ask(`/orders/${ORDER}/events`));
  // A write behind the end of the second would have come with each of these comments.
  await until(() => count(client.text(), ':\n\n') > 10, 'comments of the first stream');
  append();
  await until(() => numbersIn(client.text()).includes(2), 'what comes live');
  expect((await fetch(`${server.url}/events`)).status).toBe(200);
  client.socket.destroy();
});

test('nobody looks at the key of a client that went away while it was looked up', async () => {
  const asked: Request[] = [];
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  const { events } = memoryFeed();
  const authenticate: Authenticate = async (req) => {
    asked.push(req as Request);
    await held;
    return authenticateLocally(req);
  };
  ({ server } = await serveEvents({ events, authenticate, times: { keyCheckMs: 20 } }));
  const client = await openClient(server.port, ask('/events'));
  await until(() => asked.length === 1, 'it is looked up');
  client.socket.destroy();
  await until(() => asked[0]?.socket.destroyed === true, 'the api knows that it is gone');
  letGo();
  await sleep(200);
  expect(asked.length).toBe(1);
});

test('a stream of an order that resumes behind an event of a lost database is told what happened instead', async () => {
  const { events, append } = memoryFeed();
  for (const sequence of [1, 2, 3]) append(0, { sequence });
  ({ server } = await serveEvents({ events }));
  const client = await openClient(
    server.port,
    ask(`/orders/${ORDER}/events`, 'Last-Event-ID: 9\r\nConnection: close\r\n'),
  );
  await until(() => numbersIn(client.text()).length === 3, 'what was there', 5_000);
  append(0, { sequence: 4, eventType: 'order.cancelled' });
  await until(() => client.socket.closed, 'the stream ends with the order', 5_000);
  expect(numbersIn(client.text())).toEqual([1, 2, 3, 4]);
  // Of the life that it is in now it knows the end.
  const answer = await fetch(`${server.url}/orders/${ORDER}/events`, {
    headers: { Accept: 'text/event-stream', 'Last-Event-ID': '4' },
  });
  expect(answer.status).toBe(204);
});

describe('whoever reads nothing of a live stream is cut off, and whoever reads is not', () => {
  const EVENT = { eventType: 'order.placed', data: { text: 'x'.repeat(100_000) } } as unknown as EventEnvelope;

  /** A live stream whose events come from the test; `push` tells the next one. */
  async function serveLive(times: Partial<StreamTimes>) {
    const pushes: ((events: EventEnvelope[]) => void)[] = [];
    const responses: ServerResponse[] = [];
    let position = 0;
    let isOver = false;
    const tail: EventTail = {
      subscribe: (_tenant, onEvents) => Promise.resolve((pushes.push(onEvents), () => undefined)),
    };
    const raw = createServer((req, res) => {
      responses.push(res);
      void streamEvents({ req, res } as unknown as Exchange, tail, {
        ...{ tenant: 'local', number: 'position', after: 0, times, readPage: () => Promise.resolve([]) },
        ...{ accepts: () => true, endsAfter: () => false, form: { name: 'x', render: (event) => event } },
      }).then(() => (isOver = true));
    });
    await new Promise<void>((resolve) => raw.listen(0, '127.0.0.1', resolve));
    const client = await openClient((raw.address() as AddressInfo).port, ask('/'));
    await until(() => client.text().includes('retry:'), 'the stream is live');
    return {
      client,
      push: () => pushes[0]?.([{ ...EVENT, position: (position += 1) }]),
      unread: () => responses[0]?.writableLength ?? 0,
      isGone: () => responses[0]?.req.socket.destroyed ?? false,
      isOver: () => isOver,
      close: async () => {
        client.socket.destroy();
        await new Promise((resolve) => raw.close(resolve));
      },
    };
  }

  test('not even a comment is taken for long', async () => {
    const live = await serveLive({ keepAliveMs: 20, stalledMs: 300 });
    live.client.socket.pause();
    for (; live.unread() <= 16_384; await sleep(1)) live.push();
    expect(live.unread()).toBeLessThan(256 * 1_024);
    await until(live.isOver, 'it is cut off', 3_000);
    await live.close();
  });

  test('slowly, but all the time', async () => {
    const live = await serveLive({ keepAliveMs: 20, stalledMs: 700 });
    live.client.socket.pause();
    const { socket } = live.client;
    // As much as comes with one look, every few milliseconds; there is always more.
    const reading = setInterval(() => (socket.resume(), setImmediate(() => socket.pause())), 20);
    const end = performance.now() + 2_000;
    const fill = (): void => {
      while (!live.isGone() && live.unread() < 100_000) live.push();
    };
    for (; performance.now() < end; await sleep(2)) fill();
    // What was left may all have been read during the last pause.
    fill();
    expect([live.isOver(), live.unread() > 0]).toEqual([false, true]);
    clearInterval(reading);
    await live.close();
  });
});
