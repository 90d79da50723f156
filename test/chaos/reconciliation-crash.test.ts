// A worker that loses its power while the books are compared: another one goes on, and every repair happens once.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { RECONCILE, type ReconcileInput } from '../../src/contracts/reconcile.ts';
import { closeChecked } from '../support/invariants.ts';
import { payByHand } from '../support/operators.ts';
import { placeOrder, putProduct, settledOrder } from '../support/orders.ts';
import { finishedReport, foundIn, postReconciliation, reconcile } from '../support/reconciling.ts';
import { startTestStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const points = [
  'after reconciliation.copyPayments',
  'inside reconciliation.copyDisputes',
  'inside reconciliation.settle',
  'after reconciliation.settle',
  'inside reconciliation.finish',
] as const;
const GRACE = { RECONCILE_GRACE_MS: '1500' };
// Copies what is older than the grace period by the provider's whole seconds.
const OLD_ENOUGH_MS = 3_000;

let stack: Stack;
const orders = new Map<string, string>();

beforeAll(async () => {
  stack = await startTestStack({ worker: false, env: GRACE });
  await putProduct(stack.url, 'book');
  const worker = await stack.startWorker();
  for (const point of points) {
    const { id } = await placeOrder(stack.url);
    expect((await settledOrder(stack.url, id)).status).toBe('confirmed');
    orders.set(point, id);
  }
  await worker.stop(12_000);
});
afterAll(() => closeChecked(stack, { accepted: [...orders.values()] }));

const refundsOf = async (id: string) => (await stack.journal(id)).filter(({ effect }) => effect === 'refunded');

test.each(points)(
  'a worker killed %s leaves a comparison that another finishes',
  async (point) => {
    const id = orders.get(point) ?? '';
    const charge = await payByHand(stack, id);
    const madeAt = Date.now();
    await until(() => Date.now() - madeAt > OLD_ENOUGH_MS, 'the charge is older than the grace period');

    const crashing = await stack.startCrashingWorker(point);
    const asked = await postReconciliation(stack.url);
    expect(await crashing.ended).toBe('signal SIGKILL');
    const worker = await stack.startWorker();
    expect(foundIn(await finishedReport(stack.url, asked.id))).toEqual([`capture-unknown ${charge} repaired`]);
    await until(async () => (await refundsOf(id)).length === 1, 'the charge is given back');

    expect(foundIn(await reconcile(stack.url))).toEqual([]);
    expect(await refundsOf(id)).toHaveLength(1);
    await worker.stop(12_000);
  },
  90_000,
);

test('costs few activities, however much there is: one for 200 payments, or for 2,000 rows of ours', async () => {
  const worker = await stack.startWorker();
  const make = (amount: number): Promise<Response> =>
    fetch(`${stack.simulatorUrl}/v1/payment_intents`, {
      method: 'POST',
      headers: { Authorization: 'Bearer sk_test_local' },
      body: new URLSearchParams({ amount: String(amount), currency: 'eur' }),
    });
  /** The activities of a comparison, and the events that belong neither to one of them nor to a workflow task. */
  const costOf = async (): Promise<{ activities: number; others: number }> => {
    const { id } = await reconcile(stack.url, { since: '2026-01-01T00:00:00Z' });
    const handle = stack.temporal.workflow.getHandle(id);
    // The report is there before its workflow has ended.
    await handle.result();
    const { events } = await handle.fetchHistory();
    const kinds = (events ?? []).map(
      (event) => Object.keys(event).find((key) => key.endsWith('EventAttributes')) ?? '',
    );
    return {
      activities: kinds.filter((kind) => kind === 'activityTaskScheduledEventAttributes').length,
      // How often a task is given out depends on how busy the machine is, not on what there is to compare.
      others: kinds.filter((kind) => !/^(activityTask|workflowTask)/.test(kind)).length,
    };
  };
  const few = await costOf();
  for (let from = 0; from < 400; from += 50)
    await Promise.all(Array.from({ length: 50 }, (_, n) => make(100 + from + n)));
  const madeAt = Date.now();
  await until(() => Date.now() - madeAt > OLD_ENOUGH_MS, 'the payments are older than the grace period');
  // A beginning, four copies, nine books, two second looks, an end; around them the beginning of the workflow, its end, and
  // the mark of its version (2).
  expect(few).toEqual({ activities: 17, others: 4 });
  // 400 more are two more activities: the rest of the first page's 200 holds the few there were.
  expect(await costOf()).toEqual({ activities: few.activities + 2, others: 4 });
  await worker.stop(12_000);
}, 60_000);

test('whose report the database has forgotten ends at once and says why, so that the next is not held up', async () => {
  const worker = await stack.startWorker();
  const instant = '2026-01-01T00:00:00.000Z';
  const span = {
    reconciliationId: 'reconciliation_of_another_world',
    listFrom: instant,
    since: instant,
    until: instant,
  };
  // In the middle of each kind of stage: the provider's list, our books, the second look.
  for (const stage of [0, 4, 11]) {
    const input: ReconcileInput = { span: { ...span, dryRun: false }, position: { stage, cursor: null } };
    const workflowId = `reconciliation-${stage}`;
    const handle = await stack.temporal.workflow.start(RECONCILE, { taskQueue: 'orders', workflowId, args: [input] });
    await until(
      async () => (await handle.describe()).status.name === 'FAILED',
      `the comparison at ${stage} ends`,
      10_000,
    );
    await expect(handle.result()).rejects.toMatchObject({
      cause: { cause: { message: expect.stringContaining('unknown to our books') } },
    });
  }
  await worker.stop(12_000);
}, 60_000);
