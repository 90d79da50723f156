import type { Result } from '../../src/conformance/check.ts';
import type { RunOptions } from '../../src/conformance/run.ts';

/** What failed, with what was seen. */
export const failedIn = (results: readonly Result[]): string[] =>
  results.flatMap(({ id, outcome, seen }) => (outcome === 'failed' ? [`${id}: ${seen}`] : []));

export const idsOf = (failed: readonly string[]): string[] => failed.map((text) => text.split(':')[0] ?? '').sort();

/**
 * Of each kind of checks (what stands before the dot) in which something is to fail, all: the others are left out for their time. All
 * against all was run when the suite was made (docs/evidence.md).
 */
export const kindsOf = (ids: readonly string[]): string[] => [...new Set(ids.map((id) => id.split('.')[0] ?? id))];

/** Runs all by name, some beside each other: most of their time they wait for what never comes. */
export async function runAll<Bad extends { fails: readonly string[] }>(
  bads: Readonly<Record<string, Bad>>,
  run: (bad: Bad, options: RunOptions) => Promise<readonly Result[]>,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const waiting = Object.entries(bads);
  const failed = new Map<string, readonly string[]>();
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [name, bad] = next;
      failed.set(name, failedIn(await run(bad, { only: kindsOf(bad.fails) })));
    }
  };
  await Promise.all(Array.from({ length: 6 }, work));
  return failed;
}
