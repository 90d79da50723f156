import type { Commit } from './commit.ts';
import { eventsOf, type Changes } from './events.ts';
import { settleIntent } from './charging.ts';
import { disputeItem } from './dispute-control.ts';
import { openDispute } from './disputes.ts';
import { settleRefund } from './refunds.ts';
import { behaviourIn, findMethod, type Intent, type JournalItem, type Refund, type State } from './state.ts';

const TICK_MS = 100;

type Dependencies = { state: State; commit: Commit; afterMs: number };

/**
 * Payments in processing and pending refunds come to their end after a while, and what is to be disputed is, also across a
 * restart. What it answers with
 * stops that, and resolves when nothing more will be written.
 */
export function settleInTime({ state, commit, afterMs }: Dependencies): () => Promise<void> {
  const firstSeen = new Map<string, number>();
  let stopped = false;

  function isDue(id: string): boolean {
    const since = firstSeen.get(id) ?? Date.now();
    firstSeen.set(id, since);
    return Date.now() - since >= afterMs;
  }

  async function settle(id: string): Promise<void> {
    firstSeen.delete(id);
    const intent = state.intents.get(id);
    const refund = state.refunds.get(id);
    const { changes, item } = intent ? settledIntent(state, intent) : settledRefund(state, refund);
    await commit({ ...changes, events: eventsOf(state, changes, null), journal: [item] });
  }

  let turn: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    // All that are due share one fsync.
    turn = turn
      .then(() => (stopped ? null : Promise.all([...state.unsettled].filter(isDue).map(settle))))
      // The log is broken: every request says so from now on, and nothing settles any more.
      .catch(() => clearInterval(timer));
  }, TICK_MS);
  return async () => {
    stopped = true;
    clearInterval(timer);
    await turn;
  };
}

type Settled = { changes: Changes; item: JournalItem };

function settledIntent(state: State, before: Intent): Settled {
  const behaviour = behaviourIn(state, before);
  if (before.status === 'succeeded' && behaviour?.kind === 'succeeds' && behaviour.dispute) {
    const changed = openDispute(state, before.id, behaviour.dispute);
    return { changes: { disputes: [changed.dispute] }, item: disputeItem(state, 'dispute', changed) };
  }
  const method = findMethod(state, before.payment_method);
  if (!method) throw new Error(`Expected ${before.id} to have a payment method; found none`);
  const { intent, effect, methods = [] } = settleIntent(before, method);
  return { changes: { intents: [intent], methods }, item: itemOf(intent, { effect, amountMinor: intent.amount }) };
}

function settledRefund(state: State, pending: Refund | undefined): Settled {
  const intent = state.intents.get(pending?.payment_intent ?? '');
  if (!pending || !intent) throw new Error('Expected a pending refund of a known payment');
  const refund = settleRefund(state, pending, intent);
  const effect = refund.status === 'succeeded' ? 'refunded' : 'none';
  const item = { ...itemOf(intent, { effect, amountMinor: refund.amount }), refundId: refund.id };
  return { changes: { refunds: [refund] }, item };
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
