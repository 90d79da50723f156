import { randomUUID } from 'node:crypto';
import type { DriftName, DriftOutcome } from '../../src/domain/drift.ts';
import { until } from './until.ts';

export type Report = {
  id: string;
  state: string;
  counts: Record<string, number>;
  drifts: { name: DriftName; object: string; orderId: string | null; found: string; outcome: DriftOutcome }[];
};

/** Asks for a comparison of the books. */
export async function postReconciliation(url: string, body: object = {}): Promise<Report> {
  const answer = await fetch(`${url}/reconciliations`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID() },
    body: JSON.stringify(body),
  });
  if (answer.status !== 202) throw new Error(`POST reconciliation: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Report;
}

/** Its report once it is finished. */
export async function finishedReport(url: string, id: string): Promise<Report> {
  const seen: Report[] = [];
  await until(async () => {
    const answer = await fetch(`${url}/reconciliations/${id}`);
    const report = (await answer.json()) as Report;
    if (report.state === 'failed') throw new Error(`Expected ${id} to finish; found ${JSON.stringify(report)}`);
    if (report.state === 'finished') seen.push(report);
    return report.state === 'finished';
  }, `reconciliation ${id} finishes`);
  const [report] = seen;
  if (!report) throw new Error(`Expected a report of ${id}; found none`);
  return report;
}

/** Compares the books, and answers with the report. */
export const reconcile = async (url: string, body: object = {}): Promise<Report> =>
  finishedReport(url, (await postReconciliation(url, body)).id);

/** What was found about an object (an order, a payment, …) and what became of it. */
export const foundIn = ({ drifts }: Report): string[] =>
  drifts.map(({ name, object, outcome }) => `${name} ${object} ${outcome}`).sort();
