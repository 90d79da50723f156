// What becomes of an open order whose database was restored from a backup, by what its lost workflow and the provider say. What
// must stay true: an order that had ended never revives, one that was sold is not rejected, and where a step that runs again
// would misunderstand what the provider shows, a person decides.
import { isSold } from './order.ts';
import type { Ending } from './rejection.ts';

/** A payment that the provider has for the order. `ordinal`: of which try, where it says so. */
export type FoundPayment = {
  providerId: string;
  ordinal: number | null;
  createdAt: string;
  kind: 'unconfirmed' | 'processing' | 'needs-customer' | 'authorized' | 'captured' | 'declined' | 'cancelled';
  refundedMinor: number;
  isRefundOpen: boolean;
  /** A bank asks for its money back, or has got it. */
  isDisputed: boolean;
};

type SoldOutcome = { status: 'confirmed' | 'shipped' | 'delivered' };

export type RecoverableOrder = {
  totalMinor: number;
  /** Something of it is to be shipped. */
  ships: boolean;
  /** The last try on record, the provider's id of it, and whether it was declined. */
  lastTry: { ordinal: number; providerId: string | null; isDeclined: boolean };
  /** How the lost workflow ended, or how it was about to end; null when it was going forward, or nobody knows. */
  outcome: SoldOutcome | Ending | null;
  payments: readonly FoundPayment[];
};

export type RecoveryPlan = {
  /** The payment that is the order's own, as the try with this number. */
  own: { providerId: string; ordinal: number } | null;
  /** Fixed, so that every step that runs again ends the order in this way. */
  ending: Ending | null;
  /** Whether the order may have been charged: then whoever had to look at it first has done so, if somebody had to. */
  isReviewed: boolean;
  /** Why an operator has to decide before anything is charged or sold. */
  doubt: string | null;
};

/** What is to be written before the order's workflow runs again. */
export function planRecovery(order: RecoverableOrder): RecoveryPlan {
  const { outcome, payments, lastTry } = order;
  const takers = payments.filter(({ kind }) => takes.includes(kind));
  // An order that was amended has several: what is recorded as its own stays so.
  const first = takers.find(({ providerId }) => providerId === lastTry.providerId) ?? takers[0];
  const own = first ?? bestOf(payments, lastTry.providerId);
  const plan = {
    own: own ? { providerId: own.providerId, ordinal: ordinalOf(own, lastTry) } : null,
    // No payment is made before the review is over.
    isReviewed: payments.length > 0 || (outcome !== null && isSold(outcome.status)),
  };
  // After the order has closed again, every payment of it is looked at, and what is taken is given back.
  if (outcome && (outcome.status === 'rejected' || outcome.status === 'cancelled'))
    return { ...plan, ending: outcome, doubt: null };
  return { ...plan, ending: null, doubt: doubtOf(order, takers) };
}

function doubtOf(
  { outcome, totalMinor, lastTry, payments, ships }: RecoverableOrder,
  takers: readonly FoundPayment[],
): string | null {
  const [taker] = takers;
  const wasSold = outcome !== null && isSold(outcome.status);
  if (takers.length > 1) {
    const ids = takers.map(({ providerId, kind }) => `${providerId} (${kind})`).join(', ');
    return `The provider has more than one payment that takes money for the order: ${ids}`;
  }
  if (taker && (taker.refundedMinor > 0 || taker.isRefundOpen)) {
    return `${taker.providerId} was paid, and ${taker.refundedMinor} of it was given back; why is not known any more`;
  }
  if (taker?.isDisputed) return `${taker.providerId} was paid, and is disputed at the provider`;
  // What ships may be sold for money that is only authorized: captured, maybe in part, as it left.
  const isPaidFor = taker?.kind === 'captured' || (ships && taker?.kind === 'authorized');
  if (wasSold && totalMinor > 0 && !isPaidFor) {
    return 'The order had been confirmed, and the provider shows no payment for it';
  }
  if (ships)
    return 'What of the order was packed and handed over since the backup is not known here: ask the warehouse and the carrier';
  const stored = payments.find(({ providerId }) => providerId === lastTry.providerId);
  if (lastTry.providerId !== null && !stored)
    return `The provider does not know ${lastTry.providerId}, which is on record`;
  if (taker && stored && stored !== taker && !lastTry.isDeclined && stored.kind !== 'cancelled') {
    return `${taker.providerId} takes money for the order, and ${stored.providerId}, which is on record, is ${stored.kind}`;
  }
  return null;
}

/** Money is taken, or may be taken without another word of ours. */
const takes: readonly FoundPayment['kind'][] = ['captured', 'authorized', 'processing', 'needs-customer'];

/** Of payments that take nothing: the stored one, else the newest of what was decided, else of what nobody has confirmed. */
function bestOf(payments: readonly FoundPayment[], stored: string | null): FoundPayment | null {
  const known = payments.find(({ providerId }) => providerId === stored);
  if (known) return known;
  for (const kind of ['declined', 'cancelled', 'unconfirmed']) {
    const [newest] = payments
      .filter((payment) => payment.kind === kind)
      .sort((one, other) => (one.createdAt < other.createdAt ? 1 : -1));
    if (newest) return newest;
  }
  return null;
}

/** A declined try stays what it is: what was paid after it is another. Any other takes the place of the last on record. */
function ordinalOf({ providerId, ordinal }: FoundPayment, lastTry: RecoverableOrder['lastTry']): number {
  const isOlder = ordinal !== null && ordinal <= lastTry.ordinal;
  if (!lastTry.isDeclined || isOlder || providerId === lastTry.providerId) return lastTry.ordinal;
  return Math.max(ordinal ?? 0, lastTry.ordinal + 1);
}
