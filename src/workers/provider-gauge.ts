import type { CircuitReading } from '../ports/provider-states.ts';
import type { Reading } from '../runtime/metrics.ts';

const states = ['closed', 'half-open', 'open'] as const;

/** The circuit of each operation as a set of states: 1 for the one it is in, so that a query need not know any numbers. */
export const providerGauge = (
  provider: string,
  read: () => readonly CircuitReading[],
): { name: string; help: string; labelNames: readonly string[]; read: () => readonly Reading[] } => ({
  name: 'payment_provider_circuit',
  help: 'The circuit of each operation of the provider: 1 for the state it is in, 0 for the others',
  labelNames: ['provider', 'operation', 'state'],
  read: () =>
    read().flatMap(({ operation, state }) =>
      states.map((each) => ({ labels: { provider, operation, state: each }, value: each === state ? 1 : 0 })),
    ),
});
