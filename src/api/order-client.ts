// The only place of the api that speaks to Temporal. What must stay true: starting is the same call every time, with the
// order's id as the workflow's, so it can be repeated by anybody at any moment; no call waits without a limit.
import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
  type Client,
  type WorkflowStartOptions,
} from '@temporalio/client';
import { TaskQueue } from '../contracts/ids.ts';
import { PROCESS_ORDER, type Bounds } from '../contracts/process-order.ts';
import { customerIdKey, orderStatusKey, orderTotalMinorKey } from '../contracts/search-attributes.ts';
import type { LaunchableOrder, OrderStarter } from '../ports/launch.ts';
import type { processOrder } from '../workflows/process-order.ts';

// A start normally takes milliseconds; the launcher repeats one that does not answer.
const START_DEADLINE_MS = 5_000;
const PING_DEADLINE_MS = 1_500;
// TASK_QUEUE_TYPE_WORKFLOW of Temporal's API; the enum itself lives in a package that is not ours to depend on.
const WORKFLOW_TASKS = 1;

export type OrderClient = OrderStarter & {
  /** Throws when Temporal does not answer in time. */
  ping: () => Promise<void>;
  /** How many workers poll for orders right now. Throws when Temporal does not answer in time. */
  countWorkers: () => Promise<number>;
};

/** Starts order workflows with the given bounds. */
export function createOrderClient({ client, bounds }: { client: Client; bounds: Bounds }): OrderClient {
  const within = <T>(ms: number, call: () => Promise<T>): Promise<T> =>
    client.connection.withDeadline(Date.now() + ms, call);

  const start = (order: LaunchableOrder, reuse: WorkflowIdReusePolicy): Promise<unknown> =>
    within(START_DEADLINE_MS, () => client.workflow.start(PROCESS_ORDER, startOptions(order, bounds, reuse)));

  return {
    async start(order) {
      try {
        await start(order, WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY);
        return 'started';
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
      // "Already started" covers a closed run as well; only a running one will take the order any further.
      const { status } = await within(START_DEADLINE_MS, () => client.workflow.getHandle(order.orderId).describe());
      if (status.name === 'RUNNING') return 'running';
      // An order with a mark is open, whatever its last run thought; every step answers with what it has recorded.
      await start(order, WorkflowIdReusePolicy.ALLOW_DUPLICATE);
      return 'started';
    },

    async ping() {
      await within(PING_DEADLINE_MS, () => client.workflowService.getSystemInfo({}));
    },

    async countWorkers() {
      const { namespace } = client.options;
      const { pollers } = await within(PING_DEADLINE_MS, () =>
        client.workflowService.describeTaskQueue({
          namespace,
          taskQueue: { name: TaskQueue.orders },
          // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- see above
          taskQueueType: WORKFLOW_TASKS,
        }),
      );
      return pollers.length;
    },
  };
}

function startOptions(
  { orderId, totalMinor, currency, customerId, itemCount }: LaunchableOrder,
  bounds: Bounds,
  workflowIdReusePolicy: WorkflowIdReusePolicy,
): WorkflowStartOptions<typeof processOrder> {
  return {
    taskQueue: TaskQueue.orders,
    workflowId: orderId,
    workflowIdReusePolicy,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
    args: [{ orderId, totalMinor, currency, bounds }],
    staticSummary: `Order of ${itemCount} ${itemCount === 1 ? 'unit' : 'units'} for ${totalMinor} ${currency} (minor units)`,
    staticDetails: 'Reserve inventory → charge payment → confirm. Undone in reverse when a step says no.',
    typedSearchAttributes: [
      { key: orderStatusKey, value: 'placed' },
      { key: customerIdKey, value: customerId },
      { key: orderTotalMinorKey, value: totalMinor },
    ],
  };
}
