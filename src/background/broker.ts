// Events published to a message broker. What must stay true: the place in the feed moves only over what the broker has confirmed; of an
// order one event after the other; and a broker that is away, refuses or takes nothing holds up nothing but itself.
import { setTimeout as sleep } from 'node:timers/promises';
import { confirmedThrough, wavesOf } from '../domain/broker.ts';
import type { BrokerBatch, BrokerParts, FeedEvent } from '../ports/broker.ts';
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
/** For the turn under way, when it is stopped: before the broker is hung up on, and after it. A silent broker must not take the time of others. */
const STOP_MS = 1_000;

/** `parts`: where events go to; null: nowhere, and the rest of this does nothing. */
type Options = { parts: BrokerParts | null; logger: Logger; mayWork?: MayWork };

/** Any process may run it: one at a time publishes. */
export function createBroker({ parts, logger, mayWork }: Options) {
  if (!parts) return { start: () => undefined, stop: () => Promise.resolve(), probes: {}, gauges: [] };
  const publishing = createPublishing(parts);
  const told = new Set<string>();
  const work = (): Promise<boolean> => publishing.turn().finally(() => tellUnrouted(parts.unrouted, told, logger));
  const loop = createLoop({ name: 'broker', pauseMs: PAUSE_MS, work, logger, mayWork });
  return {
    start: loop.start,
    stop: async (): Promise<void> => {
      const stopped = loop.stop();
      const soon = (): Promise<void> => sleep(STOP_MS, undefined, { ref: false });
      await Promise.race([stopped, soon()]);
      // What waits for the broker fails now, and what it has confirmed is kept.
      await parts.close();
      await Promise.race([stopped, soon()]);
    },
    /** For /health: what is wrong with it, and how many events wait. */
    probes: {
      broker: async (): Promise<string> => {
        const waiting = `${publishing.waiting() ?? 'nobody knows how many'} events wait`;
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
        read: () => readingsOf(publishing.waiting()),
      },
      {
        name: 'broker_unrouted_events',
        help: 'Events that no queue was bound for at the message broker, since this process began',
        labelNames: ['type'],
        read: () => [...parts.unrouted].map(([type, value]) => ({ labels: { type }, value })),
      },
    ],
  };
}

const readingsOf = (value: number | null): { value: number }[] => (value === null ? [] : [{ value }]);

/** Once for each type: an event that nobody wants is nothing unusual, unless somebody forgot to bind a queue. */
function tellUnrouted(unrouted: ReadonlyMap<string, number>, told: Set<string>, logger: Logger): void {
  for (const type of unrouted.keys()) {
    if (!told.has(type)) logger.warn({ type }, 'no queue is bound for events of this type at the message broker');
    told.add(type);
  }
}

function createPublishing({ work, publisher, after, timeoutMs }: BrokerParts) {
  const sending = createSending({ publisher, timeoutMs });
  let isBegun = false;
  let waiting: number | null = null;
  let failure: { error: unknown; inARow: number; retryAt: number } | null = null;
  // What is not said yet of the batch before: without it nobody publishes until its time is over.
  let unsettled: { claim: string; through: number } | null = null;

  /** Answers whether there may be more. While it waits for its next try it goes on failing with what it failed with. */
  async function turn(): Promise<boolean> {
    const isDeclared = await look();
    if (failure && performance.now() < failure.retryAt) throw failure.error;
    const before = sending.count();
    try {
      const isMore = await publishNext(isDeclared);
      failure = null;
      return isMore;
    } catch (error) {
      // A broker that took some of it is not one that is away.
      const inARow = sending.count() > before ? 1 : (failure?.inARow ?? 0) + 1;
      failure = { error, inARow, retryAt: performance.now() + retryMs(inARow) };
      throw error;
    }
  }

  /** Whether the exchange was there once. */
  async function look(): Promise<boolean> {
    try {
      if (!isBegun) await work.begin({ after });
      isBegun = true;
      const place = await work.read();
      waiting = place.waiting;
      return place.isDeclared;
    } catch (error) {
      waiting = null;
      throw error;
    }
  }

  async function publishNext(isDeclared: boolean): Promise<boolean> {
    await settle();
    // Before anything is claimed, and also where nothing waits: a broker that is not there shows before it is missed.
    await sending.connect({ declare: !isDeclared });
    if (!isDeclared) await work.markDeclared();
    if (waiting === 0) return false;
    const batch = await work.claim({ limit: BATCH, leaseMs: ANSWERS_PER_BATCH * timeoutMs + LEASE_SLACK_MS });
    if (!batch) return false;
    const confirmed = sending.confirmedOf(batch);
    try {
      await sending.send(batch, confirmed);
    } finally {
      unsettled = { claim: batch.claim, through: confirmedThrough({ ...batch, confirmed }) };
      await settle();
    }
    return true;
  }

  async function settle(): Promise<void> {
    if (unsettled) await work.settle(unsettled);
    unsettled = null;
  }

  return { turn, waiting: () => waiting };
}

/**
 * Sends batches, and remembers what is confirmed of the last. The place moves over what is confirmed without a gap; what is confirmed behind a
 * gap is not sent again by this process, or a queue that takes less than a batch at once would be filled with the same events for ever.
 */
function createSending({ publisher, timeoutMs }: Pick<BrokerParts, 'publisher' | 'timeoutMs'>) {
  let last: { after: number; confirmed: ReadonlySet<FeedEvent> } | null = null;
  let count = 0;
  return {
    /** How many were confirmed so far. */
    count: () => count,

    connect: async (request: { declare: boolean }): Promise<void> => {
      try {
        await publisher.connect(request);
      } catch (error) {
        // One that went away may have lost what it took.
        last = null;
        throw error;
      }
    },

    /** Those of the batch that are confirmed already; what is confirmed from now on is added. */
    confirmedOf: ({ after, events }: BrokerBatch): Set<FeedEvent> => {
      // A place that was moved back is to be published once more.
      const known = new Set(last && last.after <= after ? [...last.confirmed].map(({ event }) => event.eventId) : []);
      const confirmed = new Set(events.filter(({ event }) => known.has(event.eventId)));
      last = { after, confirmed };
      return confirmed;
    },

    send: async ({ events }: BrokerBatch, confirmed: Set<FeedEvent>): Promise<void> => {
      const begun = performance.now();
      for (const wave of wavesOf(events.filter((event) => !confirmed.has(event)))) {
        // Another process may begin when the time of this one is over: the last answer has to be here by then.
        if (performance.now() - begun > (ANSWERS_PER_BATCH - 1) * timeoutMs) return;
        await publisher.publish({
          events: wave,
          onConfirmed: (event) => {
            confirmed.add(event);
            count += 1;
          },
        });
      }
    },
  };
}

/** Grows, and is a little at random: workers that lost the broker together do not come back together. */
const retryMs = (inARow: number): number =>
  Math.min(FIRST_RETRY_MS * 2 ** (inARow - 1), LONGEST_RETRY_MS) * (0.8 + 0.4 * Math.random());
