// What the four books (ours of money, ours of orders and stock, the provider's, Temporal's) say of one thing, and what it means
// when they do not agree: a drift with a name, and what is done about it. Pure: whoever calls sees to it that only what is
// older than the grace period comes here, and that a drift was seen twice before anything is done.
import { driftOfDispute, type DisputeFacts } from './dispute-drifts.ts';
import { drift, type Drift } from './drift.ts';
import { type OrderStatus, type OrderStep } from './order.ts';
import { driftOfPayment, driftOfRefund, type PaymentFacts, type RefundFacts } from './payment-drifts.ts';

/** A run as Temporal describes it; null: Temporal knows of none. */
export type RunFacts = { status: string; attention: string | null } | null;

/** A step that is parked by the rows: the workflow that is to hear of the decision, and how that stands. */
export type ParkedFacts = { step: OrderStep; since: string; workflowId: string; isStory: boolean; run: RunFacts };

/** An order beside the workflows that look after it: its own story (`run`), and those of its parked steps. */
export type OrderFacts = {
  kind: 'order';
  status: OrderStatus;
  /** Its own story is over. */
  isClosed: boolean;
  parked: readonly ParkedFacts[];
  /** Units held, and whether the deadline of a hold, and the grace after it, are over. */
  hold: { units: number; isOverdue: boolean };
  run: RunFacts;
};

export type StockFacts = { kind: 'stock'; reserved: number; held: number; onHand: number; moved: number };
export type NoticeFacts = { kind: 'notice'; hasOrder: boolean; isClosed: boolean; run: RunFacts };
export type StrangerFacts = { kind: 'stranger'; hasOrder: boolean; run: RunFacts };

export type Facts = OrderFacts | PaymentFacts | RefundFacts | DisputeFacts | StockFacts | NoticeFacts | StrangerFacts;

/** What does not agree; null when all is well, or somebody is at it already. */
export function driftOf(facts: Facts): Drift | null {
  switch (facts.kind) {
    case 'order':
      return facts.isClosed ? driftOfClosed(facts) : driftOfOpen(facts);
    case 'payment':
      return driftOfPayment(facts);
    case 'refund':
      return driftOfRefund(facts);
    case 'dispute':
      return driftOfDispute(facts);
    case 'stock':
      return driftOfStock(facts);
    case 'notice':
      return driftOfNotice(facts);
    case 'stranger':
      return !facts.hasOrder && isRunning(facts.run)
        ? drift('workflow-without-order', 'report', 'A workflow runs for an order that is not in our tables')
        : null;
  }
}

const isRunning = (run: RunFacts): boolean => run?.status === 'running';
// A state that we do not know says nothing we may act on.
const isOver = (run: RunFacts): boolean => run === null || (run.status !== 'running' && run.status !== 'other');
const statusOf = (run: RunFacts): string => run?.status ?? 'unknown to Temporal';

function driftOfOpen(order: OrderFacts): Drift | null {
  const { status, parked, hold, run } = order;
  if (run?.status === 'completed')
    return drift('workflow-ended-early', 'restart', `The order is ${status}, and its workflow is over`);
  if (isOver(run)) return drift('workflow-gone', 'restart', `The order is ${status}; its workflow is ${statusOf(run)}`);
  const stale = driftOfParked(order);
  if (stale) return stale;
  if (parked.some(({ isStory }) => isStory)) return null;
  if (run?.attention)
    return drift(
      'parked-row-missing',
      'mark-parked',
      `Its workflow waits, parked at ${run.attention}; the row says nothing`,
    );
  if (hold.units > 0 && hold.isOverdue)
    return drift('hold-overdue', 'wake', `${hold.units} units are held beyond their deadline`);
  return null;
}

function driftOfClosed(order: OrderFacts): Drift | null {
  const { status, hold } = order;
  if (hold.units > 0)
    return drift('hold-of-closed-order', 'report', `The order is ${status} and holds ${hold.units} units`);
  return driftOfParked(order);
}

/** The parked step, the longest parked first, behind which no workflow waits; null when each has its own. */
export const staleParking = ({ parked }: OrderFacts): ParkedFacts | null =>
  parked.find(({ run }) => isOver(run) || (isRunning(run) && run?.attention === null)) ?? null;

/** The rows say that somebody must decide: the workflow that would hear of it must be there, and wait. */
function driftOfParked(order: OrderFacts): Drift | null {
  const stale = staleParking(order);
  if (!stale) return null;
  const { step, run } = stale;
  return isOver(run)
    ? drift('parked-without-workflow', 'unpark', `Parked at ${step}, and the workflow that waits is ${statusOf(run)}`)
    : drift('parked-row-stale', 'unpark', `The row says parked at ${step}; its workflow does not wait`);
}

function driftOfStock({ reserved, held, onHand, moved }: StockFacts): Drift | null {
  if (reserved !== held) return drift('stock-reserved-differs', 'report', `${reserved} are reserved; ${held} are held`);
  if (onHand !== moved)
    return drift('stock-on-hand-differs', 'report', `${onHand} are on hand; the movements come to ${moved}`);
  return null;
}

/** Told again and again without success: as a rule there is no run that would hear of it. */
function driftOfNotice({ hasOrder, isClosed: closed, run }: NoticeFacts): Drift | null {
  const found = 'A notice of the provider is not passed on';
  if (!hasOrder || closed) return drift('notice-overdue', 'report', found);
  return drift(
    'notice-overdue',
    isOver(run) ? 'restart' : 'tell',
    `${found}; the order’s workflow is ${statusOf(run)}`,
  );
}
