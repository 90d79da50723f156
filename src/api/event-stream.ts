// Server-sent events: first what is there already, page by page, then what comes, each exactly once and in order.
import { createEventBuffer } from 'better-sse';
import type { Request, Response } from 'express';
import { EventType, type EventEnvelope } from '../contracts/events.ts';
import type { EventTail } from './event-tail.ts';

const PAGE = 200;
// A listener that does not keep up is cut off instead of filling our memory; it resumes after the last id it saw.
const MAX_BUFFERED_BYTES = 1_000_000;
const MAX_WAITING_EVENTS = 10_000;
const KEEP_ALIVE_MS = 15_000;
const RETRY_MS = 1_000;

/** After one of these nothing more comes of the order's own story; a sale is the last where nothing is to be shipped. */
const lastTypes: readonly EventType[] = [EventType.orderDelivered, EventType.orderRejected, EventType.orderCancelled];
export const isLastEvent = ({ eventType, data }: EventEnvelope): boolean =>
  lastTypes.includes(eventType) || (eventType === EventType.orderConfirmed && data['ships'] !== true);

type Source = {
  tenant: string;
  /** The number that the stream's ids count in: an order's sequence, or the feed's position. */
  numberOf: (event: EventEnvelope) => number | null;
  after: number;
  readPage: (after: number, limit: number) => Promise<readonly EventEnvelope[]>;
  accepts: (event: EventEnvelope) => boolean;
  endsAfter: (event: EventEnvelope) => boolean;
};

/**
 * Streams until the source ends, the client goes, or the client falls too far behind; resolves when the connection is
 * done with. Rejects before anything is sent when the database can not be read: that answer is a problem, not a stream.
 */
export async function streamEvents(
  { req, res }: { req: Request; res: Response },
  tail: EventTail,
  source: Source,
): Promise<void> {
  const waiting: EventEnvelope[] = [];
  let last = source.after;
  let live = false;

  const unsubscribe = await tail.subscribe(source.tenant, (event) => {
    if (!source.accepts(event)) return;
    if (!live) return void (waiting.push(event) > MAX_WAITING_EVENTS && res.destroy());
    write(event);
    if (res.writableLength > MAX_BUFFERED_BYTES) res.destroy();
  });

  function write(event: EventEnvelope): void {
    const number = source.numberOf(event);
    if (number === null || number <= last || isOver({ req, res })) return;
    last = number;
    res.write(createEventBuffer().push(event, event.eventType, String(number)).read());
    if (source.endsAfter(event)) res.end();
  }

  // Only as fast as the client reads: what is behind may be any number of megabytes.
  async function catchUp(events: readonly EventEnvelope[]): Promise<void> {
    for (const event of events) {
      write(event);
      await drained({ req, res });
    }
  }

  let keepAlive: NodeJS.Timeout | undefined;
  try {
    let page = await source.readPage(last, PAGE);
    if (isOver({ req, res })) return;
    sendHead(res);
    keepAlive = setInterval(() => res.writableNeedDrain || res.write(':\n\n'), KEEP_ALIVE_MS);
    await catchUp(page);
    while (page.length === PAGE && !isOver({ req, res })) {
      page = await source.readPage(last, PAGE);
      await catchUp(page);
    }
    while (waiting.length > 0) await catchUp(waiting.splice(0));
    live = true;
    await closed({ req, res });
  } finally {
    clearInterval(keepAlive);
    unsubscribe();
  }
}

function sendHead(res: Response): void {
  res.writeHead(200, {
    'Content-Type': 'text/event-stream',
    'Cache-Control': 'no-cache, no-store, no-transform',
    // Proxies (nginx) must hand on what comes when it comes.
    'X-Accel-Buffering': 'no',
  });
  res.write(createEventBuffer().retry(RETRY_MS).dispatch().read());
}

type Exchange = { req: Request; res: Response };

// A response says 'close' once, and one that waits behind another on its connection never does: hence the questions.
const isGone = ({ req, res }: Exchange): boolean => res.closed || req.socket.destroyed;
const isOver = (exchange: Exchange): boolean => exchange.res.writableEnded || isGone(exchange);

const closed = (exchange: Exchange): Promise<void> => firstOf(exchange, ['close']);
const drained = async (exchange: Exchange): Promise<void> => {
  if (exchange.res.writableNeedDrain && !isOver(exchange)) await firstOf(exchange, ['drain', 'close']);
};

/** Resolves with the first of these events of the response, and in any case with the end of its connection. */
function firstOf(exchange: Exchange, events: readonly ('close' | 'drain')[]): Promise<void> {
  const { req, res } = exchange;
  if (isGone(exchange)) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      for (const event of events) res.off(event, done);
      req.socket.off('close', done);
      resolve();
    };
    for (const event of events) res.once(event, done);
    req.socket.once('close', done);
  });
}
