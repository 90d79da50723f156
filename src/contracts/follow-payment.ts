import type { Carried, ParkingRef } from './parking.ts';
import type { Bounds } from './process-order.ts';

/** The workflow's registered name. Histories carry it: it never changes. */
export const FOLLOW_PAYMENT = 'followPayment';

/**
 * A payment at the provider that changed without us, and the order it names. `carried`: what the run before this one has handed on, its
 * history being long.
 */
export type FollowPaymentInput = { orderId: string; paymentId: string; bounds: Bounds; carried?: Carried };

/** `parked`: the last time its workflow parked, if it did. Absent in requests from before that was told. */
export type FollowPaymentRequest = { orderId: string; paymentId: string; parked?: ParkingRef };

/** Between the order and the payment in the id of the workflow that follows it. */
export const PAYMENT_INFIX = ':payment:';

export const followPaymentId = ({ orderId, paymentId }: { orderId: string; paymentId: string }): string =>
  `${orderId}${PAYMENT_INFIX}${paymentId}`;

/** The payment that the workflow looks after, or null when it is of another kind. */
export const paymentOf = ({ orderId, workflowId }: { orderId: string; workflowId: string }): string | null =>
  workflowId.startsWith(`${orderId}${PAYMENT_INFIX}`) ? workflowId.slice(orderId.length + PAYMENT_INFIX.length) : null;
