import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Metrics } from './metrics.ts';

// How often a sample is due. A sample that comes late is what is measured, so this much of every delay is not lag.
const SAMPLE_MS = 20;
// The mean over a second: one long turn (a collection, a large body) is no overload, a second of them is.
const WINDOW_MS = 1_000;

export type EventLoopLag = {
  /** How late this process is, in milliseconds: the mean of the last second or of the current one, whichever is worse. */
  lagMs: () => number;
  close: () => void;
};

/** Measures from now on how late timers come, which is how long a request waits before any of its work begins. */
export function measureEventLoopLag(): EventLoopLag {
  const samples = monitorEventLoopDelay({ resolution: SAMPLE_MS });
  samples.enable();
  let last = 0;
  const read = (): number => (samples.count === 0 ? 0 : Math.max(samples.mean / 1e6 - SAMPLE_MS, 0));
  const timer = setInterval(() => {
    last = read();
    samples.reset();
  }, WINDOW_MS);
  timer.unref();
  return {
    lagMs: () => Math.max(last, read()),
    close: () => {
      clearInterval(timer);
      samples.disable();
    },
  };
}

/**
 * Shows it. Node's own `nodejs_eventloop_lag_seconds` is one look, taken while the process has just come to answer: of a process that is
 * late again and again it says little.
 */
export const showEventLoopLag = (
  metrics: Pick<Metrics, 'gauge'>,
  process: 'api' | 'worker',
  { lagMs }: Pick<EventLoopLag, 'lagMs'>,
): void =>
  metrics.gauge({
    name: `${process}_event_loop_lag_seconds`,
    help: 'How late this process is; an api above EVENT_LOOP_LAG_LIMIT_MS refuses new orders',
    read: () => [{ value: lagMs() / 1_000 }],
  });
