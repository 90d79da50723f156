// Has the books of a run compared, as an operator does who wants to know, and hears what came of it.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitUntilSettled } from './settle.ts';
import type { VerifyStack } from './stack.ts';
import type { Comparison } from './witnesses.ts';

/**
 * Settings of a run. What is younger than the grace may be under way: it is above the longest freeze (40 s), with time for the
 * one that wakes up to make its call and to hear that it lost. Else a comparison repairs what a zombie is about to do. So short
 * a pause that several comparisons meet each kind of fault.
 */
export const comparing = { RECONCILE_GRACE_MS: '60000', RECONCILE_EVERY_MS: '30000' };
/** At the end nothing is under way any more: everything is old enough, and no comparison begins by itself. */
const comparingAtLast = { RECONCILE_GRACE_MS: '1', RECONCILE_EVERY_MS: '0' };

const LIMIT_MS = 4_000;
const FINISHED_WITHIN_MS = 120_000;
const POLL_MS = 500;
const LOOK_MS = 2_000;
const UNFINISHED = 'select 1 from reconciliations where finished_at is null limit 1';

/** Asks for a comparison of everything since `since`; without it since the last. Answers its id. Throws when it is refused. */
export async function askForComparison(apiUrl: string, since?: Date): Promise<string> {
  const answer = await fetch(`${apiUrl}/reconciliations`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID() },
    body: JSON.stringify(since ? { since: since.toISOString() } : {}),
    signal: AbortSignal.timeout(LIMIT_MS),
  });
  const text = await answer.text();
  if (answer.status !== 202) throw new Error(`POST /reconciliations answered ${answer.status}: ${text}`);
  return (JSON.parse(text) as { id: string }).id;
}

/**
 * Sees to it that a comparison is under way until stopped, so that an armed worker gets a piece of one. Never two for it: they are
 * work for a server that has orders to serve.
 */
export function keepComparing({ apiUrl, db }: VerifyStack): { stop: () => Promise<void> } {
  const stopping = new AbortController();
  async function look(): Promise<void> {
    if ((await db.query(UNFINISHED)).rows.length === 0) await askForComparison(apiUrl);
  }
  async function run(): Promise<void> {
    for (; !stopping.signal.aborted; await sleep(LOOK_MS, undefined, stopping).catch(() => undefined))
      await look().catch(() => undefined);
  }
  const running = run();
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

/** The last comparison, when all is settled: of everything since `since`, by workers for which nothing is too young. */
export async function compareAtLast(stack: VerifyStack, since: Date): Promise<Comparison> {
  for (const slot of [stack.slots.workerA, stack.slots.workerB]) {
    await slot.stop();
    await slot.start(comparingAtLast);
  }
  await waitUntilCompared(stack);
  // What the provider never told is found, and somebody decides about it; after that nothing is left to be found.
  await compare(stack, since);
  await waitUntilSettled(stack);
  return compare(stack, since);
}

async function compare({ apiUrl }: VerifyStack, since: Date): Promise<Comparison> {
  const id = await askForComparison(apiUrl, since);
  for (const until = Date.now() + FINISHED_WITHIN_MS; ; await sleep(POLL_MS)) {
    const answer = await fetch(`${apiUrl}/reconciliations/${id}`, { signal: AbortSignal.timeout(LIMIT_MS) });
    const report = (await answer.json()) as Comparison;
    if (report.state === 'finished' || report.state === 'failed' || Date.now() > until) return report;
  }
}

/** Those that began by themselves, or while a crash was waited for. What is not over in time is left for the checker to find. */
async function waitUntilCompared({ db }: VerifyStack): Promise<void> {
  for (const until = Date.now() + FINISHED_WITHIN_MS; Date.now() < until; await sleep(POLL_MS)) {
    const { rows } = await db.query(UNFINISHED);
    if (rows.length === 0) return;
  }
}
