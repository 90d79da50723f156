// A customer is erased: every input of every kind of order has a canary, and afterwards none stands in any row of any table, nor in what is told
// from then on. A worker is killed in the midst of it.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { closeChecked } from '../support/invariants.ts';
import { getOrder, postOrder, putProduct, settledOrder } from '../support/orders.ts';
import { address, advance, becomes, packAndLabel } from '../support/shipping.ts';
import { startTestStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const mark = `x${randomUUID().replaceAll('-', '').slice(0, 10)}x`;
const canary = (place: string): string => `canary-${place}-${mark}@mail.example.com`;
/** Of the order that is not over: it keeps what it needs. */
const needed = 'needed-for-the-parcel';
const customerId = 'customer-to-erase';

let stack: Stack;
let hooks: Server;
const heard: string[] = [];
const accepted: string[] = [];
let shipped = '';
let underWay = '';
let erasureId = '';

beforeAll(async () => {
  stack = await startTestStack({ webhooks: true });
  await putProduct(stack.url, 'book', { onHand: 1_000 });
  hooks = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => (heard.push(Buffer.concat(chunks).toString()), res.writeHead(204).end()));
  });
  await new Promise<void>((resolve) => hooks.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await closeChecked(stack, { accepted });
  await new Promise((resolve) => hooks.close(resolve));
});

async function post<T = Record<string, unknown>>(path: string, body: object, key: string = randomUUID()): Promise<T> {
  const answer = await fetch(`${stack.url}${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`POST ${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}
const read = async <T = Record<string, unknown>>(path: string): Promise<T> =>
  (await (await fetch(`${stack.url}${path}`)).json()) as T;

const wanted = (place: string, extra: object = {}) => ({
  customerId,
  extra: {
    shipping: { ...address, name: canary(`${place}-name`), line1: canary(`${place}-street`), city: canary('city') },
    metadata: { note: canary(`${place}-metadata`), [`key-${mark}`]: 'x' },
    ...extra,
  },
});
async function place(name: string, extra: object = {}, key: string = randomUUID()): Promise<string> {
  const { id } = (await (await postOrder(stack.url, { ...wanted(name, extra), key })).json()) as { id: string };
  accepted.push(id);
  return id;
}

const key = randomUUID();

test('orders of every kind come to their end, with a canary in everything that is said', async () => {
  const [declined, cancelled] = await Promise.all([
    place('declined', { paymentMethod: 'pm_card_chargeDeclined' }),
    place('cancelled'),
    (async () => (shipped = await place('shipped', {}, key)))(),
    (async () => {
      const { id } = (await (
        await postOrder(stack.url, { customerId, extra: { shipping: { ...address, name: needed } } })
      ).json()) as { id: string };
      accepted.push(id);
      underWay = id;
    })(),
  ]);
  const waitsForWarehouse = (id: string) =>
    until(async () => (await getOrder(stack.url, id)).waiting?.for === 'warehouse', `${id} waits for the warehouse`);
  await Promise.all([cancelled, shipped, underWay].map(waitsForWarehouse));
  await post(`/orders/${cancelled}/cancel`, { reason: canary('cancel') });
  await packAndLabel(stack, shipped);
  for (const to of ['dispatched', 'delivered']) await advance(stack, shipped, to);
  await becomes(stack, shipped, 'delivered');
  await post(`/orders/${shipped}/returns`, {
    items: [{ sku: 'book', quantity: 1, reason: canary('line') }],
    reason: canary('return'),
    wish: 'refund',
  });
  await post(`/orders/${shipped}/returns/1/reject`, { reason: canary('reject') });
  await post(`/orders/${shipped}/refunds`, { amountMinor: 100, reason: canary('refund') });
  await until(
    async () => (await getOrder(stack.url, shipped)).payment.refundedMinor === 100 && (await restsAt(shipped)),
    'the refund is made',
  );
  await becomes(stack, cancelled, 'cancelled');
  expect((await settledOrder(stack.url, declined)).status).toBe('rejected');
  const tables = ['events', 'idempotency_keys', 'orders', 'refunds', 'return_lines', 'returns'];
  expect(marked(await dump())).toEqual(tables);
}, 90_000);

const restsAt = async (id: string): Promise<boolean> =>
  ((await getOrder(stack.url, id)) as unknown as { refunds: { state: string }[] }).refunds.every(
    ({ state }) => state === 'completed',
  );

test('a worker that dies before its commit has erased nothing, and the next one erases all of it', async () => {
  await stack.worker?.stop(12_000);
  const money = await books();
  const crashing = await stack.startCrashingWorker('inside erasureWork.advance');
  const asked = await post<{ id: string; state: string }>('/erasures', { customerId, reason: 'case 4711' });
  erasureId = asked.id;
  expect(asked).toMatchObject({ state: 'running', erased: {}, customerId });
  expect(await crashing.ended).toBe('signal SIGKILL');
  expect(await read(`/erasures/${erasureId}`)).toMatchObject({ erased: {}, state: 'running' });
  await stack.startWorker();
  await until(
    async () => (await read(`/erasures/${erasureId}`))['waitingOrders'] === 1,
    'all that is over is erased',
    45_000,
  );
  expect(await read(`/erasures/${erasureId}`)).toMatchObject({
    ...{ erased: { orders: 3 }, waiting: [{ orderId: underWay, because: 'open' }], requestedBy: 'local' },
  });
  expect(await books()).toEqual(money);
}, 90_000);

/** Money and stock, to the last row. */
async function books(): Promise<unknown[]> {
  const tables = ['ledger', 'stock', 'stock_movements', 'reservations', 'order_lines', 'refund_lines'];
  const rows = tables.map(async (table) => {
    const found = await stack.db.query<{ row: string }>(`select to_jsonb(t)::text as row from ${table} t order by 1`);
    return found.rows.map(({ row }) => row);
  });
  return Promise.all(rows);
}

/** Every row of every table as text. */
async function dump(): Promise<Map<string, string>> {
  const { rows: tables } = await stack.db.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'public'`,
  );
  const texts = new Map<string, string>();
  for (const { name } of tables) {
    const { rows } = await stack.db.query<{ row: string }>(`select to_jsonb(t)::text as row from ${name} t`);
    texts.set(name, rows.map(({ row }) => row).join('\n'));
  }
  return texts;
}
const marked = (texts: ReadonlyMap<string, string>): string[] =>
  [...texts].flatMap(([table, text]) => (text.includes(mark) ? [table] : [])).sort();

test('no canary stands in any row of any table, and what is not over has kept what it needs', async () => {
  const texts = await dump();
  expect(marked(texts)).toEqual([]);
  expect(texts.get('events')).toContain(shipped);
  expect(texts.get('orders')).toContain(needed);
});

test('an erased order reads as documented, says that it is erased, and tells of it in its sequence', async () => {
  const document = await read<{
    paths: Record<string, { get?: { responses: Record<string, { content: Record<string, { schema: object }> }> } }>;
    components: object;
  }>('/openapi.json');
  const pages: [string, string][] = [
    ['/orders/{id}', `/orders/${shipped}`],
    ['/orders', `/orders?customerId=${customerId}`],
    ['/orders/{id}/explanation', `/orders/${shipped}/explanation`],
    ['/orders/{id}/events', `/orders/${shipped}/events`],
    ['/erasures', '/erasures'],
    ['/erasures/{id}', `/erasures/${erasureId}`],
  ];
  for (const [path, address] of pages) {
    const schema = document.paths[path]?.get?.responses['200']?.content['application/json']?.schema;
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile({
      ...schema,
      components: document.components,
    });
    const isValid = validate(await read(address));
    expect([path, isValid, validate.errors]).toEqual([path, true, null]);
  }
  expect(await getOrder(stack.url, shipped)).toMatchObject({
    ...{ status: 'delivered', erasedAt: expect.any(String), customerId },
    ...{
      returns: [{ reason: 'erased', items: [{ reason: 'erased' }] }],
      refunds: [{ reason: 'erased', amountMinor: 100 }],
    },
    shipments: [{ trackingNumber: null }],
  });
  expect(await getOrder(stack.url, underWay)).not.toHaveProperty('erasedAt');
  const { items } = await read<{ items: { sequence: number; eventType: string; data: object }[] }>(
    `/orders/${shipped}/events`,
  );
  expect(items.map(({ sequence }) => sequence)).toEqual(items.map((_, index) => index + 1));
  expect(items.at(-1)).toMatchObject({
    eventType: 'order.personal_data_erased',
    data: { because: 'request', erasure: erasureId },
  });
});

test('a repeat of the request that placed it gets its first answer, and makes no order; another body is refused', async () => {
  const repeat = await postOrder(stack.url, { ...wanted('shipped'), key });
  expect([repeat.status, repeat.headers.get('Idempotency-Replayed')]).toEqual([202, 'true']);
  expect(((await repeat.json()) as { id: string }).id).toBe(shipped);
  expect((await postOrder(stack.url, { ...wanted('another'), key })).status).toBe(422);
  const { rows } = await stack.db.query('select count(*) as orders from orders where customer_id = $1', [customerId]);
  expect(rows).toEqual([{ orders: 4 }]);
});

test('subscribers to whom it is told once more hear the erased form', async () => {
  const { port } = hooks.address() as AddressInfo;
  const { id } = await post<{ id: string }>('/webhook-subscriptions', { url: `http://127.0.0.1:${port}/` });
  const { items } = await read<{ items: { position: number }[] }>(`/events?limit=100`);
  const through = items.at(-1)?.position ?? 0;
  await post(`/webhook-subscriptions/${id}/replays`, { after: 0, through });
  await until(() => Promise.resolve(heard.length >= items.length), 'all of it is told', 30_000);
  expect(heard.filter((body) => body.includes(mark))).toEqual([]);
  expect(heard.filter((body) => body.includes('order.personal_data_erased'))).toHaveLength(3);
  expect(heard.filter((body) => body.includes('"reason":"erased"')).length).toBeGreaterThan(3);
}, 60_000);

const command = (args: string[], input = ''): Promise<{ code: unknown; out: string; said: string }> =>
  new Promise((resolve) => {
    const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
    const env = { PATH: process.env['PATH'], ORDERS_API_URL: stack.url };
    const child = execFile(
      process.execPath,
      [main, 'erasures', ...args],
      { env, timeout: 30_000 },
      (error, out, said) => resolve({ code: error?.code ?? 0, out, said }),
    );
    child.stdin?.end(input);
  });

test('the list can be kept outside, and asked for once more after a restore, as often as need be', async () => {
  const { code, out } = await command(['export']);
  expect(code).toBe(0);
  const [line = '', ...others] = out.trim().split('\n');
  const kept = JSON.parse(line) as Record<string, unknown>;
  expect([kept, others]).toEqual([
    { id: erasureId, customerId, reason: 'case 4711', placedBefore: expect.stringMatching(/Z$/) },
    [],
  ]);
  for (let times = 0; times < 2; times += 1)
    expect(await command(['replay'], out)).toMatchObject({
      code: 0,
      said: expect.stringContaining('1 erasures asked for'),
    });
  const { items } = await read<{ items: object[] }>('/erasures');
  expect(items).toHaveLength(2);
  expect(items[1]).toMatchObject({ customerId, reason: 'case 4711', placedBefore: kept['placedBefore'] });
  expect(await command(['replay'], '{}\n')).toMatchObject({ code: 2, said: expect.stringContaining('line 1') });
  expect(await command(['forget'])).toMatchObject({ code: 2, said: expect.stringContaining('forget') });
}, 60_000);
