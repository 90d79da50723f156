// Does the replay test see anything? Edits that would break open orders are made in a copy of the workflow's code, and each
// must be refused by some recorded history; harmless edits must pass.
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { buildWorkflowBundle } from '../../src/workers/workflow-bundle.ts';
import { refusedHistories } from '../support/replay.ts';

type Edit = { name: string; file: string; from: string; to: string };

const breaking: readonly Edit[] = [
  {
    name: 'charging before reserving',
    file: 'process-order.ts',
    from: "const held = await parking.runStep('reserve-inventory', reserve);",
    to: "const held = await parking.runStep('charge-payment', () => activities.chargePayment({ orderId, ordinal: 1 }).then(() => reserve()));",
  },
  {
    name: 'confirming without the activity',
    file: 'process-order.ts',
    from: "await cancellation.runPivot(() => parking.runStep('confirm-order', pivot));",
    to: 'await Promise.resolve(pivot);',
  },
  {
    name: 'an activity added before the story',
    file: 'process-order.ts',
    from: '  const ended = await runWhileShort(live',
    to: "  await activities.resumeOrder({ orderId, resolution: { action: 'retry', actor: 'a', reason: 'b' } });\n  const ended = await runWhileShort(live",
  },
  {
    name: 'a renamed activity',
    file: 'activity-proxies.ts',
    from: 'return { reserveInventory, chargePayment, abandonPayment,',
    to: "return { reserveInventory, abandonPayment, chargePayment: proxyActivities<Record<'takeMoney', typeof chargePayment>>({ startToCloseTimeout: '40s', taskQueue: 'payments' }).takeMoney,",
  },
  {
    name: 'a timer before the charge',
    file: 'process-order.ts',
    from: '    if (input.totalMinor > 0) await collectPayment',
    to: "    await sleep('1s');\n    if (input.totalMinor > 0) await collectPayment",
  },
  {
    name: 'the final search attribute left out',
    file: 'order-state.ts',
    from: 'upsertSearchAttributes([{ key: orderStatusKey, value: outcome.status }, ...noLongerParked]);',
    to: 'void [orderStatusKey, noLongerParked];',
  },
  {
    name: 'compensations in the order of the steps',
    file: 'compensation.ts',
    from: 'void armed.push(...undos',
    to: 'void armed.unshift(...undos',
  },
  {
    name: 'a local activity that becomes a regular one',
    file: 'activity-proxies.ts',
    from: 'const { confirmOrder } = proxyLocalActivities<StepActivities>({\n    ...local,',
    to: "const { confirmOrder } = proxyActivities<StepActivities>({\n    startToCloseTimeout: '8s',",
  },
  {
    name: 'charging without waiting for a review',
    file: 'process-order.ts',
    from: 'if (held) await review.pass(held.review);',
    to: 'void held; void review;',
  },
  {
    name: 'a review that ends without asking the row',
    file: 'review.ts',
    from: 'return decided ?? activities.advanceReview({ orderId });',
    to: "return decided ?? { state: 'expired', ending: null };",
  },
  {
    name: 'a reviewer’s word that is followed before it is recorded',
    file: 'activity-proxies.ts',
    from: "const { decideReview } = proxyActivities<StepActivities>({\n    summary: 'Somebody decides",
    to: "const { decideReview } = proxyLocalActivities<StepActivities>({\n    summary: 'Somebody decides",
  },
  {
    name: 'parking without the activity that records it',
    file: 'parking-place.ts',
    from: 'const attention = await activities.parkOrder(request);',
    to: 'const attention = { ...request, since: new Date().toISOString() };',
  },
  {
    name: 'acknowledging without the activity that keeps it',
    file: 'follow-payment.ts',
    from: 'if ((await activities.acknowledgePayment(request))?.hasMovedSince) news = true;',
    to: 'if (request.paymentId === orderId) news = true;',
  },
  {
    name: 'a parked follow-up that hears no news',
    file: 'follow-payment.ts',
    from: "patched('a-parked-follow-up-hears-news')",
    to: 'false',
  },
  {
    name: 'disputes compared also by a run that began without them',
    file: 'reconcile.ts',
    from: "patched('disputes-are-compared') ? stages : stagesWithoutDisputes",
    to: 'stages',
  },
  {
    name: 'disputes compared no longer',
    file: 'reconcile.ts',
    from: "patched('disputes-are-compared') ? stages : stagesWithoutDisputes",
    to: 'stagesWithoutDisputes',
  },
  {
    name: 'disputes copied before refunds',
    file: '../contracts/reconcile.ts',
    from: "  'copy-refunds',\n  'copy-disputes',\n",
    to: "  'copy-disputes',\n  'copy-refunds',\n",
  },
  {
    name: 'a refund that is given up without the activity that looks first',
    file: 'refund-order.ts',
    from: 'return activities.abandonRefund({ ...named(), actor, reason });',
    to: "return Promise.resolve({ status: 'abandoned', ...(actor === reason ? {} : {}) });",
  },
  {
    name: 'a refund by hand that is paid as well',
    file: 'refund-order.ts',
    from: 'activities.adoptPaidRefund({ ...named(), refundId });',
    to: 'activities.payRefund(named()).finally(() => void refundId);',
  },
  {
    name: 'a comparison that ends without its report',
    file: 'reconcile.ts',
    from: '  await CancellationScope.nonCancellable(() => ours.finishReconciliation({ reconciliationId, failure: null }));\n',
    to: '',
  },
];

const harmless: readonly Edit[] = [
  {
    name: 'another sentence in the current details',
    file: 'order-state.ts',
    from: 'lines.push(`${step}: under way`);',
    to: 'lines.push(`${step} has begun`);',
  },
  {
    name: 'another summary of an activity',
    file: 'activity-proxies.ts',
    from: 'Hold stock for every line',
    to: 'Hold the stock',
  },
  {
    name: 'a longer pause between retries',
    file: 'provider-retries.ts',
    from: 'slowMs: 45_000',
    to: 'slowMs: 50_000',
  },
];

let copy: string;

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'durable-orders-gate-'));
  await writeFile(join(copy, 'package.json'), '{"type":"module"}');
});
afterAll(() => rm(copy, { recursive: true, force: true }));

async function refusedAfter({ file, from, to }: Edit): Promise<Map<string, string>> {
  await cp(fileURLToPath(new URL('../../src', import.meta.url)), join(copy, 'src'), { recursive: true });
  const path = join(copy, 'src', 'workflows', file);
  const text = await readFile(path, 'utf8');
  // An edit that no longer finds its place would prove nothing.
  if (text.split(from).length !== 2)
    throw new Error(`Expected one place in ${file} for the edit; found ${text.split(from).length - 1}: ${from}`);
  const imported = to.includes('sleep(') ? "import { sleep } from '@temporalio/workflow';\n" : '';
  await writeFile(path, imported + text.replace(from, () => to));
  const { code } = await buildWorkflowBundle({ workflowsPath: join(copy, 'src', 'workflows', 'index.ts') });
  return refusedHistories(code);
}

describe('the replay gate', () => {
  test.each(breaking.map((edit) => [edit.name, edit] as const))('refuses %s', async (_name, edit) => {
    expect((await refusedAfter(edit)).size).toBeGreaterThan(0);
  });

  test.each(harmless.map((edit) => [edit.name, edit] as const))('lets %s pass', async (_name, edit) => {
    expect(await refusedAfter(edit)).toEqual(new Map());
  });
});
