// Starts the workflows of amendments. What must stay true: starting is the same call every time, so it can be repeated by anybody; an
// amendment that is still open is started again when its last run is over, whatever that run thought.
import { WorkflowExecutionAlreadyStartedError, WorkflowIdReusePolicy } from '@temporalio/client';
import { AMEND_ORDER, amendmentId, type AmendOrderInput } from '../../contracts/amend-order.ts';
import { TaskQueue } from '../../contracts/ids.ts';
import type { AmendmentStarter } from '../../ports/amendment.ts';
import type { StarterOptions } from './order-links.ts';

const DEADLINE_MS = 5_000;

export const createAmendmentStarter = ({ client, bounds, linksOf }: StarterOptions): AmendmentStarter => ({
  startAmendment: async ({ orderId, number, holds, charge, currency }) => {
    const input: AmendOrderInput = { orderId, number, holds, charge, currency, bounds };
    try {
      await client.connection.withDeadline(Date.now() + DEADLINE_MS, () =>
        client.workflow.start(AMEND_ORDER, {
          taskQueue: TaskQueue.orders,
          workflowId: amendmentId({ orderId, number }),
          workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
          args: [input],
          staticSummary: `Amendment ${number} of an order that is sold`,
          staticDetails: linksOf({ orderId }),
        }),
      );
    } catch (error) {
      // It runs.
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  },
});
