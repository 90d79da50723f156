import type { ReconciliationReports } from '../ports/reconciliation.ts';

type Last = Awaited<ReturnType<ReconciliationReports['findLast']>>;

/** How long ago the books were last compared, and what came of it. Throws when that could not be finished. */
export function describeLast(last: Last): string {
  if (!last) return 'the books have not been compared yet';
  const { finishedAt, failure, repaired, needPerson } = last;
  const minutes = Math.round((Date.now() - Date.parse(finishedAt)) / 60_000);
  if (failure !== null) throw new Error(`${minutes} minutes ago the books could not be compared: ${failure}`);
  return `compared ${minutes} minutes ago: ${repaired} drifts repaired, ${needPerson} need a person`;
}
