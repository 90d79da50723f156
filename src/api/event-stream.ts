// Server-sent events: first what is there already, page by page, then what comes, each exactly once and in order.
import { createSession } from 'better-sse';
import type { Request, Response } from 'express';
import { EventType, type EventEnvelope } from '../contracts/events.ts';
import type { EventTail } from './event-tail.ts';

const PAGE = 200;
// A listener that does not keep up is cut off instead of filling our memory; it resumes after the last id it saw.
const MAX_BUFFERED_BYTES = 1_000_000;
const MAX_WAITING_EVENTS = 10_000;
const KEEP_ALIVE_MS = 15_000;

/** After one of these an order of this version has no further event. */
const lastTypes: readonly EventType[] = [EventType.orderConfirmed, EventType.orderRejected, EventType.orderCancelled];
export const isLastEvent = (event: EventEnvelope): boolean => lastTypes.includes(event.eventType);

type Source = {
  /** The number that the stream's ids count in: an order's sequence, or the feed's position. */
  numberOf: (event: EventEnvelope) => number | null;
  after: number;
  readPage: (after: number, limit: number) => Promise<readonly EventEnvelope[]>;
  accepts: (event: EventEnvelope) => boolean;
  endsAfter: (event: EventEnvelope) => boolean;
};

/** Streams until the source ends, the client goes, or the client falls too far behind. */
export async function streamEvents(
  { req, res }: { req: Request; res: Response },
  tail: EventTail,
  source: Source,
): Promise<void> {
  const session = await createSession(req, res, { keepAlive: KEEP_ALIVE_MS, retry: 1_000 });
  const waiting: EventEnvelope[] = [];
  let last = source.after;
  let live = false;

  const unsubscribe = await tail.subscribe((event) => {
    if (!source.accepts(event)) return;
    if (live) push(event);
    else if (waiting.push(event) > MAX_WAITING_EVENTS) res.destroy();
  });
  res.once('close', unsubscribe);

  function push(event: EventEnvelope): void {
    const number = source.numberOf(event);
    if (number === null || number <= last || !session.isConnected) return;
    last = number;
    session.push(event, event.eventType, String(number));
    if (source.endsAfter(event)) res.end();
    else if (res.writableLength > MAX_BUFFERED_BYTES) res.destroy();
  }

  for (;;) {
    const page = await source.readPage(last, PAGE);
    for (const event of page) push(event);
    if (page.length < PAGE || !session.isConnected) break;
    if (res.writableNeedDrain) await new Promise((resolve) => void res.once('drain', resolve).once('close', resolve));
  }
  live = true;
  for (const event of waiting) push(event);
}
