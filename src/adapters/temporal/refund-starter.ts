// Starts the workflows of refunds. What must stay true: starting is the same call every time, so it can be repeated by anybody; a
// refund that is still open is started again when its last run is over, whatever that run thought.
import { WorkflowExecutionAlreadyStartedError, WorkflowIdReusePolicy } from '@temporalio/client';
import { TaskQueue } from '../../contracts/ids.ts';
import { refundNewsSignal } from '../../contracts/messages.ts';
import { REFUND_ORDER, refundOrderId } from '../../contracts/refund-order.ts';
import type { RefundStarter } from '../../ports/refund.ts';
import type { StarterOptions } from './order-links.ts';

const DEADLINE_MS = 5_000;

export const createRefundStarter = ({ client, bounds, linksOf }: StarterOptions): RefundStarter => ({
  startRefund: async ({ orderId, number, amountMinor, currency, isMoot }) => {
    const options = {
      taskQueue: TaskQueue.orders,
      workflowId: refundOrderId({ orderId, number }),
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      args: [{ orderId, number, amountMinor, currency, bounds }],
      staticSummary: `Refund ${number} of an order that is sold: ${amountMinor} ${currency} (minor units)`,
      staticDetails: linksOf({ orderId }),
    };
    const told = { ...options, signal: refundNewsSignal, signalArgs: [] };
    try {
      await client.connection.withDeadline<unknown>(Date.now() + DEADLINE_MS, () =>
        isMoot ? client.workflow.signalWithStart(REFUND_ORDER, told) : client.workflow.start(REFUND_ORDER, options),
      );
    } catch (error) {
      // It runs.
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  },
});
