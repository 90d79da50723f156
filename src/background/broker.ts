// Events published to a message broker. What must stay true: the place in the feed moves only over what the broker has confirmed; of an
// order one event after the other; and a broker that is away, refuses or takes nothing holds up nothing but itself.
import { confirmedThrough, wavesOf } from '../domain/broker.ts';
import type { BrokerBatch, BrokerPublisher, BrokerWork, FeedEvent } from '../ports/broker.ts';
import type { Logger } from '../runtime/logger.ts';
import { createLoop, type MayWork } from './loop.ts';

const PAUSE_MS = 250;
/** Confirmed together, and told again together after a crash. */
const BATCH = 200;
/** Between two tries while it fails: the first, and up to where it grows. */
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;
/** So many answers of the broker a batch has time for; what it does not come to is the next one's. */
const ANSWERS_PER_BATCH = 2;
const LEASE_SLACK_MS = 5_000;

/** Where events go to; null: nowhere, and the rest of this does nothing. */
export type BrokerParts = {
  work: BrokerWork;
  publisher: BrokerPublisher;
  close: () => Promise<void>;
  /** Behind which position it begins when it begins for the first time; null: with what comes from now on. */
  after: number | null;
  /** Of one answer of the broker, as the publisher keeps it. */
  timeoutMs: number;
};
type Options = { parts: BrokerParts | null; logger: Logger; mayWork?: MayWork };

/** Any process may run it: one at a time publishes. */
export function createBroker({ parts, logger, mayWork }: Options) {
  if (!parts) return { start: () => undefined, stop: () => Promise.resolve(), probes: {}, gauges: [] };
  const publishing = createPublishing(parts);
  const loop = createLoop({ name: 'broker', pauseMs: PAUSE_MS, work: publishing.turn, logger, mayWork });
  return {
    start: loop.start,
    stop: async (): Promise<void> => {
      await loop.stop();
      await parts.close();
    },
    /** For /health: what is wrong with it, and how many events wait. */
    probes: {
      broker: async (): Promise<string> => {
        const waiting = `${publishing.waiting()} events wait`;
        await loop.check().catch((cause: unknown) => {
          throw new Error(`${cause instanceof Error ? cause.message : String(cause)}; ${waiting}`, { cause });
        });
        return waiting;
      },
    },
    gauges: [
      {
        name: 'broker_waiting_events',
        help: 'Events that the message broker has not confirmed yet',
        read: () => [{ value: publishing.waiting() }],
      },
    ],
  };
}

function createPublishing({ work, publisher, after, timeoutMs }: BrokerParts) {
  let isBegun = false;
  let waiting = 0;
  let failure: { error: unknown; inARow: number; retryAt: number } | null = null;

  /** Answers whether there may be more. While it waits for its next try it goes on failing with what it failed with. */
  async function turn(): Promise<boolean> {
    if (!isBegun) await work.begin({ after });
    isBegun = true;
    waiting = await work.countWaiting();
    if (failure && performance.now() < failure.retryAt) throw failure.error;
    try {
      const isMore = await publishNext();
      failure = null;
      return isMore;
    } catch (error) {
      const inARow = (failure?.inARow ?? 0) + 1;
      failure = { error, inARow, retryAt: performance.now() + retryMs(inARow) };
      throw error;
    }
  }

  async function publishNext(): Promise<boolean> {
    // Before anything is claimed, and also where nothing waits: a broker that is not there shows before it is missed.
    await publisher.connect();
    if (waiting === 0) return false;
    const batch = await work.claim({ limit: BATCH, leaseMs: ANSWERS_PER_BATCH * timeoutMs + LEASE_SLACK_MS });
    if (!batch) return false;
    const confirmed = new Set<FeedEvent>();
    try {
      await publishWaves(batch, confirmed);
    } finally {
      await work.settle({ claim: batch.claim, through: confirmedThrough({ ...batch, confirmed }) });
    }
    return true;
  }

  async function publishWaves({ events }: BrokerBatch, confirmed: Set<FeedEvent>): Promise<void> {
    const begun = performance.now();
    for (const wave of wavesOf(events)) {
      // Another process may begin when the time of this one is over: the last answer has to be here by then.
      if (performance.now() - begun > (ANSWERS_PER_BATCH - 1) * timeoutMs) return;
      await publisher.publish(wave);
      for (const event of wave) confirmed.add(event);
    }
  }

  return { turn, waiting: () => waiting };
}

/** Grows, and is a little at random: workers that lost the broker together do not come back together. */
const retryMs = (inARow: number): number =>
  Math.min(FIRST_RETRY_MS * 2 ** (inARow - 1), LONGEST_RETRY_MS) * (0.8 + 0.4 * Math.random());
