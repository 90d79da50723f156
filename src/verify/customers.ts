// The customers of a run: those who are asked to authenticate a payment, and those who may give another card, each doing what
// was planned for the order.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientEntry } from './client-log.ts';
import type { VerifyStack } from './stack.ts';

const PAUSE_MS = 1_000;
const LIMIT_MS = 5_000;

type Waiting = { orderId: string; key: string; ordinal: number; state: string; paymentId: string | null };
export type Customers = {
  /** How often a customer did what. */
  did: () => Readonly<Record<string, number>>;
  stop: () => Promise<void>;
};

/** Looks after every order that waits for its customer, until stopped. What could not be done is done at the next look. */
export function startCustomers({ stack, log }: { stack: VerifyStack; log: readonly ClientEntry[] }): Customers {
  const done = new Set<string>();
  const counts: Record<string, number> = {};
  let stopped = false;
  const isStopped = (): boolean => stopped;

  async function look(): Promise<void> {
    const plans = new Map(log.map(({ key, plan }) => [key, plan]));
    for (const waiting of await findWaiting(stack)) {
      const name = `${waiting.orderId} ${waiting.ordinal} ${waiting.state}`;
      const plan = plans.get(waiting.key);
      if (!plan || done.has(name)) continue;
      const what = await act(stack, waiting, plan);
      if (what === null) continue;
      done.add(name);
      counts[what] = (counts[what] ?? 0) + 1;
    }
  }
  async function run(): Promise<void> {
    // Whatever is broken just now: the next look finds the same orders waiting.
    for (; !isStopped(); await sleep(PAUSE_MS)) await look().catch(() => undefined);
  }

  const running = run();
  return {
    did: () => counts,
    stop: async () => {
      stopped = true;
      await running;
    },
  };
}

async function findWaiting({ db }: VerifyStack): Promise<Waiting[]> {
  const { rows } = await db.query<Waiting>(`
    select o.id as "orderId", k.key, p.ordinal, p.state, p.provider_id as "paymentId"
    from orders o join idempotency_keys k on k.order_id = o.id
    join lateral (select * from payments where order_id = o.id and not stray order by ordinal desc limit 1) p on true
    where o.waiting ->> 'for' = 'customer'`);
  return rows;
}

/** What the customer did; null when it has to be tried again. */
async function act(
  { apiUrl, simulatorUrl }: VerifyStack,
  { orderId, key, ordinal, state, paymentId }: Waiting,
  { customer, secondCard }: ClientEntry['plan'],
): Promise<string | null> {
  if (state === 'pending') {
    if (customer === 'stays away') return 'stayed away';
    const url = `${simulatorUrl}/_simulator/payment_intents/${paymentId ?? ''}/authenticate`;
    const finishes = customer === 'finishes';
    const answer = await post(url, { outcome: finishes ? 'succeed' : 'fail' });
    if (!isDecided(answer)) return null;
    return finishes ? 'authenticated' : 'failed to authenticate';
  }
  if (state !== 'declined' || !secondCard || ordinal > 1) return 'gave no other card';
  const headers = { 'Idempotency-Key': `${key}-card-${ordinal + 1}` };
  const answer = await post(`${apiUrl}/orders/${orderId}/payment-method`, { paymentMethod: secondCard }, headers);
  return isDecided(answer) ? 'gave another card' : null;
}

const isDecided = (status: number): boolean => status < 500;

const post = async (url: string, body: object, headers: Record<string, string> = {}): Promise<number> => {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(LIMIT_MS),
  });
  await answer.body?.cancel();
  return answer.status;
};
