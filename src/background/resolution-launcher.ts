import type { ManyResolutionMarks, ManyResolutionStarter } from '../ports/resolve-many.ts';
import type { Logger } from '../runtime/logger.ts';
import { createLoop, type Loop, type MayWork } from './loop.ts';

// How long an accepted decision waits for its workflow. Operators decide seldom: nothing faster is needed.
const PAUSE_MS = 500;
const BATCH = 10;

/** Sees to it that every accepted decision about many orders gets its workflow, whatever dies. Any process may run it. */
export const createResolutionLauncher = (options: {
  marks: ManyResolutionMarks;
  starter: ManyResolutionStarter;
  logger: Logger;
  mayWork?: MayWork;
}): Loop => {
  const { marks, starter, logger, mayWork } = options;
  return createLoop({
    mayWork,
    name: 'resolution-launcher',
    pauseMs: PAUSE_MS,
    work: async () => {
      const due = await marks.claimDue({ limit: BATCH });
      for (const resolution of due) {
        await starter.startResolving(resolution);
        await marks.clear(resolution);
      }
      return due.length === BATCH;
    },
    logger,
  });
};
