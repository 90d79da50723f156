// A worker that stands still in the midst of a workflow's code (a paused machine, a debugger, a SIGSTOP) goes on afterwards as if nothing was.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { closeChecked } from '../support/invariants.ts';
import { placeOrder, putProduct, settledOrder } from '../support/orders.ts';
import { sharedServers } from '../support/servers.ts';
import { startTestStack, type Stack } from '../support/stack.ts';

// Longer than the SDK lets workflow code run by itself, and, with what it takes, shorter than a workflow task may.
const FROZEN_MS = 6_000;
const BUSY_MS = 2_500;

let stack: Stack;
const accepted: string[] = [];
beforeAll(async () => {
  stack = await startTestStack({ worker: false });
  await putProduct(stack.url, 'book');
});
afterAll(() => closeChecked(stack, { accepted }));

/** The workflows, with an order's beginning that takes its time: there is no clock within. */
async function slowBundle(): Promise<string> {
  const code = await readFile((await sharedServers()).bundlePath, 'utf8');
  const begin = 'async function processOrder(input) {';
  expect(code.split(begin)).toHaveLength(2);
  const path = join(stack.directory, 'slow-bundle.js');
  await writeFile(
    path,
    code.replace(begin, `${begin} await null; for (let turn = 0; turn < ${turnsIn(BUSY_MS)}; turn += 1);`),
  );
  return path;
}

function turnsIn(milliseconds: number): number {
  const turns = 50_000_000;
  const begun = performance.now();
  for (let turn = 0; turn < turns; turn += 1);
  return Math.round((turns / (performance.now() - begun)) * milliseconds);
}

test('a worker that was frozen in the midst of a workflow goes on', async () => {
  const worker = await stack.startWorker({ WORKFLOW_BUNDLE_PATH: await slowBundle() });
  // Only once a workflow has used the SDK's AsyncLocalStorage does the thread keep an async hook stack that could be corrupted.
  accepted.push((await settledOrder(stack.url, (await placeOrder(stack.url, {})).id)).id);
  const { id } = await placeOrder(stack.url, {});
  accepted.push(id);
  await sleep(BUSY_MS / 2);
  process.kill(worker.pid, 'SIGSTOP');
  await sleep(FROZEN_MS);
  process.kill(worker.pid, 'SIGCONT');
  const end = await Promise.race([worker.ended, settledOrder(stack.url, id).then(({ status }) => status)]);
  expect(end).toBe('confirmed');
}, 60_000);
