// `npm run reconcile`: has the books compared, waits for it, and shows what did not agree. Ends 0 when all agrees or was repaired, 1
// when something needs a person, 2 when it could not be done.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { needsPerson, type DriftOutcome } from '../domain/drift.ts';
import { loadReconcileConfig } from '../runtime/config.ts';
import { tableLines } from '../runtime/text-table.ts';
import { openApiCall } from './api-caller.ts';

const usage = `Usage: npm run reconcile -- [--dry-run] [--since <instant, or days such as 7d>] [--within <minutes>]
Speaks to the stack that npm start runs in this folder, or to ORDERS_API_URL; with ORDERS_API_KEY (scope operate; admin sees
what belongs to no order too) where keys are needed.`;

const POLL_MS = 500;
const DEFAULT_MINUTES = 15;

type Drift = {
  name: string;
  object: string;
  orderId: string | null;
  found: string;
  remedy: string;
  outcome: DriftOutcome;
};
type Report = {
  id: string;
  state: 'accepted' | 'running' | 'finished' | 'failed';
  since: string | null;
  until: string | null;
  failure: string | null;
  truncated: boolean;
  drifts: Drift[];
};

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const answer = (text: string): void => void process.stdout.write(`${text}\n`);

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
  return 2;
});

async function main(args: string[]): Promise<number> {
  const { dryRun, since, withinMs } = readOptions(args);
  const { url, call } = await openApiCall(loadReconcileConfig());
  const body = { dryRun, ...(since ? { since } : {}) };
  const accepted = (await call('/reconciliations', { body, key: randomUUID() })) as Report;
  say(`Comparing (${accepted.id}${dryRun ? ', only looking' : ''}) at ${url}`);

  for (const end = Date.now() + withinMs; Date.now() < end; await sleep(POLL_MS)) {
    const report = (await call(`/reconciliations/${accepted.id}`)) as Report;
    if (report.state === 'failed') throw new Error(`It could not be done: ${report.failure ?? 'unknown'}`);
    if (report.state === 'finished') return show(report);
  }
  throw new Error(
    `It was not done within ${withinMs / 60_000} minutes; GET /reconciliations/${accepted.id} says how it goes on`,
  );
}

function readOptions(args: string[]): { dryRun: boolean; since: string | null; withinMs: number } {
  try {
    const options = {
      'dry-run': { type: 'boolean' },
      since: { type: 'string' },
      within: { type: 'string' },
    } as const;
    const { values } = parseArgs({ args, options, strict: true, allowPositionals: false });
    const minutes = Number(values.within ?? DEFAULT_MINUTES);
    if (!(minutes > 0)) throw new Error('--within: minutes, more than 0');
    return { dryRun: values['dry-run'] ?? false, since: toSince(values.since), withinMs: minutes * 60_000 };
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
}

function toSince(text: string | undefined): string | null {
  if (text === undefined) return null;
  const [, days] = /^(\d{1,4})d$/.exec(text) ?? [];
  const at = days === undefined ? Date.parse(text) : Date.now() - Number(days) * 24 * 3_600_000;
  if (Number.isNaN(at)) throw new Error('--since: an instant such as 2026-01-31T12:00:00Z, or days such as 7d');
  return new Date(at).toISOString();
}

function show({ drifts, since, until, truncated }: Report): number {
  const rows = drifts.map(({ name, orderId, object, found, outcome, remedy }) => [
    name,
    orderId ?? object,
    found,
    outcome === 'repaired' || outcome === 'found' ? `${outcome} (${remedy})` : outcome,
  ]);
  if (rows.length > 0)
    for (const line of tableLines([['drift', 'order', 'what was found', 'what was done'], ...rows])) answer(line);
  const people = drifts.filter(({ outcome }) => needsPerson(outcome)).length;
  const found = drifts.filter(({ outcome }) => outcome === 'found').length;
  say(`${drifts.length} drifts from ${since ?? ''} until ${until ?? ''}; ${people} need a person.`);
  if (truncated) say('There is more than one report holds: look for what they have in common.');
  return people + found > 0 || truncated ? 1 : 0;
}
