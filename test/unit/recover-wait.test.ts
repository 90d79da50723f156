// When `npm run recover` may begin: it changes rows below processes that only hear of its alarm within a second.
import { expect, test } from '@jest/globals';
import { recover } from '../../src/recovery/recover.ts';
import type { RecoveryPorts } from '../../src/recovery/run.ts';

/** How long a process may go on with what is under way: a second until it hears, eight until its activities are ended. */
const UNTIL_ALL_ARE_QUIET_MS = 9_000;

class Begun extends Error {}

/** What a recovery does until it begins to write, in order. */
async function firstCalls({
  behindForMs,
  dryRun,
}: {
  behindForMs: number | null;
  dryRun: boolean;
}): Promise<unknown[]> {
  const calls: unknown[] = [];
  const alarm = { since: '2026-01-01T00:00:00.000Z', evidence: 'some' };
  let behind = behindForMs === null ? null : { ...alarm, forMs: behindForMs };
  const begin = (name: string) => (): Promise<never> => {
    calls.push(name);
    return Promise.reject(new Begun());
  };
  const database = { epoch: 1, position: 0 };
  const lost = {
    orderId: 'order_1',
    runId: 'run_1',
    status: 'running',
    startedAt: '2026-01-01T00:00:00.000Z',
    database,
  };
  const ports: Record<string, unknown> = {
    state: {
      read: () => Promise.resolve({ ...database, behind }),
      findKnown: () => Promise.resolve([]),
      raiseAlarm: () => {
        calls.push('alarm');
        behind = { ...alarm, forMs: 0 };
        return Promise.resolve();
      },
    },
    witnesses: { newest: () => Promise.resolve([lost]) },
    records: { hasOrders: () => Promise.resolve(true), begin: begin('begin'), preview: begin('preview') },
    wait: (ms: number) => Promise.resolve(calls.push(ms)),
  };
  // What comes after the beginning is not there: nothing of it may be asked before.
  const partly = ports as unknown as RecoveryPorts;
  await expect(recover(partly, { dryRun, forget: false })).rejects.toBeInstanceOf(Begun);
  return calls;
}

test('after its own alarm it waits until every process has heard of it and come to its end', async () => {
  const [first, waited, ...then] = await firstCalls({ behindForMs: null, dryRun: false });
  expect([first, then]).toEqual(['alarm', ['begin']]);
  expect(waited).toBeGreaterThan(UNTIL_ALL_ARE_QUIET_MS);
});

test('waits out an alarm that another process has raised just now, however wrong the clocks are', async () => {
  const [whole] = await firstCalls({ behindForMs: 0, dryRun: false });
  expect(whole).toBeGreaterThan(UNTIL_ALL_ARE_QUIET_MS);
  expect(await firstCalls({ behindForMs: 1_000, dryRun: false })).toEqual([Number(whole) - 1_000, 'begin']);
  expect(await firstCalls({ behindForMs: -3_600_000, dryRun: false })).toEqual([whole, 'begin']);
});

test('does not wait behind an alarm that stands, nor when it changes nothing', async () => {
  expect(await firstCalls({ behindForMs: 60_000, dryRun: false })).toEqual(['begin']);
  expect(await firstCalls({ behindForMs: null, dryRun: true })).toEqual(['alarm', 'preview']);
  expect(await firstCalls({ behindForMs: 0, dryRun: true })).toEqual(['preview']);
});
