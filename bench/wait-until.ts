import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 20;

/** What `ask` answers with once it does not throw any more; throws its last error when that takes too long. */
export async function waitUntil<T>(
  what: string,
  ask: () => Promise<T>,
  { withinMs = 60_000, pollMs = POLL_MS }: { withinMs?: number; pollMs?: number } = {},
): Promise<T> {
  for (const until = Date.now() + withinMs; ; await sleep(pollMs)) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > until) throw new Error(`${what} was not ready within ${withinMs} ms`, { cause: error });
    }
  }
}

/** Throws unless the page answers with 2xx. */
export async function expectOk(url: string): Promise<void> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`Expected ${url} to be well; found ${answer.status}`);
}
