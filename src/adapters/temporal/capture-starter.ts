// Starts the workflows that capture what is authorized. What must stay true: starting is the same call every time, so it can be repeated by
// anybody; one that is about to end is told to look once more, so that nothing falls between two runs.
import { WorkflowIdReusePolicy } from '@temporalio/client';
import { CAPTURE_ORDER, captureOrderId } from '../../contracts/capture-order.ts';
import { TaskQueue } from '../../contracts/ids.ts';
import { captureNewsSignal } from '../../contracts/messages.ts';
import type { CaptureStarter } from '../../ports/capture.ts';
import type { StarterOptions } from './order-links.ts';

const DEADLINE_MS = 5_000;

export const createCaptureStarter = ({ client, bounds, linksOf }: StarterOptions): CaptureStarter => ({
  startCapture: async ({ orderId, ordinal, currency }) => {
    await client.connection.withDeadline(Date.now() + DEADLINE_MS, () =>
      client.workflow.signalWithStart(CAPTURE_ORDER, {
        taskQueue: TaskQueue.orders,
        workflowId: captureOrderId({ orderId, ordinal }),
        workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
        args: [{ orderId, ordinal, bounds }],
        signal: captureNewsSignal,
        signalArgs: [],
        staticSummary: `What is captured of an order that is paid as it ships, in ${currency}`,
        staticDetails: linksOf({ orderId }),
      }),
    );
  },
});
