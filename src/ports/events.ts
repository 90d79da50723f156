import type { EventEnvelope, EventType } from '../contracts/events.ts';

/** Reading and numbering what happened. */
export type EventLog = {
  /** The order's events after `afterSequence` (exclusive), in sequence. */
  ofOrder: (request: { orderId: string; afterSequence: number; limit: number }) => Promise<readonly EventEnvelope[]>;
  /** A tenant's events after a position (exclusive), in position order; `scannedTo` is where the next page begins. */
  feed: (request: {
    tenant: string;
    after: number;
    types: readonly EventType[] | null;
    limit: number;
  }) => Promise<{ items: readonly EventEnvelope[]; scannedTo: number }>;
  /** Everybody's events after a position, for whoever hands each to its tenant. */
  follow: (request: { after: number; limit: number }) => Promise<readonly { tenant: string; event: EventEnvelope }[]>;
  /** The highest position given so far; 0 before the first. */
  lastPosition: () => Promise<number>;
  /** Numbers up to `limit` unnumbered events; 0 also when another process is numbering. */
  assignPositions: (request: { limit: number }) => Promise<number>;
  /** How many transactions of this process are over. As long as that is the same, it has appended nothing. */
  transactions: () => number;
};
