import type { Rejection } from '../domain/rejection.ts';
import type { Bounds } from './process-order.ts';

/** The workflow's registered name. Histories carry it: it never changes. */
export const AMEND_ORDER = 'amendOrder';

/** Which amendment of an order; numbers count from 1. */
export type AmendmentRef = { orderId: string; number: number };

/**
 * An amendment that was accepted; what is to become of the order is in its rows. `holds`: units are added. `charge`: what is taken
 * beyond what was paid (minor units), by which of the order's payments; null when nothing is.
 */
export type AmendOrderInput = AmendmentRef & {
  holds: boolean;
  charge: { ordinal: number; amountMinor: number } | null;
  currency: string;
  bounds: Bounds;
};

/** How it came to its end. */
export type AmendOutcome = { status: 'applied' | 'refused' };

export type ChargeAmendmentRequest = AmendmentRef & { ordinal: number };
/** `refusal`: why it is undone; what was fixed before stands. */
export type RefuseAmendmentRequest = AmendmentRef & { refusal: Rejection };
export type UndoAmendmentRequest = RefuseAmendmentRequest & { ordinal: number };
/** The refund `refundId` of the further charge was made by hand. */
export type AdoptAmendmentRefundRequest = UndoAmendmentRequest & { refundId: string };

/** Between the order and the amendment's number in the id of its workflow. */
export const AMENDMENT_INFIX = ':amendment:';

export const amendmentId = ({ orderId, number }: AmendmentRef): string => `${orderId}${AMENDMENT_INFIX}${number}`;

/** The number of the amendment that the workflow looks after, or null when it is of another kind. */
export function amendmentOf({ orderId, workflowId }: { orderId: string; workflowId: string }): number | null {
  const [before, number] = workflowId.split(AMENDMENT_INFIX);
  return before === orderId && number !== undefined && /^\d+$/.test(number) ? Number(number) : null;
}
