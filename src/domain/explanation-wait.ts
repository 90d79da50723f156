// What an order waits for, and who must act. What must stay true: every order that has not ended waits for something or somebody,
// and so does one that has ended while business beside it (a payment that is parked, an open dispute) has not.
import type { Actor, AmendmentFact, Explanation, OrderFacts, ReviewFact } from './explanation-facts.ts';
import { type OrderStep, type Waiting } from './order.ts';
import { possibleActions } from './resolution.ts';
import { isReturnOver } from './return.ts';
import { clause, sayAmount, sayUnits } from './sentence.ts';

type Wait = Pick<Explanation, 'waitingFor' | 'mustAct'>;
const nothingLeft: Wait = { waitingFor: null, mustAct: { who: 'nobody', how: 'Nothing is left to be done' } };

/** In the order of who can hold the order up: an operator before a partner before ourselves. */
export function waitOf(facts: OrderFacts): Wait {
  const { parked, waiting, review } = facts;
  const [first] = parked;
  const isEnded = facts.isClosed;
  if (isEnded && !first) return waitForARefund(facts) ?? waitForAReturn(facts) ?? waitForTheBank(facts);
  if (facts.workflowRuns === false && !facts.awaitsLaunch && !isEnded) return waitForItsWorkflow(facts);
  if (first) {
    const { waitingFor, mustAct } = parkedWait(facts.orderId, first);
    return {
      waitingFor: { what: waitingFor, until: first.step === 'follow-payment' ? evidenceDueAt(facts) : null },
      mustAct,
    };
  }
  if (facts.amendment) return waitForAmendment(facts.amendment);
  if (review) return waitForReview(facts.orderId, review);
  if (waiting?.for === 'stock') return waitForStock(facts, waiting.until);
  if (waiting) {
    const { what, who, how } = outsiders[waiting.for];
    return { waitingFor: { what, until: waiting.until }, mustAct: { who, how } };
  }
  return waitForShipments(facts) ?? waitForOurselves(facts);
}

/** An operator's decision, also about business beside the order. `since` is null until its row says that it is parked. */
export function parkedWait(
  orderId: string,
  { step, reason, since }: { step: OrderStep; reason: string; since: string | null },
): { waitingFor: string; mustAct: { who: Actor; how: string } } {
  const asRead = since === null ? '' : `, "since": "${since}"`;
  return {
    waitingFor: `an operator’s decision about ${stepWords[step]}: ${clause(reason)}`,
    mustAct: {
      who: 'operator',
      how: `Decide: ${possibleActions(step).join(', ')} (POST /orders/${orderId}/resolution${asRead})`,
    },
  };
}

/** Nothing of the order should be packed while it is being changed; it is over in a moment, or parks. */
const waitForAmendment = ({ number, reason }: AmendmentFact): Wait => ({
  waitingFor: { what: `amendment ${number}: ${clause(reason)}`, until: null },
  mustAct: { who: 'service', how: 'By itself: it is applied or refused, or it parks' },
});

/** Who must look at the order, until when, and what happens if nobody does. */
function waitForReview(orderId: string, { reasons, until, escalatesAt, isEscalated, onExpiry }: ReviewFact): Wait {
  const group = isEscalated ? 'the second group of reviewers' : 'a reviewer';
  const scope = isEscalated ? 'orders:review:escalated' : 'orders:review';
  const next = escalatesAt === null ? '' : `; from ${escalatesAt} on the second group must`;
  const end = onExpiry === 'approve' ? 'it goes on to be charged' : 'it is rejected';
  return {
    waitingFor: { what: `${group}, before it is charged: ${clause(reasons.join('; '))}`, until },
    mustAct: {
      who: 'reviewer',
      how: `Approve or reject it (POST /orders/${orderId}/review, scope ${scope}${next}); if nobody does by ${until}, ${end}`,
    },
  };
}

/** It is sold, and not all of it is there. */
function waitForStock({ backorders }: OrderFacts, until: string | null): Wait {
  const units = backorders.map(({ sku, quantity, since }) => `${quantity} of ${sku}, since ${since}`).join('; ');
  const what = `stock${units === '' ? '' : `: ${units}`}`;
  const { who, how } = outsiders.stock;
  return { waitingFor: { what, until }, mustAct: { who, how } };
}

/** Business after the end: what an operator wants given back, and is not parked. */
function waitForARefund({ refunds, currency }: OrderFacts): Wait | null {
  const open = refunds.find(({ state }) => state === 'requested');
  if (!open) return null;
  const { number, amountMinor, reason } = open;
  return {
    waitingFor: { what: `refund ${number} of ${sayAmount(amountMinor, currency)}: ${clause(reason)}`, until: null },
    mustAct: { who: 'provider', how: 'By itself: the provider is asked until it is done, or the refund parks' },
  };
}

/** Business after the end: what a customer wants to send back, and is not parked. The first that somebody waits for. */
function waitForAReturn({ orderId, returns }: OrderFacts): Wait | null {
  const open = returns.find(({ status }) => !isReturnOver(status));
  if (!open) return null;
  const { number, status, units, reason, until } = open;
  const path = `POST /orders/${orderId}/returns/${number}`;
  const about = `return ${number} of ${sayUnits(units)}: ${clause(reason)}`;
  if (status === 'requested')
    return {
      waitingFor: { what: `the answer to ${about}`, until },
      mustAct: { who: 'operator', how: `Say whether it may come (${path}/approve, or /reject)` },
    };
  if (status === 'approved')
    return {
      waitingFor: { what: `the goods of ${about}`, until },
      mustAct: { who: 'customer', how: `Send them; the warehouse says what came (${path}/receive)` },
    };
  return {
    waitingFor: { what: `what is given back for ${about}`, until: null },
    mustAct: { who: 'service', how: 'By itself: it is completed with its refund, or parks' },
  };
}

/** Business after the end: an open dispute that nobody is asked about any more is still to be decided. */
function waitForTheBank({ disputes, currency }: OrderFacts): Wait {
  const open = disputes.find(({ state }) => state === 'open');
  if (!open) return nothingLeft;
  const { disputeId, amountMinor, evidenceDueAt: until } = open;
  return {
    waitingFor: {
      what: `the bank’s decision about dispute ${disputeId} of ${sayAmount(amountMinor, currency)}`,
      until,
    },
    mustAct: { who: 'provider', how: 'By itself, when the bank decides; evidence is given at the provider' },
  };
}

/** Told by who does not ask the rows: whom each waits for, it says itself. */
function waitForShipments({ shipmentsUnderWay = [] }: OrderFacts): Wait | null {
  if (shipmentsUnderWay.length === 0) return null;
  return {
    waitingFor: { what: `its shipments: ${shipmentsUnderWay.join(', ')}`, until: null },
    mustAct: {
      who: 'service',
      how: 'By itself, once they have arrived. Whom each of them waits for, its own page says',
    },
  };
}

/** Somebody ended it in Temporal: whatever the order waited for, nobody is there to hear of it. */
function waitForItsWorkflow({ orderId }: OrderFacts): Wait {
  const how = `Have it started again, which any decision does (POST /orders/${orderId}/resolution): it goes on where it was`;
  return { waitingFor: { what: 'its workflow, which is not running', until: null }, mustAct: { who: 'operator', how } };
}

/** Until when the first of the open disputes can be answered. */
const evidenceDueAt = ({ disputes }: OrderFacts): string | null =>
  disputes.find(({ state }) => state === 'open')?.evidenceDueAt ?? null;

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
      what: `${stepWords[step]}${tried ? `, which last failed: ${clause(tried)}` : ''}`,
      until: retry?.at ?? null,
    },
    mustAct: isAtCarrier(step)
      ? { who: 'carrier', how: 'By itself: the carrier is asked until it answers, or the shipment parks' }
      : isAtProvider(step)
        ? { who: 'provider', how: 'By itself: the provider is asked until it answers, or the order parks' }
        : { who: 'service', how: 'By itself: it is tried until it is done, or the order parks' },
  };
}

const isAtCarrier = (step: OrderStep): boolean =>
  step === 'create-shipment' || step === 'deliver-shipment' || step === 'cancel-shipment';
const isAtProvider = (step: OrderStep): boolean => step === 'charge-payment' || step === 'refund-payment';

/** By what is recorded: the first thing that is not done yet. */
function nextStepOf({ status, ending, payment, stock, totalMinor }: OrderFacts): OrderStep {
  if (status === 'shipped') return 'deliver-shipment';
  if (ending) {
    if (payment.state === 'pending' || payment.state === 'authorized') return 'refund-payment';
    const { capturedMinor, refundedMinor, disputedMinor, strayMinor } = payment;
    if (capturedMinor - strayMinor > refundedMinor + disputedMinor) return 'refund-payment';
    return stock.heldUnits === 0 ? 'close-order' : 'release-inventory';
  }
  if (status === 'placed') return 'reserve-inventory';
  if (status === 'confirmed') return 'create-shipment';
  return totalMinor > 0 && payment.state === 'pending' ? 'charge-payment' : 'confirm-order';
}

/** Temporal knows best; without it, what the last failed try left, if nothing has happened since. */
export function nextRetryOf({ pending, attempts, status, ending, ...facts }: OrderFacts): Explanation['nextRetry'] {
  if (pending) return { step: pending.step, attempt: pending.attempt, at: pending.nextTryAt };
  const [last] = attempts;
  const step = nextStepOf({ pending, attempts, status, ending, ...facts });
  if (!last || last.nextTryAt === null || last.step !== step) return null;
  return { step: last.step, attempt: last.attempt + 1, at: last.nextTryAt };
}

/** What a step does, in words. */
export const stepWords: Record<OrderStep, string> = {
  'reserve-inventory': 'holding the stock',
  'charge-payment': 'charging the payment',
  'confirm-order': 'confirming the sale',
  'refund-payment': 'voiding or refunding the payment',
  'release-inventory': 'freeing the stock',
  'close-order': 'closing the order',
  'follow-payment': 'a payment that changed without the order',
  'pay-refund': 'a refund that was asked for',
  'capture-payment': 'capturing what was handed over',
  'ship-order': 'dividing the order into shipments',
  'pack-shipment': 'packing a shipment',
  'create-shipment': 'the carrier’s label of a shipment',
  'dispatch-shipment': 'handing a shipment over to the carrier',
  'deliver-shipment': 'delivering a shipment',
  'refund-missing': 'what is given back for units that do not come',
  'cancel-shipment': 'keeping back what was packed',
  'follow-shipment': 'a parcel that left although it was cancelled',
  'approve-return': 'whether something may come back',
  'receive-return': 'waiting for goods that come back',
  'refund-return': 'what is given back for goods that came',
  'hold-amendment': 'holding the units that an amendment adds',
  'charge-amendment': 'charging what an amendment adds',
  'apply-amendment': 'changing the order',
  'undo-amendment': 'voiding or refunding what an amendment charged',
  'close-amendment': 'closing an amendment that is refused',
};

const outsiders: Record<Waiting['for'], { what: string; who: Actor; how: string }> = {
  review: { what: 'a review', who: 'reviewer', how: 'Review the order' },
  customer: { what: 'the customer', who: 'customer', how: 'Finish the payment' },
  provider: { what: 'the payment provider', who: 'provider', how: 'By itself, when the provider has an answer' },
  stock: {
    what: 'stock',
    who: 'operator',
    how: 'Put it on the shelf (POST /products/{sku}/stock-adjustments): it is served in its turn; what has not come in time is refunded',
  },
  warehouse: {
    what: 'the warehouse',
    who: 'warehouse',
    how: 'Pack it (POST /orders/{id}/shipments/{n}/packed), and hand it over to the carrier',
  },
  carrier: { what: 'the carrier', who: 'carrier', how: 'By itself, when the carrier delivers' },
};
