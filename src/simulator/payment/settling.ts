import { settleIntent } from './intents.ts';
import type { Entry, Intent, JournalItem, Refund, State } from './state.ts';
import type { Webhooks } from './webhooks.ts';

const TICK_MS = 250;

type Dependencies = { state: State; commit: (entry: Entry) => Promise<void>; webhooks: Webhooks; afterMs: number };

/**
 * Payments in processing and pending refunds come to their end after a while, also across a restart. What it answers with
 * stops that, and resolves when nothing more will be written.
 */
export function settleInTime({ state, commit, webhooks, afterMs }: Dependencies): () => Promise<void> {
  let stopped = false;
  const firstSeen = new Map<string, number>();
  const isDue = (id: string): boolean => {
    const since = firstSeen.get(id) ?? Date.now();
    firstSeen.set(id, since);
    return Date.now() - since >= afterMs;
  };

  async function settlePayment(intent: Intent): Promise<void> {
    const { intent: settled, effect } = settleIntent(intent);
    const journal = [itemOf(settled, { effect, amountMinor: settled.amount })];
    await commit({ intents: [settled], events: webhooks.eventsOf({ intents: [settled] }, effect), journal });
  }

  async function settleRefund(refund: Refund): Promise<void> {
    const settled: Refund = { ...refund, status: 'succeeded' };
    const intent = state.intents.get(refund.payment_intent);
    const journal = intent
      ? [{ ...itemOf(intent, { effect: 'refunded', amountMinor: refund.amount }), refundId: refund.id }]
      : [];
    await commit({ refunds: [settled], events: webhooks.eventsOf({ refunds: [settled] }, 'refunded'), journal });
  }

  async function settle(): Promise<void> {
    for (const intent of state.intents.values()) {
      if (!stopped && intent.status === 'processing' && isDue(intent.id)) await settlePayment(intent);
    }
    for (const refund of state.refunds.values()) {
      if (!stopped && refund.status === 'pending' && isDue(refund.id)) await settleRefund(refund);
    }
  }

  let turn: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    turn = turn.then(settle);
  }, TICK_MS);
  return async () => {
    stopped = true;
    clearInterval(timer);
    await turn;
  };
}

const itemOf = (intent: Intent, { effect, amountMinor }: Pick<JournalItem, 'effect' | 'amountMinor'>): JournalItem => ({
  operation: 'settle',
  effect,
  amountMinor,
  paymentIntentId: intent.id,
  orderId: intent.metadata['orderId'] ?? null,
  idempotencyKey: null,
  replayed: false,
  fault: null,
  at: new Date().toISOString(),
});
