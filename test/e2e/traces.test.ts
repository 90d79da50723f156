// Traces as an operator gets them: what api and worker, as processes, send to a collector about an order, whoever works on it.
import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { choosePort } from '../../src/local/ports.ts';
import { flawsOfTree, namesIn, startCollector, type CollectedSpan, type Collector } from '../support/collector.ts';
import { headerOf, newTrace, type Trace } from '../support/traceparent.ts';
import { hearRequests, type Hearing } from '../support/hearing.ts';
import { closeChecked } from '../support/invariants.ts';
import { getOrder, placeOrder, putProduct, settledOrder, type Wanted } from '../support/orders.ts';
import { address, cancelOrder } from '../support/shipping.ts';
import { startTestStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

let collector: Collector;
let stack: Stack;
let hearing: Hearing;
const accepted: string[] = [];
const QUICK = { OTEL_BSP_SCHEDULE_DELAY: '100' };

beforeAll(async () => {
  collector = await startCollector();
  hearing = await hearRequests();
  stack = await startTestStack({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...QUICK, LOG_LEVEL: 'debug' } });
  await putProduct(stack.url, 'book');
  const subscribed = await fetch(`${stack.url}/webhook-subscriptions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': 'subscribe' },
    body: JSON.stringify({ url: `${hearing.url}/hooks/T0P-SECRET` }),
  });
  expect(subscribed.status).toBe(201);
});
afterAll(async () => {
  await closeChecked(stack, { accepted });
  await hearing.close();
  await collector.close();
});

const is = (name: string) => (span: CollectedSpan) => span.name === name;

async function place(wanted: Wanted = {}, url = stack.url): Promise<string> {
  const { id } = await placeOrder(url, wanted);
  accepted.push(id);
  return id;
}

/** All spans of the trace, once the last message was told and the workflow is over. */
async function spansOf(
  { traceId }: Pick<Trace, 'traceId'>,
  last = 'webhook order.confirmed',
): Promise<CollectedSpan[]> {
  for (const name of [last, 'RunWorkflow:processOrder'])
    await until(() => Promise.resolve(collector.ofTrace(traceId).some(is(name))), `${name} is collected`);
  return collector.ofTrace(traceId);
}

const traceIdOf = async (orderId: string): Promise<string> => {
  const { rows } = await stack.db.query<{ traceparent: string }>('select traceparent from orders where id = $1', [
    orderId,
  ]);
  return rows[0]?.traceparent.split('-')[1] ?? 'none';
};

test('the spans of an order form one tree, from its request to its last webhook', async () => {
  const trace = newTrace();
  const headers = { ...headerOf(trace), 'X-Correlation-Id': 'checkout-7', Prefer: 'wait=20' };
  const id = await place({ headers });
  const spans = await spansOf(trace);

  expect(flawsOfTree(spans, trace.spanId)).toEqual([]);
  const under = (parent: string, ...names: string[]): void => {
    const ids = spans.filter(is(parent)).map(({ spanId }) => spanId);
    const children = spans.filter(({ parentSpanId }) => ids.includes(parentSpanId));
    expect([parent, namesIn(children).map((name) => name.replace(/( [0-9a-f]{16})? test_.*/, ''))]).toEqual([
      parent,
      expect.arrayContaining(names),
    ]);
  };
  const told = ['order.placed', 'inventory.reserved', 'payment.captured', 'order.confirmed'].map(
    (type) => `webhook ${type}`,
  );
  under('POST /orders', 'pg.query:INSERT', 'pg.query:COMMIT', 'StartWorkflow:processOrder', ...told);
  under('StartWorkflow:processOrder', 'RunWorkflow:processOrder');
  under(
    'RunWorkflow:processOrder',
    'RunActivity:reserveInventory',
    'RunActivity:chargePayment',
    'RunActivity:confirmOrder',
  );
  under('RunActivity:reserveInventory', 'pg.query:COMMIT');
  under(
    'RunActivity:chargePayment',
    'POST /v1/payment_intents',
    'POST /v1/payment_intents/{id}/confirm',
    'pg.query:INSERT',
  );
  for (const name of told) under(name, 'POST');

  const about = { 'order.id': id, 'order.correlation_id': 'checkout-7' };
  for (const name of ['POST /orders', 'RunWorkflow:processOrder', ...told])
    expect([name, spans.find(is(name))?.attributes]).toEqual([name, expect.objectContaining(about)]);
  expect(spans.find(is('RunActivity:chargePayment'))?.attributes).toMatchObject({ 'order.id': id });
  // What the process asks for all who wait is in nobody's trace.
  const asked = spans
    .map(({ attributes }) => String(attributes['db.query.text']))
    .filter((text) => /^select o\.id, o\.status/.test(text));
  expect(asked.length).toBeLessThanOrEqual(2);
});

test('the provider and the subscriber are told the trace', async () => {
  const trace = newTrace();
  const id = await place({ headers: headerOf(trace) });
  const spans = await spansOf(trace);
  const clients = new Map(spans.filter(({ kind }) => kind === 'client').map(({ spanId, name }) => [spanId, name]));
  const sent = hearing.requests
    .map(({ url, headers }) => ({ url, parent: String(headers['traceparent']).split('-') }))
    .filter(({ parent }) => parent[1] === trace.traceId)
    .map(({ url, parent }) => [url?.replace(/pi_[^/]+/, '{id}'), clients.get(parent[2] ?? '')]);
  expect(sent).toEqual(
    expect.arrayContaining([
      ['/v1/payment_intents', 'POST /v1/payment_intents'],
      ['/v1/payment_intents/{id}/confirm', 'POST /v1/payment_intents/{id}/confirm'],
      ['/hooks/T0P-SECRET', 'POST'],
    ]),
  );
  expect(sent.filter(([url]) => url === '/hooks/T0P-SECRET')).toHaveLength(4);
  expect(hearing.requests.some(({ headers }) => headers['baggage'] !== undefined)).toBe(false);
  expect(id).toMatch(/^order_/);
});

test('an order whose api died before it was started goes on in the same trace, whoever starts it', async () => {
  const doomed = await stack.startApi({ CRASH_POINTS: 'before starter.start@1' }, await choosePort(0));
  const trace = newTrace();
  const headers = { ...headerOf(trace), 'X-Correlation-Id': 'doomed' };
  // It dies after the commit and before the answer: the order is accepted, and its client would ask again.
  await expect(place({ headers }, doomed.url)).rejects.toThrow('fetch failed');
  expect(await doomed.ended).toBe('signal SIGKILL');
  const { rows } = await stack.db.query<{ id: string; traceparent: string }>(
    "select id, traceparent from orders where correlation_id = 'doomed'",
  );
  const id = rows[0]?.id ?? 'none';
  accepted.push(id);
  await settledOrder(stack.url, id);
  const spans = await spansOf(trace);

  // Its request was a span of the process that died before it could tell anybody: the tree stands under the id that it had.
  const [, traceId, request = ''] = rows[0]?.traceparent.split('-') ?? [];
  expect(traceId).toBe(trace.traceId);
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const tops = spans.filter(({ parentSpanId }) => !ids.has(parentSpanId));
  expect([...new Set(tops.map(({ parentSpanId }) => parentSpanId))]).toEqual([request]);
  expect(namesIn(tops)).toEqual(expect.arrayContaining(['StartWorkflow:processOrder', 'webhook order.confirmed']));
  expect(spans.filter(is('StartWorkflow:processOrder'))).toHaveLength(1);
  expect(namesIn(spans)).toEqual(expect.arrayContaining(['RunActivity:chargePayment', 'RunWorkflow:processOrder']));
});

test.each([
  ['no header', {}],
  ['nonsense in it', { traceparent: `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01` }],
])('with %s a trace begins at the request', async (_, headers) => {
  const id = await place({ headers });
  const traceId = await traceIdOf(id);
  expect(traceId).not.toBe('0'.repeat(32));
  expect(flawsOfTree(await spansOf({ traceId }), '')).toEqual([]);
});

test('a trace that its sender does not keep is not kept here either, and handed on as such', async () => {
  const trace = newTrace();
  const id = await place({ headers: headerOf(trace, '00') });
  await settledOrder(stack.url, id);
  const heard = (): string[] =>
    hearing.requests
      .map(({ headers }) => String(headers['traceparent']))
      .filter((text) => text.includes(trace.traceId));
  await until(() => Promise.resolve(heard().length >= 6), 'provider and subscriber are told');
  expect(heard().every((text) => text.endsWith('-00'))).toBe(true);
  // Whatever was sent after it has arrived by then.
  const next = newTrace();
  await place({ headers: headerOf(next) });
  await spansOf(next);
  expect(collector.ofTrace(trace.traceId)).toEqual([]);
});

test('a shipment whose order was cancelled has not failed', async () => {
  const trace = newTrace();
  const id = await place({ headers: headerOf(trace), extra: { shipping: address } });
  await until(async () => (await getOrder(stack.url, id)).waiting?.for === 'warehouse', 'it waits to be packed');
  await cancelOrder(stack, id);
  const spans = await spansOf(trace, 'RunWorkflow:shipParcel');
  const of = { attributes: expect.objectContaining({ 'workflow.outcome': 'cancelled' }) as unknown, hasFailed: false };
  expect(spans.find(is('RunWorkflow:shipParcel'))).toMatchObject(of);
});

test('nothing about a person and no secret leaves with the spans', async () => {
  const secrets = {
    customerId: 'customer-of-flesh-and-blood',
    key: 'key-that-is-only-ours',
    paymentMethod: 'pm_card_chargeDeclinedInsufficientFunds',
  };
  const trace = newTrace();
  const id = await place({
    ...secrets,
    headers: {
      ...headerOf(trace),
      Authorization: 'Bearer letmein-4711',
      'User-Agent': 'someone/1.0',
      baggage: 'mail=ada@example.com',
    },
    extra: {
      metadata: { note: 'for-uncle-albert' },
      shipping: {
        name: 'Ada-Lovelace',
        line1: 'Main-Street-1',
        city: 'Bremen-Nord',
        postalCode: '28195',
        country: 'DE',
      },
    },
  });
  await settledOrder(stack.url, id);
  await fetch(`${stack.url}/orders?customerId=customer-of-flesh-and-blood&limit=1`);
  await fetch(`${stack.url}/no/such/place/for/ada@example.com?token=letmein-4711`);
  const spans = await spansOf(trace, 'webhook order.rejected');
  expect(spans.some(({ name }) => name === 'RunActivity:chargePayment')).toBe(true);
  await until(
    () => Promise.resolve(collector.spans.some(({ attributes }) => attributes['http.response.status_code'] === 404)),
    'the last is collected',
  );

  const sent = collector.sent();
  const kept = [
    ...[
      ...Object.values(secrets),
      'letmein-4711',
      'someone/1.0',
      'ada@example.com',
      'for-uncle-albert',
      'Ada-Lovelace',
      'Main-Street-1',
    ],
    ...['T0P-SECRET', 'sk_test_local', 'whsec_', 'insufficient', 'pi_', 'postgres:postgres', 'client_secret'],
  ];
  expect(kept.filter((text) => sent.includes(text))).toEqual([]);
  expect(sent).toContain(id);
  expect(spans.map(({ message }) => message).filter(Boolean)).toEqual([]);
});

test('lines of the log within a trace say which, and lines about an order which order', async () => {
  const trace = newTrace();
  const id = await place({ headers: headerOf(trace) });
  const [request] = (await spansOf(trace)).filter(is('POST /orders'));
  const lines = (await readFile(join(stack.folders.logs, 'api.log'), 'utf8'))
    .split('\n')
    .filter((line) => line.includes(trace.traceId));
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    expect.objectContaining({ route: '/orders', orderId: id, trace_id: trace.traceId, span_id: request?.spanId }),
  ]);
});

test('a collector that refuses, and one that hangs, delay no order and no end of a process', async () => {
  const hanging = await startHangingServer();
  try {
    const [worker, api] = await Promise.all([
      stack.startWorker({ OTEL_EXPORTER_OTLP_ENDPOINT: hanging.url, OTEL_EXPORTER_OTLP_TIMEOUT: '30000' }),
      stack.startApi({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' }, await choosePort(0)),
      stack.worker?.stop(12_000),
    ]);
    const begun = performance.now();
    const id = await place({ headers: { Prefer: 'wait=20' } }, api.url);
    expect((await settledOrder(api.url, id)).status).toBe('confirmed');
    expect(performance.now() - begun).toBeLessThan(5_000);
    await until(() => Promise.resolve(hanging.connections() > 0), 'spans were on their way');
    const log = join(stack.folders.logs, 'api.log');
    await until(async () => (await readFile(log, 'utf8')).includes('spans are lost'), 'it is said that spans are lost');

    const asked = performance.now();
    await Promise.all([worker.stop(12_000), api.stop(12_000)]);
    expect([await worker.ended, await api.ended]).toEqual(['exit code 0', 'exit code 0']);
    expect(performance.now() - asked).toBeLessThan(6_000);
  } finally {
    await hanging.close();
  }
});

/** Takes connections and says nothing. */
async function startHangingServer() {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => void sockets.add(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => sockets.size,
    close: (): Promise<void> =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
