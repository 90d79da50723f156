// The process as it runs, killed as nothing can prepare for: what was answered is there, and the journal tells all of it.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import Stripe from 'stripe';
import { until } from '../../support/until.ts';

const main = fileURLToPath(new URL('../../../dist/simulator/payment/main.js', import.meta.url));

let dataDir: string;
let running: ChildProcess | null = null;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'simulator-'));
});
afterEach(async () => {
  await end('SIGKILL');
  await rm(dataDir, { recursive: true });
});

/** Starts the process; answers with its address once it says that it listens. */
async function start(env: Record<string, string> = {}): Promise<URL> {
  const { NODE_OPTIONS: _forJestOnly, ...inherited } = process.env;
  const child = spawn(process.execPath, [main], {
    env: { ...inherited, SIMULATOR_PORT: '0', SIMULATOR_DATA_DIR: dataDir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running = child;
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()));
  await until(() => /"url":"[^"]+"/.test(output) || child.exitCode !== null, 'the simulator listens');
  const [, url] = /"url":"([^"]+)"/.exec(output) ?? [];
  if (url === undefined) throw new Error(output);
  return new URL(url);
}

async function end(signal: NodeJS.Signals): Promise<number | null> {
  const child = running;
  running = null;
  if (!child || child.exitCode !== null) return child?.exitCode ?? null;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
  return child.exitCode;
}

const clientOf = ({ port }: URL) =>
  new Stripe('sk_test_simulated', { host: '127.0.0.1', port: Number(port), protocol: 'http', maxNetworkRetries: 0 });

test('everything that was answered before a kill is there after it, and no effect is there twice', async () => {
  const stripe = clientOf(await start());
  const answered: { orderId: string; id: string; confirmed: boolean }[] = [];
  async function payOrders(worker: number): Promise<void> {
    for (let order = 0; ; order += 1) {
      const orderId = `ord_${worker}_${order}`;
      const request = { amount: 1_000, currency: 'eur', payment_method: 'pm_card_visa', metadata: { orderId } };
      const { id } = await stripe.paymentIntents.create(request, { idempotencyKey: `${orderId}:create` });
      const answer = { orderId, id, confirmed: false };
      answered.push(answer);
      await stripe.paymentIntents.confirm(id, {}, { idempotencyKey: `${orderId}:confirm` });
      answer.confirmed = true;
    }
  }
  // They end with the first answer that does not come.
  const workers = Promise.allSettled(Array.from({ length: 8 }, (_, worker) => payOrders(worker)));
  await until(() => answered.length >= 100, 'a hundred payments');
  await end('SIGKILL');
  await workers;

  const url = await start();
  const again = clientOf(url);
  for (const { orderId, id, confirmed } of answered) {
    const { status } = await again.paymentIntents.retrieve(id);
    if (confirmed) expect(status).toBe('succeeded');
    const key = { idempotencyKey: `${orderId}:confirm` };
    expect(await again.paymentIntents.confirm(id, {}, key)).toMatchObject({ status: 'succeeded' });
  }
  const answer = await fetch(new URL('/_simulator/journal', url));
  const { items } = (await answer.json()) as { items: { effect: string; paymentIntentId: string }[] };
  const captured = items.filter(({ effect }) => effect === 'captured').map(({ paymentIntentId }) => paymentIntentId);
  expect(new Set(captured).size).toBe(captured.length);
  for (const { id } of answered) expect(captured).toContain(id);
});

test('the process ends when it is asked to', async () => {
  await start();
  expect(await end('SIGTERM')).toBe(0);
});

test('the process does not start where others could reach it', async () => {
  await expect(start({ SIMULATOR_HOST: '0.0.0.0' })).rejects.toThrow('SIMULATOR_HOST');
});
