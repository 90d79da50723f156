// Carries out erasures, and what retention periods ask for. What must stay true: in small steps, each a transaction of its own; any process may
// do it, also several at a time; and what fails is tried again without holding up what comes behind it.
import {
  prunableTables,
  type ErasingFailure,
  type ErasureStanding,
  type ErasureWork,
  type PrunableTable,
} from '../ports/erasure.ts';
import type { Logger } from '../runtime/logger.ts';
import { createLoop, type Loop, type MayWork } from './loop.ts';

const PAUSE_MS = 2_000;
/** Nobody waits for what is too old. */
const RETENTION_PAUSE_MS = 60_000;
/** Orders of one step, whose rows are locked meanwhile: a few milliseconds each. */
const ORDERS = 20;
const ROWS = 500;

/** Periods in milliseconds; undefined: for ever. */
export type Retention = { personalData: number | undefined; rows: Readonly<Record<PrunableTable, number | undefined>> };

type Options = { work: ErasureWork; retention: Retention; logger: Logger; mayWork?: MayWork };
type Gauge = {
  name: string;
  help: string;
  labelNames?: readonly string[];
  read: () => { labels?: Record<string, string>; value: number }[];
};
export type Eraser = Pick<Loop, 'start' | 'stop'> & { probes: Record<string, () => Promise<void>>; gauges: Gauge[] };

/** Any process may run it. */
export function createEraser({ work, retention, logger, mayWork }: Options): Eraser {
  const erased = { request: 0, retention: 0 };
  const pruned = Object.fromEntries(prunableTables.map((table) => [table, 0])) as Record<PrunableTable, number>;
  let standing: ErasureStanding | null = null;

  /** After what could be done: the part is unwell while an order can not be erased. */
  function tell(failures: readonly ErasingFailure[]): void {
    for (const { orderId, error } of failures) logger.error({ orderId, err: error }, 'an order could not be erased');
    if (failures.length > 0) throw new Error(`${failures.length} orders could not be erased: the log says which`);
  }

  /** Answers whether there may be more. */
  async function erase(): Promise<boolean> {
    standing = await work.readStanding().catch((error: unknown) => {
      standing = null;
      throw error;
    });
    if (standing.open === 0) return false;
    const step = await work.advance({ limit: ORDERS });
    if (!step) return false;
    erased.request += step.orders;
    // Never whose: the id leads an operator to it.
    if (step.isFinished) logger.info({ erasureId: step.erasureId }, 'an erasure is finished');
    tell(step.failures);
    return true;
  }

  async function retain(): Promise<boolean> {
    let isMore = false;
    for (const table of prunableTables) {
      const olderThanMs = retention.rows[table];
      if (olderThanMs === undefined) continue;
      const rows = await work.prune({ table, olderThanMs, limit: ROWS });
      pruned[table] += rows;
      isMore ||= rows === ROWS;
    }
    // Last: an order that can not be erased must not keep the rest from going.
    if (retention.personalData !== undefined) {
      const { orders, failures } = await work.eraseAged({ olderThanMs: retention.personalData, limit: ORDERS });
      erased.retention += orders;
      tell(failures);
      isMore ||= orders === ORDERS;
    }
    return isMore;
  }

  const loops = [
    createLoop({ name: 'erasures', pauseMs: PAUSE_MS, work: erase, logger, mayWork }),
    createLoop({ name: 'retention', pauseMs: RETENTION_PAUSE_MS, work: retain, logger, mayWork }),
  ];
  return {
    start: () => loops.forEach(({ start }) => start()),
    stop: async () => void (await Promise.all(loops.map(({ stop }) => stop()))),
    probes: { erasures: async () => void (await Promise.all(loops.map(({ check }) => check()))) },
    gauges: gaugesOf({ standing: () => standing, erased, pruned }),
  };
}

type Counts = {
  standing: () => ErasureStanding | null;
  erased: Record<string, number>;
  pruned: Record<string, number>;
};

function gaugesOf({ standing, erased, pruned }: Counts): Gauge[] {
  // Absent, not 0, while nobody knows.
  const known = (value: (of: ErasureStanding) => number) => (): { value: number }[] => {
    const of = standing();
    return of ? [{ value: value(of) }] : [];
  };
  const each = (counts: Record<string, number>, label: string) => () =>
    Object.entries(counts).map(([name, value]) => ({ labels: { [label]: name }, value }));
  return [
    {
      name: 'erasures_open',
      help: 'Customers that were asked to be erased, and are not yet to the last order',
      read: known(({ open }) => open),
    },
    {
      name: 'erasures_oldest_seconds',
      help: 'Since when the oldest of them was asked for; 0 where there is none',
      read: known(({ oldestSeconds }) => oldestSeconds),
    },
    {
      name: 'erased_orders',
      help: 'Orders that this process has erased since it began, by why',
      labelNames: ['because'],
      read: each(erased, 'because'),
    },
    {
      name: 'pruned_rows',
      help: 'Rows that were too old and this process has taken away since it began, by table',
      labelNames: ['table'],
      read: each(pruned, 'table'),
    },
  ];
}
