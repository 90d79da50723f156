import type { Logger } from '../runtime/logger.ts';
import { createLoop, type Loop, type MayWork } from './loop.ts';

// How long what was accepted waits for its workflow. People ask for these seldom: nothing faster is needed.
const PAUSE_MS = 500;
const BATCH = 20;

/**
 * Of what was accepted and has a workflow of its own, and marks that say when to look whether that runs. `start` is the same call every
 * time; `done` is said once it has succeeded.
 */
type Marked<T> = {
  claimDue: (request: { limit: number }) => Promise<readonly T[]>;
  start: (marked: T) => Promise<void>;
  done: (marked: T) => Promise<void>;
};

/** Makes loops that see to it that everything that is marked has its workflow, whatever dies. Any process may run them. */
export const createMarkLaunchers =
  ({ logger, mayWork }: { logger: Logger; mayWork?: MayWork | undefined }) =>
  <T>(name: string, { claimDue, start, done }: Marked<T>): Loop =>
    createLoop({
      mayWork,
      name,
      pauseMs: PAUSE_MS,
      work: async () => {
        const due = await claimDue({ limit: BATCH });
        for (const marked of due) {
          await start(marked);
          await done(marked);
        }
        return due.length === BATCH;
      },
      logger,
    });
