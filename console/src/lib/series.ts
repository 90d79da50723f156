// What charts are drawn of: a value a second, as long as a chart is wide.

/** As many seconds are shown. */
export const SHOWN_SECONDS = 90;

export type Point = {
  /** Seconds, as charts count them. */
  at: number;
  placed: number | null;
  confirmed: number | null;
  inFlight: number | null;
  parked: number | null;
  p50: number | null;
  p95: number | null;
};
type Told = {
  at: string;
  counters: { inFlight: number; parked: number } | null;
  rates: { placedPerSecond: number; confirmedPerSecond: number } | null;
  latency: { p50Ms: number | null; p95Ms: number | null } | null;
};

/** What nobody can say is a gap, never a zero. */
export const pointOf = ({ at, counters, rates, latency }: Told): Point => ({
  at: Date.parse(at) / 1_000,
  placed: rates?.placedPerSecond ?? null,
  confirmed: rates?.confirmedPerSecond ?? null,
  inFlight: counters?.inFlight ?? null,
  parked: counters?.parked ?? null,
  p50: seconds(latency?.p50Ms),
  p95: seconds(latency?.p95Ms),
});

const seconds = (ms: number | null | undefined): number | null => (ms === null || ms === undefined ? null : ms / 1_000);

/** The last ones with one more. */
export const withPoint = (points: readonly Point[], point: Point): Point[] =>
  [...points, point].filter(({ at }) => point.at - at <= SHOWN_SECONDS);

/** What a chart shows, for who can not see it. */
export function describeSeries(name: string, values: readonly (number | null)[], unit: string): string {
  const known = values.filter((value) => value !== null);
  const last = values.at(-1) ?? null;
  if (known.length === 0) return `${name}: nothing known`;
  const now = last === null ? 'not known just now' : `${round(last)} ${unit}`.trim();
  return `${name}: ${now}, between ${round(Math.min(...known))} and ${round(Math.max(...known))} lately`;
}

const round = (value: number): string => (value >= 10 ? value.toFixed(0) : value.toFixed(1).replace(/\.0$/, ''));
