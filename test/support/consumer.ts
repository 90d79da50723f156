// The consumer of examples/, as a process of its own that can be killed and comes back with what it has on disk.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startProcess, type ManagedProcess } from '../../src/local/managed-process.ts';
import { choosePort } from '../../src/local/ports.ts';
import type { Stack } from './stack.ts';
import { until } from './until.ts';

const program = fileURLToPath(new URL('../../examples/webhook-consumer/consumer.mjs', import.meta.url));

export type Handled = { orderId: string; sequence: number; eventId: string; eventType: string };

/** Of a subscription of all events from `after` on. `failShare`: how often it fails. */
export async function startConsumer(stack: Stack, { failShare, after = 0 }: { failShare: number; after?: number }) {
  const port = await choosePort(0);
  const url = `http://127.0.0.1:${port}/hooks`;
  const stateFile = join(stack.directory, `consumer-${port}.jsonl`);
  const { id, secret } = await subscribe(stack.url, { url, after });
  let running: ManagedProcess | null = null;

  async function start(): Promise<void> {
    const env = {
      PATH: process.env['PATH'],
      ...{ WEBHOOK_SECRET: secret, PORT: String(port), STATE_FILE: stateFile, FAIL_SHARE: String(failShare) },
    };
    running = await startProcess(
      { name: `consumer-${port}`, command: process.execPath, args: [program], env },
      stack.folders,
    );
    await until(async () => (await fetch(url, { method: 'POST' })).status === 400, 'the consumer listens');
  }

  await start();
  return {
    id,
    start,
    stop: async (): Promise<void> => running?.stop(5_000),
    kill: async (): Promise<void> => {
      if (!running) return;
      process.kill(running.pid, 'SIGKILL');
      await running.ended;
    },
    /** What it has handled, in the order in which it did. */
    handled: async (): Promise<Handled[]> =>
      (await readFile(stateFile, 'utf8').catch(() => ''))
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Handled),
  };
}

export async function subscribe(apiUrl: string, wish: object): Promise<{ id: string; secret: string }> {
  const answer = await fetch(`${apiUrl}/webhook-subscriptions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(wish),
  });
  if (answer.status !== 201) throw new Error(`Expected a subscription; found ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as { id: string; secret: string };
}
