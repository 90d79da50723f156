// What a scrape sees, over the same server that api and worker serve it with.
import { afterEach, expect, test } from '@jest/globals';
import { createMetrics, type Metrics, type Reading } from '../../src/runtime/metrics.ts';
import { serveAside } from '../../src/runtime/side-server.ts';
import { providerGauge } from '../../src/workers/provider-gauge.ts';

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
  metrics.gauge(providerGauge('stripe', () => [{ operation: 'confirm', state: 'half-open' }]));
  const get = await serve(metrics);
  const lines = (await (await get('/metrics')).text()).split('\n').filter((line) => line.startsWith('payment_'));
  expect(lines).toEqual([
    'payment_provider_circuit{provider="stripe",operation="confirm",state="closed"} 0',
    'payment_provider_circuit{provider="stripe",operation="confirm",state="half-open"} 1',
    'payment_provider_circuit{provider="stripe",operation="confirm",state="open"} 0',
  ]);
});
