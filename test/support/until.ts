import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for a condition, never for a time. Throws what it waited for, and the last failure, when it does not come. */
export async function until(
  condition: () => Promise<boolean> | boolean,
  what: string,
  withinMs = 45_000,
): Promise<void> {
  let last: unknown = null;
  for (const end = Date.now() + withinMs; Date.now() < end; await sleep(50)) {
    try {
      if (await condition()) return;
      last = null;
    } catch (error) {
      last = error;
    }
  }
  throw new Error(`Waited ${withinMs} ms for: ${what}`, { cause: last });
}
