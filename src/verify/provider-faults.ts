// Faults on demand at the simulator: it may be away itself just then.
import { setTimeout as sleep } from 'node:timers/promises';

const LIMIT_MS = 5_000;
const USED_UP_WITHIN_MS = 12_000;
const POLL_MS = 250;

/** Adds a fault; false when the simulator could not be asked. Throws when it does not know such a fault. */
export async function addFault(simulatorUrl: string, description: object): Promise<boolean> {
  const answer = await fetch(`${simulatorUrl}/_simulator/faults`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(description),
    signal: AbortSignal.timeout(LIMIT_MS),
  }).catch(() => null);
  if (answer?.status === 400) throw new Error(`The simulator refuses the fault: ${await answer.text()}`);
  return answer?.ok ?? false;
}

/** Waits until a fault is used up, not for ever; answers whether it has struck at least once. */
export async function waitUntilUsedUp(simulatorUrl: string, withinMs = USED_UP_WITHIN_MS): Promise<boolean> {
  let struck = false;
  for (const until = Date.now() + withinMs; Date.now() < until; await sleep(POLL_MS)) {
    const faults = await listFaults(simulatorUrl);
    if (faults.length === 0) return true;
    struck ||= faults.some((fault) => fault.struck > 0);
  }
  return struck;
}

/** A healthy provider again, where it can be asked. */
export async function clearFaults(simulatorUrl: string): Promise<void> {
  const signal = AbortSignal.timeout(LIMIT_MS);
  await fetch(`${simulatorUrl}/_simulator/faults`, { method: 'DELETE', signal }).catch(() => undefined);
}

async function listFaults(simulatorUrl: string): Promise<{ struck: number }[]> {
  try {
    const answer = await fetch(`${simulatorUrl}/_simulator/faults`, { signal: AbortSignal.timeout(LIMIT_MS) });
    return ((await answer.json()) as { items: { struck: number }[] }).items;
  } catch {
    // Killed or frozen: a simulator that comes back from the dead has forgotten its faults.
    return [];
  }
}
