import type { StepRequest } from '../contracts/process-order.ts';
import type { ReviewAnswer, ReviewStanding, ReviewWord } from '../contracts/review.ts';
import type { OrderSteps } from '../ports/order.ts';

export const createReviewActivities = ({ orders }: { orders: Pick<OrderSteps, 'decideReview' | 'advanceReview'> }) => ({
  /** Decides about the order's review, unless that is decided already; answers with what stands. */
  async decideReview(request: ReviewWord & StepRequest): Promise<ReviewAnswer> {
    return orders.decideReview(request);
  },

  /** Escalates or ends the review of an order, where its time has come; answers with what stands. */
  async advanceReview({ orderId }: StepRequest): Promise<ReviewStanding> {
    return orders.advanceReview({ orderId });
  },
});
