// Streams over real connections, from a feed in memory: an api that has nothing but the routes of events, and clients that send bytes.
import { connect, type Socket } from 'node:net';
import type { Express } from 'express';
import { pino } from 'pino';
import { createApp } from '../../src/api/app.ts';
import { createEventTail } from '../../src/api/event-tail.ts';
import type { StreamTimes } from '../../src/api/event-stream.ts';
import { authenticateLocally, type Authenticate } from '../../src/api/middleware/authenticate.ts';
import { eventRoutes } from '../../src/api/routes/events.ts';
import { listen, type HttpServer } from '../../src/api/server.ts';
import type { EventLog } from '../../src/ports/events.ts';
import type { Order, OrderReading } from '../../src/ports/order.ts';

const logger = pino({ level: 'silent' });
const reading: OrderReading = {
  // The routes ask only whether there is one.
  find: () => Promise.resolve({} as Order),
  list: () => Promise.resolve({ items: [], next: null }),
  findSettled: () => Promise.resolve([]),
};

export async function serveEvents({
  events,
  streams = { perCaller: 100, inAll: 100 },
  times = {},
  authenticate = authenticateLocally,
}: {
  events: EventLog;
  streams?: { perCaller: number; inAll: number };
  times?: Partial<StreamTimes> & { keyCheckMs?: number };
  authenticate?: Authenticate;
}): Promise<{ app: Express; server: HttpServer }> {
  const tail = createEventTail({ events, logger });
  const app = createApp({
    ...{ logger, authenticate, ratePerSecond: 0, refusal: () => null },
    routes: eventRoutes({ reading, events, tail, publicUrl: 'http://127.0.0.1:3000', streams, times }),
  });
  return { app, server: await listen(app, { host: '127.0.0.1', port: 0 }) };
}

export const ask = (path: string, headers = ''): string =>
  `GET ${path} HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n${headers}\r\n`;

/** A client that sends these requests at once; `text` grows as it reads. */
export async function openClient(port: number, ...requests: string[]): Promise<{ socket: Socket; text: () => string }> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (data) => (text += data.toString()));
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.write(requests.join(''));
  return { socket, text: () => text };
}

/** The ids that were told. */
export const numbersIn = (text: string): number[] => [...text.matchAll(/^id:(\d+)$/gm)].map(([, id]) => Number(id));
