// Sees orders end: one small query over all that are waited for, again and again. What sees them is the same for every variant.
import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 5;

/** Answers with those of these orders that have ended. */
export type Finished = (ids: readonly string[]) => Promise<readonly string[]>;

export type Completions = {
  /** Resolves with when (ms of performance.now()) the order was seen to have ended. */
  of: (orderId: string) => Promise<number>;
  waiting: () => number;
  close: () => Promise<void>;
};

export function watchCompletions(finished: Finished): Completions {
  const waiting = new Map<string, (at: number) => void>();
  let isClosed = false;
  const watching = watch();

  async function watch(): Promise<void> {
    while (!isClosed) {
      if (waiting.size > 0) {
        // A server that was ended on purpose is asked again.
        const ended = await finished([...waiting.keys()]).catch(() => []);
        const at = performance.now();
        for (const id of ended) {
          waiting.get(id)?.(at);
          waiting.delete(id);
        }
      }
      await sleep(PAUSE_MS);
    }
  }

  return {
    of: (orderId) => new Promise((resolve) => waiting.set(orderId, resolve)),
    waiting: () => waiting.size,
    close: async () => {
      isClosed = true;
      await watching;
    },
  };
}
