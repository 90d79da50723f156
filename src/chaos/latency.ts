import type { Latency } from './contract.ts';

/** Long enough that a percentile means something at one order a second. */
export const LATENCY_WINDOW_MS = 15_000;
const MOST = 3_000;

/** How long orders took that were confirmed lately. */
export function createLatencies() {
  let samples: { atMs: number; tookMs: number }[] = [];
  return {
    add: (atMs: number, tookMs: number): void => void samples.push({ atMs, tookMs }),
    read: (nowMs: number): Latency => {
      samples = samples.filter(({ atMs }) => nowMs - atMs <= LATENCY_WINDOW_MS).slice(-MOST);
      const sorted = samples.map(({ tookMs }) => tookMs).sort((one, other) => one - other);
      return { orders: sorted.length, p50Ms: percentile(sorted, 0.5), p95Ms: percentile(sorted, 0.95) };
    },
  };
}

/** The smallest that at least this share does not exceed; null of nothing. */
export const percentile = (sorted: readonly number[], share: number): number | null =>
  sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null;
