// What the client sends again, and what it must not, against a server that really drops connections.
import { afterEach, expect, test } from '@jest/globals';
import { answer, createOrdersClient, isProblem, ProblemError, UnexpectedAnswerError, UnreachableError } from '#client';
import { pauseBefore } from '../../../clients/typescript/src/repeat.ts';
import { breakOff, drop, json, problem, scriptedServer, type Reply } from '../../support/scripted-server.ts';

type Server = Awaited<ReturnType<typeof scriptedServer>>;
const open: Server[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function serve(...replies: Reply[]) {
  const server = await scriptedServer(...replies);
  open.push(server);
  const client = createOrdersClient({ baseUrl: server.url, repeat: { firstPauseMs: 1, maxPauseMs: 5, retries: 3 } });
  return { ...server, client };
}

const order = { id: 'order_1' };
const place = (client: ReturnType<typeof createOrdersClient>, signal?: AbortSignal) =>
  answer(
    client.POST('/orders', {
      params: { header: { 'idempotency-key': 'cart-1' } },
      body: { customerId: 'c', items: [{ sku: 'book', quantity: 1 }], paymentMethod: 'pm_card_visa' },
      ...(signal ? { signal } : {}),
    }),
  );

test('sends what got lost again, byte for byte and under the key of the first time', async () => {
  const { client, asked } = await serve(drop, problem(503, 'service-unavailable'), breakOff, json(202, order));
  expect(await place(client)).toEqual(order);
  expect(asked.map(({ headers }) => headers['idempotency-key'])).toEqual(Array(4).fill('cart-1'));
  expect(new Set(asked.map(({ body }) => body)).size).toBe(1);
  expect(asked[0]?.body).toContain('pm_card_visa');
});

test('gives up after so many tries, and says that nothing answers', async () => {
  const { client, asked } = await serve(drop);
  const failure: unknown = await place(client).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(UnreachableError);
  expect(failure).toMatchObject({ attempts: 4, message: expect.stringContaining('does not answer') });
  expect(asked).toHaveLength(4);
});

test.each([401, 429])(
  'what was turned away (%i) behind a try that got lost says nothing of that try',
  async (status) => {
    const { client } = await serve(drop, problem(status, 'turned-away'));
    const failure: unknown = await place(client).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UnreachableError);
    expect(failure).toMatchObject({ message: expect.stringContaining('may have arrived') });
    const first = await serve(problem(status, 'turned-away'));
    await expect(place(first.client)).rejects.toThrow(ProblemError);
  },
);

const withoutKey: [string, (client: ReturnType<typeof createOrdersClient>) => Promise<unknown>][] = [
  [
    'a POST without a key',
    (client) =>
      client.POST('/orders/{id}/review', {
        params: { path: { id: 'order_1' } },
        body: { decision: 'approve', reason: 'known' },
      }),
  ],
  [
    'a PUT',
    (client) =>
      client.PUT('/products/{sku}', {
        params: { path: { sku: 'book' } },
        body: { name: 'Book', priceMinor: 1, currency: 'EUR', onHand: 1 },
      }),
  ],
  ['a DELETE', (client) => client.DELETE('/webhook-subscriptions/{id}', { params: { path: { id: 'x' } } })],
];
test.each(withoutKey)('never repeats %s whose outcome is not known', async (_, call) => {
  const lost = await serve(drop, json(200, {}));
  await expect(call(lost.client)).rejects.toThrow(UnreachableError);
  expect(lost.asked).toHaveLength(1);
  const failed = await serve(problem(503, 'service-unavailable'), json(200, {}));
  await call(failed.client);
  expect(failed.asked).toHaveLength(1);
});

test.each(withoutKey)('repeats %s that was refused at the door', async (_, call) => {
  const { client, asked } = await serve(problem(503, 'overloaded'), problem(429, 'too-many-requests'), json(200, {}));
  await call(client);
  expect(asked).toHaveLength(3);
});

test('repeats a cancellation: it is answered the same however often', async () => {
  const { client, asked } = await serve(drop, json(202, order));
  const params = { path: { id: 'order_1' } };
  await answer(client.POST('/orders/{id}/cancel', { params, body: { reason: 'wrong size' } }));
  expect(asked).toHaveLength(2);
});

test('waits for as long as Retry-After says, and not at all for what is beyond its patience', async () => {
  const soon = await serve(problem(503, 'too-many-waiting', {}, { 'Retry-After': '1' }), json(202, order));
  const begun = performance.now();
  await place(soon.client);
  expect(performance.now() - begun).toBeGreaterThanOrEqual(990);
  const late = await serve(problem(503, 'database-behind', {}, { 'Retry-After': '300' }), json(202, order));
  const failure: unknown = await place(late.client).catch((error: unknown) => error);
  expect(isProblem(failure, 'database-behind') && failure.retryAfterMs).toBe(300_000);
  expect(late.asked).toHaveLength(1);
});

test('an abort ends the pause between two tries at once', async () => {
  const { client, asked } = await serve(problem(503, 'overloaded', {}, { 'Retry-After': '30' }));
  const stop = new AbortController();
  const placing = place(client, stop.signal).catch((error: unknown) => error);
  while (asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const begun = performance.now();
  const reason = new Error('the customer went away');
  stop.abort(reason);
  expect(await placing).toBe(reason);
  expect(performance.now() - begun).toBeLessThan(1_000);
  expect(asked).toHaveLength(1);
});

test('a server that takes a request and says nothing is given up', async () => {
  const silent = await scriptedServer(() => undefined);
  open.push(silent);
  const client = createOrdersClient({ baseUrl: silent.url, repeat: { retries: 1, firstPauseMs: 1, timeoutMs: 100 } });
  await expect(place(client)).rejects.toThrow(/took too long/);
  expect(silent.asked).toHaveLength(2);
});

test('a refusal is a typed problem with its fields, and asked once', async () => {
  const errors = [{ pointer: '/items/0/quantity', message: 'too many' }];
  const { client, asked } = await serve(problem(422, 'invalid-body', { errors }));
  const failure: unknown = await place(client).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ProblemError);
  expect(failure).toMatchObject({ slug: 'invalid-body', status: 422, errors, detail: 'detail of invalid-body' });
  expect(isProblem(failure, 'order-not-found')).toBe(false);
  expect(asked).toHaveLength(1);
});

test('what is not this api is not taken for it', async () => {
  const page: Reply = (res) => void res.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>');
  const proxy: Reply = (res) => void res.writeHead(404, { 'Content-Type': 'text/html' }).end('<html>');
  for (const reply of [page, proxy]) {
    const { client } = await serve(reply);
    await expect(place(client)).rejects.toThrow(UnexpectedAnswerError);
  }
});

test('sends the key of the caller as a bearer, and to nobody else’s path', async () => {
  const server = await scriptedServer(json(200, { items: [], nextCursor: null }));
  open.push(server);
  await answer(createOrdersClient({ baseUrl: `${server.url}/`, apiKey: 'dok_a_b' }).GET('/orders'));
  expect(server.asked).toMatchObject([{ path: '/orders', headers: { authorization: 'Bearer dok_a_b' } }]);
});

test('pauses double up to a limit, jittered, and are never shorter than asked for', () => {
  const bounds = { firstPauseMs: 100, maxPauseMs: 1_000 };
  const full = (attempt: number) => pauseBefore(attempt, null, bounds, () => 1);
  expect([1, 2, 3, 9].map(full)).toEqual([100, 200, 400, 1_000]);
  expect(pauseBefore(3, null, bounds, () => 0)).toBe(0);
  expect(pauseBefore(1, 5_000, bounds, () => 0)).toBe(5_000);
});
