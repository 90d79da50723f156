// The feed of events in memory, through the port: for what a database can not be made to do at the right moment.
import type { EventEnvelope } from '../../src/contracts/events.ts';
import type { EventLog } from '../../src/ports/events.ts';

type Question = 'feed' | 'lastPosition';

/** `beforeAnswer` is waited for before each answer, and may fail it. `append` adds an event, with a text of that length, or as it is said. */
export function memoryFeed(beforeAnswer: (question: Question) => Promise<void> = () => Promise.resolve()) {
  const items: EventEnvelope[] = [];
  const events: EventLog = {
    ofOrder: ({ orderId, afterSequence, limit }) =>
      Promise.resolve(
        items.filter((item) => item.orderId === orderId && item.sequence > afterSequence).slice(0, limit),
      ),
    feed: async ({ after, limit }) => {
      await beforeAnswer('feed');
      const found = items.slice(after, after + limit);
      return { items: found, scannedTo: after + found.length };
    },
    follow: async ({ after, limit }) => {
      await beforeAnswer('feed');
      return items.slice(after, after + limit).map((event) => ({ tenant: 'local', event }));
    },
    lastPosition: async () => {
      await beforeAnswer('lastPosition');
      return items.length;
    },
    assignPositions: () => Promise.resolve(0),
    transactions: () => 0,
  };
  const append = (textLength = 0, change: Partial<EventEnvelope> = {}): void => {
    items.push({
      eventId: `event-${items.length + 1}`,
      eventType: 'order.placed',
      eventVersion: 1,
      timestamp: '2026-01-31T12:00:00.000Z',
      source: 'test',
      orderId: 'order_01kax3v7ehe4sbg0krv6m4fxxv',
      sequence: 1,
      position: items.length + 1,
      data: { text: 'x'.repeat(textLength) },
      metadata: { correlationId: 'c', causationId: null },
      ...change,
    });
  };
  return { events, append };
}
