// Tenants that share an api do not notice each other; and what a key is worth over time: revoked, too fast, not to be asked.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { createParser } from 'eventsource-parser';
import { createEventTail } from '../../src/api/event-tail.ts';
import { Scope } from '../../src/domain/scope.ts';
import { createEventLog } from '../../src/adapters/postgres/events.ts';
import { silent } from '../support/database.ts';
import { until } from '../support/until.ts';
import { freshKey, placeGood, problemOf, putProducts, send, startApi } from './support-api.ts';
import type { Headers, SupportApi } from './support-api.ts';

type Tenant = { name: string; headers: Headers };
type Item = { id: string; orderId: string };

let api: SupportApi;
let one: Tenant;
let two: Tenant;
/** Ends what a test that fails has left listening: it would keep the run from ending. */
const leavings: (() => unknown)[] = [];

beforeAll(async () => {
  api = await startApi({ auth: 'keys' });
  [one, two] = [await tenant('one'), await tenant('two')];
  for (const { headers } of [one, two]) await putProducts(api.port, headers);
});
afterAll(async () => {
  for (const leave of leavings) await leave();
  await api.close();
});

async function newKey(name: string): Promise<{ id: string; headers: Headers }> {
  const { apiKey, secretKey } = await api.keys.create({ tenant: name, name, scopes: [Scope.admin] });
  return { id: apiKey.id, headers: [['Authorization', `Bearer ${secretKey}`]] };
}
const tenant = async (name: string): Promise<Tenant> => ({ name, headers: (await newKey(name)).headers });

async function read<T>(path: string, { headers }: { headers: Headers }): Promise<T> {
  const { status, text } = await send(api.port, { method: 'GET', path, headers });
  if (status !== 200) throw new Error(`GET ${path}: ${status} ${text}`);
  return JSON.parse(text) as T;
}

async function place(by: Tenant, key = freshKey()): Promise<string> {
  const { status, text } = await placeGood(api.port, key, by.headers);
  if (status !== 202) throw new Error(`POST order: ${status} ${text}`);
  return (JSON.parse(text) as Item).id;
}

test('the same Idempotency-Key in two tenants is two orders, each seen by its own', async () => {
  const key = freshKey();
  const [ofOne, ofTwo] = [await place(one, key), await place(two, key)];
  expect(ofOne).not.toBe(ofTwo);
  expect(await place(one, key)).toBe(ofOne);
  expect((await read<{ items: Item[] }>('/orders', one)).items.map(({ id }) => id)).toEqual([ofOne]);
  expect((await read<{ items: Item[] }>('/orders', two)).items.map(({ id }) => id)).toEqual([ofTwo]);

  await api.numberEvents();
  for (const [by, mine] of [
    [one, ofOne],
    [two, ofTwo],
  ] as const) {
    for (const path of ['/events', '/events?type=order.placed']) {
      const { items } = await read<{ items: Item[] }>(path, by);
      expect(items.map(({ orderId }) => orderId)).toEqual([mine]);
    }
  }
});

test('a tenant changes its own product and stock, never the other’s of the same name', async () => {
  const before = await read('/products/cup', two);
  const content = JSON.stringify({ name: 'Mine', priceMinor: 1, currency: 'USD', onHand: 3 });
  const headers: Headers = [['Content-Type', 'application/json'], ['Idempotency-Key', freshKey()], ...one.headers];
  await send(api.port, { method: 'PUT', path: '/products/cup', headers, body: content });
  const adjusted = { method: 'POST', path: '/products/cup/stock-adjustments', headers };
  await send(api.port, { ...adjusted, body: JSON.stringify({ delta: 4, reason: 'counted' }) });

  expect(await read('/products/cup', one)).toMatchObject({ name: 'Mine', currency: 'USD', onHand: 7 });
  expect(await read('/products/cup', two)).toEqual(before);
});

test('every row that an order has says whose it is', async () => {
  const order = await place(two);
  for (const table of ['order_lines', 'payments', 'events', 'idempotency_keys']) {
    const { rows } = await sql`select distinct tenant from ${sql.table(table)} where order_id = ${order}`.execute(
      api.db,
    );
    expect([table, rows]).toEqual([table, [{ tenant: 'two' }]]);
  }
});

test('a live feed shows its tenant’s events alone', async () => {
  const [ofOne, ofTwo] = [await listen(one), await listen(two)];
  const [first, second] = [await place(one), await place(two)];
  await api.numberEvents();
  await until(() => ofOne.orders.includes(first) && ofTwo.orders.includes(second), 'both hear of their order');
  await place(two);
  const last = await place(one);
  await api.numberEvents();
  await until(() => ofOne.orders.includes(last), 'one hears of the last');
  expect(ofOne.orders).not.toContain(second);
  expect(ofTwo.orders).not.toContain(first);
});

test('the end of the feed is read once per tick, whatever the number of tenants that listen', async () => {
  const events = createEventLog({ db: api.db });
  let asked = 0;
  const counting = {
    ...events,
    follow: (request: { after: number; limit: number }) => ((asked += 1), events.follow(request)),
  };
  const tail = createEventTail({ events: counting, logger: silent });
  const heard: string[] = [];
  const stops = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      tail.subscribe(index === 7 ? 'two' : `nobody-${index}`, (events) => {
        heard.push(...events.map(({ orderId }) => `${index} ${orderId}`));
      }),
    ),
  );
  leavings.push(...stops);
  const order = await place(two);
  const before = asked;
  const begun = performance.now();
  await api.numberEvents();
  await until(() => heard.length > 0 && asked > before + 2, 'the order is heard of');
  // One question per 100 ms; twenty tenants with a tail of their own would ask twenty times as often.
  expect(asked - before).toBeLessThanOrEqual(Math.ceil((performance.now() - begun) / 100) + 2);
  expect(heard).toEqual([`7 ${order}`]);
});

test('a revoked key is refused within seconds, and its streams end, however they were asked for', async () => {
  const { id, headers } = await newKey('two');
  const accepts = ['text/event-stream', 'text/*', 'TEXT/EVENT-STREAM', 'application/xml;q=0.9, text/*;q=0.1'];
  const streams = await Promise.all(accepts.map((accept) => listen({ headers, accept })));
  await read('/orders', { headers });
  await api.keys.revoke({ id });
  await until(
    async () => (await send(api.port, { method: 'GET', path: '/orders', headers })).status === 401,
    'refused',
    4_000,
  );
  await until(() => streams.every(({ isOver }) => isOver()), 'the streams end', 8_000);
  await read('/orders', two);
});

test('a database that is away is 503, never taken for a bad key', async () => {
  const { headers } = await newKey('two');
  await api.setDatabaseReachable(false);
  try {
    const begun = performance.now();
    const answer = await send(api.port, { method: 'GET', path: '/orders', headers });
    expect(problemOf(answer)).toMatchObject({ status: 503, type: '/problems/service-unavailable' });
    expect(answer.headers['retry-after']).toBeDefined();
    expect(performance.now() - begun).toBeLessThan(2_500);
  } finally {
    await api.setDatabaseReachable(true);
  }
  await until(
    async () => (await send(api.port, { method: 'GET', path: '/orders', headers })).status === 200,
    'asked again',
  );
});

test('health, the document and its pages need no key', async () => {
  for (const path of [
    '/healthz',
    '/readyz',
    '/health',
    '/openapi.json',
    '/docs',
    '/docs/start.js',
    '/problems/invalid-api-key',
  ])
    expect([path, (await send(api.port, { method: 'GET', path })).status]).toEqual([path, 200]);
});

test('the document tells of the key and of what each route needs', async () => {
  type Document = {
    components: { securitySchemes: unknown };
    paths: Record<string, Record<string, { security: unknown; responses: Record<string, unknown> }>>;
  };
  const { components, paths } = await read<Document>('/openapi.json', { headers: [] });
  expect(components.securitySchemes).toMatchObject({ apiKey: { type: 'http', scheme: 'bearer' } });
  for (const { path, method, scope } of api.routes) {
    const operation = paths[path]?.[method];
    expect([path, method, operation?.security]).toEqual([path, method, scope === 'open' ? [] : [{ apiKey: [scope] }]]);
    const statuses = ['401', '403', '429'].filter((status) => operation?.responses[status]);
    expect([path, method, statuses]).toEqual([path, method, scope === 'open' ? [] : ['401', '403', '429']]);
  }
});

test('a key that sends too fast gets 429 before anything is done, and others do not notice', async () => {
  const limited = await startApi({ auth: 'keys', ratePerSecond: 5 });
  try {
    const [fast, other] = await Promise.all(
      ['a', 'b'].map(async (name): Promise<Headers> => {
        const { secretKey } = await limited.keys.create({ tenant: 'same', name, scopes: [Scope.admin] });
        return [['Authorization', `Bearer ${secretKey}`]];
      }),
    );
    await putProducts(limited.port, other);
    const burst = await Promise.all(Array.from({ length: 40 }, () => placeGood(limited.port, freshKey(), fast)));
    const refused = burst.filter(({ status }) => status === 429);
    // 40 at once can not take longer than a few windows of 5, whatever the machine.
    expect(refused.length).toBeGreaterThan(5);
    const placed = burst.filter(({ status }) => status === 202).length;
    expect(placed + refused.length).toBe(40);
    expect((await limited.countRows())['orders']).toBe(placed);
    for (const answer of refused) {
      expect(problemOf(answer).type).toBe('/problems/too-many-requests');
      expect(answer.headers['retry-after']).toBe('1');
    }
    expect((await send(limited.port, { method: 'GET', path: '/orders', headers: other ?? [] })).status).toBe(200);
    const passes = async (): Promise<boolean> =>
      (await send(limited.port, { method: 'GET', path: '/orders', headers: fast ?? [] })).status === 200;
    await until(passes, 'the next second is a new one', 5_000);
    expect((await send(limited.port, { method: 'GET', path: '/healthz' })).status).toBe(200);
  } finally {
    await limited.close();
  }
});

/** Listens to the live feed; `orders` grows with the orders it hears of. */
async function listen({ headers, accept = 'text/event-stream' }: { headers: Headers; accept?: string }) {
  const abort = new AbortController();
  const answer = await fetch(`http://127.0.0.1:${api.port}/events?after=0`, {
    headers: { Accept: accept, ...Object.fromEntries(headers) },
    signal: abort.signal,
  });
  if (!answer.headers.get('Content-Type')?.startsWith('text/event-stream')) throw new Error('Expected a stream');
  const orders: string[] = [];
  let over = false;
  const parser = createParser({ onEvent: ({ data }) => void orders.push((JSON.parse(data) as Item).orderId) });
  const reading = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of answer.body ?? []) parser.feed(decoder.decode(chunk as Uint8Array, { stream: true }));
  })()
    .catch(() => undefined)
    .then(() => void (over = true));
  leavings.push(() => {
    abort.abort();
    return reading;
  });
  return { orders, isOver: () => over };
}
