// The card of an order: what happened, what it waits for, until when, who must act, what is at stake. What must stay true:
// it is made of facts alone (the api gathers them from rows and Temporal, the workflow from what it knows), it claims nothing
// that was not asked, and every order that has not ended waits for something or somebody.
import { isClosed, type OrderStatus, type OrderStep, type ParkedStep, type Waiting } from './order.ts';
import type { PaymentState } from './payment.ts';
import type { Ending } from './rejection.ts';
import { possibleActions, type ResolutionAction } from './resolution.ts';

/** Amounts in minor units of `currency`, instants as ISO strings. What is not known is null. */
export type OrderFacts = {
  orderId: string;
  status: OrderStatus;
  /** What of it is parked, the longest first: the order's own step, payments that changed without it. */
  parked: readonly ParkedFact[];
  waiting: Waiting | null;
  /** How the order will end, once its undo has begun. */
  ending: Ending | null;
  /** No workflow has taken the order up yet. */
  awaitsLaunch: boolean;
  currency: string;
  totalMinor: number;
  payment: { state: PaymentState; capturedMinor: number; refundedMinor: number; disputedMinor: number };
  /** Disputes of its payments that are not won, the first to answer first. */
  disputes: readonly Dispute[];
  /** `heldUnits` is null when stock is held and nobody here knows how much. */
  stock: Stock;
  /** Whether a workflow runs for the order; null when that is not known. */
  workflowRuns: boolean | null;
  happened: readonly Happening[];
  /** Failed tries, the last first. */
  attempts: readonly Attempt[];
  /** The try that is under way or scheduled at Temporal. */
  pending: PendingTry | null;
  /** What could not be asked, in words. */
  notAsked: readonly string[];
};

/** `payment`: the one that is followed, as far as it is recorded; null for the order's own step, or when none is. */
export type ParkedFact = ParkedStep & {
  payment: { isOwn: boolean; amountMinor: number; capturedMinor: number; refundedMinor: number } | null;
};

type Stake = { amountMinor: number | null; units: number | null };
type Stock = { heldUnits: number | null; soldUnits: number; holdUntil: string | null };
export type Dispute = {
  disputeId: string;
  state: 'open' | 'lost';
  reason: string;
  amountMinor: number;
  evidenceDueAt: string | null;
};
export type Happening = { at: string | null; sentence: string };
export type Attempt = { step: OrderStep; attempt: number; at: string; message: string; nextTryAt: string | null };
export type PendingTry = { step: OrderStep; attempt: number; lastFailure: string | null; nextTryAt: string | null };

export type Actor = 'nobody' | 'operator' | 'customer' | 'reviewer' | 'provider' | 'warehouse' | 'service';

export type Explanation = {
  orderId: string;
  status: OrderStatus;
  summary: string;
  happened: readonly Happening[];
  /** Null when the order has ended, and nothing beside it is parked. */
  waitingFor: { what: string; until: string | null } | null;
  mustAct: { who: Actor; how: string };
  /** What an operator can decide about what is parked longest; none unless something is. */
  possibleActions: readonly ResolutionAction[];
  /** All that is parked, the longest first, each with what is at stake; null where that is not known. */
  parked: readonly (ParkedStep & { possibleActions: readonly ResolutionAction[]; atStake: Stake })[];
  attempts: readonly Attempt[];
  nextRetry: { step: OrderStep; attempt: number; at: string | null } | null;
  money: {
    currency: string;
    totalMinor: number;
    capturedMinor: number;
    refundedMinor: number;
    /** What disputes hold back: taken by the bank, and not given again. */
    disputedMinor: number;
    /** What is ours now: captured less refunded and disputed. */
    balanceMinor: number;
    /** What may have been captured, or still may be, without our knowing. */
    mayBeCapturedMinor: number;
    sentence: string;
  };
  disputes: readonly Dispute[];
  stock: Stock & { sentence: string };
  /** What is open: money that is, or may be, taken of an order that has not ended, or that an open dispute is about; held units. */
  atStake: { amountMinor: number; units: number | null };
  notAsked: readonly string[];
};

/** The card as data. */
export function explainOrder(facts: OrderFacts): Explanation {
  const ended = isClosed(facts.status);
  const money = moneyOf(facts);
  const [first] = facts.parked;
  // Business after the end (a dispute, money that came late) parks beside an order that has ended.
  const { waitingFor, mustAct } = ended && !first ? nothingLeft : waitOf(facts);
  const { heldUnits } = facts.stock;
  return {
    orderId: facts.orderId,
    status: facts.status,
    summary: summaryOf(facts, waitingFor?.what ?? null),
    happened: facts.happened,
    waitingFor,
    mustAct,
    possibleActions: first ? possibleActions(first.step) : [],
    parked: facts.parked.map((parked) => parkedOf(parked, facts, money)),
    attempts: facts.attempts,
    nextRetry: ended || isStoryParked(facts) ? null : nextRetryOf(facts),
    money,
    disputes: facts.disputes,
    stock: { ...facts.stock, sentence: stockSentence(facts, ended) },
    atStake: ended
      ? { amountMinor: openDisputeMinor(facts), units: 0 }
      : { amountMinor: money.balanceMinor + money.mayBeCapturedMinor, units: heldUnits },
    notAsked: facts.notAsked,
  };
}

const isStoryParked = ({ orderId, parked }: OrderFacts): boolean =>
  parked.some(({ workflowId }) => workflowId === orderId);

function parkedOf(
  { payment, ...parked }: ParkedFact,
  { orderId, totalMinor, stock }: OrderFacts,
  money: Explanation['money'],
): Explanation['parked'][number] {
  const actions = { ...parked, possibleActions: possibleActions(parked.step) };
  if (parked.workflowId === orderId) {
    const amountMinor = money.balanceMinor + money.mayBeCapturedMinor;
    return { ...actions, atStake: { amountMinor, units: stock.heldUnits } };
  }
  return { ...actions, atStake: { amountMinor: payment && stakeOf(payment, totalMinor), units: 0 } };
}

/** Of the order's own payment what the order lacks; of another what is to be given back, or may have been taken. */
function stakeOf(payment: NonNullable<ParkedFact['payment']>, totalMinor: number): number {
  const balanceMinor = payment.capturedMinor - payment.refundedMinor;
  if (payment.isOwn) return Math.abs(totalMinor - balanceMinor);
  return payment.capturedMinor > 0 ? balanceMinor : payment.amountMinor;
}

type Wait = Pick<Explanation, 'waitingFor' | 'mustAct'>;
const nothingLeft: Wait = { waitingFor: null, mustAct: { who: 'nobody', how: 'Nothing is left to be done' } };

/** In the order of who can hold the order up: an operator before a partner before ourselves. */
function waitOf(facts: OrderFacts): Wait {
  const { parked, waiting } = facts;
  const [first] = parked;
  const isEnded = isClosed(facts.status);
  if (facts.workflowRuns === false && !facts.awaitsLaunch && !isEnded) return waitForItsWorkflow(facts);
  if (first) {
    return {
      waitingFor: {
        what: `an operator’s decision about ${stepWords[first.step]}: ${first.reason}`,
        until: first.step === 'follow-payment' ? evidenceDueAt(facts) : null,
      },
      mustAct: {
        who: 'operator',
        how: `Decide: ${possibleActions(first.step).join(', ')} (POST /orders/${facts.orderId}/resolution)`,
      },
    };
  }
  if (waiting) {
    const { what, who, how } = outsiders[waiting.for];
    return { waitingFor: { what, until: waiting.until }, mustAct: { who, how } };
  }
  return waitForOurselves(facts);
}

/** Somebody ended it in Temporal: whatever the order waited for, nobody is there to hear of it. */
function waitForItsWorkflow({ orderId }: OrderFacts): Wait {
  const how = `Have it started again, which any decision does (POST /orders/${orderId}/resolution): it goes on where it was`;
  return { waitingFor: { what: 'its workflow, which is not running', until: null }, mustAct: { who: 'operator', how } };
}

/** Until when the first of the open disputes can be answered. */
const evidenceDueAt = ({ disputes }: OrderFacts): string | null =>
  disputes.find(({ state }) => state === 'open')?.evidenceDueAt ?? null;

const openDisputeMinor = ({ disputes }: OrderFacts): number =>
  disputes.filter(({ state }) => state === 'open').reduce((sum, { amountMinor }) => sum + amountMinor, 0);

function waitForOurselves(facts: OrderFacts): Wait {
  if (facts.awaitsLaunch) {
    return {
      waitingFor: { what: 'its workflow to be taken up by a worker', until: null },
      mustAct: { who: 'service', how: 'By itself, as soon as Temporal and a worker are there' },
    };
  }
  const step = facts.pending?.step ?? nextStepOf(facts);
  const last = facts.pending?.lastFailure ?? null;
  const retry = nextRetryOf(facts);
  const tried = last ?? (retry ? (facts.attempts[0]?.message ?? null) : null);
  return {
    waitingFor: {
      what: `${stepWords[step]}${tried ? `, which last failed: ${tried}` : ''}`,
      until: retry?.at ?? null,
    },
    mustAct: isAtProvider(step)
      ? { who: 'provider', how: 'By itself: the provider is asked until it answers, or the order parks' }
      : { who: 'service', how: 'By itself: it is tried until it is done, or the order parks' },
  };
}

const isAtProvider = (step: OrderStep): boolean => step === 'charge-payment' || step === 'refund-payment';

/** By what is recorded: the first thing that is not done yet. */
function nextStepOf({ status, ending, payment, stock, totalMinor }: OrderFacts): OrderStep {
  if (ending) {
    if (payment.state === 'pending' || payment.state === 'authorized') return 'refund-payment';
    if (payment.capturedMinor > payment.refundedMinor + payment.disputedMinor) return 'refund-payment';
    return stock.heldUnits === 0 ? 'close-order' : 'release-inventory';
  }
  if (status === 'placed') return 'reserve-inventory';
  return totalMinor > 0 && payment.state === 'pending' ? 'charge-payment' : 'confirm-order';
}

/** Temporal knows best; without it, what the last failed try left, if nothing has happened since. */
function nextRetryOf({ pending, attempts, status, ending, ...facts }: OrderFacts): Explanation['nextRetry'] {
  if (pending) return { step: pending.step, attempt: pending.attempt, at: pending.nextTryAt };
  const [last] = attempts;
  const step = nextStepOf({ pending, attempts, status, ending, ...facts });
  if (!last || last.nextTryAt === null || last.step !== step) return null;
  return { step: last.step, attempt: last.attempt + 1, at: last.nextTryAt };
}

function moneyOf({ currency, totalMinor, payment, status, ending }: OrderFacts): Explanation['money'] {
  const { capturedMinor, refundedMinor, disputedMinor, state } = payment;
  const balanceMinor = capturedMinor - refundedMinor - disputedMinor;
  const mayBe = (state === 'pending' && (status === 'reserved' || ending !== null)) || state === 'authorized';
  const mayBeCapturedMinor = mayBe && !isClosed(status) ? totalMinor : 0;
  const given = { capturedMinor, refundedMinor, disputedMinor };
  const figures = { currency, totalMinor, ...given, balanceMinor, mayBeCapturedMinor };
  return { ...figures, sentence: moneySentence(figures) };
}

function moneySentence(money: Omit<Explanation['money'], 'sentence'>): string {
  const { currency, totalMinor, capturedMinor, refundedMinor, disputedMinor, balanceMinor, mayBeCapturedMinor } = money;
  const words = (amountMinor: number): string => `${amountMinor} ${currency} (minor units)`;
  if (totalMinor === 0) return 'The order is free of charge: no money moves.';
  if (mayBeCapturedMinor > 0) {
    return `${words(balanceMinor)} is taken for certain; ${words(mayBeCapturedMinor)} may be taken, which only the provider knows.`;
  }
  if (disputedMinor > 0) {
    const refunded = refundedMinor > 0 ? `${words(refundedMinor)} of it given back, ` : '';
    return `${words(capturedMinor)} was taken, ${refunded}${words(disputedMinor)} taken back by a dispute: ${words(balanceMinor)} is left.`;
  }
  if (refundedMinor > 0) return `${words(capturedMinor)} was taken, ${words(refundedMinor)} of it given back.`;
  return capturedMinor > 0 ? `${words(capturedMinor)} is taken.` : `Nothing is taken of ${words(totalMinor)}.`;
}

function stockSentence(facts: OrderFacts, ended: boolean): string {
  const { heldUnits, soldUnits, holdUntil } = facts.stock;
  if (heldUnits === 0) return soldUnits > 0 ? `${units(soldUnits)} sold.` : 'Nothing is held.';
  const held = `${heldUnits === null ? 'Stock is' : units(heldUnits)} held for this order`;
  if (isStoryParked(facts) && !ended) return `${held}: a parked order keeps its hold until an operator decides.`;
  return holdUntil ? `${held} (until ${holdUntil} at least).` : `${held}.`;
}

const units = (count: number): string => `${count} ${count === 1 ? 'unit' : 'units'}`;

function summaryOf({ status, parked, ending }: OrderFacts, waitsFor: string | null): string {
  const ended = ending?.status === 'rejected' ? `Rejected: ${ending.rejection.message}` : capital(status);
  if (waitsFor === null) return ended;
  const [first] = parked;
  if (first) {
    const mark = `arked at ${first.step} since ${first.since}`;
    return isClosed(status) ? `${ended}; p${mark}` : `P${mark}`;
  }
  return ending ? `Being undone, to end ${ending.status}` : `${capital(status)}, waits for ${waitsFor}`;
}

const capital = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

const stepWords: Record<OrderStep, string> = {
  'reserve-inventory': 'holding the stock',
  'charge-payment': 'charging the payment',
  'confirm-order': 'confirming the sale',
  'refund-payment': 'voiding or refunding the payment',
  'release-inventory': 'freeing the stock',
  'close-order': 'closing the order',
  'follow-payment': 'a payment that changed without the order',
};

const outsiders: Record<Waiting['for'], { what: string; who: Actor; how: string }> = {
  review: { what: 'a review', who: 'reviewer', how: 'Review the order' },
  customer: { what: 'the customer', who: 'customer', how: 'Finish the payment' },
  provider: { what: 'the payment provider', who: 'provider', how: 'By itself, when the provider has an answer' },
  warehouse: { what: 'the warehouse', who: 'warehouse', how: 'Hand the order over' },
};
