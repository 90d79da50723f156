import type { CancelAnswer, Cancellation } from '../contracts/messages.ts';
import type { ParkingId, ParkingRef, ParkRequest, Reminded } from '../contracts/parking.ts';
import type { ReviewAnswer, ReviewStanding, ReviewWord } from '../contracts/review.ts';
import type { AmendedOrder, AmendmentState } from '../domain/amendment.ts';
import type { CapturePolicy } from '../domain/capture.ts';
import type { Attention, OrderStatus, OrderStep, Waiting } from '../domain/order.ts';
import type { PaymentState } from '../domain/payment.ts';
import type { PricedLine } from '../domain/pricing.ts';
import type { Ending, Rejection } from '../domain/rejection.ts';
import type { Review } from '../domain/review.ts';
import type { Totals } from '../domain/totals.ts';
import type { Shipment } from './shipment.ts';
import type { ResolutionAction, SeenParking } from '../domain/resolution.ts';
import type { RefundState } from '../domain/refund.ts';
import type { ReturnStatus, ReturnWish } from '../domain/return.ts';

/** An order as it stands in our tables. Amounts in minor units of `currency`; instants are ISO strings in UTC. */
export type Order = {
  id: string;
  status: OrderStatus;
  /** Its own story is over: nothing of it changes by itself any more. */
  isClosed: boolean;
  attention: Attention | null;
  waiting: Waiting | null;
  customerId: string;
  currency: string;
  totalMinor: number;
  totals: Totals;
  /** Whether it is paid at once or as it ships. */
  capture: CapturePolicy;
  items: readonly PricedLine[];
  /** What is waited for; null where the order insists on all of its stock at once. */
  backordered: readonly { sku: string; quantity: number }[] | null;
  /** `disputedMinor`: what disputes hold back now; what is ours is what was captured less the other two. */
  payment: {
    state: PaymentState;
    capturedMinor: number;
    refundedMinor: number;
    disputedMinor: number;
    /** Reserved with the customer’s bank and not captured yet; 0 where it is paid at once. */
    authorizedMinor: number;
    declineCode: string | null;
  };
  rejection: Rejection | null;
  /** Null: nobody had to look at it. */
  review: Review | null;
  /** Refunds that operators asked for, the first first. */
  refunds: readonly Refund[];
  /** The first first. */
  returns: readonly Return[];
  /** The return in whose place it was placed; null: it is no exchange. */
  exchangeOf: ExchangeOf | null;
  /** Changes after the sale that somebody asked for, the first first. */
  amendments: readonly Amendment[];
  /** Since when nothing of a person stands in it (ISO instant); null: it was never erased. */
  erasedAt: string | null;
  /** The sequence of its last event. */
  version: number;
  /** In the order of their numbers; none before it is confirmed, or where nothing is to be shipped. */
  shipments: readonly Shipment[];
  correlationId: string;
  placedAt: string;
  updatedAt: string;
};

/** Which return of which order. */
export type ExchangeOf = { orderId: string; return: number };

/** A refund as the contract shows it. Amounts in minor units of `currency`; instants are ISO strings in UTC. */
export type Refund = {
  number: number;
  amountMinor: number;
  currency: string;
  state: RefundState;
  /** Units of lines, where those were asked for. */
  items: readonly { sku: string; quantity: number }[] | null;
  reason: string;
  actor: string;
  requestedAt: string;
  settledAt: string | null;
  /** The refunds at the provider that it has come to so far. */
  refundIds: readonly string[];
  /** Who gave it up, and why. */
  abandoned: { actor: string; reason: string } | null;
};

/** A return as the contract shows it. Instants are ISO strings in UTC, null while it has not happened. */
export type Return = {
  number: number;
  status: ReturnStatus;
  wish: ReturnWish;
  reason: string;
  actor: string;
  requestedAt: string;
  /** By sku. `restocked` and `writtenOff`: what came of `quantity`; `warehouse`: where the former was put. */
  items: readonly {
    sku: string;
    quantity: number;
    reason: string | null;
    restocked: number;
    writtenOff: number;
    warehouse: string | null;
  }[];
  /** Until when the answer, or the goods, are waited for. */
  until: string | null;
  /** Who approved or rejected it. */
  decision: { actor: string; reason: string; at: string } | null;
  receipt: { actor: string; reason: string | null; at: string } | null;
  /** The last refund that was asked for what came. */
  refund: { number: number; state: RefundState; amountMinor: number } | null;
  /** Why nothing is given back for it, so far or for good. */
  noRefund: string | null;
  /** The order that was placed in its place. */
  exchange: { orderId: string } | null;
  closedAt: string | null;
};

/** An amendment as the contract shows it. Amounts in minor units of `currency`; instants are ISO strings in UTC. */
export type Amendment = {
  number: number;
  state: AmendmentState;
  reason: string;
  actor: string;
  currency: string;
  before: AmendedOrder;
  after: AmendedOrder;
  changesAddress: boolean;
  /** What is charged beyond what was paid. */
  chargeMinor: number;
  /** The refund by which the difference goes back. */
  refundNumber: number | null;
  refusal: Rejection | null;
  requestedAt: string;
  settledAt: string | null;
};

/** The steps that change the order itself. Faults are thrown. */
export type OrderSteps = {
  /** The pivot: holds become sales and the order is confirmed, or how it is already ending. */
  confirm: (request: { orderId: string }) => Promise<{ confirmed: true } | { ending: Ending }>;
  /** Fixes that the order ends cancelled, unless it is sold or ends otherwise already; answers with what stands. */
  cancel: (request: Cancellation & { orderId: string }) => Promise<CancelAnswer>;
  /** Decides about the order's review, unless that is decided or not for them to decide; answers with what stands. */
  decideReview: (request: ReviewWord & { orderId: string }) => Promise<ReviewAnswer>;
  /** What the time that has passed means for the order's review: escalates it, ends it; answers with what stands. */
  advanceReview: (request: { orderId: string }) => Promise<ReviewStanding>;
  /** Writes the closing status, after every undo; answers with the ending that was recorded first. */
  close: (request: { orderId: string; ending: Ending }) => Promise<Ending>;
  /**
   * Marks the order as parked at the step; a repeat, and an attempt that lands when the parking is over, change nothing.
   * Answers since when; null when there is nothing to decide (any more).
   */
  park: (request: ParkRequest) => Promise<Attention | null>;
  /** Takes the mark away for good and records who decided what, and why; once for each parking. */
  resume: (request: OrderDecision) => Promise<void>;
  /** Records that the order is still parked, and shows it again should that have got lost; nothing for a parking that is over. */
  remind: (request: ParkRequest) => Promise<Reminded>;
  /** The workflow got through without parking anew: what it, or an earlier run of it, left parked is over. */
  clearParked: (request: ParkingRef) => Promise<void>;
};

/** Who decided what about a parked order, and why; see `Resolution` in contracts/messages.ts. */
export type OrderDecision = {
  orderId: string;
  workflowId: string;
  /** Absent in decisions from before parkings had identities: then it is about what the workflow is parked at. */
  parking?: ParkingId;
  step?: OrderStep;
  action: ResolutionAction;
  actor: string;
  reason: string;
  value?: string;
  resolutionId?: string;
  bulkId?: string;
  /** The parking that was seen; kept with the decision. */
  about?: SeenParking;
};

export type OrderFilter = {
  status?: OrderStatus | undefined;
  attention?: boolean | undefined;
  waiting?: Waiting['for'] | undefined;
  customerId?: string | undefined;
  correlationId?: string | undefined;
  placedAfter?: string | undefined;
  placedBefore?: string | undefined;
};

/** The place after an order in a list, newest first: what a cursor encodes. `placedAt` has microseconds. */
export type OrderPlace = { placedAt: string; id: string };

/** Reading orders. Answers only what the tenant may see; an absent order is null. */
export type OrderReading = {
  /** The order as it stands now. */
  find: (request: { tenant: string; orderId: string }) => Promise<Order | null>;
  /** Newest first, at most `limit`, after `after`; stable while orders are being placed. */
  list: (request: {
    tenant: string;
    filter: OrderFilter;
    after: OrderPlace | null;
    limit: number;
  }) => Promise<{ items: readonly Order[]; next: OrderPlace | null }>;
  /** Those among the ids that will move no further by themselves now, in one query whatever their number. */
  findSettled: (request: { orderIds: readonly string[] }) => Promise<readonly Order[]>;
};
