import type { ReconciliationMarks, ReconciliationStarter } from '../ports/reconciliation.ts';
import type { Logger } from '../runtime/logger.ts';
import { createLoop, type Loop, type MayWork } from './loop.ts';

// How long somebody who asks for a comparison waits for its beginning.
const PAUSE_MS = 500;
const BATCH = 10;

/**
 * Sees to it that the books are compared: every so often, by Temporal's schedule (which it sets up once, as soon as Temporal
 * answers), and when somebody has asked for it. Any process may run it.
 */
export function createReconciliationLauncher(options: {
  marks: ReconciliationMarks;
  starter: ReconciliationStarter;
  everyMs: number;
  logger: Logger;
  mayWork?: MayWork;
}): Loop {
  const { marks, starter, everyMs, logger, mayWork } = options;
  let isScheduled = false;
  return createLoop({
    name: 'reconciliation-launcher',
    pauseMs: PAUSE_MS,
    work: async () => {
      if (!isScheduled) {
        await starter.schedule({ everyMs });
        await marks.keepInterval({ everyMs });
      }
      isScheduled = true;
      const due = await marks.claimDue({ limit: BATCH });
      for (const reconciliation of due) {
        await starter.startReconciling(reconciliation);
        await marks.clear(reconciliation);
      }
      return due.length === BATCH;
    },
    logger,
    mayWork,
  });
}
