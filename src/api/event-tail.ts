import { setImmediate as breathe } from 'node:timers/promises';
import type { EventEnvelope } from '../contracts/events.ts';
import type { EventLog } from '../ports/events.ts';
import type { Logger } from '../runtime/logger.ts';
import { outsideTraces } from '../runtime/tracing/trace.ts';

// Well below what a person notices; one query per tick and process, and none while nobody listens.
const TICK_MS = 100;
// While the database is away.
const RETRY_MS = 1_000;
const BATCH = 500;
// With thousands of listeners a batch is tens of thousands of writes: requests and answers of the database come in between.
const AT_ONCE = 50;

type Listener = { tenant: string; onEvents: (events: readonly EventEnvelope[]) => void };

export type EventTail = {
  /** Calls `onEvents` with the events of the tenant numbered from now on, in position order; answers with how to stop it. */
  subscribe: (tenant: string, onEvents: Listener['onEvents']) => Promise<() => void>;
};

/** Follows the end of the feed once for all streams of this process, whatever the number of tenants. */
export function createEventTail(options: { events: EventLog; logger: Logger }): EventTail {
  const { events, logger } = options;
  const listeners = new Set<Listener>();
  // Where this process is in the feed; null while nobody listens.
  let place: { position: number } | null = null;
  let isFailing = false;

  async function tick(current: { position: number }): Promise<void> {
    try {
      const found = await events.follow({ after: current.position, limit: BATCH });
      if (isFailing) logger.info('the feed can be followed again');
      isFailing = false;
      current.position = found.at(-1)?.event.position ?? current.position;
      await tell(found);
    } catch (error) {
      // Once: it is asked again every second, by every process, for as long as it lasts.
      if (!isFailing) logger.warn({ err: error }, 'the feed can not be followed right now');
      isFailing = true;
    }
    if (listeners.size > 0) setTimeout(() => void tick(current), isFailing ? RETRY_MS : TICK_MS);
    // The next listener begins at the end of the feed as it will be then.
    else place = null;
  }

  async function tell(found: readonly { tenant: string; event: EventEnvelope }[]): Promise<void> {
    const batches = new Map<string, EventEnvelope[]>();
    for (const { tenant, event } of found) batches.set(tenant, [...(batches.get(tenant) ?? []), event]);
    // Who comes meanwhile reads these from the database.
    const present = [...listeners].filter(({ tenant }) => batches.has(tenant));
    for (const [index, listener] of present.entries()) {
      if (index > 0 && index % AT_ONCE === 0) await breathe();
      if (listeners.has(listener)) listener.onEvents(batches.get(listener.tenant) ?? []);
    }
  }

  function follow(position: number): { position: number } {
    const current = { position };
    outsideTraces(() => setTimeout(() => void tick(current), TICK_MS));
    return current;
  }

  return {
    async subscribe(tenant, onEvents) {
      // Known before the caller reads what is there already: nothing falls between the two.
      if (!place) {
        const last = await events.lastPosition();
        // Decided after the wait: whoever came meanwhile is at a place already, and moving it would lose their events.
        place ??= follow(last);
      }
      const listener = { tenant, onEvents };
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
