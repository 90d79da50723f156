// The api as src/api/main.ts wires it, in this process: real routes over a real PostgreSQL, and a starter that only counts
// what it was told to start. With it a client that sends exactly the bytes it is given, also those no HTTP library would.
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { pino } from 'pino';
import { createConfiguredPricing } from '../../src/adapters/pricing/configured.ts';
import { noTerms } from '../../src/domain/totals.ts';
import { createAcceptance } from '../../src/adapters/postgres/acceptance.ts';
import { createApiKeys } from '../../src/adapters/postgres/api-key.ts';
import { createBackorderReading } from '../../src/adapters/postgres/backorder.ts';
import { createCatalogue } from '../../src/adapters/postgres/catalogue.ts';
import { createWarehouses } from '../../src/adapters/postgres/warehouse.ts';
import { openDatabase, pingDatabase, REQUEST_PATIENCE, type Database } from '../../src/adapters/postgres/database.ts';
import { createEventLog } from '../../src/adapters/postgres/events.ts';
import { createLaunchMarks } from '../../src/adapters/postgres/launch.ts';
import { createOrderReading } from '../../src/adapters/postgres/order-reading.ts';
import { createApp } from '../../src/api/app.ts';
import { createEventTail } from '../../src/api/event-tail.ts';
import { createOrderView } from '../../src/api/order-view.ts';
import { authenticateByKey, authenticateLocally } from '../../src/api/middleware/authenticate.ts';
import type { Route } from '../../src/api/route.ts';
import { createRoutes } from '../../src/api/routes/index.ts';
import { listen } from '../../src/api/server.ts';
import { createWaiters } from '../../src/api/waiters.ts';
import { createLauncher } from '../../src/background/launcher.ts';
import { createHealthMonitor } from '../../src/runtime/health.ts';
import type { ApiKeys } from '../../src/ports/api-key.ts';
import { operating } from '../support/operating.ts';
import { testDatabase } from '../support/servers.ts';

const BACKLOG_LIMIT = 100_000;

export type SupportApi = {
  port: number;
  routes: readonly Route[];
  keys: ApiKeys;
  db: Database;
  /** Gives every event its position. */
  numberEvents: () => Promise<void>;
  /** Cuts the database off, or lets it be reached again. */
  setDatabaseReachable: (reachable: boolean) => Promise<void>;
  /** The ids of the orders whose workflow was started. */
  started: readonly string[];
  /** Every line logged so far, from debug on. */
  log: readonly string[];
  /** Rows of every table of ours. */
  countRows: () => Promise<Record<string, number>>;
  close: () => Promise<void>;
};

/** Every caller is the local one, without a limit, unless told otherwise. */
export async function startApi({
  auth = 'off',
  ratePerSecond = 0,
}: { auth?: 'off' | 'keys'; ratePerSecond?: number } = {}): Promise<SupportApi> {
  const { url, setReachable, close: dropDatabase } = await testDatabase();
  const log: string[] = [];
  const started: string[] = [];
  const logger = pino(
    { level: 'debug', formatters: { level: (level) => ({ level }) } },
    { write: (line) => log.push(line) },
  );
  const settings = { poolSize: 5, patience: REQUEST_PATIENCE, applicationName: 'test', logger };
  const db = openDatabase({ ...settings, connectionString: url });
  const reading = createOrderReading({ db });
  const events = createEventLog({ db });
  const starter = {
    start: ({ orderId }: { orderId: string }) => (started.push(orderId), Promise.resolve('started' as const)),
  };
  const launcher = createLauncher({ marks: createLaunchMarks({ db }), starter, backlogLimit: BACKLOG_LIMIT, logger });
  const view = createOrderView({ workflowUrl: (orderId) => `http://127.0.0.1:8233/workflows/${orderId}` });
  const canAccept = (): Promise<void> => pingDatabase(db);
  const routes = createRoutes({
    acceptance: createAcceptance({ db, pricing: createConfiguredPricing(noTerms) }),
    waiters: createWaiters({ reading, logger }),
    reading,
    events,
    tail: createEventTail({ events, logger }),
    publicUrl: 'https://orders.example.com',
    streams: { perCaller: 4, inAll: 100 },
    catalogue: createCatalogue({ db }),
    warehouses: createWarehouses({ db }),
    backorders: createBackorderReading({ db }),
    view,
    launchSoon: launcher.launchSoon,
    capturePolicy: 'at-confirm',
    isBacklogFull: () => false,
    isOverloaded: () => false,
    monitor: createHealthMonitor({ database: () => canAccept().then(() => undefined) }),
    canAccept,
    ...operating(db),
  });
  const keys = createApiKeys({ db });
  const authenticate = auth === 'off' ? authenticateLocally : authenticateByKey({ keys });
  const app = createApp({ logger, authenticate, ratePerSecond, refusal: () => null, routes });
  const server = await listen(app, { host: '127.0.0.1', port: 0 });
  return {
    port: server.port,
    routes,
    keys,
    db,
    numberEvents: async () => {
      while ((await events.assignPositions({ limit: 1_000 })) > 0);
    },
    setDatabaseReachable: setReachable,
    started,
    log,
    countRows: () => countRows(db),
    close: async () => {
      await server.close();
      await db.destroy();
      await dropDatabase();
    },
  };
}

async function countRows(db: Database): Promise<Record<string, number>> {
  const tables = await sql<{ name: string }>`
    select tablename as name from pg_tables where schemaname = 'public' order by tablename`.execute(db);
  const counts = tables.rows.map(({ name }) => sql`select ${name}::text as name, count(*) from ${sql.table(name)}`);
  const { rows } = await sql<{ name: string; count: number }>`${sql.join(counts, sql` union all `)}`.execute(db);
  return Object.fromEntries(rows.map(({ name, count }) => [name, count]));
}

export type Headers = readonly (readonly [string, string])[];
export type Sent = { method: string; path: string; headers?: Headers; body?: string | Uint8Array };
export type Answer = { status: number; headers: Readonly<Record<string, string>>; text: string };

// Well above what any refusal takes on a loaded machine: whoever runs into it has found a hang.
const ANSWER_WITHIN_MS = 5_000;

/** Sends the request as it is written here and reads its one answer. Rejects when there is none in time. */
export async function send(port: number, { method, path, headers = [], body = '' }: Sent): Promise<Answer> {
  const bytes = Buffer.from(body);
  const has = (name: string): boolean => headers.some(([given]) => given.toLowerCase() === name);
  const added: Headers = [
    ...(has('host') ? [] : [['Host', 'localhost'] as const]),
    ...(has('content-length') || has('transfer-encoding') || bytes.length === 0
      ? []
      : [['Content-Length', `${bytes.length}`] as const]),
    ['Connection', 'close'],
  ];
  const lines = [...headers, ...added]
    .filter(([, value]) => value !== ABSENT)
    .map(([name, value]) => `${name}: ${value}\r\n`);
  const head = Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1');
  const { text, outcome } = await converse(port, [head, bytes], { until: isAnswered, withinMs: ANSWER_WITHIN_MS });
  const answer = parseAnswer(text.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, ''));
  if (!answer) throw new Error(`${method} ${path}: expected an answer; found ${outcome} after ${text.length} bytes`);
  return answer;
}

/** The value of a header that is to be left out although `send` would add it. */
export const ABSENT = '(absent)';

export type Conversation = { text: string; outcome: 'closed' | 'answered' | 'hanging' };

/** Writes the chunks and reads until the connection is closed, `until` is content, or the time is up. */
export function converse(
  port: number,
  chunks: readonly Uint8Array[],
  { until, withinMs, endAfterMs }: { until: (text: string) => boolean; withinMs: number; endAfterMs?: number },
): Promise<Conversation> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    let text = '';
    const timer = setTimeout(() => settle('hanging'), withinMs);
    const settle = (outcome: Conversation['outcome']): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ text, outcome });
    };
    socket.on('data', (data) => {
      text += data.toString('latin1');
      if (until(text)) settle('answered');
    });
    socket.once('end', () => settle('closed'));
    // A reset is a closed connection as well.
    socket.on('error', () => settle('closed'));
    socket.once('close', () => settle('closed'));
    for (const chunk of chunks) socket.write(chunk);
    if (endAfterMs !== undefined) void sleep(endAfterMs).then(() => socket.end());
  });
}

/** Sends the requests one by one on one connection, each after the answer to the one before; what was answered until it closed. */
export async function converseInTurn(port: number, requests: readonly string[]): Promise<string[]> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.setTimeout(ANSWER_WITHIN_MS, () => socket.destroy());
  socket.on('error', () => undefined);
  const answers: string[] = [];
  for (const request of requests) {
    if (socket.destroyed) break;
    socket.write(request);
    const answer = await new Promise<string>((resolve) => {
      socket.once('data', (data) => resolve(data.toString()));
      socket.once('close', () => resolve(''));
    });
    if (answer !== '') answers.push(answer);
  }
  if (!socket.destroyed) await new Promise((resolve) => socket.once('close', resolve));
  return answers;
}

// A stream has no end to wait for: its head is the answer.
const isAnswered = (text: string): boolean => /^content-type: text\/event-stream[^]*\r\n\r\n/im.test(text);

function parseAnswer(text: string): Answer | null {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1];
  if (status === undefined) return null;
  const headers = head
    .split('\r\n')
    .slice(1)
    .map((line): [string, string] => {
      const [name = '', ...value] = line.split(':');
      return [name.toLowerCase(), value.join(':').trim()];
    });
  const isChunked = headers.some(([name, value]) => name === 'transfer-encoding' && value === 'chunked');
  const body = rest.join('\r\n\r\n');
  return {
    status: Number(status),
    headers: Object.fromEntries(headers),
    text: Buffer.from(isChunked ? joinChunks(body) : body, 'latin1').toString('utf8'),
  };
}

function joinChunks(body: string): string {
  const [, size = '0'] = /^([0-9a-f]+)\r\n/i.exec(body) ?? [];
  const begin = size.length + 2;
  const end = begin + parseInt(size, 16);
  return end === begin ? '' : body.slice(begin, end) + joinChunks(body.slice(end + 2));
}

export type ProblemAnswer = {
  type: string;
  title: string;
  status: number;
  detail: string;
  errors?: { pointer: string; message: string }[];
};

/** The problem that the answer is. Throws when it is anything else. */
export function problemOf({ status, headers, text }: Answer): ProblemAnswer {
  const type = headers['content-type'] ?? 'none';
  if (!/^application\/problem\+json(;|$)/.test(type))
    throw new Error(`Expected a problem; found ${status} ${type}: ${text.slice(0, 200)}`);
  const problem = JSON.parse(text) as ProblemAnswer;
  const isComplete =
    /^\/problems\/[a-z-]+$/.test(problem.type) &&
    problem.status === status &&
    problem.title !== '' &&
    problem.detail !== '';
  if (!isComplete) throw new Error(`Expected a complete problem of status ${status}; found ${text.slice(0, 200)}`);
  return problem;
}

export const JSON_TYPE = ['Content-Type', 'application/json'] as const;

export const products = [
  ['beans', { name: 'Espresso beans', priceMinor: 1890, currency: 'EUR', onHand: 100_000_000 }],
  ['cup', { name: 'Cup', priceMinor: 9_999, currency: 'EUR', onHand: 100_000_000 }],
  ['tea', { name: 'Tea', priceMinor: 700, currency: 'USD', onHand: 10 }],
] as const;

/** Puts the products that the tests sell: two for EUR, one for USD. */
export async function putProducts(port: number, headers: Headers = []): Promise<void> {
  for (const [sku, product] of products) {
    const answer = await send(port, {
      method: 'PUT',
      path: `/products/${sku}`,
      headers: [JSON_TYPE, ...headers],
      body: JSON.stringify(product),
    });
    if (answer.status !== 201) throw new Error(`Expected to put ${sku}; found ${answer.status} ${answer.text}`);
  }
}

export const goodOrder = {
  customerId: 'customer-42',
  items: [{ sku: 'beans', quantity: 2 }],
  paymentMethod: 'pm_card_visa',
  shipping: { name: 'Ada', line1: 'Main Street 1', city: 'Bremen', postalCode: '28195', country: 'DE' },
  metadata: { channel: 'web' },
};

/** A key of its own, in one word: one UUID in thousands has groups of digits that read as a card number. */
export const freshKey = (): string => `key${randomUUID().replaceAll('-', '')}`;

/** The good order under the key: what must still be accepted after a refusal. */
export const placeGood = (port: number, key: string, headers: Headers = []): Promise<Answer> =>
  send(port, {
    method: 'POST',
    path: '/orders',
    headers: [JSON_TYPE, ['Idempotency-Key', key], ...headers],
    body: JSON.stringify(goodOrder),
  });
