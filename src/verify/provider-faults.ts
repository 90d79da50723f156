// Faults on demand at the simulator: it may be away itself just then.
import { setTimeout as sleep } from 'node:timers/promises';

const LIMIT_MS = 5_000;
const USED_UP_WITHIN_MS = 12_000;
const POLL_MS = 250;

/** What the simulator says of a fault. */
type Seen = { struck: number; times: number | 'always' };

/** Adds a fault; its id, or null when the simulator could not be asked. Throws when it does not know such a fault. */
export async function addFault(simulatorUrl: string, description: object): Promise<string | null> {
  const answer = await ask(simulatorUrl, '', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(description),
  });
  if (answer?.status === 400) throw new Error(`The simulator refuses the fault: ${await answer.text()}`);
  const body = (await answer?.json().catch(() => null)) as { id: string } | null;
  return body?.id ?? null;
}

/**
 * Waits until a fault is used up, not for ever, and takes back what is left of it; answers whether it has struck at least once.
 * It asks for this very fault: others are dealt beside it.
 */
export async function waitUntilUsedUp(
  simulatorUrl: string,
  id: string,
  withinMs = USED_UP_WITHIN_MS,
): Promise<boolean> {
  let struck = false;
  for (const until = Date.now() + withinMs; Date.now() < until; await sleep(POLL_MS)) {
    const seen = await findFault(simulatorUrl, id);
    if (seen === 'unreachable') continue;
    // One that was killed has forgotten it.
    if (seen === 'unknown') return struck;
    struck = seen.struck > 0;
    if (seen.struck === seen.times) return true;
  }
  const last = await findFault(simulatorUrl, id);
  await ask(simulatorUrl, `/${id}`, { method: 'DELETE' });
  return struck || (typeof last === 'object' && last.struck > 0);
}

/** A healthy provider again, where it can be asked. */
export async function clearFaults(simulatorUrl: string): Promise<void> {
  await ask(simulatorUrl, '', { method: 'DELETE' });
}

async function findFault(simulatorUrl: string, id: string): Promise<Seen | 'unknown' | 'unreachable'> {
  const answer = await ask(simulatorUrl, `/${id}`);
  if (answer === null) return 'unreachable';
  if (answer.status === 404) return 'unknown';
  return (answer.json() as Promise<Seen>).catch(() => 'unreachable' as const);
}

/** Null while it can not be asked: killed, or frozen. */
const ask = (simulatorUrl: string, path: string, init: RequestInit = {}): Promise<Response | null> =>
  fetch(`${simulatorUrl}/_simulator/faults${path}`, { ...init, signal: AbortSignal.timeout(LIMIT_MS) }).catch(
    () => null,
  );
