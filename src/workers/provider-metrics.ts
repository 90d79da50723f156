import type { CircuitReading, ProviderState } from '../ports/provider-states.ts';
import type { Metrics } from '../runtime/metrics.ts';

const states = ['closed', 'half-open', 'open'] as const;
// Of a call that has 8 s at most by default.
const BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8];

/** One call of an operation: what it came to, and how long it took; null: it was not made, the circuit was open. */
export type ProviderCall = { operation: string; outcome: string; seconds: number | null };

/** Shows a provider's circuits, and answers with what takes each call. */
export function showProvider(
  metrics: Pick<Metrics, 'gauge' | 'counter' | 'histogram'>,
  { provider, circuits }: { provider: string; circuits: () => readonly CircuitReading[] },
): (call: ProviderCall) => void {
  // A set of states, 1 for the one it is in, so that a query need not know any numbers.
  metrics.gauge({
    name: 'payment_provider_circuit',
    help: 'The circuit of each operation of the provider: 1 for the state it is in, 0 for the others',
    labelNames: ['provider', 'operation', 'state'],
    read: () =>
      circuits().flatMap(({ operation, state }) =>
        states.map((each) => ({ labels: { provider, operation, state: each }, value: each === state ? 1 : 0 })),
      ),
  });
  const count = metrics.counter({
    name: 'payment_provider_calls_total',
    help: 'Calls by what they came to: an answer (done, rejection, refused, stuck), unknown (it is ill), failed (our key, for example), patience (it asks for it), not-called (the circuit is open)',
    labelNames: ['provider', 'operation', 'outcome'],
  });
  const observe = metrics.histogram({
    name: 'payment_provider_call_duration_seconds',
    help: 'How long calls took that were made',
    labelNames: ['provider', 'operation'],
    buckets: BUCKETS,
  });
  return ({ operation, outcome, seconds }) => {
    count({ provider, operation, outcome });
    if (seconds !== null) observe({ provider, operation }, seconds);
  };
}

/** Closed is well; the health check shows everything else as failing, with what failed. */
export function describeProvider({ state, failures, lastFailure }: ProviderState): string {
  if (state === 'closed') return failures === 0 ? 'closed' : `closed, ${failures} failures in a row`;
  throw new Error(`${state}: ${lastFailure ?? 'no failure recorded'}`);
}
