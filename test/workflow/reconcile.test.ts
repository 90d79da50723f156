// The comparison of the books alone: where a run goes on that continues another, whichever version that was.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, makeTelemetryFilterString, Runtime, Worker } from '@temporalio/worker';
import { books, RECONCILE, stages, type PageRequest, type Position } from '../../src/contracts/reconcile.ts';
import { sharedServers } from '../support/servers.ts';

Runtime.install({
  logger: new DefaultLogger('ERROR', () => undefined),
  telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) } },
});

let environment: TestWorkflowEnvironment;
let workers: Worker[];
let running: Promise<unknown>;
/** Which activities were called, with the book that they were called for and from where on. */
const calls: string[] = [];

beforeAll(async () => {
  const { testServer, bundlePath } = await sharedServers();
  environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: testServer } },
  });
  const called =
    (name: string, answer: unknown) =>
    (request: PageRequest & { book?: string }): Promise<unknown> => {
      calls.push([name, request.book, request.cursor].filter(Boolean).join(' '));
      return Promise.resolve(answer);
    };
  const copies = ['copyPayments', 'copyRefunds', 'copyDisputes', 'copyUnsettledDisputes', 'compareBook'];
  const activities = {
    ...Object.fromEntries(copies.map((name) => [name, called(name, null)])),
    settleProviderDrift: called('settleProviderDrift', false),
    settleDrifts: called('settleDrifts', false),
    finishReconciliation: called('finishReconciliation', undefined),
  };
  const code = await readFile(bundlePath, 'utf8');
  const shared = { connection: environment.nativeConnection, activities };
  workers = [
    await Worker.create({ ...shared, taskQueue: 'orders', workflowBundle: { code } }),
    await Worker.create({ ...shared, taskQueue: 'payments' }),
  ];
  running = Promise.all(workers.map((worker) => worker.run()));
});
afterAll(async () => {
  for (const worker of workers) worker.shutdown();
  await running;
  await environment.teardown();
});

/** Compares from the position on; answers with what was called. */
async function compareFrom(position: Position): Promise<string[]> {
  calls.length = 0;
  const instant = '2026-01-01T00:00:00.000Z';
  const span = { reconciliationId: 'r', listFrom: instant, since: instant, until: instant, dryRun: true };
  await environment.client.workflow.execute(RECONCILE, {
    taskQueue: 'orders',
    workflowId: randomUUID(),
    args: [{ span, position }],
  });
  return [...calls];
}

const comparing = books.map((book) => `compareBook ${book}`);
const ending = ['settleProviderDrift', 'settleDrifts', 'finishReconciliation'];

test('a run goes through every book, the provider’s copies first', async () => {
  const copying = ['copyPayments', 'copyRefunds', 'copyDisputes', 'copyUnsettledDisputes'];
  expect(await compareFrom({ stage: stages[0], cursor: null })).toEqual([...copying, ...comparing, ...ending]);
});

test('a run that continues another goes on at the stage that it names, from its cursor on', async () => {
  expect(await compareFrom({ stage: 'stock', cursor: 'pen' })).toEqual([
    'compareBook stock pen',
    'compareBook notices',
    ...ending,
  ]);
});

test.each([
  [0, 'copyPayments pi_1'],
  [1, 'copyRefunds pi_1'],
  [2, 'compareBook payments pi_1'],
  [4, 'compareBook ledger pi_1'],
  [9, 'compareBook notices pi_1'],
  [10, 'settleProviderDrift pi_1'],
  [11, 'settleDrifts pi_1'],
])('a run that a version without named stages left at number %i goes on with %s', async (stage, first) => {
  const called = await compareFrom({ stage, cursor: 'pi_1' });
  // Whoever is looked at again is found in the rows: those calls take no cursor.
  expect(called[0]).toBe(stage < 10 ? first : first.replace(' pi_1', ''));
  expect(called.at(-1)).toBe('finishReconciliation');
});
