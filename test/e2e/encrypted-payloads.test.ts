// Payloads that are encrypted, on a real server: turned on and rotated while orders are open, read by those who may, and by nobody else.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { openDataConverter } from '../../src/adapters/temporal/data-converter.ts';
import { readable } from '../../src/adapters/temporal/readable.ts';
import { openWorkflows } from '../../src/replay/open-workflows.ts';
import { judge } from '../../src/replay/verdict.ts';
import { loadReplayConfig } from '../../src/runtime/config.ts';
import { closeChecked } from '../support/invariants.ts';
import { getOrder, placeOrder, putProduct, settledOrder } from '../support/orders.ts';
import { sharedServers } from '../support/servers.ts';
import { startTestStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const SECRET = 'because-of-the-canary';
const WEB_UI = 'http://127.0.0.1:8233';
const keyOf = (id: string, byte: number): string => `${id}:${Buffer.alloc(32, byte).toString('base64')}`;
const plain = {};
const byA = { PAYLOAD_KEYS: keyOf('a', 1), PAYLOAD_KEY_ID: 'a' };
const byB = { PAYLOAD_KEYS: `${keyOf('b', 2)},${keyOf('a', 1)}`, PAYLOAD_KEY_ID: 'b' };
const stranger = { PAYLOAD_KEYS: keyOf('c', 3), PAYLOAD_KEY_ID: 'c' };

let stack: Stack;
let running: { stop: (withinMs: number) => Promise<unknown>; healthUrl?: string | undefined }[] = [];
const accepted: string[] = [];

beforeAll(async () => {
  stack = await startTestStack({
    ...{ api: false, worker: false, dataConverter: openDataConverter(loadReplayConfig(byB)).dataConverter },
    env: { REVIEW_ABOVE_MINOR: 'EUR:1500', PROVIDER_OUTAGE_LIMIT_MS: '2000', PROVIDER_FIRST_PAUSE_MS: '200' },
  });
});
afterAll(() => closeChecked(stack, { accepted }));

async function runWith(env: Record<string, string>): Promise<{ healthUrl: string }> {
  await Promise.all(running.map((one) => one.stop(12_000)));
  const [api, worker] = await Promise.all([stack.startApi(env), stack.startWorker(env)]);
  running = [api, worker];
  return worker;
}

async function placeForReview(): Promise<string> {
  const { id } = await placeOrder(stack.url, { items: [{ sku: 'book', quantity: 2 }] });
  accepted.push(id);
  await until(async () => (await getOrder(stack.url, id)).waiting?.for === 'review', 'it waits for its review');
  return id;
}

const post = (path: string, body: object, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${stack.url}${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
const approve = async (id: string): Promise<void> => {
  const answer = await post(`/orders/${id}/review`, { decision: 'approve', reason: SECRET });
  expect(answer.status).toBe(200);
};

type Found = { metadata: Record<string, string>; data?: string };

/** Every payload of the history as Temporal keeps it, in JSON; but for search attributes, which Temporal itself has to read. */
async function payloadsOf(id: string): Promise<Found[]> {
  const found: Found[] = [];
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('metadata' in value && 'data' in value) found.push(value as Found);
    else for (const [name, inner] of Object.entries(value)) if (name !== 'searchAttributes') walk(inner);
  };
  walk(JSON.parse(JSON.stringify(await stack.temporal.workflow.getHandle(id).fetchHistory())));
  return found;
}
const keyIdOf = ({ metadata }: Found): string => atob(metadata['encryption-key-id'] ?? '');
const keysIn = async (id: string): Promise<string[]> => [...new Set((await payloadsOf(id)).map(keyIdOf))].sort();
const textIn = async (id: string): Promise<string> => (await payloadsOf(id)).map(({ data = '' }) => atob(data)).join();

test('turned on, and rotated, while orders are open: each goes on, and nothing of it can be read in Temporal', async () => {
  await runWith(plain);
  await putProduct(stack.url, 'book', { onHand: 1_000 });
  const begunPlain = await placeForReview();
  // The worker that polls can not read what the api writes now: it refuses nothing, and the decision waits for one that can.
  await running[0]?.stop(12_000);
  running[0] = await stack.startApi(byA);
  const answer = await post(`/orders/${begunPlain}/review`, { decision: 'approve', reason: SECRET });
  expect(answer.status).toBe(503);
  expect(await (await fetch(`${running[1]?.healthUrl}/health`)).text()).toContain(
    String.raw`PAYLOAD_KEYS lacks: \"a\"`,
  );
  await runWith(byA);
  const begunByA = await placeForReview();
  expect(await settledOrder(stack.url, begunPlain)).toMatchObject({ status: 'confirmed' });
  // Reads what was written before there was a key.
  expect(await keysIn(begunPlain)).toEqual(['', 'a']);
  await runWith(byB);
  const begunByB = await placeForReview();

  // As `npm run replay -- --live` does, with the keys that it is given.
  const code = await readFile((await sharedServers()).bundlePath, 'utf8');
  const verdicts = [];
  for await (const verdict of judge(
    code,
    openWorkflows(stack.temporal, { types: [], query: null, limit: 10 }, (history) =>
      readable(stack.temporal, history),
    ),
  ))
    verdicts.push(verdict);
  expect(verdicts.map(({ breaks }) => breaks)).toEqual([null, null]);

  for (const id of [begunByA, begunByB]) {
    await approve(id);
    expect(await settledOrder(stack.url, id)).toMatchObject({ status: 'confirmed' });
    expect(await textIn(id)).not.toContain(SECRET);
  }
  // What the SDK's core writes for itself says the name of an activity and how long it took.
  expect(await keysIn(begunByB)).toEqual(['', 'b']);
  expect(await keysIn(begunByA)).toEqual(['', 'a', 'b']);
}, 120_000);

test('why an order is parked is told to people, and not kept in words', async () => {
  await stack.fault({ operation: 'any', mode: 'error_500', times: 'always' });
  const { id } = await placeOrder(stack.url, {});
  accepted.push(id);
  const explanations: string[] = [];
  await until(async () => {
    explanations.push(await (await fetch(`${stack.url}/orders/${id}/explanation`)).text());
    return (await getOrder(stack.url, id)).attention !== null;
  }, 'it parks');
  // While it is tried again, too: one of them says what the last try failed with.
  expect(explanations.join()).toMatch(/last failed/);
  expect(explanations.join()).not.toContain('Encoded failure');
  const order = await getOrder(stack.url, id);
  expect(order.attention?.reason).toMatch(/unknown error/i);
  const history = JSON.stringify(await stack.temporal.workflow.getHandle(id).fetchHistory());
  expect(history).toContain('Encoded failure');
  expect(history).not.toMatch(/unknown error/i);
  await fetch(`${stack.simulatorUrl}/_simulator/faults`, { method: 'DELETE' });
  await post(`/orders/${id}/resolution`, { action: 'retry', reason: 'it is well again' }, { 'Idempotency-Key': id });
  await until(async () => (await getOrder(stack.url, id)).attention === null, 'it goes on');
  expect(await settledOrder(stack.url, id)).toMatchObject({ status: 'confirmed' });
}, 60_000);

test('the Web UI has them read here, and no other page', async () => {
  const id = accepted[2] ?? '';
  const payloads = (await payloadsOf(id)).filter((one) => keyIdOf(one) !== '');
  const answer = await post('/temporal-codec/decode', { payloads }, { Origin: WEB_UI, 'X-Namespace': 'default' });
  expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, WEB_UI]);
  const read = (await answer.json()) as { payloads: { data: string }[] };
  expect(read.payloads.map(({ data }) => atob(data)).join()).toContain(SECRET);

  const preflight = await fetch(`${stack.url}/temporal-codec/decode`, {
    method: 'OPTIONS',
    headers: {
      Origin: WEB_UI,
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'content-type,x-namespace',
    },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get('access-control-allow-headers')).toContain('x-namespace');
  const elsewhere = await post('/temporal-codec/decode', { payloads }, { Origin: 'https://elsewhere.example' });
  expect(elsewhere.headers.get('access-control-allow-origin')).toBe(WEB_UI);

  const foreign = [
    { metadata: { encoding: btoa('binary/encrypted'), 'encryption-key-id': btoa('z') }, data: btoa('x') },
  ];
  const refused = await post('/temporal-codec/decode', { payloads: foreign });
  expect([refused.status, ((await refused.json()) as { type: string }).type]).toEqual([
    422,
    '/problems/unreadable-payload',
  ]);
  // What somebody brings is no trouble of ours.
  expect(await (await fetch(`${stack.url}/health`)).json()).toMatchObject({ parts: { payloads: { state: 'ok' } } });
}, 30_000);

test.each([
  ['lacks a key', stranger],
  ['has no key at all', plain],
])(
  'a worker that %s says which it would need, and takes no work',
  async (_, env) => {
    const worker = await stack.startWorker(env, '/healthz');
    const health = async () => (await fetch(`${worker.healthUrl}/health`)).text();
    await until(async () => (await health()).includes('PAYLOAD_KEYS lacks'), 'it says so');
    expect(await health()).toContain(String.raw`PAYLOAD_KEYS lacks: \"b\"`);
    expect((await fetch(`${worker.healthUrl}/readyz`)).status).toBe(503);
    await worker.stop(10_000);
  },
  30_000,
);
