// What is made of many figures. Pure.

/** The middle one; the mean of the two in the middle where their number is even. */
export function median(values: readonly number[]): number {
  const sorted = ascending(values);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  if (low === undefined || high === undefined) throw new Error('Expected at least one figure; found none');
  return (low + high) / 2;
}

/** The smallest figure that is not below the given share (0 to 1) of all: one that was measured, never one in between. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = ascending(values);
  const found = sorted[Math.max(Math.ceil(share * sorted.length) - 1, 0)];
  if (found === undefined) throw new Error('Expected at least one figure; found none');
  return found;
}

/** The median of repeats, and how far they lie apart. */
export type Spread = { median: number; min: number; max: number; count: number };

export const spreadOf = (values: readonly number[]): Spread => ({
  median: median(values),
  min: Math.min(...values),
  max: Math.max(...values),
  count: values.length,
});

/** How far the repeats lie apart, as a share of their median. */
export const relativeSpread = ({ median: middle, min, max }: Spread): number =>
  middle === 0 ? 0 : (max - min) / middle;

export type Latencies = { p50: number; p90: number; p99: number; max: number; count: number };

/** Null where there is nothing to say. */
export const latenciesOf = (values: readonly number[]): Latencies | null =>
  values.length === 0
    ? null
    : {
        p50: percentile(values, 0.5),
        p90: percentile(values, 0.9),
        p99: percentile(values, 0.99),
        max: percentile(values, 1),
        count: values.length,
      };

const ascending = (values: readonly number[]): number[] => values.toSorted((one, other) => one - other);
