// Customers told by mail: which notices there are, and that each has its workflow. What must stay true: no order waits for any of this, and
// where nobody wants mails sent nothing is looked at and nothing written.
import type { NoticeParts } from '../ports/customer-notice.ts';
import type { Logger } from '../runtime/logger.ts';
import { createLoop, type MayWork } from './loop.ts';
import { createMarkLaunchers } from './mark-launcher.ts';

const PAUSE_MS = 500;
const BATCH = 500;
const LOOK_MS = 5_000;

/** `parts`: what sends them; null: nobody is told, and the rest of this does nothing. */
type Options = { parts: NoticeParts | null; logger: Logger; mayWork?: MayWork };

/** Any process may run it. */
export function createCustomerNotices({ parts, logger, mayWork }: Options) {
  if (!parts) return { start: () => undefined, stop: () => Promise.resolve(), probes: {}, gauges: [] };
  const feeding = createFeeding(parts, logger);
  let standing: { waiting: number; oldestSeconds: number } | null = null;
  const launch = createMarkLaunchers({ logger, mayWork });
  const loops = [
    createLoop({ name: 'customer notices', pauseMs: PAUSE_MS, work: feeding, logger, mayWork }),
    launch('launch of customer notices', {
      claimDue: parts.marks.claimDue,
      start: async (notice) => {
        const state = await parts.starter.startNotice(notice);
        await (state === 'over' ? parts.marks.noteOver(notice) : parts.marks.noteRunning(notice));
      },
      done: () => Promise.resolve(),
    }),
    createLoop({
      name: 'waiting customer notices',
      pauseMs: LOOK_MS,
      work: async () => {
        standing = null;
        standing = await parts.feed.read();
        return false;
      },
      logger,
      mayWork,
    }),
  ] as const;
  const readings = (read: (of: { waiting: number; oldestSeconds: number }) => number): { value: number }[] =>
    standing === null ? [] : [{ value: read(standing) }];
  return {
    start: () => loops.forEach(({ start }) => start()),
    stop: async (): Promise<void> => {
      await Promise.all(loops.map(({ stop }) => stop()));
    },
    /** For /health: what is wrong with the mail server, or with the feed. */
    probes: {
      notices: async (): Promise<string> => {
        for (const loop of loops) await loop.check();
        const fault = parts.fault();
        const waiting = `${standing?.waiting ?? 'nobody knows how many'} notices wait`;
        if (fault !== null) throw new Error(`the mail server: ${fault}; ${waiting}`);
        return waiting;
      },
    },
    gauges: [
      {
        name: 'customer_notices_waiting',
        help: 'Mails to customers that are still to be sent, up to 10,000',
        read: () => readings(({ waiting }) => waiting),
      },
      {
        name: 'customer_notices_oldest_seconds',
        help: 'How long the oldest of them should have been sent; 0 where none waits',
        read: () => readings(({ oldestSeconds }) => oldestSeconds),
      },
    ],
  };
}

function createFeeding({ feed, kinds, maxAgeMs, paymentDelayMs }: NoticeParts, logger: Logger) {
  let isBegun = false;
  return async (): Promise<boolean> => {
    if (!isBegun) await feed.begin();
    isBegun = true;
    const { isMore, tooLate } = await feed.feed({ limit: BATCH, kinds, maxAgeMs, paymentDelayMs });
    if (tooLate > 0) logger.warn({ tooLate }, 'customers are not told of what happened too long ago');
    return isMore;
  };
}
