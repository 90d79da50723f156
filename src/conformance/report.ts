// What people, and programs, are told of a run.
import type { Result } from './check.ts';

export type Counts = { passed: number; failed: number; notTested: number };

export function countOf(results: readonly Result[]): Counts {
  const count = (outcome: Result['outcome']): number => results.filter((one) => one.outcome === outcome).length;
  return { passed: count('passed'), failed: count('failed'), notTested: count('not tested') };
}

const signs: Record<Result['outcome'], string> = { passed: 'ok  ', failed: 'FAIL', 'not tested': '–   ' };

/** One line for what passed; of what failed all that helps. */
export function linesOf({ id, rule, why, reliedOnBy, outcome, seen }: Result): string[] {
  const head = `${signs[outcome]} ${id.padEnd(26)} ${rule}`;
  if (outcome === 'passed') return [head];
  const rest = ' '.repeat(32);
  if (outcome === 'not tested') return [head, `${rest}not tested: ${seen}`];
  return [head, `${rest}seen: ${seen}`, `${rest}why it matters: ${why}`, `${rest}relied on by: ${reliedOnBy}`];
}

export const summaryOf = ({ passed, failed, notTested }: Counts): string =>
  `${passed} passed, ${failed} failed, ${notTested} not tested`;

/** For programs. */
export const documentOf = (about: { port: string; adapter: string }, results: readonly Result[]): string =>
  JSON.stringify({ ...about, ...countOf(results), checks: results }, null, 2);
