import type { ProviderState, ProviderStates } from '../ports/provider-states.ts';
import type { Logger } from '../runtime/logger.ts';
import { createLoop, type Loop } from './loop.ts';

// A third of the age at which a state counts as stale (see adapters/postgres/provider-states.ts).
const BEAT_MS = 10_000;

export type ProviderHeartbeat = Loop & {
  /** To be called when the state has changed: an operator should not wait for the next beat. */
  changed: () => void;
};

/** Reports what this process thinks of the provider, at every change and as a heartbeat. */
export function createProviderHeartbeat(options: {
  states: ProviderStates;
  provider: string;
  worker: string;
  read: () => ProviderState;
  logger: Logger;
}): ProviderHeartbeat {
  const { states, provider, worker, read, logger } = options;
  let toldSince = '';
  const report = (): Promise<void> => states.report({ provider, worker, ...read() });
  const loop = createLoop({
    name: 'provider-heartbeat',
    pauseMs: BEAT_MS,
    work: async () => (await report(), false),
    logger,
  });
  return {
    ...loop,
    changed: () => {
      const { state, since, lastFailure } = read();
      // One line when trouble begins and one when it ends; a probe every few seconds is no news.
      if (since !== toldSince)
        logger.warn({ provider, state, lastFailure }, 'the circuit breaker of the payment provider changed');
      toldSince = since;
      // The next beat repeats what could not be written now.
      report().catch((error: unknown) => logger.warn({ err: error }, 'the state of the provider was not reported'));
    },
  };
}
