// A subscriber of a run: it fails now and then, before its work or after it, checks every signature, and knows how far it has got with each
// order. It is in this process, so it is never killed: what it says is what it was told.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { createSeededRandom } from '../runtime/seeded-random.ts';

const FAILS = 0.2;
const PAUSE_MS = 500;

/** By order: the sequence up to which it has had everything. `strange`: what should never have come like that. */
export type ToldFacts = { upTo: Readonly<Record<string, number>>; strange: readonly string[]; repeated: number };
export type Subscriber = { facts: () => ToldFacts; close: () => Promise<void> };

/** Subscribes to everything from the beginning. */
export async function startSubscriber({ apiUrl, seed }: { apiUrl: string; seed: number }): Promise<Subscriber> {
  const random = createSeededRandom(seed * 7 + 3);
  const upTo: Record<string, number> = {};
  const strange: string[] = [];
  let repeated = 0;
  let webhook: Webhook | null = null;

  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const fails = random.chance(FAILS);
      const isLate = random.chance(0.5);
      if (fails && !isLate) return void res.writeHead(503).end();
      take(Buffer.concat(chunks).toString('utf8'), req.headers as Record<string, string>);
      if (fails) return void req.socket.destroy();
      res.writeHead(204).end();
    });
  });

  function take(body: string, headers: Record<string, string>): void {
    let event: { orderId: string; sequence: number };
    try {
      if (!webhook) throw new Error('nothing was subscribed to');
      event = webhook.verify(body, headers) as typeof event;
    } catch (error) {
      strange.push(`a message that is not signed: ${(error as Error).message}`);
      return;
    }
    const { orderId, sequence } = event;
    const last = upTo[orderId] ?? 0;
    if (sequence <= last) repeated += 1;
    else if (sequence === last + 1) upTo[orderId] = sequence;
    else strange.push(`${orderId}: ${sequence} came after ${last}`);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  webhook = new Webhook(await subscribe(apiUrl, `http://127.0.0.1:${(server.address() as AddressInfo).port}/`));
  return {
    facts: () => ({ upTo, strange, repeated }),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function subscribe(apiUrl: string, url: string): Promise<string> {
  for (;;) {
    const answer = await fetch(`${apiUrl}/webhook-subscriptions`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ url, after: 0 }),
    });
    if (answer.status === 201) return ((await answer.json()) as { secret: string }).secret;
    if (answer.status !== 503)
      throw new Error(`The api takes no subscription: ${answer.status} ${await answer.text()}`);
    await sleep(PAUSE_MS);
  }
}
