// Server-sent events: each exactly once and in order, only as fast as its client reads. What must stay true: however many listen, and
// however slowly, what this process keeps for them is bounded: whoever falls behind is read for from the database again.
import { createEventBuffer } from 'better-sse';
import type { Request, Response } from 'express';
import { EventType, type EventEnvelope } from '../contracts/events.ts';
import type { EventTail } from './event-tail.ts';

// Each of thousands of clients that are behind may hold a page.
const PAGE = 50;
// Whoever has more than this before them gets no more until they have read it.
const MAX_BUFFERED_BYTES = 256 * 1_024;
// So many events that came meanwhile are kept for them, the same for all; of more it is only known that they are in the database.
const MAX_WAITING = 1_000;
// Whoever has read nothing for so long, though there is something, is gone; it resumes after the last id it saw.
const STALLED_MS = 60_000;
const KEEP_ALIVE_MS = 15_000;
// Between two looks at whoever reads, should the word that it has read not come.
const DRAIN_MS = 1_000;
const RETRY_MS = 1_000;

/** After one of these nothing more comes of the order's own story; a sale is the last where nothing is to be shipped. */
const lastTypes: readonly EventType[] = [EventType.orderDelivered, EventType.orderRejected, EventType.orderCancelled];
export const isLastEvent = ({ eventType, data }: EventEnvelope): boolean =>
  lastTypes.includes(eventType) || (eventType === EventType.orderConfirmed && data['ships'] !== true);

type Source = {
  tenant: string;
  /** What the stream's ids count: an order's sequence, or the feed's position. */
  number: 'sequence' | 'position';
  after: number;
  readPage: (after: number, limit: number) => Promise<readonly EventEnvelope[]>;
  accepts: (event: EventEnvelope) => boolean;
  endsAfter: (event: EventEnvelope) => boolean;
  form: Form;
  times?: Partial<StreamTimes>;
};
/** `keepAliveMs`: between two comments of a stream that has nothing to say; `stalledMs`: for whoever reads nothing. */
export type StreamTimes = { keepAliveMs: number; stalledMs: number };
/** The form in which clients want events; the same for all who want it so. */
export type Form = { name: string; render: (event: EventEnvelope) => object };

/**
 * Streams until the source ends, the client goes, or the client does not read any more; resolves when the connection is
 * done with. Rejects before anything is sent when the database can not be read: that answer is a problem, not a stream.
 */
export async function streamEvents(exchange: Exchange, tail: EventTail, source: Source): Promise<void> {
  const { res } = exchange;
  // Whatever goes wrong with one answer is the end of that answer alone.
  res.on('error', () => cutOff(exchange));
  const stream = createStream(exchange, source);
  const unsubscribe = await tail.subscribe(source.tenant, stream.receive);
  let pulse: NodeJS.Timeout | undefined;
  try {
    const first = await source.readPage(source.after, PAGE);
    if (isOver(exchange)) return;
    sendHead(res);
    pulse = keepAlive(exchange, source.times);
    void closed(exchange).then(() => stream.wake());
    for (let page = first; !isOver(exchange); page = []) {
      await stream.catchUp(page);
      await stream.behind();
    }
    await closed(exchange);
  } finally {
    clearInterval(pulse);
    unsubscribe();
  }
}

function createStream(exchange: Exchange, source: Source) {
  const { res } = exchange;
  const { readPage, accepts, endsAfter } = source;
  let last = source.after;
  // Live: everything up to `last` is on its way, and what the tail brings goes behind it. Else that waits.
  let isLive = false;
  let waiting: EventEnvelope[] = [];
  let hasMissed = false;
  let wake = (): void => undefined;

  function keep(events: readonly EventEnvelope[]): void {
    hasMissed ||= waiting.length + events.length > MAX_WAITING;
    waiting = hasMissed ? [] : [...waiting, ...events];
  }

  function write(event: EventEnvelope): void {
    const number = event[source.number];
    if (number === null || number <= last || isOver(exchange)) return;
    last = number;
    res.write(frameOf(event, source));
    if (endsAfter(event)) res.end();
  }

  /** Only as fast as the client reads: what is behind may be any number of megabytes. */
  async function sendAll(events: readonly EventEnvelope[]): Promise<void> {
    for (const event of events) {
      await drained(exchange);
      write(event);
    }
  }

  return {
    wake: () => wake(),

    /** What the tail brings. */
    receive: (events: readonly EventEnvelope[]): void => {
      const wanted = events.filter(accepts);
      if (!isLive) return keep(wanted);
      // As one piece: a write for each of them, to each of thousands, keeps the process from everything else.
      res.cork();
      wanted.forEach(write);
      res.uncork();
      if (res.writableLength <= MAX_BUFFERED_BYTES) return;
      isLive = false;
      wake();
    },

    /** Sends the page, what is behind it, and what came meanwhile; the stream is live then, or over. */
    async catchUp(page: readonly EventEnvelope[]): Promise<void> {
      await drained(exchange);
      await sendAll(page);
      for (let isRead = page.length < PAGE; !isOver(exchange);) {
        if (isRead && !hasMissed) {
          if (waiting.length === 0) return void (isLive = true);
          await sendAll(waiting.splice(0));
        } else {
          // What waits is in the database already, and so among what is read now or after it.
          hasMissed = false;
          waiting = [];
          const next = await readPage(last, PAGE);
          isRead = next.length < PAGE;
          await sendAll(next);
        }
      }
    },

    /** Resolves when the client has fallen behind, or the stream is over. */
    behind: (): Promise<void> =>
      new Promise((resolve) => {
        wake = resolve;
        if (!isLive || isOver(exchange)) resolve();
      }),
  };
}

// One event goes to many: what is sent is made once, and waits once however many have not read it yet.
const frames = new WeakMap<EventEnvelope, Map<string, Buffer>>();

function frameOf(event: EventEnvelope, { number, form }: Pick<Source, 'number' | 'form'>): Buffer {
  const made = frames.get(event) ?? new Map<string, Buffer>();
  frames.set(event, made);
  const name = `${number} ${form.name}`;
  const known = made.get(name);
  if (known) return known;
  const text = createEventBuffer().push(form.render(event), event.eventType, String(event[number])).read();
  const frame = Buffer.from(text);
  made.set(name, frame);
  return frame;
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

export type Exchange = { req: Request; res: Response };

// A response says 'close' once, and one that waits behind another on its connection never does: hence the questions.
const isGone = ({ req, res }: Exchange): boolean => res.closed || req.socket.destroyed;
const isOver = (exchange: Exchange): boolean => exchange.res.writableEnded || isGone(exchange);

/** The connection, not the response alone: one that waits behind another has no connection of its own yet. */
export const cutOff = ({ req }: Exchange): void => void req.socket.destroy();

/**
 * Says something to whoever has read everything, and cuts off whoever has read nothing for so long though there is something; from now on
 * until it is cleared. What was taken is counted at the connection: a response that waits behind another has none, and nothing of it is read.
 */
function keepAlive(exchange: Exchange, times: Partial<StreamTimes> = {}): NodeJS.Timeout {
  const { keepAliveMs = KEEP_ALIVE_MS, stalledMs = STALLED_MS } = times;
  const { res } = exchange;
  const takenOf = (): number => (res.socket ? res.socket.bytesWritten - res.socket.writableLength : 0);
  let taken = takenOf();
  let readAt = performance.now();
  return setInterval(() => {
    // A write behind the end is an error that nobody waits for, and ends the process: an ended answer stays open for as long as the one
    // before it on its connection is not over.
    if (isGone(exchange) || (res.writableEnded && !res.socket)) return;
    const isRead = res.writableLength === 0;
    if (isRead || takenOf() > taken) readAt = performance.now();
    taken = takenOf();
    if (isRead && !res.writableEnded) res.write(':\n\n');
    else if (performance.now() - readAt >= stalledMs) cutOff(exchange);
  }, keepAliveMs);
}

const closed = (exchange: Exchange): Promise<void> => firstOf(exchange, ['close']);

/** Waits until the client has read what is before it, or is gone. */
async function drained(exchange: Exchange): Promise<void> {
  const { res } = exchange;
  // A burst that the connection takes at once can leave `writableNeedDrain` without a 'drain' that follows.
  while (res.writableNeedDrain && res.writableLength > 0 && !isOver(exchange))
    await firstOf(exchange, ['drain', 'close'], DRAIN_MS);
}

/** Resolves with the first of these events of the response, and in any case with the end of its connection, or of the time. */
function firstOf(exchange: Exchange, events: readonly ('close' | 'drain')[], withinMs?: number): Promise<void> {
  const { req, res } = exchange;
  if (isGone(exchange)) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = withinMs === undefined ? undefined : setTimeout(() => done(), withinMs);
    const done = (): void => {
      clearTimeout(timer);
      for (const event of events) res.off(event, done);
      req.socket.off('close', done);
      resolve();
    };
    for (const event of events) res.once(event, done);
    req.socket.once('close', done);
  });
}
