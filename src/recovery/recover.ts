// Brings a database up to date that was restored from a backup: lost orders are written again from what their workflows were
// started with, every open order gets the payments that the provider has of it, and its workflow begins anew. What must stay
// true: nothing is worked on before everything is settled, and a recovery that was killed can be run again.
import { orderIdPattern } from '../contracts/ids.ts';
import { PROCESS_ORDER } from '../contracts/process-order.ts';
import { RECONCILE } from '../contracts/reconcile.ts';
import { AMEND_ORDER } from '../contracts/amend-order.ts';
import { CAPTURE_ORDER } from '../contracts/capture-order.ts';
import { REFUND_ORDER } from '../contracts/refund-order.ts';
import { RETURN_ORDER } from '../contracts/return-order.ts';
import { lookForNewer } from '../background/restore-look.ts';
import type { OpenOrder, OrderHistory } from '../ports/recovery.ts';
import type { ListedWorkflow, WorkflowList } from '../ports/workflow-list.ts';
import { haveDisputesFollowed } from './disputes.ts';
import { createPaymentIndex } from './payment-index.ts';
import { createReport, type Report } from './report.ts';
import type { RecoveryOptions, RecoveryPorts, Run } from './run.ts';
import { settleOrder } from './settle-order.ts';

/** Nothing was done, and why. */
export class NothingToDo extends Error {}
/** It must not be done like this, and why. */
export class Refused extends Error {}

// Clocks differ, and a list that is sorted by one of them must not miss what another has dated.
const SLACK_MS = 3_600_000;
// A process hears of an alarm within a second, and its activities are ended within eight (see workers/order-worker.ts).
const DRAIN_MS = 12_000;
// A person waits for it, and Temporal's lists may be slow: nothing is decided by their silence.
const PATIENCE = { withinMs: 30_000 };
const PAGE = 200;
const AT_ONCE = 8;

/**
 * Recovers, or says what it would do (`dryRun`). May be run again after it was killed: what is settled stays settled. Throws
 * NothingToDo, and Refused where it must not be done like this.
 */
export async function recover(ports: RecoveryPorts, options: RecoveryOptions): Promise<Report> {
  const { records } = ports;
  await expectBehind(ports, options);
  if (options.forget === (await records.hasOrders())) throw new Refused(options.forget ? notEmpty : empty);
  const recovery = options.dryRun ? await records.preview() : await records.begin();
  const report = createReport(options);
  // Also when this one was killed before, and what it saw then is settled: what Temporal knows of this database still counts.
  for (const { database } of await ports.witnesses.newest(PATIENCE)) report.witnessed(database);
  const since = new Date(Math.max(0, Date.parse(recovery.knownUntil) - SLACK_MS)).toISOString();
  const run: Run = { ...ports, ...options, recovery, report, since };

  await endComparisons(run);
  await endBusinessBeside(run);
  const lost = await takeUpMissing(run);
  const open = [...lost, ...(await openOrders(run))];
  const index = await createPaymentIndex({ provider: ports.provider, since: earliest(since, open) });
  await inBatches(open, async (order) => {
    const history = await ports.histories.find(order);
    report.witnessed(history?.database ?? null);
    await endRun(run, order.orderId, history);
    const settled = await settleOrder(run, { order, history, index });
    report.settled(order.orderId, { how: order.isRebuilt ? 'rebuilt' : 'restarted', ...settled });
  });
  await reportStrangePayments(run, await index.unclaimed(open.map(({ orderId }) => orderId)));
  await haveDisputesFollowed(run);
  if (!options.dryRun) report.finished(await records.finish({ recoveryId: recovery.id, witnessed: report.highest() }));
  return report;
}

const empty =
  'This database has never had an order: it is not a backup that could be recovered. If it is the wrong one, put the right one in ' +
  'its place. If it is new and what Temporal has of another is to be given up, say so with --forget (or begin with a new Temporal, too)';
const notEmpty = '--forget is for a database without a single order, and this one has some: recover it without';

async function expectBehind(ports: RecoveryPorts, { dryRun }: RecoveryOptions): Promise<void> {
  const { state, witnesses } = ports;
  if (!(await state.read()).behind) await lookForNewer({ records: state, witnesses, patience: PATIENCE });
  const { behind } = await state.read();
  if (!behind)
    throw new NothingToDo('Temporal has seen nothing that this database does not know: there is nothing to recover');
  // While the alarm is new, whoever raised it, those at work hear of it and bring to its end what is under way.
  const leftMs = Math.min(DRAIN_MS, DRAIN_MS - behind.forMs);
  if (!dryRun && leftMs > 0) await ports.wait(leftMs);
}

/** Orders that Temporal has and this database has not: written again where their workflow says what they were. */
async function takeUpMissing(run: Run): Promise<OpenOrder[]> {
  const ids = new Set<string>();
  await eachWorkflow(run, { type: PROCESS_ORDER, startedFrom: run.since }, ({ workflowId }) => {
    if (orderIdPattern.test(workflowId)) ids.add(workflowId);
  });
  const virtual: OpenOrder[] = [];
  await inBatches(await withoutKnown(run, [...ids]), async (orderId) => {
    const history = await run.histories.find({ orderId });
    run.report.witnessed(history?.database ?? null);
    await endRun(run, orderId, history);
    const rebuilt = await rebuild(run, orderId, history);
    // A dry run has not written it, so it is not among the open orders that are read next.
    if (rebuilt && run.dryRun) virtual.push(rebuilt);
  });
  return virtual;
}

async function rebuild(run: Run, orderId: string, history: OrderHistory | null): Promise<OpenOrder | null> {
  const { records, recovery, report, dryRun, forget, render } = run;
  if (!history?.record || forget) {
    const why = forget ? 'It was given up' : whyLost(history);
    if (!dryRun) await records.noteLost({ recoveryId: recovery.id, orderId, why });
    report.lost(orderId, why);
    return null;
  }
  const { record, totalMinor, currency } = history;
  if (!dryRun) await records.rebuild({ recoveryId: recovery.id, orderId, currency, totalMinor, record }, render);
  const lastTry = { ordinal: 1, providerId: null, isDeclined: false };
  return { orderId, placedAt: record.placedAt, totalMinor, ships: shipsIn(record), isRebuilt: true, lastTry };
}

const shipsIn = ({ omitted }: NonNullable<OrderHistory['record']>): boolean => omitted.includes('shipping');

/** What a person can go by: everything else about the order was in the database alone. */
function whyLost(history: OrderHistory | null): string {
  if (!history) return 'Temporal has no history of it any more';
  const { totalMinor, currency, outcome } = history;
  const end = outcome ? `it had come to its end, or was about to: ${outcome.status}` : 'it had not come to its end';
  return (
    'Its workflow was started by an earlier version, which did not write into it what an order is made of; ' +
    `${totalMinor} ${currency} (minor units), ${end}`
  );
}

async function openOrders({ records, recovery }: Run): Promise<OpenOrder[]> {
  const open: OpenOrder[] = [];
  for (let page: readonly OpenOrder[] = [], after = ''; ; after = page.at(-1)?.orderId ?? after) {
    page = await records.listOpen({ recoveryId: recovery.id, after, limit: PAGE });
    open.push(...page);
    if (page.length < PAGE) return open;
  }
}

/** A run that knows more than the order's row would only fail: the order begins anew, on what is recorded then. */
async function endRun(
  { histories, dryRun, recovery }: Run,
  orderId: string,
  history: OrderHistory | null,
): Promise<void> {
  if (!history?.isRunning || dryRun) return;
  const reason = `Its database was restored from a backup: the order begins anew after recovery ${recovery.id}`;
  await histories.terminate({ workflowId: orderId, runId: history.runId, reason });
}

/** A comparison of the world before writes into a report that may not be there, about payments that were copied then. */
async function endComparisons(run: Run): Promise<void> {
  const { histories, recovery, report, dryRun } = run;
  const reason = `Its database was restored from a backup: see recovery ${recovery.id}`;
  await eachWorkflow(run, { type: RECONCILE, onlyRunning: true }, async ({ workflowId, runId }) => {
    if (!dryRun) await histories.terminate({ workflowId, runId, reason });
    report.comparisonEnded(workflowId);
  });
}

/**
 * Refunds, amendments and returns that this database does not know, or knows otherwise. Those that it knows are started again from their marks, and
 * ask our rows, and the provider, first; what the others moved is found by a comparison of the books, and put in front of a person.
 */
async function endBusinessBeside(run: Run): Promise<void> {
  const { histories, recovery, dryRun } = run;
  if (dryRun) return;
  const reason = `Its database was restored from a backup: see recovery ${recovery.id}`;
  for (const type of [REFUND_ORDER, AMEND_ORDER, RETURN_ORDER, CAPTURE_ORDER])
    await eachWorkflow(run, { type, onlyRunning: true }, ({ workflowId, runId }) =>
      histories.terminate({ workflowId, runId, reason }),
    );
}

/** Page by page; what comes to the list meanwhile may be missed. */
async function eachWorkflow(
  { workflows }: Run,
  filter: { type: string; onlyRunning?: boolean; startedFrom?: string },
  work: (workflow: ListedWorkflow) => Promise<void> | void,
): Promise<void> {
  for (let cursor: string | null = null, isFirst = true; isFirst || cursor !== null; isFirst = false) {
    const page: Awaited<ReturnType<WorkflowList['list']>> = await workflows.list({ ...filter, cursor, limit: PAGE });
    for (const workflow of page.items) await work(workflow);
    cursor = page.next;
  }
}

/** Money that names orders which are neither here nor anywhere else: only a person can say what it was for. */
async function reportStrangePayments(
  run: Run,
  payments: readonly { orderId: string; providerId: string }[],
): Promise<void> {
  const unknown = new Set(
    await withoutKnown(
      run,
      payments.map(({ orderId }) => orderId),
    ),
  );
  for (const payment of payments) if (unknown.has(payment.orderId)) run.report.strange(payment);
}

async function withoutKnown({ state }: Run, orderIds: readonly string[]): Promise<string[]> {
  const left: string[] = [];
  for (let from = 0; from < orderIds.length; from += PAGE) {
    const piece = orderIds.slice(from, from + PAGE);
    const known = new Set((await state.findKnown({ orderIds: piece })).map(({ orderId }) => orderId));
    left.push(...piece.filter((orderId) => !known.has(orderId)));
  }
  return left;
}

/** From when payments are of interest: an order without one on record may have got its own long ago. */
const earliest = (since: string, open: readonly OpenOrder[]): string =>
  [
    since,
    ...open
      .filter(({ lastTry }) => lastTry.providerId === null)
      .map(({ placedAt }) => new Date(Date.parse(placedAt) - SLACK_MS).toISOString()),
  ].sort()[0] ?? since;

async function inBatches<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let from = 0; from < items.length; from += AT_ONCE)
    await Promise.all(items.slice(from, from + AT_ONCE).map(work));
}
