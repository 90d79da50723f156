/** Why the business said no. Codes are part of the contract; clients branch on them. */
export const RejectionCode = {
  outOfStock: 'inventory.out_of_stock',
  declined: 'payment.declined',
  /** The payment method or the amount is one the provider can not use; another try with the same would fail again. */
  methodRefused: 'payment.method_refused',
  /** The customer did not finish the payment in time. */
  expired: 'payment.expired',
  /** Somebody looked at the order before it was charged, and said no. */
  reviewRejected: 'review.rejected',
  /** Nobody looked at the order in time. */
  reviewExpired: 'review.expired',
  /** Of an amendment: the customer would have to authenticate its further charge, and nobody waits for that. */
  authenticationRequired: 'payment.authentication_required',
  /** Of an amendment: the order is cancelled, packed or refunded meanwhile. */
  orderMovedOn: 'order.moved_on',
  /** Of an amendment: an operator gave it up. */
  givenUp: 'amendment.given_up',
} as const;
export type RejectionCode = (typeof RejectionCode)[keyof typeof RejectionCode];

/** A business no. `declineCode` is the provider's own word, where it gave one. */
export type Rejection = { code: RejectionCode; message: string; declineCode?: string };

/**
 * How an order that is not sold will end, fixed by whoever starts undoing it: from then on no step may go forward, and
 * every undo, rerun or restart ends the order this way.
 */
export type Ending =
  { status: 'rejected'; rejection: Rejection } | { status: 'cancelled'; reason: string; actor: string };
