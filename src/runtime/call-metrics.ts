import type { Metrics } from './metrics.ts';

// Of a call that has 8 s at most by default.
const BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8];

/** One call to somebody else: what it came to, and how long it took; null: it was not made. */
export type Call = { operation: string; outcome: string; seconds: number | null };

/** Calls to one partner. `name`: what its metrics begin with; `outcomes`: what a call can come to, and what that means. */
export type CallKinds = {
  name: string;
  labels?: Readonly<Record<string, string>>;
  operations: readonly string[];
  outcomes: Readonly<Record<string, string>>;
};

/** Shows how many calls came to what, and how long they took; answers with what takes each call. */
export function showCalls(
  metrics: Pick<Metrics, 'counter' | 'histogram'>,
  { name, labels = {}, operations, outcomes }: CallKinds,
): (call: Call) => void {
  const means = Object.entries(outcomes).map(([outcome, meaning]) => `${outcome} (${meaning})`);
  const count = metrics.counter({
    name: `${name}_calls_total`,
    help: `Calls by what they came to: ${means.join(', ')}`,
    labelNames: [...Object.keys(labels), 'operation', 'outcome'],
    known: operations.flatMap((operation) =>
      Object.keys(outcomes).map((outcome) => ({ ...labels, operation, outcome })),
    ),
  });
  const observe = metrics.histogram({
    name: `${name}_call_duration_seconds`,
    help: 'How long calls took that were made',
    labelNames: [...Object.keys(labels), 'operation'],
    buckets: BUCKETS,
  });
  return ({ operation, outcome, seconds }) => {
    count({ ...labels, operation, outcome });
    if (seconds !== null) observe({ ...labels, operation }, seconds);
  };
}
