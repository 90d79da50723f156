import type { Shortage } from '../domain/allocation.ts';
import type { Ending } from '../domain/rejection.ts';

export type Reserving = { reserved: true } | { shortages: readonly Shortage[] } | { ending: Ending };

/** The stock of the shop, as the steps of an order change it. Faults (database away, lock timeout) are thrown. */
export type Inventory = {
  /** Holds every line of the order, from the fewest warehouses, or none; a repeat answers with what is recorded. */
  reserve: (request: { orderId: string }) => Promise<Reserving>;
  /** Pushes the deadline of what the order holds away from now: what became of its payment is not known yet. */
  extendHold: (request: { orderId: string }) => Promise<void>;
  /** Fences reserving, then frees what the order holds; harmless when it holds nothing, and twice. */
  release: (request: { orderId: string; ending: Ending }) => Promise<void>;
};
