import type { PendingReview } from '../contracts/review.ts';
import type { Shortage } from '../domain/allocation.ts';
import type { Ending } from '../domain/rejection.ts';
import type { ReviewTimes } from '../domain/review.ts';

/** `review`: it waits for one. */
export type Reserving =
  { reserved: true; review?: PendingReview } | { shortages: readonly Shortage[] } | { ending: Ending };

/** The stock of the shop, as the steps of an order change it. Faults (database away, lock timeout) are thrown. */
export type Inventory = {
  /**
   * Holds every line of the order, from the fewest warehouses, or none, and has the order reviewed where a rule asks for it, which may
   * take as long as `review` says; a repeat answers with what is recorded.
   */
  reserve: (request: { orderId: string; review?: ReviewTimes | undefined }) => Promise<Reserving>;
  /** Pushes the deadline of what the order holds away from now: what became of its payment is not known yet. */
  extendHold: (request: { orderId: string }) => Promise<void>;
  /** Fences reserving, then frees what the order holds; harmless when it holds nothing, and twice. */
  release: (request: { orderId: string; ending: Ending }) => Promise<void>;
};
