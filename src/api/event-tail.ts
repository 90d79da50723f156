import type { EventEnvelope } from '../contracts/events.ts';
import type { EventLog } from '../ports/events.ts';
import type { Logger } from '../runtime/logger.ts';

// Well below what a person notices; one query per tick and process, and none while nobody listens.
const TICK_MS = 100;
const BATCH = 500;

export type EventTail = {
  /** Calls `onEvent` for every event of the tenant numbered from now on, in position order; answers with how to stop it. */
  subscribe: (tenant: string, onEvent: (event: EventEnvelope) => void) => Promise<() => void>;
};

/** Follows the end of the feed once for all streams of this process, whatever the number of tenants. */
export function createEventTail(options: { events: EventLog; logger: Logger }): EventTail {
  const { events, logger } = options;
  const listeners = new Set<{ tenant: string; onEvent: (event: EventEnvelope) => void }>();
  // Where this process is in the feed; null while nobody listens.
  let place: { position: number } | null = null;

  async function tick(current: { position: number }): Promise<void> {
    try {
      for (const { tenant, event } of await events.follow({ after: current.position, limit: BATCH })) {
        current.position = event.position ?? current.position;
        for (const listener of listeners) if (listener.tenant === tenant) listener.onEvent(event);
      }
    } catch (error) {
      logger.warn({ err: error }, 'the feed can not be followed right now');
    }
    if (listeners.size > 0) setTimeout(() => void tick(current), TICK_MS);
    // The next listener begins at the end of the feed as it will be then.
    else place = null;
  }

  function follow(position: number): { position: number } {
    const current = { position };
    setTimeout(() => void tick(current), TICK_MS);
    return current;
  }

  return {
    async subscribe(tenant, onEvent) {
      // Known before the caller reads what is there already: nothing falls between the two.
      if (!place) {
        const last = await events.lastPosition();
        // Decided after the wait: whoever came meanwhile is at a place already, and moving it would lose their events.
        place ??= follow(last);
      }
      const listener = { tenant, onEvent };
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
