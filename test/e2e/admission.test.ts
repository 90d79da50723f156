// What an api that has too much to do says before it does anything: try again, nothing was accepted.
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { choosePort } from '../../src/local/ports.ts';
import { closeChecked } from '../support/invariants.ts';
import { postOrder, putProduct } from '../support/orders.ts';
import { startTestStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const BACKLOG_LIMIT = 3;
const LAG_LIMIT_MS = 30;
// The lag is a mean over a second of samples every 20 ms: whenever in its second it begins, this pause makes it 75 ms at least.
const PAUSE_MS = 4_000;

let stack: Stack;
const accepted: string[] = [];

beforeAll(async () => {
  stack = await startTestStack({ worker: false });
  await putProduct(stack.url, 'book');
});
afterAll(() => closeChecked(stack, { accepted }));

async function expectRefusal(answer: Response, slug: string): Promise<void> {
  expect(answer.status).toBe(503);
  expect(answer.headers.get('Content-Type')).toContain('application/problem+json');
  expect(Number(answer.headers.get('Retry-After'))).toBeGreaterThan(0);
  expect(await answer.json()).toMatchObject({ type: `/problems/${slug}`, status: 503 });
}

const countOrders = async (): Promise<number> =>
  (await stack.db.query<{ count: number }>('select count(*) from orders')).rows[0]?.count ?? 0;

test('too many orders that wait for their workflow: no more are accepted, repeats and reads are answered', async () => {
  const metricsPort = String(await choosePort(0));
  const limits = {
    LAUNCH_BACKLOG_LIMIT: String(BACKLOG_LIMIT),
    TEMPORAL_ADDRESS: '127.0.0.1:1',
    METRICS_PORT: metricsPort,
  };
  const api = await stack.startApi(limits, await choosePort(0));
  // The other api can reach Temporal; it must not work the backlog off.
  await stack.api?.stop(12_000);
  const keys: string[] = [];
  let answer = new Response();
  await until(async () => {
    const key = `backlog-${keys.length}`;
    answer = await postOrder(api.url, { key });
    if (answer.status !== 202) return true;
    keys.push(key);
    accepted.push(((await answer.json()) as { id: string }).id);
    await sleep(100);
    return false;
  }, 'a refusal');

  await expectRefusal(answer, 'too-many-waiting');
  expect(keys.length).toBeGreaterThan(BACKLOG_LIMIT);
  const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  expect(Number(/^orders_waiting_for_launch (\d+)$/m.exec(metrics)?.[1])).toBeGreaterThan(BACKLOG_LIMIT);
  expect(metrics).toMatch(/^api_event_loop_lag_seconds \d/m);
  expect(await countOrders()).toBe(keys.length);
  const repeat = await postOrder(api.url, { key: keys[0] ?? '' });
  expect([repeat.status, repeat.headers.get('Idempotency-Replayed')]).toEqual([202, 'true']);
  expect((await fetch(`${api.url}/orders/${accepted[0]}`)).status).toBe(200);

  // The same key again, once there is room: an order, for a refusal binds nothing.
  // As if a workflow had taken all of them up: counted are those that none has touched.
  await stack.db.query('update orders set event_count = 2 where event_count = 1');
  await until(async () => (await postOrder(api.url, { key: `backlog-${keys.length}` })).status === 202, 'room again');
  await stack.db.query('update orders set event_count = 1 where event_count = 2');
  await api.stop(12_000);
});

test('a process that is late refuses orders before it reads them, reads on, and recovers', async () => {
  const port = await choosePort(0);
  const api = await stack.startApi({ EVENT_LOOP_LAG_LIMIT_MS: String(LAG_LIMIT_MS) }, port);
  await until(async () => (await postOrder(api.url)).status === 202, 'an order is accepted');
  const before = await countOrders();

  // Standing still is what a process does whose event loop is blocked. It is late for a second or two afterwards: a machine that has
  // other things to do may ask too late, and then asks again.
  let refused = '';
  for (let tries = 0; tries < 3 && !refused.includes(' 503 '); tries += 1) {
    process.kill(api.pid, 'SIGSTOP');
    await sleep(PAUSE_MS);
    process.kill(api.pid, 'SIGCONT');
    refused = await answerToHeaders(port);
  }
  const health = await fetch(`${api.url}/healthz`);

  expect(refused).toContain(' 503 ');
  expect(refused).toContain('/problems/overloaded');
  expect(refused).toMatch(/retry-after: \d/i);
  expect(health.status).toBe(200);
  expect(await countOrders()).toBe(before);
  await until(async () => (await postOrder(api.url)).status === 202, 'orders are accepted again');
  // A try that came too late ends with the body's time limit, 15 s.
}, 120_000);

/** What comes back for an order of which only the headers were sent: its body never comes. */
async function answerToHeaders(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(
    'POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n' +
      'Idempotency-Key: late-1\r\nContent-Length: 200\r\nConnection: close\r\n\r\n',
  );
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await until(() => text.includes('/problems/'), 'an answer without a body');
  socket.destroy();
  return text;
}
