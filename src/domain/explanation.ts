// The card of an order: what happened, what it waits for, until when, who must act, what is at stake. What must stay true:
// it is made of facts alone (the api gathers them from rows and Temporal, the workflow from what it knows), and it claims nothing
// that was not asked.
import type { Explanation, OrderFacts } from './explanation-facts.ts';
import { isStoryParked, moneyOf, openDisputeMinor, stakeOf, stockSentence } from './explanation-money.ts';
import { nextRetryOf, waitOf } from './explanation-wait.ts';
import { possibleActions } from './resolution.ts';
import { clause } from './sentence.ts';

/** The card as data. */
export function explainOrder(facts: OrderFacts): Explanation {
  const ended = facts.isClosed;
  const money = moneyOf(facts);
  const [first] = facts.parked;
  const { waitingFor, mustAct } = waitOf(facts);
  const parked = facts.parked.map(({ payment, refund, return: returned, ...step }) => ({
    ...step,
    possibleActions: possibleActions(step.step),
    atStake: stakeOf({ payment, refund, return: returned, ...step }, facts, money),
  }));
  const { heldUnits } = facts.stock;
  return {
    orderId: facts.orderId,
    status: facts.status,
    summary: summaryOf(facts, waitingFor?.what ?? null),
    happened: facts.happened,
    waitingFor,
    mustAct,
    possibleActions: first ? possibleActions(first.step) : [],
    parked,
    attempts: facts.attempts,
    nextRetry: ended || isStoryParked(facts) ? null : nextRetryOf(facts),
    money,
    disputes: facts.disputes,
    refunds: facts.refunds,
    returns: facts.returns,
    ...(facts.amendment ? { amendment: facts.amendment } : {}),
    stock: { ...facts.stock, sentence: stockSentence(facts) },
    atStake: ended
      ? { amountMinor: Math.max(openDisputeMinor(facts), sumOf(parked)), units: 0 }
      : { amountMinor: money.balanceMinor + money.mayBeCapturedMinor, units: heldUnits },
    notAsked: facts.notAsked,
  };
}

const sumOf = (parked: Explanation['parked']): number =>
  parked.reduce((sum, { atStake }) => sum + (atStake.amountMinor ?? 0), 0);

function summaryOf({ status, isClosed, parked, ending }: OrderFacts, waitsFor: string | null): string {
  const ended = ending?.status === 'rejected' ? `Rejected: ${clause(ending.rejection.message)}` : capital(status);
  const [first] = parked;
  if (isClosed) {
    if (first) return `${ended}; parked at ${first.step} since ${first.since}`;
    return waitsFor === null ? ended : `${ended}; waits for ${waitsFor}`;
  }
  if (first) return `Parked at ${first.step} since ${first.since}`;
  return ending ? `Being undone, to end ${ending.status}` : `${capital(status)}, waits for ${waitsFor ?? 'nothing'}`;
}

const capital = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
