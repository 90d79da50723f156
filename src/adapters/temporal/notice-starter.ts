// Starts the workflows of notices. What must stay true: starting is the same call every time, so it can be repeated by anybody; one that has
// come to its end is never started again, or a database that was restored would have its customers told twice.
import { WorkflowExecutionAlreadyStartedError, WorkflowIdReusePolicy, type Client } from '@temporalio/client';
import { TaskQueue } from '../../contracts/ids.ts';
import { SEND_NOTICE, sendNoticeId } from '../../contracts/send-notice.ts';
import type { NoticeStarter } from '../../ports/customer-notice.ts';

const DEADLINE_MS = 5_000;

export const createNoticeStarter = ({
  client,
  firstPauseMs,
}: {
  client: Client;
  firstPauseMs: number;
}): NoticeStarter => ({
  startNotice: (notice) =>
    client.connection.withDeadline(Date.now() + DEADLINE_MS, async () => {
      const { orderId, name, round, withinMs } = notice;
      const workflowId = sendNoticeId(notice);
      try {
        await client.workflow.start(SEND_NOTICE, {
          taskQueue: TaskQueue.orders,
          workflowId,
          // One that was terminated, or ran out of time, may begin anew: the row knows what was sent.
          workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
          args: [{ orderId, name, round, withinMs, firstPauseMs }],
          staticSummary: `Mail to the customer of an order: ${name}`,
        });
        return 'running';
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        const { status } = await client.workflow.getHandle(workflowId).describe();
        return status.name === 'COMPLETED' ? 'over' : 'running';
      }
    }),
});
