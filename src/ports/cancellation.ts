import type { CancelAnswer, Cancellation } from '../contracts/messages.ts';

/** Tells an order's workflow that somebody wants it cancelled. */
export type OrderCanceller = {
  /**
   * Answers how the order ends; `gone`: no workflow runs for it. A repeat gets the first answer of the same run. Throws when
   * Temporal does not answer in time: then nobody knows, and it may be asked again.
   */
  cancel: (
    request: Cancellation & { orderId: string; withinMs: number },
  ) => Promise<{ answer: CancelAnswer } | { gone: true }>;
};
