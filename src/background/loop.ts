import type { Logger } from '../runtime/logger.ts';

/** A piece of work that is done over and over until it is stopped. */
export type Loop = {
  start: () => void;
  stop: () => Promise<void>;
  /** A probe of its health: rejects with what its last turn failed with. */
  check: () => Promise<void>;
};

/** Whether a loop may do its work now; it only pauses while it may not. */
export type MayWork = () => boolean;

/**
 * Calls `work` again and again: at once while it says there is more, after `pauseMs` otherwise and after a failure (which
 * is logged when it begins, not at every turn). `stop` waits for the turn under way.
 */
export function createLoop(options: {
  name: string;
  pauseMs: number;
  work: () => Promise<boolean>;
  logger: Logger;
  mayWork?: MayWork | undefined;
}): Loop {
  const { name, pauseMs, work, logger, mayWork = () => true } = options;
  let stopped = false;
  let failure: { error: Error } | null = null;
  let turn: Promise<void> | null = null;
  let wake: (() => void) | null = null;

  async function run(): Promise<void> {
    while (!stopped) if (!(await takeTurn())) await pause();
  }

  async function takeTurn(): Promise<boolean> {
    if (!mayWork()) return false;
    try {
      const more = await work();
      if (failure) logger.info({ loop: name }, 'a background loop works again');
      failure = null;
      return more;
    } catch (error) {
      if (!failure) logger.warn({ err: error, loop: name }, 'a background loop fails; it keeps trying');
      failure = { error: error instanceof Error ? error : new Error(String(error)) };
      return false;
    }
  }

  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      if (stopped) return resolve();
      const timer = setTimeout(resolve, pauseMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  return {
    start: () => {
      turn ??= run();
    },
    stop: async () => {
      stopped = true;
      wake?.();
      await turn;
    },
    check: () => (failure ? Promise.reject(failure.error) : Promise.resolve()),
  };
}
