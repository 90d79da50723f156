// Our books compared with the provider's and with Temporal's. What must stay true: it can be interrupted anywhere and goes on
// (what was copied, suspected and done is in the rows), its history stays short however much there is to compare, and the
// provider is asked on the capped queue only.
import {
  CancellationScope,
  continueAsNew,
  proxyActivities,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow';
import type { ReconcileActivities, ReconcileProviderActivities } from '../activities/index.ts';
import { TaskQueue } from '../contracts/ids.ts';
import { books, type Position, type ReconcileInput, type Span } from '../contracts/reconcile.ts';

// Every piece is safe to repeat. Bounded, so that an outage ends in a report that says so; the next run begins where the last
// complete one ended.
const bounded = { scheduleToCloseTimeout: '2h', heartbeatTimeout: '10s' } as const;
const retry = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' } as const;

const ours = proxyActivities<ReconcileActivities>({
  ...bounded,
  // Some thousand rows, and a description of each open order.
  startToCloseTimeout: '3m',
  retry,
  summary: 'Compare our books, and act on what does not agree',
});
const theirs = proxyActivities<ReconcileProviderActivities>({
  ...bounded,
  taskQueue: TaskQueue.payments,
  // Two pages, or a payment and its refunds.
  startToCloseTimeout: '40s',
  retry,
  summary: 'Ask the provider what it has',
});

export async function reconcile({ span: begun, position = { stage: 0, cursor: null } }: ReconcileInput): Promise<void> {
  const span = begun ?? (await ours.beginReconciliation());
  const { reconciliationId } = span;
  setCurrentDetails(`What did not agree, and what was done: \`GET /reconciliations/${reconciliationId}\``);
  let left: Position | null;
  try {
    left = await compare(span, position);
  } catch (error) {
    const failure = messageOf(error);
    await CancellationScope.nonCancellable(() => ours.finishReconciliation({ reconciliationId, failure }));
    throw error;
  }
  if (left) return continueAsNew<typeof reconcile>({ span, position: left });
  await CancellationScope.nonCancellable(() => ours.finishReconciliation({ reconciliationId, failure: null }));
}

type Stage = (request: { span: Span; cursor: string | null }) => Promise<string | null>;

// A stage answers from where it goes on, or null at its end.
const stages: readonly Stage[] = [
  theirs.copyPayments,
  theirs.copyRefunds,
  ...books.map(
    (book): Stage =>
      (request) =>
        ours.compareBook({ ...request, book }),
  ),
  async ({ span }) => ((await theirs.settleProviderDrift({ span })) ? 'more' : null),
  async ({ span }) => ((await ours.settleDrifts({ span })) ? 'more' : null),
];

/** Goes through the stages from a position on; answers with where it stands when the history has grown long enough. */
async function compare(span: Span, { stage: first, cursor }: Position): Promise<Position | null> {
  let from = cursor;
  for (let stage = first; stage < stages.length; stage += 1) {
    const run = stages[stage];
    do {
      from = (await run?.({ span, cursor: from })) ?? null;
      if (from !== null && workflowInfo().continueAsNewSuggested) return { stage, cursor: from };
    } while (from !== null);
  }
  return null;
}

const messageOf = (error: unknown): string => {
  const messages: string[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (!messages.includes(cause.message)) messages.push(cause.message);
  return messages.join(': ').slice(0, 500);
};
