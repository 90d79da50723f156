// Our books compared with the provider's and with Temporal's. What must stay true: it can be interrupted anywhere and goes on
// (what was copied, suspected and done is in the rows), its history stays short however much there is to compare, and the
// provider is asked on the capped queue only.
import {
  CancellationScope,
  continueAsNew,
  patched,
  proxyActivities,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow';
import type { ReconcileActivities, ReconcileProviderActivities } from '../activities/index.ts';
import { TaskQueue } from '../contracts/ids.ts';
import {
  books,
  stages,
  stagesWithoutDisputes,
  type Book,
  type PageRequest,
  type Position,
  type ReconcileInput,
  type Span,
  type Stage,
} from '../contracts/reconcile.ts';

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
  // Two pages, or two things by themselves.
  startToCloseTimeout: '40s',
  retry,
  summary: 'Ask the provider what it has',
});

export async function reconcile({ span: begun, position = atTheBeginning }: ReconcileInput): Promise<void> {
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

const atTheBeginning: Position = { stage: stages[0], cursor: null };

/** Goes through the stages from a position on; answers with where it stands when the history has grown long enough. */
async function compare(span: Span, position: Position): Promise<Position | null> {
  // A run that was under way before disputes were compared goes on as it began.
  const all = patched('disputes-are-compared') ? stages : stagesWithoutDisputes;
  let from = position.cursor;
  for (const stage of all.slice(all.indexOf(nameOf(position)))) {
    do {
      from = await runStage(stage, { span, cursor: from });
      if (from !== null && workflowInfo().continueAsNewSuggested) return { stage, cursor: from };
    } while (from !== null);
  }
  return null;
}

/** Of a run that an older version began and continued, the stage is a number. */
function nameOf({ stage }: Position): Stage {
  const name = typeof stage === 'number' ? stagesWithoutDisputes[stage] : stage;
  if (name === undefined || !stages.includes(name)) throw new Error(`Expected a stage of a comparison; found ${stage}`);
  return name;
}

type Run = (request: PageRequest) => Promise<string | null>;

const otherStages: Readonly<Record<Exclude<Stage, Book>, Run>> = {
  'copy-payments': theirs.copyPayments,
  'copy-refunds': theirs.copyRefunds,
  'copy-disputes': theirs.copyDisputes,
  'copy-unsettled-disputes': theirs.copyUnsettledDisputes,
  'settle-at-provider': async ({ span }) => ((await theirs.settleProviderDrift({ span })) ? 'more' : null),
  settle: async ({ span }) => ((await ours.settleDrifts({ span })) ? 'more' : null),
};

const isBook = (stage: Stage): stage is Book => books.some((book) => book === stage);

/** A stage answers from where it goes on, or null at its end. */
const runStage = (stage: Stage, request: PageRequest): Promise<string | null> =>
  isBook(stage) ? ours.compareBook({ ...request, book: stage }) : otherStages[stage](request);

const messageOf = (error: unknown): string => {
  const messages: string[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (!messages.includes(cause.message)) messages.push(cause.message);
  return messages.join(': ').slice(0, 500);
};
