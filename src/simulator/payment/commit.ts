import type { Log } from './log.ts';
import { apply, type Entry, type State } from './state.ts';
import type { Webhooks } from './webhooks.ts';

/** Makes an entry true: in the state at once, so that nothing decides on what was before; resolves when it is on disk. */
export type Commit = (entry: Entry) => Promise<void>;

/** Events are told only once they are on disk; that they are owed is part of the same entry, so a kill loses none. */
export function createCommit({ state, log, webhooks }: { state: State; log: Log; webhooks: Webhooks }): Commit {
  return async (entry) => {
    const owed = webhooks.owedFor(entry.events ?? []);
    const whole = owed.length > 0 ? { ...entry, owed } : entry;
    apply(state, whole);
    await log.append(whole);
    webhooks.deliver(owed);
  };
}
