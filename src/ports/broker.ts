import type { EventEnvelope } from '../contracts/events.ts';

/** An event of the feed, whose it is, and its place. */
export type FeedEvent = { tenant: string; orderId: string; position: number; event: EventEnvelope };

/**
 * What one process publishes, alone until its time is over. `after`: the position behind which the events begin; `last`: the highest that
 * was given by then (a recovery leaves a gap behind which there may be no event yet).
 */
export type BrokerBatch = { claim: string; after: number; last: number; events: readonly FeedEvent[] };

/** How far the feed was published. Every process may ask: the row says who is at it. */
export type BrokerWork = {
  /** Makes the place where publishing begins, where there is none: behind `after`, or (null) with what comes from now on. */
  begin: (request: { after: number | null }) => Promise<void>;
  /** How many events wait. */
  countWaiting: () => Promise<number>;
  /** The next events, in the order of the feed; null where there are none, or another process is at it. */
  claim: (request: { limit: number; leaseMs: number }) => Promise<BrokerBatch | null>;
  /** Says up to where the broker has confirmed everything, and lets others go on. What comes late moves nothing. */
  settle: (request: { claim: string; through: number }) => Promise<void>;
};

export type BrokerPublisher = {
  /** Connects where it is not connected; throws where it can not be, or where the broker takes nothing at the moment. */
  connect: () => Promise<void>;
  /** Publishes all of them; throws unless the broker has confirmed every one: then some may have arrived, and some not. */
  publish: (events: readonly FeedEvent[]) => Promise<void>;
};
