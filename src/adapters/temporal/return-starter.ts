// Starts the workflows of returns, and tells them what was decided. What must stay true: both are the same call every time, so they can be
// repeated by anybody; a return that is still open is started again when its last run is over, whatever that run thought.
import { WorkflowExecutionAlreadyStartedError, WorkflowIdReusePolicy } from '@temporalio/client';
import { TaskQueue } from '../../contracts/ids.ts';
import { returnNewsSignal } from '../../contracts/messages.ts';
import { RETURN_ORDER, returnOrderId, type ReturnLimits } from '../../contracts/return-order.ts';
import type { ReturnStarter } from '../../ports/return.ts';
import type { StarterOptions } from './order-links.ts';

const DEADLINE_MS = 5_000;

type Options = StarterOptions & { limits: ReturnLimits };

export const createReturnStarter = ({ client, bounds, limits, linksOf }: Options): ReturnStarter => ({
  startReturn: async ({ orderId, number, hasNews }) => {
    const start = {
      taskQueue: TaskQueue.orders,
      workflowId: returnOrderId({ orderId, number }),
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      args: [{ orderId, number, bounds, limits }],
      staticSummary: `Return ${number} of an order: answered, received, given back for`,
      staticDetails: linksOf({ orderId }),
    };
    // Without news it is only started: a signal to whoever waits for weeks would make its history long.
    const call = (): Promise<unknown> =>
      hasNews
        ? client.workflow.signalWithStart(RETURN_ORDER, { ...start, signal: returnNewsSignal, signalArgs: [] })
        : client.workflow.start(RETURN_ORDER, start);
    try {
      await client.connection.withDeadline(Date.now() + DEADLINE_MS, call);
    } catch (error) {
      // It runs.
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  },
});
