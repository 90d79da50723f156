// The operator of a run: looks at what is parked and decides, as a person would who was told to retry first.
import type { Client } from '@temporalio/client';
import { setTimeout as sleep } from 'node:timers/promises';
import { resolveUpdate, type Resolution } from '../contracts/messages.ts';
import type { OrderStep } from '../domain/order.ts';
import { createSeededRandom } from '../runtime/seeded-random.ts';

const PAUSE_MS = 1_500;
const UPDATE_MS = 4_000;
// Enough to see many undone, few enough that most are sold.
const COMPENSATED = 0.25;
const MAX_UNDO_TRIES = 30;
// An update is dear to the dev server; a herd of them would be an outage of its own.
const AT_ONCE = 8;

export type Operator = { resolved: () => number; stop: () => Promise<void> };

/** Resolves whatever is parked, again and again: retries, and has some of those that can be undone undone. */
export function startOperator(options: { apiUrl: string; temporal: Client; seed: number }): Operator {
  const { apiUrl, temporal, seed } = options;
  const random = createSeededRandom(seed);
  let stopped = false;
  let resolved = 0;
  const tried = new Map<string, number>();
  const isStopped = (): boolean => stopped;

  // What somebody did at the provider is left in front of a person: the checker looks for it there.
  async function run(): Promise<void> {
    while (!isStopped()) {
      // Whatever is broken just now: the next turn finds the same orders parked.
      const parked = (await findParked(apiUrl).catch(() => [])).filter(({ step }) => step !== 'follow-payment');
      const chosen = random.shuffled(parked).slice(0, AT_ONCE);
      const decided = await Promise.all(
        chosen.filter(({ id, step }) => isWorthTrying(id, step)).map(({ id, step }) => decide(id, step)),
      );
      resolved += decided.filter(Boolean).length;
      await sleep(PAUSE_MS);
    }
  }

  /** A refund that failed at the provider fails for ever: retrying it says nothing new after a while. */
  function isWorthTrying(id: string, step: OrderStep): boolean {
    const times = (tried.get(id) ?? 0) + 1;
    tried.set(id, times);
    return step !== 'refund-payment' || times <= MAX_UNDO_TRIES;
  }

  function decide(id: string, step: OrderStep): Promise<boolean> {
    const undoable = !['refund-payment', 'release-inventory', 'close-order'].includes(step);
    return resolve(temporal, id, undoable && random.chance(COMPENSATED) ? 'compensate' : 'retry');
  }

  const running = run();
  return {
    resolved: () => resolved,
    stop: async () => {
      stopped = true;
      await running;
    },
  };
}

type Parked = { id: string; step: OrderStep };

async function findParked(apiUrl: string): Promise<Parked[]> {
  const answer = await fetch(`${apiUrl}/orders?attention=true&limit=100`, { signal: AbortSignal.timeout(3_000) });
  if (!answer.ok) return [];
  const { items } = (await answer.json()) as { items: { id: string; attention: { step: OrderStep } }[] };
  return items.map(({ id, attention }) => ({ id, step: attention.step }));
}

async function resolve(temporal: Client, orderId: string, action: Resolution['action']): Promise<boolean> {
  const resolution = { action, actor: 'verify', reason: 'the run decides' };
  const update = (): Promise<unknown> =>
    temporal.workflow.getHandle(orderId).executeUpdate(resolveUpdate, { args: [resolution] });
  return temporal.connection.withDeadline(Date.now() + UPDATE_MS, update).then(
    () => true,
    () => false,
  );
}
