// What the card of an order is made of, and what it says.
import type { WaitingUnits } from './backorder.ts';
import type { OrderStatus, OrderStep, ParkedStep, Waiting } from './order.ts';
import type { PaymentState } from './payment.ts';
import type { Ending } from './rejection.ts';
import type { ReviewDecision } from './review.ts';
import type { RefundState } from './refund.ts';
import type { ResolutionAction } from './resolution.ts';
import type { ReturnStatus } from './return.ts';

/** Amounts in minor units of `currency`, instants as ISO strings. What is not known is null. */
export type OrderFacts = {
  orderId: string;
  status: OrderStatus;
  /** Its own story is over. */
  isClosed: boolean;
  /** What of it is parked, the longest first: the order's own step, payments that changed without it. */
  parked: readonly ParkedFact[];
  waiting: Waiting | null;
  /** The review that it waits for; null when there is none to wait for. */
  review: ReviewFact | null;
  /** How the order will end, once its undo has begun. */
  ending: Ending | null;
  /** No workflow has taken the order up yet. */
  awaitsLaunch: boolean;
  currency: string;
  totalMinor: number;
  /** The state is that of its own last try; amounts are of all its payments, `strayMinor` is what is left of those not its own. */
  payment: {
    state: PaymentState;
    capturedMinor: number;
    refundedMinor: number;
    disputedMinor: number;
    strayMinor: number;
    /** What is reserved with the customer’s bank beyond that, and what of it is to be captured now. Absent: nothing. */
    authorizedMinor?: number;
    dueMinor?: number;
  };
  /** Disputes of its payments that are not won, the first to answer first. */
  disputes: readonly Dispute[];
  /** Refunds that operators asked for, the first first. */
  refunds: readonly RefundFact[];
  /** What of it is not there and is waited for, product by product. */
  backorders: readonly WaitingUnits[];
  /** What customers want to send back, or have, the first first. */
  returns: readonly ReturnFact[];
  /** A change of the order that is under way. */
  amendment?: AmendmentFact | null;
  /** Workflows of its shipments, where those rather than the rows are known. */
  shipmentsUnderWay?: readonly string[];
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

/** `escalatesAt`: when a second group takes over; null once it has, or when none ever will. Instants are ISO strings. */
export type ReviewFact = {
  reasons: readonly string[];
  until: string;
  escalatesAt: string | null;
  isEscalated: boolean;
  onExpiry: ReviewDecision;
};

/**
 * `payment`: the one that is followed, as far as it is recorded; `refund`, `return`: the number of the one that is parked. Null for the
 * order's own step, or when there is none.
 */
export type ParkedFact = ParkedStep & {
  payment: FollowedPayment | null;
  refund: number | null;
  return: number | null;
};

/** `movedMinor`: what of it went back by our books. */
export type RefundFact = {
  number: number;
  amountMinor: number;
  movedMinor: number;
  state: RefundState;
  reason: string;
};

/** `units`: that came, or are to come; `worthMinor`: their prices. `until`: how long the answer, or the goods, are waited for. */
export type ReturnFact = {
  number: number;
  status: ReturnStatus;
  units: number;
  worthMinor: number;
  reason: string;
  until: string | null;
};

/** What the order costs, and would; `chargeMinor`: what is charged beyond what was paid. */
export type AmendmentFact = {
  number: number;
  reason: string;
  chargeMinor: number;
  fromMinor: number;
  toMinor: number;
};

export type FollowedPayment = {
  isOwn: boolean;
  /** What was captured by it less what operators have had given back of it; the order's worth where it has one payment alone. */
  dueMinor?: number;
  amountMinor: number;
  capturedMinor: number;
  refundedMinor: number;
  /** What disputes that are lost have taken, what open ones hold, and what open ones ask for beyond that. */
  lostMinor: number;
  heldMinor: number;
  askedMinor: number;
};

/** What may be lost, or is not where it belongs; null where that is not known. */
export type Stake = { amountMinor: number | null; units: number | null; sentence: string };
export type Stock = { heldUnits: number | null; soldUnits: number; holdUntil: string | null };
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

export type Actor = 'nobody' | 'operator' | 'customer' | 'reviewer' | 'provider' | 'warehouse' | 'carrier' | 'service';

export type Explanation = {
  orderId: string;
  status: OrderStatus;
  summary: string;
  happened: readonly Happening[];
  /** Null when the order has ended, nothing beside it is parked, and no bank has to decide about it. */
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
    /** Reserved with the customer’s bank, to be captured as it ships. */
    authorizedMinor: number;
    /** What is ours now: captured less refunded and disputed. */
    balanceMinor: number;
    /** What of it operators have asked to be given back, and has not gone yet. */
    toRefundMinor: number;
    /** What may have been captured, or still may be, without our knowing. */
    mayBeCapturedMinor: number;
    sentence: string;
  };
  disputes: readonly Dispute[];
  refunds: readonly RefundFact[];
  returns: readonly ReturnFact[];
  /** A change of the order that is under way; left out when there is none. */
  amendment?: AmendmentFact;
  stock: Stock & { sentence: string };
  /**
   * What is open: of an order that has not ended the money that is taken, or may be; of one that has what its parked payments, or
   * open disputes, are about (the larger of the two). And held units.
   */
  atStake: { amountMinor: number; units: number | null };
  notAsked: readonly string[];
};
