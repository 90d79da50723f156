// `orders` against the product as it runs: a life of an order by commands alone, and doctor in front of what is really wrong.
import { execFile, spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { choosePort } from '../../src/local/ports.ts';
import { emptyFolder, orders, type Ran } from '../support/cli.ts';
import { testDatabase, type TestDatabase } from '../support/servers.ts';
import { startTestStack, type Stack } from '../support/stack.ts';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const folder = emptyFolder();
let stack: Stack;
let disputed: Order;
let empty: TestDatabase;
let ill: ReturnType<typeof startIll>;

beforeAll(async () => {
  [stack, empty] = await Promise.all([
    startTestStack({ webhooks: true, env: { REVIEW_UNITS_ABOVE: '5' } }),
    testDatabase(),
  ]);
  // An api that misses Temporal takes seconds to come and to go: beside the other tests.
  ill = startIll();
  ill.catch(() => undefined);
});
afterAll(async () => {
  await ill.catch(() => undefined);
  await stack.close();
  await empty.close();
  rmSync(folder, { recursive: true });
});

/** In this process: what is printed, what is said, and how it ends. */
const run = (...args: string[]): Promise<Ran> => orders(stack.url, args, {}, { repeat: {} });

/** The same, as it must end well. */
async function done<T = unknown>(...args: string[]): Promise<T> {
  const ran = await run(...args, '-o', 'json');
  if (ran.code !== 0) throw new Error(`orders ${args.join(' ')}: ${ran.code} ${ran.said}`);
  return JSON.parse(ran.out) as T;
}

/** As a process of its own. */
const start = (args: readonly string[], url = stack.url, node: readonly string[] = []): Promise<Ran> =>
  new Promise((resolve) => {
    const env = { PATH: process.env['PATH'], ORDERS_API_URL: url, XDG_CONFIG_HOME: folder };
    execFile(process.execPath, [...node, main, ...args], { env, timeout: 30_000 }, (error, out, said) =>
      resolve({ code: error ? Number(error.code) : 0, out, said }),
    );
  });

type Order = { id: string; status: string; payment: { refundedMinor: number } };
const bought = ['place', '--customer', 'c-1', '--payment-method', 'pm_card_visa', '--wait', '20'];

test('an order is placed, watched, explained, refunded and sent back', async () => {
  await done('products', 'set', 'cup', '--name', 'A cup', '--price', '1000', '--currency', 'EUR', '--on-hand', '10');
  // Its bank takes the money back some seconds after the sale.
  disputed = await done<Order>(...bought.map((word) => word.replace('visa', 'createDispute')), '--item', 'cup:1');
  const placed = await start([...bought, '--item', 'cup:3', '--key', 'cart-1', '-o', 'json']);
  expect(placed).toMatchObject({ code: 0, said: '' });
  const { id, status } = JSON.parse(placed.out) as Order;
  expect(status).toBe('confirmed');
  // The same under the same key is the same order, byte for byte.
  expect((await run(...bought, '--item', 'cup:3', '--key', 'cart-1', '-o', 'json')).out).toBe(placed.out);

  const watched = await run('watch', id);
  expect(watched).toMatchObject({ code: 0, said: `${id} is confirmed.\n` });
  const types = [...watched.out.matchAll(/ ([a-z]+\.[a-z_.]+)(?= |$)/gm)].map(([, type]) => type);
  expect(types).toEqual(['order.placed', 'inventory.reserved', 'payment.captured', 'order.confirmed']);
  expect((await run('explain', id)).out).toContain(id);
  expect(await run('cancel', id, '--reason', 'too late')).toMatchObject({
    code: 3,
    said: expect.stringContaining('order-not-cancellable'),
  });

  expect(await done('refund', id, '--amount', '250', '--reason', 'one was chipped')).toMatchObject({
    amountMinor: 250,
  });
  const { number } = await done<{ number: number }>('return', 'request', id, '--item', 'cup:2', '--reason', 'too big');
  await done('return', 'approve', id, String(number), '--reason', 'in time');
  await done('return', 'receive', id, String(number), '--restock', 'cup:1', '--write-off', 'cup:1');
  expect((await run('return', 'list', id)).out).toMatch(
    /^RETURN .*\n1 +(received|completed) +refund +cup:2 +too big\n$/,
  );
  const stock = await done<{ onHand: number }>('stock', 'adjust', 'cup', '--by', '-1', '--reason', 'dropped');
  expect(stock.onHand).toBe(10 - 1 - 3 + 1 - 1);
  expect((await run('stock', 'get', 'cup')).out).toMatch(/^WAREHOUSE +ON HAND +RESERVED\nmain +6 +0\n$/);

  expect((await run('list', '--customer', 'c-1')).out).toContain(id);
  const feed = await run('events', '--type', 'refund.requested,return.approved', '-o', 'jsonl');
  expect(feed.out.trim().split('\n').length).toBeGreaterThanOrEqual(2);
  expect(await run('get', 'order_01kax3v7ehe4sbg0krv6m4fxxv')).toMatchObject({ code: 4 });
});

test('an order is reviewed, amended, packed; another is cancelled', async () => {
  await done('products', 'set', 'pot', '--name', 'A pot', '--price', '500', '--currency', 'EUR', '--on-hand', '50');
  const shipping = { name: 'Ada', line1: 'Main Street 1', city: 'Bremen', postalCode: '28195', country: 'DE' };
  const file = join(folder, 'order.json');
  const body = { customerId: 'c-2', items: [{ sku: 'pot', quantity: 6 }], paymentMethod: 'pm_card_visa', shipping };
  writeFileSync(file, JSON.stringify(body));
  const { id } = await done<Order>('place', '--file', file, '--wait', '20');
  expect((await run('list', '--waiting', 'review', '-o', 'jsonl')).out).toContain(id);
  await done('review', id, '--decision', 'approve', '--reason', 'known');
  const waits = async (): Promise<string> =>
    (await done<{ waiting: { for: string } | null }>('get', id)).waiting?.for ?? '';
  while ((await waits()) !== 'warehouse') await new Promise((resolve) => setTimeout(resolve, 50));

  const amended = ['amend', id, '--item', 'pot:7', '--payment-method', 'pm_card_visa', '--reason', 'one more'];
  expect(await done(...amended)).toMatchObject({ before: { totalMinor: 3_000 }, after: { totalMinor: 3_500 } });
  while ((await done<{ totalMinor: number }>('get', id)).totalMinor !== 3_500)
    await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await run('pack', id)).toMatchObject({ code: 0, out: expect.stringMatching(/shipment +1\n/) });

  const waiting = ['--item', 'pot:1', '--payment-method', 'pm_card_threeDSecure2Required'];
  const other = await done<Order>('place', '--customer', 'c-3', ...waiting, '--wait', '20');
  expect((await run('cancel', other.id, '--reason', 'changed my mind')).code).toBe(0);
  expect(await run('watch', other.id)).toMatchObject({ code: 1, said: `${other.id} is cancelled.\n` });
});

test('subscribers are told, pinged, paused; a disputed order is decided about', async () => {
  const heard: string[] = [];
  const subscriber = createServer((req, res) => {
    req.resume().on('end', () => (heard.push(String(req.headers['webhook-id'])), res.writeHead(204).end()));
  });
  await new Promise<void>((resolve) => subscriber.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(subscriber.address() as AddressInfo).port}/hooks`;
  const { id, secret } = await done<{ id: string; secret: string }>('webhooks', 'create', '--endpoint', endpoint);
  expect(secret).toMatch(/^whsec_/);
  expect(await run('webhooks', 'ping', id)).toMatchObject({ code: 0, out: expect.stringMatching(/taken +yes/) });
  expect(heard).toHaveLength(1);
  expect(await done('webhooks', 'pause', id)).toMatchObject({ paused: true });
  expect((await run('webhooks', 'list')).out).toMatch(new RegExp(`${id} .* yes `));
  subscriber.closeAllConnections();
  subscriber.close();
  expect(await run('webhooks', 'ping', id)).toMatchObject({ code: 1 });
  expect((await run('webhooks', 'delete', id)).code).toBe(0);
  expect(await run('webhooks', 'get', id)).toMatchObject({ code: 4 });

  while (!(await run('list', '--parked', '-o', 'jsonl')).out.includes(disputed.id))
    await new Promise((resolve) => setTimeout(resolve, 100));
  const all = ['resolve', '--all', '--action', 'retry', '--customer', 'c-1', '--reason', 'looked at it'];
  expect(await run(...all)).toMatchObject({ code: 0, said: expect.stringContaining('--expect 1 ') });
  expect(await run('resolve', disputed.id, '--action', 'skip', '--reason', 'taken as it is')).toMatchObject({
    code: 0,
  });
});

test('Ctrl-C ends a watch at once, and a reader that has had enough ends a list', async () => {
  const env = { PATH: process.env['PATH'], ORDERS_API_URL: stack.url, XDG_CONFIG_HOME: folder };
  const following = spawn(process.execPath, [main, 'events', '--follow'], { env });
  await new Promise((resolve) => following.stdout.once('data', resolve));
  following.kill('SIGINT');
  expect(await new Promise((resolve) => following.once('exit', resolve))).toBe(130);

  const listing = spawn(process.execPath, [main, 'list', '-o', 'json'], { env });
  listing.stdout.destroy();
  expect(await new Promise((resolve) => listing.once('exit', resolve))).toBe(0);
});

/** One in a namespace that nobody has told of orders, one without Temporal; both on a database of their own. */
async function startIll() {
  const lost = { DATABASE_URL: empty.url, TEMPORAL_NAMESPACE: 'temporal-system' };
  const alone = { DATABASE_URL: empty.url, TEMPORAL_ADDRESS: '127.0.0.1:9', AUTH: 'keys' };
  const ports = [await choosePort(0), await choosePort(0)] as const;
  return Promise.all([stack.startApi(lost, ports[0], '/healthz'), stack.startApi(alone, ports[1], '/healthz')]);
}

test('doctor finds what is wrong with a real stack', async () => {
  const [lost, alone] = await ill;
  try {
    const found = await orders(lost.url, ['doctor']);
    expect(found.code).toBe(1);
    expect(found.out).toMatch(/✗ workers +No worker polls for orders.*\n +→ Start a worker/);
    expect(found.out).toMatch(
      /✗ search-attributes +The namespace temporal-system lacks .*OrderStatus.*\n +→ Run the command/,
    );
    expect(found.out).toMatch(/✓ temporal/);

    const db = new pg.Client({ connectionString: empty.url });
    await db.connect();
    await db.query('delete from kysely_migration where name = (select max(name) from kysely_migration)');
    await db.end();
    expect((await orders(lost.url, ['doctor'])).out).toMatch(
      /✗ migrations +The database lacks migration \d{4}_.*\n +→ Run the migrations/,
    );

    const wrongKey = await orders(alone.url, ['doctor'], { ORDERS_API_KEY: 'dok_abc_def' });
    expect(wrongKey.out).toMatch(/✗ key +The key is wrong, or revoked\n/);
    expect(wrongKey.out).toMatch(/✗ temporal .*\n +→ Is Temporal running/);
    expect(wrongKey.out).toMatch(/· workers +can not be known while temporal is away\n/);
    expect((await orders(alone.url, ['doctor'])).out).toMatch(/✗ key +The api wants a key, and there is none\n/);
  } finally {
    // What hangs at Temporal is killed.
    await Promise.all([lost.stop(3_000), alone.stop(500)]);
  }
  expect(await run('doctor')).toMatchObject({ code: 0, said: 'Nothing is wrong.\n' });
  // A process whose clock really is an hour off.
  const shift = new URL('../../dist/verify/clock-shift.js?hours=-1', import.meta.url).href;
  const late = await start(['doctor'], stack.url, ['--import', shift]);
  expect(late).toMatchObject({
    code: 1,
    out: expect.stringMatching(/✗ clock +The clock of this machine is 3(599|600|601) s behind/),
  });
});
