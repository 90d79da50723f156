import type { EventEnvelope } from '../contracts/events.ts';
import type { EventLog } from '../ports/events.ts';
import type { Logger } from '../runtime/logger.ts';

// Well below what a person notices; one query per tick and process, and none while nobody listens.
const TICK_MS = 100;
const BATCH = 500;

export type EventTail = {
  /** Calls `onEvent` for every event numbered from now on, in position order; answers with how to stop it. */
  subscribe: (onEvent: (event: EventEnvelope) => void) => Promise<() => void>;
};

/** Follows the end of the feed once for all streams of this process. */
export function createEventTail(options: { events: EventLog; tenant: string; logger: Logger }): EventTail {
  const { events, tenant, logger } = options;
  const listeners = new Set<(event: EventEnvelope) => void>();
  // Where this process is in the feed; null while nobody listens.
  let place: { position: number } | null = null;

  async function tick(current: { position: number }): Promise<void> {
    try {
      const { items, scannedTo } = await events.feed({ tenant, after: current.position, types: null, limit: BATCH });
      current.position = scannedTo;
      for (const event of items) for (const listener of listeners) listener(event);
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
    async subscribe(onEvent) {
      // Known before the caller reads what is there already: nothing falls between the two.
      if (!place) {
        const last = await events.lastPosition();
        // Decided after the wait: whoever came meanwhile is at a place already, and moving it would lose their events.
        place ??= follow(last);
      }
      listeners.add(onEvent);
      return () => void listeners.delete(onEvent);
    },
  };
}
