import type { OrderStatus } from '../domain/order.ts';
import type { RecordedAnswer } from './acceptance.ts';
import type { Order } from './order.ts';
import type { NoticeOutcome, PaymentNotice } from '../domain/payment-notice.ts';

/** What a notice of the provider is about. Nothing else in it is used: the provider is asked. */
export type ReceivedNotice = {
  eventId: string;
  eventType: string;
  paymentId: string;
  refundId: string | null;
  disputeId: string | null;
  orderId: string | null;
};

/** Reads a notice of the provider from its raw body. `forged`: the signature is not the provider's; null: not about payments. */
export type ReadNotice = (request: {
  body: Buffer;
  signature: string | undefined;
}) => ReceivedNotice | { forged: string } | null;

/** A notice that is to be worked off, beside what we have recorded. */
export type DueNotice = PaymentNotice & { eventId: string; paymentId: string; orderId: string | null };

/** The inbox of what happens to payments without our doing. */
export type PaymentNotices = {
  /** Keeps a notice, once; false when it is here already. */
  keep: (notice: ReceivedNotice) => Promise<boolean>;
  /** Takes up to `limit` due notices for this process and defers them, so that two processes do not work off the same ones. */
  claimDue: (request: { limit: number }) => Promise<readonly DueNotice[]>;
  /** It was worked off, with this outcome; it is not due any more. */
  finish: (request: { eventId: string; outcome: NoticeOutcome }) => Promise<void>;
};

/** Who hears of a notice. Both throw when Temporal can not be asked, and may be called again. */
export type PaymentNoticeReceivers = {
  /** The order's workflow; false when none is running. */
  tellOrder: (request: { orderId: string }) => Promise<boolean>;
  /** A workflow that looks after this one payment. */
  followPayment: (request: { orderId: string; paymentId: string }) => Promise<void>;
};

/** Another payment method for an order that waits for one. */
export type PaymentMethodChange =
  { answer: RecordedAnswer; repeated: boolean } | { keyReused: true } | { notWaiting: { status: OrderStatus } };

export type PaymentMethods = {
  /**
   * One transaction: the key, the next try, the event, and the notice that wakes the workflow; `render` makes the answer that
   * every repeat gets. Null: no such order.
   */
  provide: (
    request: { tenant: string; orderId: string; paymentMethod: string; idempotencyKey: string; requestHash: string },
    render: (order: Order) => RecordedAnswer,
  ) => Promise<PaymentMethodChange | null>;
  /** The provider's id of the payment that waits to be authenticated; null when the order waits for something else. */
  findPaymentToFinish: (request: { orderId: string }) => Promise<string | null>;
};
