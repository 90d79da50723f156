// Somebody at the provider's dashboard: pays a second time for orders that have ended, and gives money of sold ones back
// without telling anybody. The first is to be given back, the second to come in front of a person.
import { setTimeout as sleep } from 'node:timers/promises';
import type { VerifyStack } from './stack.ts';

const PAUSE_MS = 6_000;
const LIMIT_MS = 5_000;
// So few that what waits for a person at the end can be told from what got stuck.
const MOST = { payments: 15, refunds: 4 };

export type Dashboard = { did: () => Readonly<Record<string, number>>; stop: () => Promise<void> };

/** Does one thing after the other until stopped; what got no answer may have been done, as always. */
export function startDashboard(stack: VerifyStack): Dashboard {
  const did = { payments: 0, refunds: 0 };
  const touched = new Set<string>();
  const pausing = new AbortController();

  async function run(): Promise<void> {
    for (;;) {
      await sleep(PAUSE_MS, undefined, { signal: pausing.signal }).catch(() => undefined);
      if (pausing.signal.aborted) return;
      await act().catch(() => undefined);
    }
  }

  async function act(): Promise<void> {
    const what = did.payments / MOST.payments <= did.refunds / MOST.refunds ? 'payments' : 'refunds';
    if (did[what] >= MOST[what]) return;
    const chosen = await choose(stack, what, [...touched]);
    if (!chosen) return;
    // Whether or not it is answered: never two things to one order.
    touched.add(chosen.orderId);
    did[what] += 1;
    await (what === 'payments' ? pay(stack, chosen) : refund(stack, chosen));
  }

  const running = run();
  return {
    did: () => ({ 'paid twice at the dashboard': did.payments, 'given back at the dashboard': did.refunds }),
    stop: async () => {
      pausing.abort();
      await running;
    },
  };
}

type Chosen = { orderId: string; paymentId: string };

async function choose({ db }: VerifyStack, what: 'payments' | 'refunds', not: string[]): Promise<Chosen | null> {
  const which =
    what === 'payments'
      ? `o.closed_at is not null`
      : `o.status in ('confirmed', 'shipped', 'delivered') and p.state = 'captured' and p.payment_method = 'pm_card_visa'`;
  const { rows } = await db.query<Chosen>(
    `select o.id as "orderId", coalesce(p.provider_id, '') as "paymentId" from orders o join payments p on p.order_id = o.id and not p.stray
     where ${which} and o.id <> all ($1) order by o.placed_at desc limit 1`,
    [not],
  );
  return rows[0] ?? null;
}

const pay = ({ simulatorUrl }: VerifyStack, { orderId }: Chosen): Promise<void> =>
  atProvider(simulatorUrl, 'payment_intents', {
    amount: '777',
    currency: 'eur',
    confirm: 'true',
    payment_method: 'pm_card_visa',
    'automatic_payment_methods[enabled]': 'true',
    'automatic_payment_methods[allow_redirects]': 'never',
    'metadata[orderId]': orderId,
  });

const refund = ({ simulatorUrl }: VerifyStack, { paymentId }: Chosen): Promise<void> =>
  atProvider(simulatorUrl, 'refunds', { payment_intent: paymentId, amount: '100' });

async function atProvider(simulatorUrl: string, path: string, parameters: Record<string, string>): Promise<void> {
  const answer = await fetch(`${simulatorUrl}/v1/${path}`, {
    method: 'POST',
    headers: { Authorization: 'Bearer sk_test_local' },
    body: new URLSearchParams(parameters),
    signal: AbortSignal.timeout(LIMIT_MS),
  });
  await answer.body?.cancel();
}
