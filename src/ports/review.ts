import type { ReviewAnswer, ReviewWord } from '../contracts/review.ts';

/** Tells an order's workflow what a reviewer has decided. */
export type OrderReviewer = {
  /**
   * Answers what stands; `gone`: no workflow runs for it. A repeat gets the first answer of the same run. Throws when Temporal does
   * not answer in time: then nobody knows, and it may be asked again.
   */
  decide: (
    request: ReviewWord & { orderId: string; withinMs: number },
  ) => Promise<{ answer: ReviewAnswer } | { gone: true }>;
};
