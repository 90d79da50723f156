import type { ReviewDecision, ReviewState } from '../domain/review.ts';
import type { Ending } from '../domain/rejection.ts';

/**
 * A review that waits, as the order's workflow needs to know it: how long from now by the database's clock, because the
 * workflow's own may differ. `escalatesInMs` is null once it is escalated, or when it never will be.
 */
export type PendingReview = {
  /** ISO instant. */
  until: string;
  endsInMs: number;
  escalatesInMs: number | null;
  isEscalated: boolean;
  onExpiry: ReviewDecision;
  /** Why, in words that name nobody: they are shown in the Web UI. */
  reasons: readonly string[];
};

/** How the review stands in the row of its order. `ending`: the order ends that way; null: it goes on. */
export type ReviewStanding =
  ({ state: 'pending' } & PendingReview) | { state: Exclude<ReviewState, 'pending'>; ending: Ending | null };

/** What whoever decided is told: what stands, by them or before them. `none`: the order was never to be reviewed. */
export type ReviewAnswer = ReviewStanding | { state: 'none' };

/**
 * Who decides what about an order that waits for its review, and why. `mayDecideEscalated`: whether the decision counts once the
 * review is escalated; otherwise the answer is that it is pending still.
 */
export type ReviewWord = { decision: ReviewDecision; actor: string; reason: string; mayDecideEscalated: boolean };
