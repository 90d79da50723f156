// Event streams that break, fall silent, and come back, over real connections.
import { afterEach, expect, test } from '@jest/globals';
import { follow, isProblem, UnreachableError, type FollowOptions, type OrderEvent } from '#client';
import { problem, scriptedServer, type Reply } from '../../support/scripted-server.ts';

type Server = Awaited<ReturnType<typeof scriptedServer>>;
const open: Server[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function serve(...replies: Reply[]): Promise<Server> {
  const server = await scriptedServer(...replies);
  open.push(server);
  return server;
}

const frame = (id: number): string => `id:${id}\nevent:order.placed\ndata:{"sequence":${id}}\n\n`;
/** Sends these events, and then does what `end` says. */
const events =
  (ids: readonly number[], end: (res: Parameters<Reply>[0]) => void = () => undefined): Reply =>
  (res) => {
    res.writeHead(200, { 'Content-Type': 'text/event-stream' });
    res.write(`retry:1\n\n:\n\n${ids.map(frame).join('')}`, () => end(res));
  };
const gone: Reply = (res) => void res.writeHead(204).end();
const cut = (res: Parameters<Reply>[0]): void => void setTimeout(() => res.destroy(), 20);

async function read(options: FollowOptions, count = Number.POSITIVE_INFINITY): Promise<number[]> {
  const found: OrderEvent[] = [];
  for await (const event of follow(options)) if (found.push(event) >= count) break;
  return found.map(({ sequence }) => sequence);
}

test('goes on behind the last event when the connection breaks, until the order is over', async () => {
  const server = await serve(
    events([1, 2], cut),
    problem(503, 'service-unavailable'),
    events([3], (res) => res.end()),
    gone,
  );
  const told: string[] = [];
  const options = { baseUrl: server.url, apiKey: 'dok_a_b', orderId: 'order_1' };
  expect(await read({ ...options, onReconnect: (why) => void told.push(why) })).toEqual([1, 2, 3]);
  expect(server.asked.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '2', '2', '3']);
  expect(server.asked[0]).toMatchObject({
    path: '/orders/order_1/events',
    headers: { accept: 'text/event-stream', authorization: 'Bearer dok_a_b' },
  });
  expect(told).toHaveLength(2);
});

test('follows the feed from a position, only the types that are wanted', async () => {
  const server = await serve(events([8, 9]));
  expect(await read({ baseUrl: server.url, after: 7, types: ['order.placed', 'order.confirmed'] }, 2)).toEqual([8, 9]);
  expect(server.asked).toMatchObject([
    { path: '/events?type=order.placed%2Corder.confirmed', headers: { 'last-event-id': '7' } },
  ]);
});

test('notices a connection that has fallen silent', async () => {
  const server = await serve(events([1]), events([2]));
  const begun = performance.now();
  expect(await read({ baseUrl: server.url, silenceMs: 100 }, 2)).toEqual([1, 2]);
  expect(performance.now() - begun).toBeLessThan(30_000);
  expect(server.asked[1]?.headers['last-event-id']).toBe('1');
});

test('what its reader did not get on from comes again', async () => {
  const server = await serve(events([1, 2, 3], cut), events([3]));
  const seen: number[] = [];
  for await (const { sequence } of follow({ baseUrl: server.url })) {
    seen.push(sequence);
    // Slower than the connection lives.
    if (sequence === 2) await new Promise((resolve) => setTimeout(resolve, 60));
    if (seen.length === 3) break;
  }
  expect(seen).toEqual([1, 2, 3]);
});

test('a reader that takes longer than the api may be away is not given up', async () => {
  const server = await serve(events([1], cut), events([2]));
  const seen: number[] = [];
  for await (const { sequence } of follow({ baseUrl: server.url, giveUpAfterMs: 2_000 })) {
    seen.push(sequence);
    if (seen.length === 2) break;
    await new Promise((resolve) => setTimeout(resolve, 2_100));
  }
  expect(seen).toEqual([1, 2]);
});

test('a refusal is thrown, not asked for again', async () => {
  const server = await serve(problem(401, 'invalid-api-key'));
  const failure: unknown = await read({ baseUrl: server.url }).catch((error: unknown) => error);
  expect(isProblem(failure, 'invalid-api-key')).toBe(true);
  expect(server.asked).toHaveLength(1);
});

test('gives up when nothing could be had for too long', async () => {
  const server = await serve((res) => void res.destroy());
  await expect(read({ baseUrl: server.url, giveUpAfterMs: 300 })).rejects.toThrow(UnreachableError);
  expect(server.asked.length).toBeGreaterThan(1);
});

test('an abort ends it, and the connection with it', async () => {
  const closed: Promise<void>[] = [];
  const server = await serve((res) => {
    closed.push(new Promise((resolve) => res.on('close', () => resolve())));
    events([1])(res, { method: '', path: '', headers: {}, body: '' });
  });
  const stop = new AbortController();
  const reading = (async () => {
    for await (const _ of follow({ baseUrl: server.url, signal: stop.signal })) stop.abort(new Error('enough'));
  })();
  await expect(reading).rejects.toThrow('enough');
  await closed[0];
});
