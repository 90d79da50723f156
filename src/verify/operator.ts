// The operator of a run: looks at what is parked and decides, as a person would who was told to retry first, and to take what
// others did to a payment as it stands.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { storySteps, type OrderStep } from '../domain/order.ts';
import type { ResolutionAction } from '../domain/resolution.ts';
import { createSeededRandom } from '../runtime/seeded-random.ts';

const PAUSE_MS = 1_500;
const LIMIT_MS = 4_000;
// Enough to see many undone, few enough that most are sold.
const COMPENSATED = 0.25;
const LEFT_OUT = 0.2;
const MAX_TRIES = 30;
// An update is dear to the dev server; a herd of them would be an outage of its own.
const AT_ONCE = 8;

export type Operator = { resolved: () => number; stop: () => Promise<void> };

/** Resolves whatever is parked, again and again: retries, skips where a person has to look, has some that can be undone undone. */
export function startOperator(options: { apiUrl: string; seed: number }): Operator {
  const { apiUrl, seed } = options;
  const random = createSeededRandom(seed);
  let stopped = false;
  let resolved = 0;
  const tried = new Map<string, number>();
  const isStopped = (): boolean => stopped;

  async function run(): Promise<void> {
    while (!isStopped()) {
      // Whatever is broken just now: the next turn finds the same orders parked.
      const parked = await findParked(apiUrl).catch(() => []);
      const chosen = random.shuffled(parked).slice(0, AT_ONCE);
      const decided = await Promise.all(
        chosen.filter(({ id, step }) => isWorthTrying(id, step)).map((order) => decide(order)),
      );
      resolved += decided.filter(Boolean).length;
      await sleep(PAUSE_MS);
    }
  }

  /** A refund that failed at the provider stays: retrying says nothing new after a while. */
  function isWorthTrying(id: string, step: OrderStep): boolean {
    const times = (tried.get(id) ?? 0) + 1;
    tried.set(id, times);
    return step !== 'refund-payment' || times <= MAX_TRIES;
  }

  function decide({ id, step, reason }: Parked): Promise<boolean> {
    if (step === 'follow-payment' && isForPerson(reason)) return resolve(apiUrl, id, 'skip');
    if (step === 'pay-refund' && canNeverBeMade(reason)) return resolve(apiUrl, id, 'compensate');
    if (isToBeTaken(step, reason)) return resolve(apiUrl, id, 'skip');
    // A shipment that is late is waited for, mostly.
    if (canBeLeftOut.includes(step) && random.chance(LEFT_OUT)) return resolve(apiUrl, id, 'skip');
    // An undo of what is given up by hand, and a return that was promised, are not what a person would have undone.
    const isUndone = undoable.includes(step) && random.chance(COMPENSATED);
    return resolve(apiUrl, id, isUndone ? 'compensate' : 'retry');
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

/** What others did to a payment is taken as it stands; whatever else it is parked for, the provider may have been away. */
const isForPerson = (reason: string): boolean =>
  /given back or disputed at the provider|and it is disputed|Refund \S+ of .* failed at the provider/.test(reason);

const undoable: readonly OrderStep[] = [
  ...storySteps,
  'pay-refund',
  'hold-amendment',
  'charge-amendment',
  'apply-amendment',
];
const canBeLeftOut: readonly OrderStep[] = ['pack-shipment', 'create-shipment', 'dispatch-shipment'];

/** What has left all the same, and what others gave back or hold: nobody can make it better by trying again. */
const isToBeTaken = (step: OrderStep, reason: string): boolean =>
  ((step === 'cancel-shipment' || step === 'follow-shipment') && reason.includes('has its parcel all the same')) ||
  (step === 'deliver-shipment' && reason.includes('too little stock to send it once more')) ||
  (step === 'refund-missing' && /given back by others|a bank holds/.test(reason)) ||
  (step === 'refund-return' && reason.includes('skip takes it as it is'));

/** A refund of what a bank has taken, or that no longer fits: each try more would cost a minute, and come to the same. */
const canNeverBeMade = (reason: string): boolean => /charge_disputed|are left of/.test(reason);

type Parked = { id: string; step: OrderStep; reason: string };

async function findParked(apiUrl: string): Promise<Parked[]> {
  const answer = await fetch(`${apiUrl}/orders?attention=true&limit=100`, { signal: AbortSignal.timeout(3_000) });
  if (!answer.ok) return [];
  const { items } = (await answer.json()) as { items: { id: string; attention: Omit<Parked, 'id'> }[] };
  return items.map(({ id, attention: { step, reason } }) => ({ id, step, reason }));
}

async function resolve(apiUrl: string, orderId: string, action: ResolutionAction): Promise<boolean> {
  try {
    const answer = await fetch(`${apiUrl}/orders/${orderId}/resolution`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID() },
      body: JSON.stringify({ action, reason: 'the run decides' }),
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}
