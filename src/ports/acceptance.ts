import type { OnShortage } from '../domain/backorder.ts';
import type { CapturePolicy } from '../domain/capture.ts';
import type { PricingRefusal, RequestedLine } from '../domain/pricing.ts';
import type { ReturnStatus } from '../domain/return.ts';
import type { Contact } from './customer-notice.ts';
import type { ExchangeOf, Order } from './order.ts';

/** Where to ship to; only the country means something here. */
export type ShippingAddress = { country: string } & Readonly<Record<string, unknown>>;

/** A request that passed validation. `requestHash` is over the validated content, so property order does not matter. */
export type PlaceOrder = {
  tenant: string;
  idempotencyKey: string;
  requestHash: string;
  correlationId: string;
  /** The trace of the request, for all that becomes of the order. Absent: there is none. */
  traceparent?: string | null | undefined;
  customerId: string;
  paymentMethod: string;
  items: readonly RequestedLine[];
  shipping: ShippingAddress | null;
  /** What it wants where there is too little stock; only what ships can wait for some. */
  onShortage: OnShortage;
  /** Whether it is paid at once or as it ships; only what ships can be paid so. Absent: at once. */
  capture?: CapturePolicy | undefined;
  metadata: Record<string, string>;
  /** What it is paid with is saved at the provider, to be charged again when it is amended. Absent: it is not. */
  savePaymentMethod?: boolean | undefined;
  /** How long another payment method is waited for after a decline; null: as configured. */
  paymentRetryMinutes: number | null;
  /** It is placed in the place of what comes back with this return. */
  exchangeOf?: ExchangeOf | undefined;
  /** Whom its notices go to. Absent: nobody is told anything. */
  contact?: Contact | undefined;
  /** The door is closed for new orders (too many wait already), but repeats still get their answer. */
  onlyRepeats: boolean;
};

/** What every repeat of a request gets, byte for byte. */
export type RecordedAnswer = { status: number; body: string; location: string | null };

/** Either the answer itself, recorded in the accepting transaction, or until when a waiting client is owed one. */
export type AnswerPlan = { now: (order: Order) => RecordedAnswer } | { withinMs: number };

/** What stands under a key: the order, and its first answer, or until when (ms from now) that answer is due. */
export type Accepted = { orderId: string; answer: RecordedAnswer } | { orderId: string; answerDueInMs: number };

/** Why no order can be placed in exchange: no such return of this customer; not approved, or over; or exchanged already. */
export type ExchangeRefusal =
  { refused: 'unknown' } | { refused: 'standing'; status: ReturnStatus } | { refused: 'exchanged'; orderId: string };

export type Accepting =
  | { accepted: Accepted; order: Order }
  | { repeated: Accepted }
  | { refused: PricingRefusal }
  | { notExchangeable: ExchangeRefusal }
  | { keyReused: true }
  | { overloaded: true };

/** The door through which orders come in. Faults (database away) are thrown, and then nothing is bound to the key. */
export type Acceptance = {
  /** One transaction: key, price, order, lines, payment, event. A concurrent duplicate waits for it and is a repeat. */
  place: (request: PlaceOrder, plan: AnswerPlan) => Promise<Accepting>;
  /** Records the first answer unless there is one; answers with whichever stands. */
  settleAnswer: (request: {
    tenant: string;
    idempotencyKey: string;
    answer: RecordedAnswer;
  }) => Promise<RecordedAnswer>;
};
