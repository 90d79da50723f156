// What a scrape sees, over the same server that api and worker serve it with.
import express from 'express';
import { afterEach, expect, test } from '@jest/globals';
import { guardProvider } from '../../src/adapters/payment/breaker.ts';
import { measureRequests } from '../../src/api/middleware/measure.ts';
import { webhookFamilies } from '../../src/api/webhook-figures.ts';
import type { PaymentProvider } from '../../src/ports/payment.ts';
import { toText } from '../../src/runtime/metric-text.ts';
import { createMetrics, type Metrics, type Reading } from '../../src/runtime/metrics.ts';
import { remember } from '../../src/runtime/remembered.ts';
import { serveAside } from '../../src/runtime/side-server.ts';
import { showProvider } from '../../src/workers/provider-metrics.ts';

let close = (): Promise<void> => Promise.resolve();
afterEach(() => close());

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
  showProvider(metrics, { provider: 'stripe', circuits: () => [{ operation: 'confirm', state: 'half-open' }] });
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

test('counts requests by their route as it is written, and never by what a client wrote', async () => {
  const metrics = createMetrics();
  const app = express();
  app.use(measureRequests(metrics));
  app.get('/orders/:id', (_req, res) => void res.sendStatus(204));
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  for (const path of ['/orders/anna@example.com', '/orders/2', '/4242424242424242'])
    await (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  await fetch(`http://127.0.0.1:${port}/orders/3`, { headers: { Prefer: 'wait=5' } });
  const get = await serve(metrics);
  const text = await (await get('/metrics')).text();
  await new Promise((resolve) => server.close(resolve));
  expect(text).toContain('http_requests_total{method="GET",route="/orders/:id",status="204"} 3\n');
  expect(text).toContain('http_requests_total{method="GET",route="none",status="404"} 1\n');
  // What was asked to wait says nothing about speed.
  expect(text).toContain('http_request_duration_seconds_count{method="GET",route="/orders/:id"} 2\n');
  expect(text).not.toMatch(/anna|4242/);
});

test('counts every call of the provider by what it came to, also those that are not made', async () => {
  const metrics = createMetrics();
  const answers = [() => ({ done: {} }), () => ({ rejection: {} }), ...Array.from({ length: 2 }, () => fail)];
  const { provider } = guardProvider({
    provider: { find: () => Promise.resolve().then(() => answers.shift()?.()) } as unknown as PaymentProvider,
    isIll: () => true,
    failuresToOpen: 2,
    onCall: showProvider(metrics, { provider: 'stripe', circuits: () => [] }),
  });
  for (let call = 0; call < 5; call += 1) await provider.find({ providerId: 'pi_1' }).catch(() => undefined);
  const get = await serve(metrics);
  const lines = (await (await get('/metrics')).text()).split('\n').filter((line) => line.includes('_calls_total{'));
  const of = (outcome: string) =>
    `payment_provider_calls_total{provider="stripe",operation="find",outcome="${outcome}"}`;
  expect(lines).toEqual([`${of('done')} 1`, `${of('rejection')} 1`, `${of('unknown')} 2`, `${of('not-called')} 1`]);
});

const fail = (): never => {
  throw new Error('it is ill');
};

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
