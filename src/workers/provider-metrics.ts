import type { CircuitReading, ProviderState } from '../ports/provider-states.ts';
import type { Metrics } from '../runtime/metrics.ts';

const states = ['closed', 'half-open', 'open'] as const;
/** Shows a provider's circuits. */
export function showCircuits(
  metrics: Pick<Metrics, 'gauge'>,
  { provider, circuits }: { provider: string; circuits: () => readonly CircuitReading[] },
): void {
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
}

/** Closed is well; the health check shows everything else as failing, with what failed. */
export function describeProvider({ state, failures, lastFailure }: ProviderState): string {
  if (state === 'closed') return failures === 0 ? 'closed' : `closed, ${failures} failures in a row`;
  throw new Error(`${state}: ${lastFailure ?? 'no failure recorded'}`);
}
