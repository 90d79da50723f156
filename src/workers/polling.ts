// When this process takes work from Temporal. What must stay true: never while it may not, and always again once it may, however
// fast that changes: it is asked for what is so now, not told of what has happened.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Metrics } from '../runtime/metrics.ts';
import type { OrderWorkers } from './order-worker.ts';

const PAUSE_MS = 100;

export type Polling = {
  /** Resolves after `close`, when what was under way has come to its end; rejects when a worker fails for good. */
  run: () => Promise<void>;
  /** What is under way comes to its end, and nothing more is taken; `run` goes on as soon as it may. */
  pause: () => void;
  /** The same for good. */
  close: () => Promise<void>;
  isUnderWay: () => boolean;
};

/** `start` makes the workers, which takes a while; `onStart` is called once they poll. */
export function createPolling(options: {
  mayWork: () => boolean;
  start: () => Promise<Pick<OrderWorkers, 'run' | 'stop' | 'isRunning'>>;
  onStart: () => void;
}): Polling {
  const { mayWork, start, onStart } = options;
  let workers: Awaited<ReturnType<typeof start>> | null = null;
  let running: Promise<void> = Promise.resolve();
  let closing = false;
  const isClosing = (): boolean => closing;
  const pause = (): void => workers?.stop();

  return {
    run: async () => {
      while (!isClosing()) {
        if (!mayWork()) {
          await sleep(PAUSE_MS);
          continue;
        }
        workers = await start();
        running = workers.run();
        onStart();
        // The alarm may have come while they were being made, when there was nobody to be stopped.
        if (!mayWork() || isClosing()) pause();
        await running;
      }
    },
    pause,
    close: () => {
      closing = true;
      pause();
      return running;
    },
    isUnderWay: () => workers?.isRunning() ?? false,
  };
}

/** Whether this worker takes work, for monitoring. */
export const showPolling = (metrics: Metrics, { isUnderWay }: Pick<Polling, 'isUnderWay'>): void =>
  metrics.gauge({
    name: 'worker_polling',
    help: '1 while this worker takes work from Temporal',
    read: () => [{ value: isUnderWay() ? 1 : 0 }],
  });
