// What a scrape sees, over the same server that api and worker serve it with.
import express from 'express';
import { afterEach, expect, test } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { guardProvider } from '../../src/adapters/payment/breaker.ts';
import { countClientSecrets, providerCalls } from '../../src/adapters/payment/calls.ts';
import { carrierCalls, countCarrierCalls } from '../../src/adapters/shipping/calls.ts';
import { createHttpCarrier } from '../../src/adapters/shipping/http.ts';
import { holdBack, measureRequests } from '../../src/api/middleware/measure.ts';
import { webhookFamilies } from '../../src/api/webhook-figures.ts';
import type { PaymentProvider } from '../../src/ports/payment.ts';
import { showCalls } from '../../src/runtime/call-metrics.ts';
import { measureEventLoopLag, showEventLoopLag } from '../../src/runtime/event-loop.ts';
import { toText } from '../../src/runtime/metric-text.ts';
import { createMetrics, type Metrics, type Reading } from '../../src/runtime/metrics.ts';
import { remember } from '../../src/runtime/remembered.ts';
import { serveAside } from '../../src/runtime/side-server.ts';
import { until } from '../support/until.ts';
import { showCircuits } from '../../src/workers/provider-metrics.ts';

let close = (): Promise<void> => Promise.resolve();
afterEach(() => close());

/** Is closed after the test, however that ends. */
function closing(server: Server): number {
  close = () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return (server.address() as AddressInfo).port;
}

async function serve(metrics: Metrics): Promise<(path: string, method?: string) => Promise<Response>> {
  const server = await serveAside({
    host: '127.0.0.1',
    port: 0,
    pages: { '/metrics': metrics.page, '/broken': () => Promise.reject(new Error('cannot be read')) },
  });
  close = server.close;
  return (path, method = 'GET') => fetch(`http://127.0.0.1:${server.port}${path}`, { method });
}

test('shows the process and what was added, in the format of Prometheus', async () => {
  const metrics = createMetrics();
  metrics.gauge({ name: 'orders_waiting', help: 'They wait', read: () => [{ value: 3 }] });
  const get = await serve(metrics);

  const answer = await get('/metrics');
  const text = await answer.text();

  expect(answer.headers.get('Content-Type')).toContain('text/plain; version=0.0.4');
  expect(text).toContain('# TYPE orders_waiting gauge\norders_waiting 3\n');
  expect(text).toMatch(/^process_cpu_seconds_total \d/m);
});

test('forgets what is not read any more, and reads at every scrape', async () => {
  const metrics = createMetrics();
  let readings: Reading[] = [{ labels: { step: 'charge' }, value: 1 }];
  metrics.gauge({ name: 'parked', help: 'They wait', labelNames: ['step'], read: () => readings });
  const get = await serve(metrics);

  expect(await (await get('/metrics')).text()).toContain('parked{step="charge"} 1');
  readings = [{ labels: { step: 'refund' }, value: 2 }];
  const text = await (await get('/metrics')).text();

  expect(text).toContain('parked{step="refund"} 2');
  expect(text).not.toContain('step="charge"');
});

test('answers for what it does not have, and for what cannot be read', async () => {
  const get = await serve(createMetrics());
  expect((await get('/elsewhere')).status).toBe(404);
  expect((await get('/metrics', 'POST')).status).toBe(404);
  const broken = await get('/broken');
  expect([broken.status, await broken.text()]).toEqual([500, '{"status":"cannot be read"}']);
});

test('a circuit is in exactly one of its states', async () => {
  const metrics = createMetrics();
  showCircuits(metrics, { provider: 'stripe', circuits: () => [{ operation: 'confirm', state: 'half-open' }] });
  const get = await serve(metrics);
  const lines = (await (await get('/metrics')).text())
    .split('\n')
    .filter((line) => line.startsWith('payment_provider_circuit'));
  expect(lines).toEqual([
    'payment_provider_circuit{provider="stripe",operation="confirm",state="closed"} 0',
    'payment_provider_circuit{provider="stripe",operation="confirm",state="half-open"} 1',
    'payment_provider_circuit{provider="stripe",operation="confirm",state="open"} 0',
  ]);
});

/** What of it is shown, without its help. */
async function shown(metrics: Metrics, name: string): Promise<string[]> {
  const { body } = await metrics.page();
  return body.split('\n').filter((line) => line.startsWith(name));
}

test('counts requests by their route as it is written, and never by what a client wrote', async () => {
  const metrics = createMetrics();
  const app = express();
  app.use(measureRequests(metrics));
  // Of these nobody waits long enough for the answer.
  const hangs = ({ id }: { id: string }): boolean => id === 'hangs';
  app.get('/orders/held/:id', (req, res) => {
    holdBack(res);
    if (!hangs(req.params)) res.sendStatus(200);
  });
  app.get('/orders/:id', (req, res) => {
    if (!hangs(req.params)) res.sendStatus(204);
  });
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const port = closing(server);
  const get = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${port}${path}`, init);
  // A header says nothing: what nobody waits for on purpose is slow where it is slow.
  const heldByHeader = { headers: { Prefer: 'wait=5' } };
  await Promise.all(
    ['/orders/anna@example.com', '/orders/2', '/4242424242424242'].map(async (path) => (await get(path)).text()),
  );
  await (await get('/orders/3', heldByHeader)).text();
  await (await get('/orders/held/1')).text();
  for (const path of ['/orders/hangs', '/orders/held/hangs'])
    await expect(get(path, { signal: AbortSignal.timeout(50) })).rejects.toThrow();
  const count = (route: string, status: string) =>
    `http_requests_total{method="GET",route="${route}",status="${status}"}`;
  await until(async () => (await shown(metrics, count('/orders/held/:id', '0'))).length === 1, 'all are counted');
  expect(await shown(metrics, 'http_requests_total{method="GET"')).toEqual(
    expect.arrayContaining([
      `${count('/orders/:id', '204')} 3`,
      `${count('/orders/:id', 'gone')} 1`,
      `${count('/orders/held/:id', '200')} 1`,
      `${count('/orders/held/:id', '0')} 1`,
      `${count('none', '404')} 1`,
    ]),
  );
  const measured = await shown(metrics, 'http_request_duration_seconds_count');
  // The one that went away has waited, too.
  expect(measured).toContain('http_request_duration_seconds_count{method="GET",route="/orders/:id"} 4');
  // What was asked to wait says nothing about speed.
  expect(measured.join()).not.toContain('held');
  expect((await metrics.page()).body).not.toMatch(/anna|4242/);
});

test('failures of accepting orders are 0 before the first, which is seen to grow by one then', async () => {
  const metrics = createMetrics();
  measureRequests(metrics);
  for (const status of ['500', '503', 'gone'])
    expect(await shown(metrics, 'http_requests_total')).toContain(
      `http_requests_total{method="POST",route="/orders",status="${status}"} 0`,
    );
});

test('counts every call of the provider by what it came to, also those that are not made', async () => {
  const metrics = createMetrics();
  const answers = [() => ({ done: {} }), () => ({ rejection: {} }), ...Array.from({ length: 2 }, () => fail)];
  const onCall = showCalls(metrics, providerCalls('stripe', ['find', 'refund']));
  const of = (operation: string, outcome: string) =>
    `payment_provider_calls_total{provider="stripe",operation="${operation}",outcome="${outcome}"}`;
  const all = ['done', 'rejection', 'refused', 'stuck', 'unknown', 'failed', 'patience', 'not-called'];
  const before = await shown(metrics, 'payment_provider_calls_total');
  expect(before).toEqual(
    ['find', 'refund'].flatMap((operation) => all.map((outcome) => `${of(operation, outcome)} 0`)),
  );
  const { provider } = guardProvider({
    provider: { find: () => Promise.resolve().then(() => answers.shift()?.()) } as unknown as PaymentProvider,
    isIll: () => true,
    failuresToOpen: 2,
    onCall,
  });
  for (let call = 0; call < 5; call += 1) await provider.find({ providerId: 'pi_1' }).catch(() => undefined);
  const after = await shown(metrics, 'payment_provider_calls_total');
  expect(after.filter((line) => !before.includes(line))).toEqual([
    `${of('find', 'done')} 1`,
    `${of('find', 'rejection')} 1`,
    `${of('find', 'unknown')} 2`,
    `${of('find', 'not-called')} 1`,
  ]);
});

const fail = (): never => {
  throw new Error('it is ill');
};

test('what an api asks of the provider itself is counted as well', async () => {
  const metrics = createMetrics();
  const onCall = showCalls(metrics, providerCalls('stripe'));
  const { findClientSecret } = countClientSecrets({ findClientSecret: fail }, { isIll: () => true, onCall });
  await expect(findClientSecret({ providerId: 'pi_1' })).rejects.toThrow('it is ill');
  expect(await shown(metrics, 'payment_provider_calls_total')).toContain(
    'payment_provider_calls_total{provider="stripe",operation="ask for a client secret",outcome="unknown"} 1',
  );
});

test('counts every call of the carrier by what it came to, and how long it took', async () => {
  const statuses = [200, 404, 500];
  const server = createServer((_req, res) => res.writeHead(statuses.shift() ?? 500).end('{"items":[]}')).listen(0);
  const port = closing(server);
  const metrics = createMetrics();
  const http = createHttpCarrier({ apiKey: 'k', apiBase: `http://127.0.0.1:${port}`, timeoutMs: 1_000 });
  const carrier = countCarrierCalls(http, showCalls(metrics, carrierCalls));
  expect(await shown(metrics, 'carrier_calls_total')).toHaveLength(4 * 3);
  expect(await carrier.list({ reference: 'r' })).toEqual({ done: [] });
  expect(await carrier.list({ reference: 'r' })).toMatchObject({ refused: expect.any(String) });
  await expect(carrier.list({ reference: 'r' })).rejects.toThrow('500');
  await close();
  await expect(carrier.find({ parcelId: 'p' })).rejects.toThrow();
  const lines = (await shown(metrics, 'carrier_calls_total')).filter((line) => !line.endsWith(' 0'));
  const of = (operation: string, outcome: string) =>
    `carrier_calls_total{operation="${operation}",outcome="${outcome}"} 1`;
  expect(lines).toEqual([
    of('ask for a parcel', 'unknown'),
    ...['done', 'refused', 'unknown'].map((outcome) => of('list the parcels', outcome)),
  ]);
  expect(await shown(metrics, 'carrier_call_duration_seconds_count')).toContain(
    'carrier_call_duration_seconds_count{operation="list the parcels"} 3',
  );
});

test('a circuit that nobody uses is open no longer than it leaves the provider alone', async () => {
  const { provider, circuits, read } = guardProvider({
    provider: { find: fail } as unknown as PaymentProvider,
    isIll: () => true,
    failuresToOpen: 1,
    openMs: 50,
  });
  await provider.find({ providerId: 'pi_1' }).catch(() => undefined);
  const state = () => circuits().find(({ operation }) => operation === 'find')?.state;
  expect([state(), read().state]).toEqual(['open', 'open']);
  await until(() => Promise.resolve(state() === 'half-open'), 'the next call would be let through');
  expect(read().state).toBe('half-open');
});

test('a worker that is late again and again says so', async () => {
  const metrics = createMetrics();
  const lag = measureEventLoopLag();
  showEventLoopLag(metrics, 'worker', lag);
  const seconds = async (): Promise<number> =>
    Number((await shown(metrics, 'worker_event_loop_lag_seconds '))[0]?.split(' ')[1]);
  // Its first sample is no sample yet: it has nothing to be compared with.
  await sleep(60);
  expect(await seconds()).toBeLessThan(60);
  const readings: number[] = [];
  for (let turn = 0; turn < 3; turn += 1) {
    for (const end = performance.now() + 800; performance.now() < end;);
    await nextTurn();
    readings.push(await seconds());
  }
  lag.close();
  // What is asked between two turns counts as well, and more of it on a busy machine: the mean of a second is below the turn.
  expect(Math.max(...readings)).toBeGreaterThan(0.1);
  expect(Math.max(...readings)).toBeLessThan(60);
});

test('a reading is done once while it is fresh or under way, and is null when it fails or hangs', async () => {
  let reads = 0;
  const fresh = remember(() => Promise.resolve((reads += 1)), { freshMs: 60_000, withinMs: 60_000 });
  expect(await Promise.all([fresh(), fresh(), fresh()])).toEqual([1, 1, 1]);
  expect(await remember(() => Promise.reject(new Error('away')), { freshMs: 1, withinMs: 60_000 })()).toBeNull();
  let begun = 0;
  const hanging = remember(() => new Promise(() => void (begun += 1)), { freshMs: 0, withinMs: 5 });
  expect([await hanging(), await hanging(), begun]).toEqual([null, null, 1]);
});

test('a page is there without what can not be read', async () => {
  const metrics = createMetrics();
  metrics.text(() => Promise.reject(new Error('the runtime is gone')));
  metrics.families(() =>
    Promise.resolve([
      { name: 'odd', help: 'a\nb', type: 'gauge', samples: [{ labels: { a: 'x"\\\n' }, value: Infinity }] },
    ]),
  );
  const get = await serve(metrics);
  expect(await (await get('/metrics')).text()).toContain(
    '# HELP odd a\\nb\n# TYPE odd gauge\nodd{a="x\\"\\\\\\n"} +Inf\n',
  );
});

test('however many subscribers there are, twenty have a name', () => {
  const one = { lagSeconds: 1, pending: 2, parked: 1, failingSeconds: 3 };
  const many = Array.from({ length: 30 }, (_, index) => ({ subscriptionId: `whsub_${index}`, ...one }));
  const lines = toText(webhookFamilies(many))
    .split('\n')
    .filter((line) => line.startsWith('webhook_'));
  expect(lines).toHaveLength(4 * 21);
  expect(lines).toContain('webhook_pending_messages{subscription="others"} 20');
  expect(lines).toContain('webhook_lag_seconds{subscription="others"} 1');
});
