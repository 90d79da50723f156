// Comparing the books. What must stay true: the first look only suspects; nothing is done before the single object was looked at
// again; and every look is safe to repeat.
import { Context } from '@temporalio/activity';
import type { Book, PageRequest, Span } from '../contracts/reconcile.ts';
import { orderSteps } from '../domain/order.ts';
import type { Drift } from '../domain/drift.ts';
import { driftOf, staleParking, type Facts, type ParkedFacts, type RunFacts } from '../domain/reconciliation.ts';
import type { Page } from '../ports/payment.ts';
import type {
  Finding,
  Known,
  KnownNotice,
  KnownOrder,
  ReconciliationBooks,
  ReconciliationWork,
  Subject,
  Suspect,
} from '../ports/reconciliation.ts';
import type { ListedWorkflow, WorkflowList } from '../ports/workflow-list.ts';
import { PROCESS_ORDER } from '../contracts/process-order.ts';

const PAGE = 200;
/** Pages of one activity: a few seconds of work, and few history events for many orders. */
const PAGES = 10;
// Descriptions asked for at once: Temporal has orders to serve meanwhile.
const ASKED_TOGETHER = 8;
// Looked at again by one activity.
const SETTLED_TOGETHER = 50;

type Dependencies = {
  work: ReconciliationWork;
  books: ReconciliationBooks;
  workflows: WorkflowList;
  /** What is younger may be under way. */
  graceMs: number;
};

export const createReconcileActivities = (dependencies: Dependencies) => ({
  /** Decides what is compared, and until when. */
  async beginReconciliation(): Promise<Span> {
    const { workflowExecution } = Context.current().info;
    if (!workflowExecution) throw new Error('Expected to run in a workflow; found none');
    const { work, graceMs } = dependencies;
    return work.begin({ workflowId: workflowExecution.workflowId, graceMs });
  },

  /** Compares the next pages of a book; answers from where it goes on, or null at its end. */
  async compareBook({ book, span, cursor }: PageRequest & { book: Book }): Promise<string | null> {
    let next = cursor;
    for (let page = 0; page < PAGES; page += 1) {
      const { items, next: following } = await readPage(dependencies, { book, span, cursor: next });
      const suspects = items.flatMap(({ subject, facts }) => {
        const drift = driftOf(facts);
        return drift ? [{ ...subject, drift }] : [];
      });
      await dependencies.work.suspect({ reconciliationId: span.reconciliationId, suspects });
      next = following;
      if (next === null) return null;
    }
    return next;
  },

  /** Looks again at the next suspects that the provider need not be asked about, and acts; answers whether there may be more. */
  async settleDrifts({ span }: { span: Span }): Promise<boolean> {
    const { work } = dependencies;
    const { reconciliationId, dryRun } = span;
    const suspects = await work.nextSuspects({ reconciliationId, atProvider: false, limit: SETTLED_TOGETHER });
    for (const suspect of suspects) {
      const again = await lookAgain(dependencies, suspect, span);
      await work.settle({ driftId: suspect.driftId, dryRun, ...again });
    }
    return suspects.length === SETTLED_TOGETHER;
  },

  /** Writes down that it is over; `failure` when it could not be finished. */
  async finishReconciliation(request: { reconciliationId: string; failure: string | null }): Promise<void> {
    await dependencies.work.finish(request);
  },
});

function readPage(
  dependencies: Dependencies,
  { book, span, cursor }: PageRequest & { book: Book },
): Promise<Page<Known<Facts>>> {
  const { books } = dependencies;
  const request = { span, cursor, limit: PAGE };
  switch (book) {
    case 'payments':
      return books.payments(request);
    case 'refunds':
      return books.refunds(request);
    case 'disputes':
      return books.disputes(request);
    case 'ledger':
      return books.ledgerWithoutCopy(request);
    case 'open-orders':
      return withRuns(books.openOrders(request), (order) => withRun(dependencies, order));
    case 'closed-orders':
      return withRuns(books.closedOrders(request), (order) => withRun(dependencies, order));
    case 'workflows':
      return strangers(dependencies, request);
    case 'stock':
      return books.stock(request);
    case 'notices':
      return withRuns(books.notices(request), (notice) => noticeWithRun(dependencies, notice));
  }
}

async function withRuns<T>(
  reading: Promise<Page<T>>,
  ask: (item: T) => Promise<Known<Facts>>,
): Promise<Page<Known<Facts>>> {
  const { items, next } = await reading;
  const asked: Known<Facts>[] = [];
  for (let from = 0; from < items.length; from += ASKED_TOGETHER)
    asked.push(...(await Promise.all(items.slice(from, from + ASKED_TOGETHER).map(ask))));
  return { items: asked, next };
}

/** `known`: how its own story stands, where that was asked for already. */
async function withRun(
  { workflows }: Dependencies,
  { subject, facts }: KnownOrder,
  known?: RunFacts,
): Promise<Known<Facts>> {
  const run = known === undefined ? runOf(await workflows.describe({ workflowId: subject.id })) : known;
  const parked: ParkedFacts[] = [];
  for (const step of facts.parked)
    parked.push({ ...step, run: step.isStory ? run : runOf(await workflows.describe(step)) });
  return { subject, facts: { ...facts, parked, run } };
}

async function noticeWithRun({ workflows }: Dependencies, { subject, facts }: KnownNotice): Promise<Known<Facts>> {
  const { orderId } = subject;
  const run = orderId === null ? null : await workflows.describe({ workflowId: orderId });
  return { subject, facts: { ...facts, run: runOf(run) } };
}

/** Workflows that run for orders that we do not have. */
async function strangers(
  { books, workflows }: Dependencies,
  { span, cursor, limit }: { span: Span; cursor: string | null; limit: number },
): Promise<Page<Known<Facts>>> {
  const { since, until } = span;
  const type = PROCESS_ORDER;
  const page = await workflows.list({
    type,
    onlyRunning: true,
    startedFrom: since,
    startedBefore: until,
    cursor,
    limit,
  });
  const orderIds = page.items.map(({ workflowId }) => workflowId);
  const known = new Set(await books.knownOrders({ orderIds }));
  return { items: page.items.map((run) => stranger(run, known.has(run.workflowId))), next: page.next };
}

const stranger = (run: ListedWorkflow, hasOrder: boolean): Known<Facts> => ({
  subject: { kind: 'stranger', id: run.workflowId, tenant: null, orderId: run.workflowId, paymentId: null },
  facts: { kind: 'stranger', hasOrder, run: runOf(run) },
});

const runOf = (run: ListedWorkflow | null): RunFacts => run && { status: run.status, attention: run.attention };

type Again = Pick<Finding, 'drift' | 'stale' | 'waits'>;

async function lookAgain(dependencies: Dependencies, suspect: Suspect, { until }: Span): Promise<Again> {
  const known = await find(dependencies, suspect, until);
  if (!known) return { drift: null };
  const { facts } = known;
  const drift: Drift | null = driftOf(facts);
  if (facts.kind !== 'order') return { drift };
  if (drift?.remedy !== 'mark-parked') return { drift, stale: staleParking(facts) };
  const run = await dependencies.workflows.describe({ workflowId: suspect.id });
  const step = orderSteps.find((name) => name === run?.attention);
  return { drift, waits: run && step ? { runId: run.runId, startedAt: run.startedAt, step } : null };
}

async function find(dependencies: Dependencies, { kind, id }: Subject, until: string): Promise<Known<Facts> | null> {
  const { books, workflows } = dependencies;
  switch (kind) {
    case 'order': {
      // Temporal first: of an order that closes in between the row must not be older than the end of its workflow.
      const run = runOf(await workflows.describe({ workflowId: id }));
      const order = await books.findOrder({ orderId: id, until });
      return order && withRun(dependencies, order, run);
    }
    case 'stock':
      return books.findStock({ id });
    case 'notice': {
      const notice = await books.findNotice({ id });
      return notice && noticeWithRun(dependencies, notice);
    }
    case 'stranger': {
      const run = await workflows.describe({ workflowId: id });
      return run && stranger(run, (await books.knownOrders({ orderIds: [id] })).length > 0);
    }
    case 'payment':
    case 'refund':
    case 'dispute':
      throw new Error(`Expected what the provider need not be asked about; found ${kind} ${id}`);
  }
}
