import type { EventEnvelope } from '../contracts/events.ts';

/** An event of the feed, whose it is, and its place. `traceparent`: the trace that its order was placed in; absent: there is none. */
export type FeedEvent = {
  tenant: string;
  orderId: string;
  position: number;
  event: EventEnvelope;
  traceparent?: string | null;
};

/**
 * What one process publishes, alone until its time is over. `after`: the position behind which the events begin; `last`: the highest that
 * was given by then (a recovery leaves a gap behind which there may be no event yet).
 */
export type BrokerBatch = { claim: string; after: number; last: number; events: readonly FeedEvent[] };

/** How far it is: how many events wait, and whether the exchange was there or made once. */
export type BrokerPlace = { waiting: number; isDeclared: boolean };

/** How far the feed was published. Every process may ask: the row says who is at it. */
export type BrokerWork = {
  /** Makes the place where publishing begins, where there is none: behind `after`, or (null) with what comes from now on. */
  begin: (request: { after: number | null }) => Promise<void>;
  /** How far it is; throws where there is no place, or one that is beyond the end of the feed: nothing would ever be published. */
  read: () => Promise<BrokerPlace>;
  /** Keeps that the exchange is there: from now on it is never made again. */
  markDeclared: () => Promise<void>;
  /** The next events, in the order of the feed; null where there are none, or another process is at it. */
  claim: (request: { limit: number; leaseMs: number }) => Promise<BrokerBatch | null>;
  /** Says up to where the broker has confirmed everything, and lets others go on. What comes late moves nothing. */
  settle: (request: { claim: string; through: number }) => Promise<void>;
};

export type BrokerPublisher = {
  /**
   * Connects where it is not connected; throws where it can not be, or where the broker takes nothing at the moment. `declare`: makes the
   * exchange where there is none; else one that is not there is a failure.
   */
  connect: (request: { declare: boolean }) => Promise<void>;
  /** Publishes all of them, and says of each when the broker has confirmed it; throws unless every one was: of the others nothing is known. */
  publish: (request: { events: readonly FeedEvent[]; onConfirmed: (event: FeedEvent) => void }) => Promise<void>;
};

/** All that publishing needs. */
export type BrokerParts = {
  work: BrokerWork;
  publisher: BrokerPublisher;
  close: () => Promise<void>;
  /** Behind which position it begins when it begins for the first time; null: with what comes from now on. */
  after: number | null;
  /** Of one answer of the broker, as the publisher keeps it. */
  timeoutMs: number;
  /** How many events of each type no queue was bound for. */
  unrouted: ReadonlyMap<string, number>;
};
