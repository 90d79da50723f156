// What people say and what is secret stays where it belongs. A canary is planted in every input of every path; then everything that is
// written besides our own tables is searched for them: logs, metrics, answers, and the file of Temporal's database.
import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startProcess, type ManagedProcess } from '../../src/local/managed-process.ts';
import { choosePort } from '../../src/local/ports.ts';
import { localSearchAttributes } from '../../src/local/stack.ts';
import { temporalProgram, waitForTemporal } from '../../src/local/temporal-dev-server.ts';
import { withoutTemporal } from '../../src/local/temporal-env.ts';
import { closeChecked } from '../support/invariants.ts';
import { startMailServer, type MailServer } from '../support/mail-server.ts';
import { mailingTo } from '../support/noticing.ts';
import { getOrder, placeOrder, postOrder, putProduct, settledOrder } from '../support/orders.ts';
import { sharedServers } from '../support/servers.ts';
import { address, packAndLabel, advance } from '../support/shipping.ts';
import { startTestStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const CARD = '4242 4242 4242 4242';
const mark = `x${randomUUID().replaceAll('-', '').slice(0, 10)}x`;
/** In the form of what stands at the place: every canary is a word of its own. */
const canary = (place: string): string => `canary-${place}-${mark}`;
const mail = (place: string): string => `${canary(place)}@mail.example.com`;
const shipping = {
  ...address,
  name: `Jane ${canary('name')}`,
  line1: canary('street'),
  line2: mail('line'),
  city: canary('city'),
};
const contact = { email: mail('contact'), name: `Jane ${canary('contact-name')}`, locale: 'en' };
const metadata = { [canary('metadata-key')]: canary('metadata'), note: mail('metadata') };
const keys = { PAYLOAD_KEYS: `k:${Buffer.alloc(32, 9).toString('base64')}`, PAYLOAD_KEY_ID: 'k' };
/** Secrets of the processes themselves. */
const secrets = [
  'sk_test_local',
  'whsec_test',
  'carrier-secret',
  'secret-of-the-mails',
  Buffer.alloc(32, 9).toString('base64'),
];

let stack: Stack;
let temporal: ManagedProcess;
let temporalFile: string;
let hooks: Server;
let mails: MailServer;
let metricsUrls: string[] = [];
const accepted: string[] = [];
const answers: string[] = [];

beforeAll(async () => {
  const { temporalCli } = await sharedServers();
  // It refuses everybody, and quotes whom.
  mails = await startMailServer({ password: 'secret-of-the-mails' });
  mails.feel('no-such-user');
  stack = await startTestStack({ ...{ api: false, worker: false, webhooks: true } });
  temporalFile = join(stack.directory, 'temporal.db');
  const ports = {
    grpc: await choosePort(0),
    ui: await choosePort(0),
    metrics: await choosePort(0),
    http: await choosePort(0),
  };
  const program = await temporalProgram({
    ...{ binary: temporalCli, ports, dbFile: temporalFile },
    ...{ searchAttributes: localSearchAttributes, env: withoutTemporal(process.env) },
  });
  temporal = await startProcess(program, stack.folders);
  await waitForTemporal(`127.0.0.1:${ports.grpc}`, 30_000);
  const env = {
    ...keys,
    ...{ TEMPORAL_ADDRESS: `127.0.0.1:${ports.grpc}`, TEMPORAL_NAMESPACE: 'default', LOG_LEVEL: 'trace' },
    ...mailingTo(mails),
    ...{ PROVIDER_OUTAGE_LIMIT_MS: '1500', PROVIDER_FIRST_PAUSE_MS: '200', REVIEW_ABOVE_MINOR: 'EUR:4500' },
  };
  const [api, worker] = await Promise.all([stack.startApi(env), stack.startWorker(env)]);
  metricsUrls = [api.metricsUrl, `${worker.healthUrl}/metrics`, `${worker.healthUrl}/health`, `${stack.url}/health`];
  await putProduct(stack.url, 'book', { onHand: 1_000 });
  hooks = createServer((req, res) => void req.resume().on('end', () => res.writeHead(500).end(canary('subscriber'))));
  await new Promise<void>((resolve) => hooks.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await closeChecked(stack, { accepted });
  await temporal.stop(12_000);
  await mails.close();
  await new Promise((resolve) => hooks.close(resolve));
});

async function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<number> {
  const answer = await fetch(`${stack.url}${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': canary(randomUUID().slice(0, 8)), ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  answers.push(`${answer.status} ${await answer.text()}`);
  return answer.status;
}

const place = async (extra: object = {}, quantity = 1): Promise<string> => {
  const { id } = await placeOrder(stack.url, {
    key: canary(`key-${randomUUID().slice(0, 8)}`),
    items: [{ sku: 'book', quantity }],
    extra: { metadata, shipping, contact, ...extra },
    headers: { 'User-Agent': canary('agent'), Cookie: `session=${canary('cookie')}` },
  });
  accepted.push(id);
  return id;
};
const waitsFor = (id: string, what: string): Promise<void> =>
  until(async () => (await getOrder(stack.url, id)).waiting?.for === what, `${id} waits for ${what}`);

test('orders of every kind are placed, with a canary in everything that is said', async () => {
  const { port } = hooks.address() as AddressInfo;
  expect(
    await post('/webhook-subscriptions', {
      url: `http://127.0.0.1:${port}/${canary('hook')}`,
      description: canary('hook-description'),
    }),
  ).toBe(201);
  const [sent, reviewed, cancelled, unwell] = await Promise.all([
    place(),
    place({}, 5),
    place(),
    (async () => {
      await stack.fault({ operation: 'confirm', mode: 'error_500', times: 'always', match: { orderId: 'none' } });
      return place({ paymentMethod: 'pm_card_chargeDeclined' });
    })(),
  ]);
  await settledOrder(stack.url, unwell);
  await waitsFor(reviewed, 'review');
  expect(await post(`/orders/${reviewed}/review`, { decision: 'approve', reason: mail('review') })).toBe(200);
  for (const id of [sent, reviewed, cancelled]) await waitsFor(id, 'warehouse');
  expect(await post(`/orders/${cancelled}/cancel`, { reason: mail('cancel') })).toBe(202);
  const etag = (await fetch(`${stack.url}/orders/${reviewed}`)).headers.get('etag') ?? '';
  expect(
    await post(
      `/orders/${reviewed}/amendments`,
      { items: [{ sku: 'book', quantity: 4 }], shipping, reason: canary('amend') },
      { 'If-Match': etag },
    ),
  ).toBe(202);
  await packAndLabel(stack, sent);
  for (const to of ['dispatched', 'delivered']) await advance(stack, sent, to);
  await settledOrder(stack.url, sent);
  await until(async () => (await getOrder(stack.url, sent)).status === 'delivered', 'it is delivered');
  const back = { items: [{ sku: 'book', quantity: 1 }], reason: mail('return'), wish: 'refund' };
  expect(await post(`/orders/${sent}/returns`, back)).toBe(202);
  expect(await post(`/orders/${reviewed}/refunds`, { amountMinor: 100, reason: mail('refund') })).toBe(202);
  await until(async () => (await getOrder(stack.url, cancelled)).status === 'cancelled', 'it is cancelled');
}, 120_000);

test('one parks, and is resolved by somebody with a reason', async () => {
  await stack.fault({ operation: 'any', mode: 'error_500', times: 'always' });
  const id = await place();
  await until(async () => (await getOrder(stack.url, id)).attention !== null, 'it is parked');
  await fetch(`${stack.simulatorUrl}/_simulator/faults`, { method: 'DELETE' });
  expect(await post(`/orders/${id}/resolution`, { action: 'retry', reason: mail('resolution') })).toBe(202);
  await waitsFor(id, 'warehouse');
}, 60_000);

test('what is refused is not repeated to whoever sent it', async () => {
  const order = { customerId: 'customer-1', items: [{ sku: 'book', quantity: 1 }], paymentMethod: 'pm_card_visa' };
  const before = answers.length;
  const sent = [
    post('/orders', `{"customerId": "${canary('broken')}`),
    post('/orders', { ...order, [canary('unknown-field')]: canary('unknown-value') }),
    post('/orders', { ...order, customerId: mail('customer') }),
    post('/orders', { ...order, contact: { email: `${mail('bad')} x`, name: canary('bad-name') } }),
    post('/orders', { ...order, contact: { ...contact, name: `${canary('header')}\r\nBcc: x` } }),
    post('/orders', { ...order, metadata: { note: CARD } }),
    post('/orders', { ...order, metadata: { [CARD]: 'x' } }),
    post('/orders', order, { 'Idempotency-Key': CARD.replaceAll(' ', '') }),
    post('/orders', { ...order, items: [{ sku: canary('sku'), quantity: 1 }] }),
    post(`/orders/${canary('path')}/cancel`, { reason: 'x' }),
    post(`/orders?${canary('query')}=${canary('query-value')}`, order),
    post(`/${canary('nowhere')}`, {}),
    post('/payment-webhooks/stripe', { id: canary('notice') }, { 'Stripe-Signature': canary('signature') }),
    post('/carrier-webhooks/generic', { id: canary('carrier') }),
  ];
  for (const status of await Promise.all(sent)) expect(status).toBeGreaterThanOrEqual(400);
  const told = answers.slice(before).join('\n');
  expect(told).not.toMatch(/4242/);
  // The names of unknown fields, parameters and skus, and a path that leads nowhere, are said back: whoever sent them has to find them.
  const said = new Set([...told.matchAll(/canary-([a-z-]+)-x/g)].map(([, place]) => place));
  expect([...said].filter((place) => !['unknown-field', 'query', 'sku', 'nowhere'].includes(place ?? ''))).toEqual([]);
  // One that the provider refuses is told by the provider in its own words.
  const { id } = (await (await postOrder(stack.url, { paymentMethod: `pm_${mark}` })).json()) as { id: string };
  accepted.push(id);
  await settledOrder(stack.url, id);
}, 60_000);

test('mails are refused, and what is told of that names nobody', async () => {
  const [id = ''] = accepted;
  const told = async (): Promise<string> => (await fetch(`${stack.url}/orders/${id}/notices`)).text();
  await until(async () => (await told()).includes('550 5.1.1'), 'its mail is refused');
  expect(await told()).not.toMatch(/canary|mail\.example/);
  answers.push(await told());
}, 60_000);

test('a database that fails is told without its rows', async () => {
  await stack.db.query(`alter table orders add constraint no_more check (customer_id <> 'breaks') not valid`);
  expect((await postOrder(stack.url, { customerId: 'breaks', extra: { shipping, metadata, contact } })).status).toBe(
    500,
  );
  await stack.db.query('alter table orders drop constraint no_more');
  await stack.db.query(`alter table order_contacts add constraint no_contact check (email = '') not valid`);
  expect((await postOrder(stack.url, { extra: { shipping, metadata, contact } })).status).toBe(500);
  await stack.db.query('alter table order_contacts drop constraint no_contact');
  await stack.db.query(`alter table orders add constraint no_step check (status <> 'reserved') not valid`);
  const id = await place();
  const workerLog = async () => readFile(join(stack.folders.logs, 'worker.log'), 'utf8');
  await until(async () => (await workerLog()).includes('no_step'), 'the worker tells of it');
  await stack.db.query('alter table orders drop constraint no_step');
  await waitsFor(id, 'warehouse');
});

test('nothing of it stands in a log, in a metric, or in Temporal', async () => {
  const logs = await Promise.all(
    (await readdir(stack.folders.logs)).map(
      async (name) => [name, await readFile(join(stack.folders.logs, name), 'utf8')] as const,
    ),
  );
  const written = logs.map(([, text]) => text).join('');
  expect(written).toContain('no_more');
  expect(written).toContain('no_contact');
  expect(written.split('\n').length).toBeGreaterThan(50);
  const pages = await Promise.all(metricsUrls.map(async (url) => (await fetch(url)).text()));
  expect(pages[0]).toContain('orders_');
  // As it lies on the disk, with what was not yet written back into it.
  const dump = (
    await Promise.all(['', '-wal'].map((end) => readFile(`${temporalFile}${end}`).catch(() => Buffer.alloc(0))))
  )
    .map((file) => file.toString('latin1'))
    .join('');
  for (const id of accepted) expect(dump).toContain(id);
  expect(dump).toContain('binary/encrypted');
  for (const [place, text] of [
    ...logs,
    ...pages.map((page, index) => [metricsUrls[index] ?? '', page] as const),
    ['Temporal', dump] as const,
  ]) {
    const found = [mark, '@mail.example.com', 'Secret', CARD, CARD.replaceAll(' ', ''), ...secrets].filter((one) =>
      text.includes(one),
    );
    expect([place, found]).toEqual([place, []]);
  }
}, 30_000);
