import type { ParkingRef } from './parking.ts';
import type { Bounds } from './process-order.ts';

/** The workflow's registered name. Histories carry it: it never changes. */
export const REFUND_ORDER = 'refundOrder';

/** A refund that was accepted: how much of what is in its rows. */
export type RefundOrderInput = {
  orderId: string;
  number: number;
  amountMinor: number;
  currency: string;
  bounds: Bounds;
};

/** How it came to its end. */
export type RefundOutcome = { status: 'completed' | 'abandoned' };

/** `parked`: the last time that the workflow parked; its number is 0 when it never did. */
export type PayRefundRequest = { orderId: string; number: number; parked: ParkingRef };
/** The refund `refundId` was made by hand. */
export type AdoptPaidRefundRequest = PayRefundRequest & { refundId: string };
/** Who gives it up, and why. */
export type AbandonRefundRequest = PayRefundRequest & { actor: string; reason: string };

/** Between the order and the refund's number in the id of its workflow. */
export const REFUND_INFIX = ':refund:';

export const refundOrderId = ({ orderId, number }: { orderId: string; number: number }): string =>
  `${orderId}${REFUND_INFIX}${number}`;

/** The number of the refund that the workflow looks after, or null when it is of another kind. */
export function refundOf({ orderId, workflowId }: { orderId: string; workflowId: string }): number | null {
  const [before, number] = workflowId.split(REFUND_INFIX);
  return before === orderId && number !== undefined && /^\d+$/.test(number) ? Number(number) : null;
}
