import type { Bounds } from './process-order.ts';

/** The workflow's registered name. Histories carry it: it never changes. */
export const FOLLOW_PAYMENT = 'followPayment';

/** A payment at the provider that changed without us, and the order it names. */
export type FollowPaymentInput = { orderId: string; paymentId: string; bounds: Bounds };

export type FollowPaymentRequest = { orderId: string; paymentId: string };
