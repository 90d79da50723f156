import { codeOf } from '../contracts/worker-identity.ts';

// A poll is answered with nothing after a minute, and the next one follows at once; clocks differ.
const POLLED_WITHIN_MS = 90_000;

type Poller = { identity: string; polledAt: Date | undefined };

/** How many poll for orders, and which builds of the workflows they run where it is not one. Throws when nobody does. */
export function describeWorkers(pollers: readonly Poller[], now = Date.now()): string {
  const there = pollers.filter(({ polledAt }) => polledAt !== undefined && now - polledAt.getTime() < POLLED_WITHIN_MS);
  if (there.length === 0) throw new Error('No worker polls for orders: orders are accepted and wait');
  const counts = new Map<string, number>();
  for (const { identity } of there) {
    const code = codeOf(identity) ?? 'one that does not say which';
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  const polling = `${there.length} ${there.length === 1 ? 'worker polls' : 'workers poll'}`;
  if (counts.size === 1) return `${polling}, build ${[...counts.keys()].join('')}`;
  const builds = [...counts].map(([code, count]) => `${code} (${count})`).join(', ');
  return `${polling}, of ${counts.size} builds of the workflows: ${builds}. Well while a deploy is under way; if none is, some run old code`;
}
