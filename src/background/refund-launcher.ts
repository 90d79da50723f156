import type { RefundMarks, RefundStarter } from '../ports/refund.ts';
import type { Logger } from '../runtime/logger.ts';
import { createLoop, type Loop, type MayWork } from './loop.ts';

// How long an accepted refund waits for its workflow. Operators refund seldom: nothing faster is needed.
const PAUSE_MS = 500;
const BATCH = 20;

/** Sees to it that every refund that has not come to its end has a workflow, whatever dies. Any process may run it. */
export const createRefundLauncher = (options: {
  marks: RefundMarks;
  starter: RefundStarter;
  logger: Logger;
  mayWork?: MayWork;
}): Loop => {
  const { marks, starter, logger, mayWork } = options;
  return createLoop({
    mayWork,
    name: 'refund-launcher',
    pauseMs: PAUSE_MS,
    work: async () => {
      const due = await marks.claimDue({ limit: BATCH });
      for (const refund of due) {
        await starter.startRefund(refund);
        await marks.noteRunning(refund);
      }
      return due.length === BATCH;
    },
    logger,
  });
};
