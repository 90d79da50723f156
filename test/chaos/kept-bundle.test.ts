// A deploy with open orders. Workflow code that was kept begins an order at every wait there is; its worker ends, a worker with the
// present code takes over, and every order must come to its right end: rows and money, not only workflows that are over.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { beginOrders, failureOf, runningWorkflows, type Begun } from '../support/beginning.ts';
import { closeChecked } from '../support/invariants.ts';
import { editBundle, keptBundles, unpackBundle } from '../support/kept-bundles.ts';
import { closedBreaker } from '../support/operators.ts';
import { getOrder } from '../support/orders.ts';
import { replay } from '../support/replaying.ts';
import { sharedServers } from '../support/servers.ts';
import { startTestStack, type OrderBody, type Stack } from '../support/stack.ts';
import { installRefusals, refuseNothing } from '../support/stuck.ts';
import { until } from '../support/until.ts';
import { waitsBeside } from '../support/waits-beside.ts';
import { decide } from '../support/waiting.ts';
import { waits } from '../support/waits.ts';

// Longer than the test: what is pending at the provider stays so until all is healed.
const NEVER_MS = 3_600_000;
const SOON_MS = 200;
const PAUSE_MS = 400;
// More than thirty orders at once: on a busy machine each takes its time.
const WITHIN_MS = 90_000;

let opened: Stack | null = null;
afterEach(async () => {
  await opened?.close();
  opened = null;
});

describe.each((await keptBundles()).map((name) => [name] as const))('orders begun by the kept bundle %s', (name) => {
  test('come to their right end with the present code, wherever they waited', async () => {
    const stack = await startTestStack({
      api: false,
      worker: false,
      webhooks: true,
      settleAfterMs: NEVER_MS,
      env: closedBreaker,
    });
    opened = stack;
    await installRefusals(stack);
    const kept = await stack.startWorker({ WORKFLOW_BUNDLE_PATH: await unpackBundle(name, stack.directory) });
    const begun = await beginOrders(stack, [...waits, ...waitsBeside]);
    await stack.startApi();
    for (const isLate of [false, true]) {
      const due = begun.filter(({ wait }) => (wait.isLate ?? false) === isLate);
      const missing = await Promise.all(due.map(async (order) => [order.wait.name, await arrivalOf(stack, order)]));
      expect(missing.filter(([, found]) => found !== null)).toEqual([]);
    }
    // All at once: what arrived first is still there.
    const there = await Promise.all(begun.map(async ({ id, wait }) => [wait.name, await wait.isThere(stack, id)]));
    expect(there).toEqual(begun.map(({ wait }) => [wait.name, true]));
    await kept.stop(12_000);
    await expectReplays(stack, begun);

    await stack.startWorker();
    await refuseNothing(stack);
    await stack.restartSimulator(SOON_MS);
    const ends = await Promise.all(begun.map(async (order) => [order.wait.name, await endOf(stack, order)] as const));
    expect(ends.filter(([, end]) => end !== null)).toEqual([]);
    // What is no order's own: the decision about many, and the comparison.
    await until(async () => (await runningWorkflows(stack)).length === 0, 'no workflow runs any more');
    opened = null;
    await closeChecked(stack, { accepted: begun.map(({ id }) => id) });
  }, 300_000);
});

/** What `npm run replay -- --live` says of them before the deploy. */
async function expectReplays(stack: Stack, begun: readonly Begun[]): Promise<void> {
  const edited = join(stack.directory, 'edited.js');
  const { bundlePath } = await sharedServers();
  await editBundle(bundlePath, { from: /\(0,\w+\.patched\)\('parked-order-reminds'\)/, to: 'false' }, edited);
  const open = await runningWorkflows(stack);
  const [present, broken, nowhere] = await Promise.all([
    replay(stack, ['--live']),
    replay(stack, ['--live', '--type', 'processOrder', '--bundle', edited]),
    replay({ env: { ...stack.env, TEMPORAL_ADDRESS: '127.0.0.1:9' } }, ['--live']),
  ]);
  expect(present).toEqual({ code: 0, said: `${open.length} of ${open.length} running workflows replay\n` });
  expect(nowhere).toEqual({ code: 2, said: '' });
  expect(broken.code).toBe(1);
  const idOf = (name: string): string => begun.find(({ wait }) => wait.name === name)?.id ?? 'no such wait';
  expect(broken.said).toMatch(
    new RegExp(`^${idOf('the charge is parked')} +processOrder +\\d+ MarkerRecorded +.*parked-order-reminds`, 'm'),
  );
  expect(broken.said).not.toContain(idOf('a customer has to authenticate'));
}

/** A busy machine may park an order that has little patience at a step where nothing is wrong. */
const retryIfParked = decide('retry');

/** Null when it waits where it should; otherwise where it is instead. */
const arrivalOf = (stack: Stack, { id, wait }: Begun): Promise<unknown> =>
  nullOr(stack, id, async () => {
    if (await wait.isThere(stack, id)) return true;
    await (wait.arrive ?? retryIfParked)(stack, id);
    return false;
  });

/** Null when it has come to its right end; otherwise what stands in the way of it. */
async function endOf(stack: Stack, { id, wait }: Begun): Promise<unknown> {
  let failure: string | null = null;
  const found = await nullOr(stack, id, async () => {
    const isAsItShould = isRight(await getOrder(stack.url, id), wait);
    // Between two commits it may look so, and something of it is still to come.
    if (isAsItShould && (await runningWorkflows(stack, id)).length === 0) return true;
    failure = await failureOf(stack, id);
    if (failure === null) await (wait.goOn ?? retryIfParked)(stack, id);
    return failure !== null;
  });
  return found ?? failure;
}

async function nullOr(stack: Stack, id: string, condition: () => Promise<boolean>): Promise<unknown> {
  try {
    // So many at once that ask every moment would keep the machine from doing what they wait for.
    await until(async () => (await condition()) || sleep(PAUSE_MS, false), 'it', WITHIN_MS);
    return null;
  } catch (error) {
    const { status, attention, waiting, payment } = await getOrder(stack.url, id);
    return { id, status, attention, waiting, payment, cause: String((error as Error).cause) };
  }
}

const isRight = ({ status, attention, payment }: OrderBody, { ends }: Begun['wait']): boolean =>
  status === ends.status &&
  attention === null &&
  Object.entries(ends.payment ?? {}).every(([name, value]) => payment[name as keyof typeof payment] === value);
