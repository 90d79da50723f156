import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Attention, OrderStep } from '../domain/order.ts';
import type { Ending } from '../domain/rejection.ts';
import type { ResolutionAction, SeenParking } from '../domain/resolution.ts';
import type { ReviewAnswer, ReviewWord } from './review.ts';

/**
 * What an operator decides about a parked order. `actor` is who, `reason` is why: both are kept in the event. `value` is
 * what a skipped step came to: the id of the payment, or of the refund, that was made by hand. `resolutionId` names the
 * decision (the same for every repeat of its request), `bulkId` the resolution of many orders that it is part of. `about` is the
 * parking that was seen when it was decided: the decision is refused at any other. Absent: it is about whatever is parked now.
 */
export type Resolution = {
  action: ResolutionAction;
  actor: string;
  reason: string;
  value?: string;
  resolutionId?: string;
  bulkId?: string;
  about?: SeenParking;
};

/** The answer to a resolution: what was decided, and about which parked step; `since` when the decision said since when. */
export type ResolutionAnswer = { step: OrderStep; action: ResolutionAction; value?: string; since?: string };

/** Who wants the order cancelled, and why: both are kept in its events. */
export type Cancellation = { actor: string; reason: string };

/** How the order ends, fixed by this request or before it; `sold`: for good, and a cancellation comes too late. */
export type CancelAnswer = { ending: Ending } | { sold: true };

/** Where the workflow stands, for people and tools that ask Temporal instead of the database. */
export type OrderProgress = { step: OrderStep | 'done'; attention: Attention | null };

export const resolveUpdate = defineUpdate<ResolutionAnswer, [Resolution]>('resolve');
/** Ends the order, unless it is sold for good. Answers once it is certain how the order ends; the undo comes after that. */
export const cancelUpdate = defineUpdate<CancelAnswer, [Cancellation]>('cancel');
/** Decides about an order that waits for its review. Answers with what stands in its row, by this word or before it. */
export const decideReviewUpdate = defineUpdate<ReviewAnswer, [ReviewWord]>('decideReview');
/** Something happened to the order's payment that we did not do: ask the provider, do not wait for the next look. */
export const paymentNewsSignal = defineSignal('paymentNews');
/** The order of the refund ends: what is left of it is given back otherwise. */
export const refundNewsSignal = defineSignal('refundNews');
/** Something is to be captured of a payment that is authorized, or its order has come further: look at the rows. */
export const captureNewsSignal = defineSignal('captureNews');
/** Something happened to the shipment: look at its row, ask the carrier, do not wait for the next look. */
export const shipmentNewsSignal = defineSignal('shipmentNews');
/** Stock has come that the order waited for: take what is sold now into account. */
export const stockNewsSignal = defineSignal('stockNews');
/** Something was decided about the return, or its refund has come to its end: look at the rows. */
export const returnNewsSignal = defineSignal('returnNews');
/** The order's shipments are divided anew: look which there are to be looked after. */
export const shipmentPlanSignal = defineSignal('shipmentPlan');
export const progressQuery = defineQuery<OrderProgress>('progress');
