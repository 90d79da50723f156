import type { OnShortage } from '../domain/backorder.ts';
import type { CapturePolicy } from '../domain/capture.ts';
import type { OrderStep } from '../domain/order.ts';
import type { PricedLine } from '../domain/pricing.ts';
import type { Ending } from '../domain/rejection.ts';
import type { ReviewTimes } from '../domain/review.ts';
import type { Totals } from '../domain/totals.ts';
import type { Carried } from './parking.ts';
import type { PendingReview } from './review.ts';

/** The workflow's registered name. Histories of open orders carry it: it never changes. */
export const PROCESS_ORDER = 'processOrder';

/**
 * How long and how often steps may be tried before the order parks. It travels in the input so that an order keeps the
 * bounds it was accepted with, whatever is configured later, and so that a replay sees the same ones.
 */
export type Bounds = {
  /**
   * A charge whose outcome is still unknown after this long parks, and so does its undo after as many tries as fit in.
   * Below the life of the provider's keys (24 h).
   */
  providerOutageLimitMs: number;
  /** A step that needs only our own PostgreSQL. */
  stepOutageLimitMs: number;
  /** Tries of an undo step that needs only our own PostgreSQL. Undo steps have no time limit: giving up by the clock would leave money behind. */
  undoAttempts: number;
  /** The pauses between provider calls. Orders that were accepted before there was a choice have none. */
  providerPauses?: ProviderPauses;
  /** How often a parked order says that it still waits. Orders accepted before there were reminders have none set. */
  parkedReminderMs?: number;
  /** How long a customer may take to authenticate a payment; then it is void. Absent in inputs from before it existed. */
  customerWaitMs?: number;
  /** How long another payment method is waited for after a decline. Absent or 0: a decline ends the order. */
  paymentRetryMs?: number;
  /** How long a review may take, should the order need one. Absent in inputs from before there were reviews. */
  review?: ReviewTimes;
  /** How long whoever ships may take. Absent in inputs from before anything was shipped. */
  shipping?: ShippingBounds;
  /** How long stock is waited for after the sale, where the order allows it. Absent in inputs from before that was possible. */
  backorderLimitMs?: number;
};

/**
 * How long the warehouse may take to pack and to hand over, the carrier to deliver, before it parks; and when a carrier that says
 * nothing is asked: pauses that double from `firstLookMs` to `slowLookMs`.
 */
export type ShippingBounds = {
  packingLimitMs: number;
  dispatchLimitMs: number;
  deliveryLimitMs: number;
  firstLookMs: number;
  slowLookMs: number;
};

/** Quick tries begin with `firstMs` and grow until `slowMs`, which stays. */
export type ProviderPauses = { firstMs: number; slowMs: number };

/** What the workflow needs to know, and what its row was. No personal data: it is shown in the Web UI. */
export type OrderInput = {
  orderId: string;
  /** Units of all lines together; orders accepted before it was told have none. */
  itemCount?: number;
  totalMinor: number;
  currency: string;
  bounds: Bounds;
  /** Something is to be shipped: the order goes on after its sale. Absent: it ends with it. */
  ships?: boolean;
  /** It does not insist on all of its stock at once. Absent: it does. */
  onShortage?: Exclude<OnShortage, 'reject'>;
  /** It is paid as it ships. Absent: at once. */
  capture?: Exclude<CapturePolicy, 'at-confirm'>;
  /** Orders accepted before it was given have none; the workflow itself never reads it. */
  record?: PlacedRecord;
  /** What the run before this one has handed on, its history being long. */
  carried?: CarriedOrder;
};

/** The undo of a step: of the hold, or of one payment. */
export type ArmedUndo = { step: 'release-inventory' } | { step: 'refund-payment'; ordinal: number };

/**
 * Everything else that a run knows is in the rows. `undoing`: everything is being undone, to end that way; `armed`: what is left to be
 * undone, the first armed first.
 */
export type CarriedOrder = Carried & { undoing?: { ending: Ending; armed: readonly ArmedUndo[] } };

/**
 * What the row of an order held when it was placed: it is rebuilt from this when a database that was restored from a backup has
 * never heard of the order. No card data, and nothing about a person: `omitted` names what was left out for that.
 */
export type PlacedRecord = {
  tenant: string;
  idempotencyKey: string;
  requestHash: string;
  customerId: string;
  correlationId: string;
  paymentMethod: string;
  paymentRetryMinutes: number | null;
  /** Absent: it insists on all of its stock at once. */
  onShortage?: OnShortage;
  /** Absent: it is paid at once. */
  capture?: CapturePolicy;
  /** Absent: what it is paid with is used this once. */
  savePaymentMethod?: true;
  lines: readonly PricedLine[];
  /** Absent in orders from before a total was anything but the sum of its lines. */
  totals?: Totals;
  /** ISO instants: of the placing, and of the first event, which is the `updatedAt` of the first answer. */
  placedAt: string;
  recordedAt: string;
  /** Whether the first answer was given at once; otherwise (`Prefer: wait`) it may have told more than that it was placed. */
  answeredAtOnce: boolean;
  /** The return in whose place it was placed. Absent: it is no exchange. */
  exchangeOf?: { orderId: string; return: number };
  omitted: readonly ('shipping' | 'metadata' | 'contact')[];
};

/**
 * What its starter knew of the database, in the memo of an order's workflow: whoever lists workflows sees whether the database
 * is behind one of them. `position`: the last one of the event feed.
 */
export const WITNESS_MEMO = 'database';
export type DatabaseWitness = { epoch: number; position: number };

/** The step that each activity at the provider is a try of: what attempts and explanations call it. */
export const providerSteps = {
  chargePayment: 'charge-payment',
  adoptPayment: 'charge-payment',
  refundPayment: 'refund-payment',
  adoptRefund: 'refund-payment',
  abandonPayment: 'charge-payment',
  followPayment: 'follow-payment',
  payRefund: 'pay-refund',
  adoptPaidRefund: 'pay-refund',
  abandonRefund: 'pay-refund',
  createShipment: 'create-shipment',
  followShipment: 'deliver-shipment',
  cancelShipments: 'cancel-shipment',
  cancelShipment: 'cancel-shipment',
  chargeAmendment: 'charge-amendment',
  undoAmendment: 'undo-amendment',
  adoptAmendmentRefund: 'undo-amendment',
  capturePayment: 'capture-payment',
  adoptCapture: 'capture-payment',
  abandonCapture: 'capture-payment',
} as const satisfies Record<string, OrderStep>;

/** How the order ended: sold (and, where it ships, how far it came), or the ending that its undo was carried out for. */
export type OrderOutcome = { status: 'confirmed' | 'shipped' | 'delivered' } | Ending;

/** What a step or an undo is told: which order, and for an undo how that order is going to end. */
export type StepRequest = { orderId: string };
export type ReserveRequest = StepRequest & { review?: ReviewTimes | undefined };
/** Nothing: the stock is held. `review`: and somebody has to look at the order before it is charged. */
export type ReserveOutcome = { review: PendingReview } | undefined;
export type ChargeRequest = { orderId: string; ordinal: number; customerWaitMs?: number };
/** What a charge came to that neither failed nor is decided: it waits for its customer. Nothing: the money is taken. */
export type ChargeOutcome = { waitsFor: 'customer' } | undefined;
export type UndoRequest = { orderId: string; ending: Ending };
export type PaymentRetryRequest = { orderId: string; ordinal: number; withinMs: number };
export type UndoChargeRequest = { orderId: string; ordinal: number; ending: Ending };

/** A step that an operator did by hand at the provider: the payment, or the refund, that is to count as the order's. */
export type AdoptPaymentRequest = ChargeRequest & { providerId: string };
export type AdoptRefundRequest = UndoChargeRequest & { refundId: string };
