import type { ReportedState } from '../ports/provider-states.ts';

/** How many workers ask the provider. Throws what the worst of them thinks of it. */
export function describeProviders(states: readonly ReportedState[]): string {
  const ill = states.find(({ state }) => state === 'open') ?? states.find(({ state }) => state === 'half-open');
  if (ill) throw new Error(`${ill.provider} is ${ill.state} at ${ill.worker}: ${ill.lastFailure ?? 'unknown'}`);
  return states.length === 1 ? '1 worker asks it' : `${states.length} workers ask it`;
}
