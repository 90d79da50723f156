// What the four books (ours of money, ours of orders and stock, the provider's, Temporal's) say of one thing, and what it means
// when they do not agree: a drift with a name, and what is done about it. Pure: whoever calls sees to it that only what is
// older than the grace period comes here, and that a drift was seen twice before anything is done.
import { isClosed, type OrderStatus, type OrderStep } from './order.ts';
import type { PaymentState } from './payment.ts';

/** The names of the drifts. Reports carry them: they never change. docs/operations.md says what each means. */
export const driftNames = [
  'workflow-gone',
  'workflow-ended-early',
  'workflow-without-order',
  'hold-overdue',
  'hold-of-closed-order',
  'parked-without-workflow',
  'parked-row-stale',
  'parked-row-missing',
  'payment-unclaimed',
  'payment-left-open',
  'payment-without-order',
  'capture-unknown',
  'capture-missing',
  'payment-differs',
  'refund-unknown',
  'refund-missing',
  'stock-reserved-differs',
  'stock-on-hand-differs',
  'notice-overdue',
] as const;
export type DriftName = (typeof driftNames)[number];

/**
 * What is done about a drift. `restart`: the launcher starts the order's workflow again. `wake`: its workflow is told to look, its
 * hold stands meanwhile. `tell`: its workflow is told of news of its payment. `follow`: a workflow of the payment's own looks
 * after it (gives back what is not the order's, records what was given back). `park`: the same workflow, which finds that
 * nobody may guess and waits for a person. `unpark`: the row forgets a parking that nobody waits behind. `mark-parked`: the
 * row learns of a parking. `report`: nothing but the report.
 */
export type Remedy = 'restart' | 'wake' | 'tell' | 'follow' | 'park' | 'unpark' | 'mark-parked' | 'report';

/** `found`: in a sentence, what does not agree. */
export type Drift = { name: DriftName; found: string; remedy: Remedy };

/** A run as Temporal describes it; null: Temporal knows of none. */
export type RunFacts = { status: string; attention: string | null } | null;

/** A step that is parked by the rows: the workflow that is to hear of the decision, and how that stands. */
export type ParkedFacts = { step: OrderStep; since: string; workflowId: string; isStory: boolean; run: RunFacts };

/** An order beside the workflows that look after it: its own story (`run`), and those of its parked steps. */
export type OrderFacts = {
  kind: 'order';
  status: OrderStatus;
  parked: readonly ParkedFacts[];
  /** Units held, and whether the deadline of a hold, and the grace after it, are over. */
  hold: { units: number; isOverdue: boolean };
  run: RunFacts;
};

/** A payment at the provider (null: it has none of this id) beside our books. */
export type PaymentFacts = {
  kind: 'payment';
  paymentId: string;
  found: { state: string; capturedMinor: number; amountMinor: number; currency: string; isOurs: boolean } | null;
  order: { status: OrderStatus; isEnding: boolean; isParked: boolean } | null;
  /** Our row of it; null when no try has it. `capturedMinor`: what the ledger says was taken, null when it says nothing. */
  record: {
    state: PaymentState;
    amountMinor: number;
    currency: string;
    isStray: boolean;
    capturedMinor: number | null;
    balanceMinor: number;
  } | null;
  /** A try of the order has no payment yet and may still come to this one: the same key creates it. */
  isClaimable: boolean;
};

/** A refund at the provider beside our ledger. Null: it is not there (or did not succeed). */
export type RefundFacts = {
  kind: 'refund';
  refundId: string;
  found: { amountMinor: number; currency: string } | null;
  ledger: { amountMinor: number; currency: string } | null;
  order: { status: OrderStatus; isEnding: boolean } | null;
};

export type StockFacts = { kind: 'stock'; reserved: number; held: number; onHand: number; moved: number };
export type NoticeFacts = { kind: 'notice'; hasOrder: boolean; isClosed: boolean; run: RunFacts };
export type StrangerFacts = { kind: 'stranger'; hasOrder: boolean; run: RunFacts };

export type Facts = OrderFacts | PaymentFacts | RefundFacts | StockFacts | NoticeFacts | StrangerFacts;

/** What does not agree; null when all is well, or somebody is at it already. */
export function driftOf(facts: Facts): Drift | null {
  switch (facts.kind) {
    case 'order':
      return isClosed(facts.status) ? driftOfClosed(facts) : driftOfOpen(facts);
    case 'payment':
      return facts.record ? driftOfKnown(facts, facts.record) : driftOfUnknown(facts);
    case 'refund':
      return driftOfRefund(facts);
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

const drift = (name: DriftName, remedy: Remedy, found: string): Drift => ({ name, remedy, found });
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

/** No try of ours has it, and its metadata names an order. */
function driftOfUnknown({ found, order, isClaimable }: PaymentFacts): Drift | null {
  // Not ours, or nothing can come of it any more.
  if (!found?.isOurs || found.state === 'cancelled') return null;
  if (!order)
    return drift(
      'payment-without-order',
      'report',
      `A payment (${found.state}) names an order that is not in our tables`,
    );
  if (found.state === 'captured')
    return drift('capture-unknown', 'follow', `${money(found)} were taken that no try of the order knows`);
  if (isClaimable && !order.isEnding && !isClosed(order.status)) return null;
  return drift('payment-unclaimed', 'follow', `A payment (${found.state}) names the order, and no try of it has it`);
}

type PaymentRow = NonNullable<PaymentFacts['record']>;

function driftOfKnown({ found, order, paymentId }: PaymentFacts, record: PaymentRow): Drift | null {
  const { capturedMinor } = record;
  if (capturedMinor !== null && found?.state !== 'captured')
    return drift(
      'capture-missing',
      'park',
      `Our ledger has ${capturedMinor} of ${paymentId}; at the provider it is ${found?.state ?? 'unknown'}`,
    );
  if (!found || !order) return null;
  const differs = differenceOf(found, record);
  if (differs) return drift('payment-differs', 'park', differs);
  // An undo under way asks the provider until nothing is left to undo.
  if (order.isEnding && !isClosed(order.status) && !record.isStray) return null;
  const isOver = isClosed(order.status) || record.isStray;
  const isToBeGivenBack = record.isStray || order.status === 'rejected' || order.status === 'cancelled';
  if (found.state === 'captured')
    return driftOfCapture(found, record, { isOver, isToBeGivenBack, isParked: order.isParked });
  if (!isOver || found.state === 'cancelled') return null;
  return drift('payment-left-open', 'follow', `The payment is ${found.state}, and nobody waits for it any more`);
}

function driftOfCapture(
  found: NonNullable<PaymentFacts['found']>,
  { capturedMinor, balanceMinor }: PaymentRow,
  { isOver, isToBeGivenBack, isParked }: { isOver: boolean; isToBeGivenBack: boolean; isParked: boolean },
): Drift | null {
  if (capturedMinor === null) {
    // A parked charge is in front of a person already, and a retry takes up what it finds.
    if (!isOver && isParked) return null;
    return drift(
      'capture-unknown',
      isOver ? 'follow' : 'tell',
      `${money(found)} were taken that our ledger does not know`,
    );
  }
  if (isToBeGivenBack && balanceMinor > 0)
    return drift(
      'payment-left-open',
      'follow',
      `${balanceMinor} ${found.currency} that are not the order’s are still here`,
    );
  return null;
}

function differenceOf(found: NonNullable<PaymentFacts['found']>, record: PaymentRow): string | null {
  const { amountMinor, currency, capturedMinor } = record;
  if (found.currency !== currency) return `The payment is in ${found.currency}; ours is in ${currency}`;
  // What is cancelled was never taken, whatever it was meant to be.
  if (found.amountMinor !== amountMinor && found.state !== 'cancelled')
    return `The payment is of ${found.amountMinor} ${currency}; ours is of ${amountMinor}`;
  if (capturedMinor !== null && found.capturedMinor !== capturedMinor)
    return `${found.capturedMinor} ${currency} were taken; our ledger has ${capturedMinor}`;
  return null;
}

const money = ({ capturedMinor, currency }: { capturedMinor: number; currency: string }): string =>
  `${capturedMinor} ${currency} (minor units)`;

function driftOfRefund({ refundId, found, ledger, order }: RefundFacts): Drift | null {
  if (!order) return null;
  if (!found)
    return ledger ? drift('refund-missing', 'park', `Our ledger has refund ${refundId}; the provider has not`) : null;
  if (!ledger) {
    if (order.isEnding && !isClosed(order.status)) return null;
    return drift(
      'refund-unknown',
      'follow',
      `${found.amountMinor} ${found.currency} were given back that our ledger does not know`,
    );
  }
  if (found.amountMinor === ledger.amountMinor && found.currency === ledger.currency) return null;
  return drift(
    'payment-differs',
    'park',
    `${found.amountMinor} ${found.currency} were given back; our ledger has ${ledger.amountMinor} ${ledger.currency}`,
  );
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

/** What became of a drift. `waits`: an earlier run has parked it, and nobody has decided; `acknowledged`: somebody has. */
export const driftOutcomes = ['vanished', 'found', 'repaired', 'parked', 'waits', 'acknowledged', 'reported'] as const;
export type DriftOutcome = (typeof driftOutcomes)[number];

/** Whether a person has to do something about it. */
export const needsPerson = (outcome: DriftOutcome): boolean => ['parked', 'waits', 'reported'].includes(outcome);
