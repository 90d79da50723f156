// An operator who has a part of what was sold given back, by an amount or by units, while everything else goes wrong. Each refund has to
// be made once, or be given up with nothing moved.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { VerifyStack } from './stack.ts';

const PAUSE_MS = 4_000;
const LIMIT_MS = 5_000;
const MOST = 20;

export type Refunder = { did: () => Readonly<Record<string, number>>; stop: () => Promise<void> };

/** Asks for one refund after the other until stopped; one that got no answer may have been accepted, as always. */
export function startRefunder(stack: VerifyStack): Refunder {
  let asked = 0;
  const touched: string[] = [];
  const pausing = new AbortController();

  async function run(): Promise<void> {
    while (asked < MOST) {
      await sleep(PAUSE_MS, undefined, { signal: pausing.signal }).catch(() => undefined);
      if (pausing.signal.aborted) return;
      await ask().catch(() => undefined);
    }
  }

  async function ask(): Promise<void> {
    const chosen = await choose(stack, touched);
    if (!chosen) return;
    const { orderId, sku } = chosen;
    // Half of them get a second one, at the same time as the first.
    const wishes = [asked % 2 === 0 ? { amountMinor: 1 } : { items: [{ sku, quantity: 1 }] }, { amountMinor: 2 }];
    touched.push(orderId);
    asked += 1;
    await Promise.all(wishes.slice(asked % 2).map((wish) => post(stack, orderId, wish)));
  }

  const running = run();
  return {
    did: () => ({ 'orders of which an operator had something given back': asked }),
    stop: async () => {
      pausing.abort();
      await running;
    },
  };
}

async function choose({ db }: VerifyStack, not: readonly string[]): Promise<{ orderId: string; sku: string } | null> {
  const { rows } = await db.query<{ orderId: string; sku: string }>(
    `select o.id as "orderId", l.sku from orders o join order_lines l on l.order_id = o.id
     where o.status in ('confirmed', 'shipped', 'delivered') and o.total_minor > 0 and l.unit_price_minor > 0 and o.id <> all ($1)
     order by o.placed_at desc, l.sku limit 1`,
    [not],
  );
  return rows[0] ?? null;
}

async function post({ apiUrl }: VerifyStack, orderId: string, wish: object): Promise<void> {
  const answer = await fetch(`${apiUrl}/orders/${orderId}/refunds`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID() },
    body: JSON.stringify({ ...wish, reason: 'the run gives it back' }),
    signal: AbortSignal.timeout(LIMIT_MS),
  });
  await answer.body?.cancel();
}
