import type { OrderStep } from '../domain/order.ts';

/** A try of a step that failed. `nextTryInMs` is null when there will be none, or nobody knows. */
export type FailedAttempt = {
  orderId: string;
  /** Whose try it was: several workflows of an order can be at the same step. */
  workflowId: string;
  step: OrderStep;
  attempt: number;
  message: string;
  nextTryInMs: number | null;
};

/** Keeps the last failed tries of an order, so that the provider's last words are readable without Temporal. */
export type AttemptLog = {
  /** Adds one failed try as the last; the oldest beyond some dozens are forgotten. */
  add: (attempt: FailedAttempt) => Promise<void>;
};
