// One purchase of the shop: what was chosen, the key of its order, and what was answered; kept until another is begun.
import { useState } from 'preact/hooks';
import { ApiError, ask } from '../../lib/api.ts';
import type { Store } from '../../lib/intent.ts';
import { useStore } from '../../lib/place.ts';
import type { ProblemBody } from '../../lib/problem.ts';
import { problemOf } from '../../lib/resource.ts';
import type { Order } from '../../lib/types.ts';
import { testCards } from './cards.ts';

const NAME = 'durable-orders.shop';

export type Purchase = {
  key: string;
  units: Record<string, number>;
  card: string;
  method: string;
  ships: boolean;
  customerId: string;
  /** What went out; sent again exactly so. */
  sent: object | null;
  orderId: string | null;
  /** How often the same request was answered with the same order. */
  repeats: number;
};

const fresh = (was?: Purchase): Purchase => ({
  key: `console-${crypto.randomUUID()}`,
  units: was?.units ?? {},
  card: was?.card ?? 'pays',
  method: was?.method ?? '',
  ships: was?.ships ?? false,
  customerId: was?.customerId ?? 'customer-1',
  ...{ sent: null, orderId: null, repeats: 0 },
});

function readPurchase(store: Store): Purchase {
  try {
    return { ...fresh(), ...(JSON.parse(store.getItem(NAME) ?? '{}') as Partial<Purchase>) };
  } catch {
    return fresh();
  }
}

const address = { name: 'Ada', line1: 'Main Street 1', city: 'Bremen', postalCode: '28195', country: 'DE' };

function bodyOf({ units, card, method, ships, customerId }: Purchase, hasCards: boolean): object {
  const chosen = testCards.find(({ name }) => name === card);
  const items = Object.entries(units)
    .filter(([, quantity]) => quantity > 0)
    .map(([sku, quantity]) => ({ sku, quantity }));
  return {
    ...{ customerId, items, metadata: { channel: 'console' } },
    paymentMethod: hasCards ? chosen?.method : method,
    ...(hasCards && chosen?.retryMinutes ? { paymentRetryMinutes: chosen.retryMinutes } : {}),
    ...(ships ? { shipping: address } : {}),
  };
}

export function usePurchase(hasCards: boolean) {
  const store = useStore();
  const [purchase, setPurchase] = useState(() => readPurchase(store));
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ProblemBody | null>(null);
  const keep = (next: Purchase): void => {
    store.setItem(NAME, JSON.stringify(next));
    setPurchase(next);
  };
  const place = async (): Promise<void> => {
    if (isBusy) return;
    setBusy(true);
    setProblem(null);
    const sending = { ...purchase, sent: purchase.sent ?? bodyOf(purchase, hasCards) };
    try {
      const losesAnswer = hasCards && testCards.find(({ name }) => name === purchase.card)?.losesAnswer;
      if (losesAnswer && purchase.sent === null) await ask('/console/lose-answer', { method: 'POST', body: {} });
      keep(sending);
      const headers = { 'Idempotency-Key': sending.key };
      const answer = await ask<Order>('/orders', { method: 'POST', body: sending.sent, headers });
      const isRepeat = answer.headers.get('Idempotency-Replayed') === 'true';
      keep({ ...sending, orderId: answer.data.id, repeats: purchase.repeats + (isRepeat ? 1 : 0) });
    } catch (error) {
      // Refused for certain: it can be changed, and sent as another. Not where a try before this one may have arrived.
      const isRefused = error instanceof ApiError && (purchase.sent === null ? !error.isUnknown : error.isAnswer);
      if (isRefused && purchase.orderId === null) keep({ ...fresh(purchase) });
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };
  const anew = (): void => (setProblem(null), keep(fresh(purchase)));
  const choose = (chosen: Partial<Purchase>): void => keep({ ...purchase, ...chosen });
  return { purchase, choose, place, anew, isBusy, problem };
}
