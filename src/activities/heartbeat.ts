import { Context } from '@temporalio/activity';

// A third of the heartbeat timeout (see workflows/activity-proxies.ts), so that one late beat is no alarm.
const BEAT_MS = 3_000;

/**
 * The same activities, each telling Temporal every few seconds that it lives: a worker that was killed in the middle is
 * noticed by the missing beat, not by the much longer timeout of the whole attempt.
 */
export function withHeartbeat<T extends Record<string, (argument: never) => Promise<unknown>>>(activities: T): T {
  const entries = Object.entries(activities).map(([name, run]) => [
    name,
    (argument: never) => beating(() => run(argument)),
  ]);
  return Object.fromEntries(entries) as T;
}

async function beating<R>(run: () => Promise<R>): Promise<R> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(), BEAT_MS);
  try {
    return await run();
  } finally {
    clearInterval(timer);
  }
}
