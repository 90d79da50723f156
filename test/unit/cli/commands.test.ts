// The command line against a real HTTP server that answers as told: what it sends, what it prints, and how it ends.
import { afterEach, expect, test } from '@jest/globals';
import { fakeIo, orders } from '../../support/cli.ts';
import { runCli } from '../../../src/cli/program.ts';
import { drop, json, problem, scriptedServer, type Reply } from '../../support/scripted-server.ts';

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

const order = (more: object = {}) => ({
  id: 'order_1',
  status: 'confirmed',
  attention: null,
  waiting: null,
  customerId: 'c-1',
  currency: 'EUR',
  totalMinor: 1_250,
  items: [
    { sku: 'book', name: 'A book', quantity: 1, unitPriceMinor: 1_250, shippedQuantity: 0, deliveredQuantity: 0 },
  ],
  payment: { state: 'captured', capturedMinor: 1_250, refundedMinor: 0, disputedMinor: 0, authorizedMinor: 0 },
  rejection: null,
  placedAt: '2026-01-31T12:00:00.000Z',
  links: { temporal: 'http://127.0.0.1:8233/order_1' },
  ...more,
});
const refund = ['refund', 'order_1', '--reason', 'broken', '--amount', '250'];
const place = ['place', '--customer', 'c-1', '--item', 'book:2', '--item', 'cup', '--payment-method', 'pm_card_visa'];
const errors = [{ pointer: '/items/0/quantity', message: 'too many' }];

test.each<[string, Reply, string[], number, RegExp]>([
  ['no such order', problem(404, 'order-not-found'), ['get', 'order_1'], 4, /order-not-found/],
  ['a refusal', problem(409, 'refund-too-large'), refund, 3, /^orders: title of .*: detail of .*\n$/],
  [
    'a body with mistakes',
    problem(422, 'invalid-body', { errors }),
    place,
    3,
    /\n {2}\/items\/0\/quantity: too many\n/,
  ],
  ['a wrong key', problem(401, 'invalid-api-key'), ['list'], 3, /orders setup/],
  ['an api that fails', problem(503, 'service-unavailable'), ['get', 'order_1'], 5, /service-unavailable/],
  ['a busy api', problem(429, 'too-many-requests', {}, { 'Retry-After': '90' }), ['list'], 5, /in 90 s/],
  ['an api that drops everything', drop, ['get', 'order_1'], 5, /does not answer.*\n.*orders doctor/],
  ['something else', (res) => void res.end('<html>'), ['get', 'order_1'], 5, /not this api/],
])('ends by what came: %s', async (_, reply, args, code, said) => {
  const { url } = await serve(reply);
  const ran = await orders(url, args);
  expect([ran.code, ran.out]).toEqual([code, '']);
  expect(ran.said).toMatch(said);
});

test.each([
  [['bogus']],
  [['get']],
  [['list', '--status', 'lost']],
  [['place', '--customer', 'c-1']],
  [['place', '--item', 'book:many', '--customer', 'c', '--payment-method', 'p']],
  [['list', '--placed-after', 'yesterday']],
  [['list', '-o', 'xml']],
  [['list', '--all', '-o', 'json']],
  [['cancel', 'order_1']],
  [['pack', 'order_1', 'x']],
  [['return', 'approve', 'order_1', 'one', '--reason', 'x']],
  [['amend', 'order_1', '--reason', 'x']],
  [['resolve', '--action', 'retry', '--reason', 'x']],
  [['resolve', 'order_1', '--action', 'retry', '--reason', 'x', '--expect', '1']],
  [['refund', 'order_1', '--reason', 'x', '--amount', '1', '--item', 'book']],
  [['list', '--profile', 'nowhere']],
  [['list', '--url', 'ftp://x']],
])('what is not understood ends 2 before anything is sent: %j', async (args) => {
  const server = await serve(json(200, {}));
  const ran = await orders(server.url, args);
  expect([ran.code, ran.out]).toEqual([2, '']);
  expect(ran.said).not.toBe('');
  expect(server.asked).toEqual([]);
});

test('help is no mistake, and says the exit codes', async () => {
  expect(await orders(null, ['--help'])).toMatchObject({ code: 0, out: expect.stringContaining('130  interrupted') });
  expect(await orders(null, ['refund', '--help'])).toMatchObject({
    code: 0,
    out: expect.stringContaining('Examples:'),
  });
});

test('one key for one command, over all its tries', async () => {
  const server = await serve(
    drop,
    problem(503, 'service-unavailable'),
    json(202, { number: 1, currency: 'EUR', amountMinor: 250, state: 'requested' }),
  );
  const ran = await orders(server.url, [...refund, '--print-key']);
  const keys = server.asked.map(({ headers }) => headers['idempotency-key']);
  expect(keys).toHaveLength(3);
  expect(new Set(keys).size).toBe(1);
  expect(ran).toMatchObject({ code: 0, said: `Idempotency-Key: ${String(keys[0])}\n` });
  expect(ran.out).toMatch(/2\.50 EUR/);
  expect(JSON.parse(server.asked[2]?.body ?? '')).toEqual({ reason: 'broken', amountMinor: 250 });
});

test('whose outcome is not known is told with what does it once', async () => {
  const server = await serve(drop);
  const ran = await orders(server.url, [...refund, '--key', 'refund-7']);
  expect(server.asked.map(({ headers }) => headers['idempotency-key'])).toEqual(Array(3).fill('refund-7'));
  expect(ran).toMatchObject({
    code: 5,
    said: expect.stringContaining('The same command with --key refund-7 is done once'),
  });
});

test('a changed order is repeated under the version that the key belongs to', async () => {
  const server = await serve(json(200, order(), { ETag: '"7"' }), drop);
  const ran = await orders(server.url, ['amend', 'order_1', '--item', 'book:3', '--reason', 'more', '--key', 'a-1']);
  expect(server.asked[1]).toMatchObject({ headers: { 'if-match': '"7"', 'idempotency-key': 'a-1' } });
  expect(ran.said).toContain('--key a-1 --if-match 7');
});

test('places from options, from a file on stdin, and ends 1 when what it waited for is rejected', async () => {
  const rejected = order({ status: 'rejected', rejection: { code: 'payment.declined', message: 'declined' } });
  const server = await serve(json(200, rejected), json(202, order()));
  const waited = await orders(server.url, [
    ...place,
    '--wait',
    '5',
    '--metadata',
    'channel=shop',
    '--correlation',
    'x-1',
  ]);
  expect(server.asked[0]).toMatchObject({ headers: { prefer: 'wait=5', 'x-correlation-id': 'x-1' } });
  expect(JSON.parse(server.asked[0]?.body ?? '')).toEqual({
    customerId: 'c-1',
    items: [
      { sku: 'book', quantity: 2 },
      { sku: 'cup', quantity: 1 },
    ],
    paymentMethod: 'pm_card_visa',
    metadata: { channel: 'shop' },
  });
  expect(waited).toMatchObject({ code: 1, out: expect.stringMatching(/rejected +declined \(payment\.declined\)/) });

  const body = { customerId: 'c', items: [], paymentMethod: 'p', shipping: { name: 'Ada' } };
  expect((await orders(server.url, ['place', '--file', '-'], {}, { input: JSON.stringify(body) })).code).toBe(0);
  expect(JSON.parse(server.asked[1]?.body ?? '')).toEqual(body);
  expect(await orders(server.url, ['place', '--file', '-'], {}, { input: '{' })).toMatchObject({ code: 2 });
});

test('-o json is what the api has sent, byte for byte; jsonl an item a line', async () => {
  const text = '{"items": [ {"id":"b","extra":1.0},\n{"id":"a"}], "nextCursor":null}';
  const reply: Reply = (res) => void res.writeHead(200, { 'Content-Type': 'application/json' }).end(text);
  const { url } = await serve(reply);
  expect((await orders(url, ['list', '-o', 'json'])).out).toBe(`${text}\n`);
  expect((await orders(url, ['list', '-o', 'jsonl'])).out).toBe('{"id":"b","extra":1}\n{"id":"a"}\n');
});

test('a table for people: plain where nobody looks, and nothing of what others wrote moves the cursor', async () => {
  const evil = order({ customerId: 'c\u001b[2J\n1' });
  const { url } = await serve(json(200, { items: [evil], nextCursor: 'more' }));
  const piped = await orders(url, ['list', '--parked', '--placed-after', '1d']);
  expect(piped.out).not.toContain('\u001b');
  expect(piped.out.split('\n')).toHaveLength(3);
  expect(piped).toMatchObject({ code: 0, said: 'There are more: --cursor more, or --all\n' });
  expect(piped.out).toMatch(
    /^ID +STATUS +NOW .*\norder_1 +confirmed +- +c·\[2J·1 +12\.50 EUR +2026-01-31T12:00:00Z\n$/,
  );
  const looked = await orders(url, ['list'], {}, { isTerminal: true });
  expect(looked.out).toContain('\u001b[1mID');
  for (const [args, env] of [
    [['list', '--no-color'], {}],
    [['list'], { NO_COLOR: '1' }],
  ] as const)
    expect((await orders(url, args, env, { isTerminal: true })).out).not.toContain('\u001b');
});

test('reads page after page, no more than is wanted', async () => {
  const page = (ids: string[], nextCursor: string | null) =>
    json(200, { items: ids.map((id) => order({ id })), nextCursor });
  const server = await serve(page(['a', 'b'], 'x y'), page(['c', 'd'], null));
  const all = await orders(server.url, ['list', '--all', '--waiting', 'review', '-o', 'jsonl']);
  expect(all.out.trim().split('\n')).toHaveLength(4);
  expect(server.asked.map(({ path }) => path)).toEqual([
    '/orders?waiting=review&limit=100',
    '/orders?waiting=review&limit=100&cursor=x%20y',
  ]);
});

test('decides about many only once they were counted', async () => {
  const accepted = { id: 'resolution_1', state: 'accepted', counts: { total: 2 } };
  const server = await serve(json(200, { count: 2, sample: [] }), json(202, accepted));
  const many = ['resolve', '--all', '--step', 'charge-payment', '--action', 'retry', '--reason', 'well'];
  expect((await orders(server.url, many)).said).toContain('--expect 2');
  expect((await orders(server.url, [...many, '--expect', '2'])).code).toBe(0);
  expect(server.asked.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
    { filter: { step: 'charge-payment' }, action: 'retry', reason: 'well', dryRun: true },
    { filter: { step: 'charge-payment' }, action: 'retry', reason: 'well', expectedCount: 2 },
  ]);
});

test('watches to the end, over a connection that breaks, and ends by how it ended', async () => {
  const frames = (ids: number[]) =>
    ids.map(
      (id) =>
        `id:${id}\ndata:${JSON.stringify({ sequence: id, timestamp: 't', eventType: `e${id}`, data: { a: 1 } })}\n\n`,
    );
  const streamed =
    (ids: number[], last: boolean): Reply =>
    (res) => {
      res.writeHead(200, { 'Content-Type': 'text/event-stream' });
      res.write(frames(ids).join(''), () => setTimeout(() => (last ? res.end() : res.destroy()), 20));
    };
  const gone: Reply = (res) => void res.writeHead(204).end();
  const server = await serve(
    streamed([1, 2], false),
    streamed([3], true),
    gone,
    json(200, order({ status: 'cancelled' })),
  );
  const ran = await orders(server.url, ['watch', 'order_1']);
  expect(ran.code).toBe(1);
  expect(ran.out.match(/e\d/g)).toEqual(['e1', 'e2', 'e3']);
  expect(ran.said).toContain('order_1 is cancelled');
});

test('Ctrl-C ends 130, and says of what was sent that it may have been done', async () => {
  const server = await serve(() => undefined);
  const stop = new AbortController();
  const { io, ran } = fakeIo({ ORDERS_API_URL: server.url }, { signal: stop.signal });
  const { Interrupted } = await import('../../../src/cli/io.ts');
  const running = runCli([...refund, '--key', 'k-1'], io);
  while (server.asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  stop.abort(new Interrupted('Interrupted'));
  expect(await running).toBe(130);
  expect(ran.said).toMatch(/Interrupted[^]*--key k-1 is done once/);
});

test('what is not HTTP is started with what stands behind it, and ends as that does', async () => {
  const started: unknown[] = [];
  const runMain = (file: string, args: readonly string[]) => (started.push([file, args]), Promise.resolve(2));
  const ran = await orders(null, ['verify', '--orders', '5', '--keep', '--only', 'a,b'], {}, { runMain });
  expect(ran.code).toBe(2);
  expect((await orders(null, ['keys', 'revoke', '--id', 'key_1'], {}, { runMain })).code).toBe(2);
  expect((await orders(null, ['replay', '--', '--help'], {}, { runMain })).code).toBe(2);
  expect(started).toEqual([
    ['dist/verify/main.js', ['--orders', '5', '--keep', '--only', 'a,b']],
    ['dist/adapters/postgres/keys-main.js', ['revoke', '--id', 'key_1']],
    ['dist/replay/main.js', ['--help']],
  ]);
});
