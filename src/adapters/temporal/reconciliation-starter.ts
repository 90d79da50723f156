// Has the books compared: by a Temporal Schedule, and at once. What must stay true: every worker may set up the schedule, and
// there is one; a comparison that takes longer than the pause between two is not overtaken by the next.
import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdReusePolicy,
  type Client,
  type ScheduleOptions,
} from '@temporalio/client';
import { TaskQueue } from '../../contracts/ids.ts';
import { RECONCILE, RECONCILE_SCHEDULE } from '../../contracts/reconcile.ts';
import type { ReconciliationStarter } from '../../ports/reconciliation.ts';

const DEADLINE_MS = 5_000;
// A run that was missed is not caught up with: the next begins where the last complete one ended.
const CATCHUP_WINDOW_MS = 60_000;
const SUMMARY = 'Compare our books with the provider’s and with Temporal’s; repair what is safe, park the rest';

export function createReconciliationStarter({ client }: { client: Client }): ReconciliationStarter {
  const within = <T>(call: () => Promise<T>): Promise<T> =>
    client.connection.withDeadline(Date.now() + DEADLINE_MS, call);
  const handle = client.schedule.getHandle(RECONCILE_SCHEDULE);
  return {
    async startReconciling({ reconciliationId }) {
      try {
        await within(() =>
          client.workflow.start(RECONCILE, {
            taskQueue: TaskQueue.orders,
            workflowId: reconciliationId,
            workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
            args: [{}],
            staticSummary: SUMMARY,
          }),
        );
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
    },

    async schedule({ everyMs }) {
      if (everyMs === 0) return unlessAbsent(within(() => handle.delete()));
      const options = optionsFor(everyMs);
      try {
        await within(() => client.schedule.create(options));
      } catch (error) {
        if (!(error instanceof ScheduleAlreadyRunning)) throw error;
        // Set up before, perhaps with another pause. Whether somebody has paused it is left as it is.
        await within(() => handle.update(({ state }) => ({ ...options, state })));
      }
    },
  };
}

async function unlessAbsent(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
}

const optionsFor = (everyMs: number) =>
  ({
    scheduleId: RECONCILE_SCHEDULE,
    spec: { intervals: [{ every: everyMs }] },
    action: {
      type: 'startWorkflow',
      workflowType: RECONCILE,
      workflowId: RECONCILE_SCHEDULE,
      taskQueue: TaskQueue.orders,
      args: [{}],
      staticSummary: SUMMARY,
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: CATCHUP_WINDOW_MS },
  }) satisfies ScheduleOptions;
