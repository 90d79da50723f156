// A payment, or a refund of it, at the provider beside our books: what was taken and given back must be in both, and no money may
// stay here that is not an order's.
import { drift, type Drift } from './drift.ts';
import { isDecided, isUnsold, type OrderStatus } from './order.ts';
import type { PaymentState } from './payment.ts';

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
    /** A person has taken its money as it stands: nothing of it has moved since. */
    isAcknowledged: boolean;
    /** It was authorized, to be captured as its order ships; `isCapturing`: its workflow captures something of it now. */
    wasAuthorized?: boolean;
    isCapturing?: boolean;
  } | null;
  /** A try of the order has no payment yet and may still come to this one: the same key creates it. */
  isClaimable: boolean;
  /** It is, or may come to be, the further charge of an amendment under way, whose workflow looks after it. */
  isAmending?: boolean;
};

/** A refund at the provider beside our ledger. Null: it is not there (or did not succeed). */
export type RefundFacts = {
  kind: 'refund';
  refundId: string;
  found: { amountMinor: number; currency: string } | null;
  ledger: { amountMinor: number; currency: string } | null;
  order: { status: OrderStatus; isEnding: boolean } | null;
  /** It is one that an operator asked for, whose workflow has not come to its end. */
  isUnderWay: boolean;
};

/** What does not agree about a payment; null when all is well. */
export const driftOfPayment = (payment: PaymentFacts): Drift | null =>
  payment.record ? driftOfKnown(payment, payment.record) : driftOfUnknown(payment);

/** No try of ours has it, and its metadata names an order. */
function driftOfUnknown({ found, order, isClaimable, isAmending }: PaymentFacts): Drift | null {
  // Not ours, or nothing can come of it any more.
  if (!found?.isOurs || found.state === 'cancelled' || isAmending) return null;
  if (!order)
    return drift(
      'payment-without-order',
      'report',
      `A payment (${found.state}) names an order that is not in our tables`,
    );
  if (found.state === 'captured')
    return drift('capture-unknown', 'follow', `${money(found)} were taken that no try of the order knows`);
  if (isClaimable && !order.isEnding && !isDecided(order.status)) return null;
  return drift('payment-unclaimed', 'follow', `A payment (${found.state}) names the order, and no try of it has it`);
}

type PaymentRow = NonNullable<PaymentFacts['record']>;

function driftOfKnown(facts: PaymentFacts, record: PaymentRow): Drift | null {
  const { found, order, paymentId, isAmending } = facts;
  const { capturedMinor } = record;
  if (record.wasAuthorized) return driftOfAuthorized(facts, record);
  if (capturedMinor !== null && found?.state !== 'captured')
    return drift(
      'capture-missing',
      'park',
      `Our ledger has ${capturedMinor} of ${paymentId}; at the provider it is ${found?.state ?? 'unknown'}`,
    );
  if (!found || !order) return null;
  const differs = differenceOf(found, record);
  if (differs) return drift('payment-differs', 'park', differs);
  if (isAmending) return null;
  // An undo under way asks the provider until nothing is left to undo.
  if (order.isEnding && !isUnsold(order.status) && !record.isStray) return null;
  const isOver = isDecided(order.status) || record.isStray;
  const isToBeGivenBack = record.isStray || isUnsold(order.status);
  if (found.state === 'captured')
    return driftOfCapture(found, record, { isOver, isToBeGivenBack, isParked: order.isParked });
  if (!isOver || found.state === 'cancelled') return null;
  return drift('payment-left-open', 'follow', `The payment is ${found.state}, and nobody waits for it any more`);
}

/** Captured as its order ships: more and more of it is taken, and what is authorized beyond that is right while the order is open. */
function driftOfAuthorized({ found, order, paymentId }: PaymentFacts, record: PaymentRow): Drift | null {
  const takenMinor = record.capturedMinor ?? 0;
  if (takenMinor > (found?.capturedMinor ?? 0))
    return drift(
      'capture-missing',
      'park',
      `Our ledger has ${takenMinor} of ${paymentId}; at the provider it is ${found?.state ?? 'unknown'}, ${found?.capturedMinor ?? 0} captured`,
    );
  if (!found || !order) return null;
  const differs = differenceOf(found, { ...record, capturedMinor: null });
  if (differs) return drift('payment-differs', 'park', differs);
  // Its own workflow, or its undo, asks the provider until it is done.
  if (record.isCapturing || (order.isEnding && !isUnsold(order.status))) return null;
  if (found.capturedMinor > takenMinor)
    return drift('capture-unknown', 'follow', `${money(found)} were captured; our ledger has ${takenMinor}`);
  const isGone = found.state === 'cancelled' || found.state === 'captured';
  if (isUnsold(order.status)) {
    const isLeft = !isGone || (record.balanceMinor > 0 && !record.isAcknowledged);
    return isLeft
      ? drift('payment-left-open', 'follow', `The payment is ${found.state}, and its order has ended`)
      : null;
  }
  if (isGone === (record.state !== 'authorized') || !isDecided(order.status)) return null;
  return isGone
    ? drift(
        'authorization-lost',
        'follow',
        `The payment is ${found.state}, and what still ships was to be captured of it`,
      )
    : drift(
        'payment-left-open',
        'follow',
        `The payment is ${found.state}, and nothing is to be captured of it any more`,
      );
}

function driftOfCapture(
  found: NonNullable<PaymentFacts['found']>,
  { capturedMinor, balanceMinor, isAcknowledged }: PaymentRow,
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
  if (isToBeGivenBack && balanceMinor > 0 && !isAcknowledged)
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

export function driftOfRefund({ refundId, found, ledger, order, isUnderWay }: RefundFacts): Drift | null {
  if (!order) return null;
  if (!found)
    return ledger ? drift('refund-missing', 'park', `Our ledger has refund ${refundId}; the provider has not`) : null;
  if (!ledger) {
    // Its own workflow asks the provider until it is done, and is started again when it is gone (background/refund-launcher.ts).
    if (isUnderWay || (order.isEnding && !isUnsold(order.status))) return null;
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
