import type { LaunchableOrder, LaunchMarks, OrderStarter } from '../ports/launch.ts';
import type { Logger } from '../runtime/logger.ts';
import { inTrace } from '../runtime/tracing/trace.ts';
import { createLoop, type Loop, type MayWork } from './loop.ts';

// Starts under way at once. More only queue inside Temporal, and a starting process must still be able to answer.
const MAX_STARTS = 32;
// Starts that wait in this process. What does not fit is left to the marks: nothing is lost, it is only started later.
const MAX_QUEUED = 1_000;
const BATCH = 200;
const PAUSE_MS = 1_000;

export type Launcher = Loop & {
  /** Starts the order's workflow in the background; when that fails, its mark brings it back. */
  launchSoon: (order: LaunchableOrder) => void;
  /** Accepted orders that waited for their workflow when last counted (up to one more than the limit). */
  waiting: () => number;
};

/**
 * Sees to it that every open order has a workflow: at once for the orders of this process, and from the marks in the database
 * for those whose process died, that were accepted while Temporal was away, or whose workflow was terminated or lost. Any
 * process may run it.
 */
export function createLauncher(options: {
  marks: LaunchMarks;
  starter: OrderStarter;
  backlogLimit: number;
  logger: Logger;
  mayWork?: MayWork;
}): Launcher {
  const { marks, starter, backlogLimit, logger, mayWork = () => true } = options;
  const queue: LaunchableOrder[] = [];
  // Queued or being started here. In a burst an order's mark falls due while it still stands in the queue; started a second time after its
  // workflow has closed, it would run again for nothing.
  const taken = new Set<string>();
  let running = 0;
  let waiting = 0;

  async function launch(order: LaunchableOrder): Promise<void> {
    // Its mark brings it back once it may.
    if (!mayWork()) return;
    // A start that succeeds leaves the mark to the workflow's first transaction: it proves that a worker took it up.
    if ((await starter.start(order)) === 'running') await marks.noteRunning({ orderId: order.orderId });
  }

  function next(): void {
    const order = running < MAX_STARTS ? queue.shift() : undefined;
    if (!order) return;
    running += 1;
    void inTrace(order, () =>
      launch(order).catch((error: unknown) =>
        logger.warn({ err: error, orderId: order.orderId }, 'the workflow was not started; the launcher tries again'),
      ),
    ).finally(() => {
      running -= 1;
      taken.delete(order.orderId);
      next();
    });
  }

  async function launchDue(): Promise<boolean> {
    waiting = await marks.countWaiting({ atMost: backlogLimit + 1 });
    // Counted all the same: the door closes when too many wait, whatever they wait for.
    if (!mayWork()) return false;
    // As many as there is room for, also while orders of this process keep coming: those with a mark are older.
    const room = Math.min(BATCH, MAX_QUEUED - queue.length);
    if (room <= 0) return false;
    const due = await marks.claimDue({ limit: room });
    for (const order of due) enqueue(order);
    return due.length === room;
  }

  function enqueue(order: LaunchableOrder): void {
    if (taken.has(order.orderId)) return;
    taken.add(order.orderId);
    queue.push(order);
    next();
  }

  /** Leaves half of the room to orders that have waited for longer. */
  function launchSoon(order: LaunchableOrder): void {
    if (queue.length < MAX_QUEUED / 2) enqueue(order);
  }

  const loop = createLoop({ name: 'launcher', pauseMs: PAUSE_MS, work: launchDue, logger });
  return { ...loop, launchSoon, waiting: () => waiting };
}
