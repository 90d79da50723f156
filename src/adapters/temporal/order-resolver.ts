// Sends an operator's word to an order's workflow. What must stay true: the update's id is the decision's name, so Temporal
// carries it out once however often it is sent, and no call waits without a limit.
import { WorkflowNotFoundError, WorkflowUpdateFailedError, type Client } from '@temporalio/client';
import { refusalIn } from '../../contracts/failures.ts';
import { resolveUpdate, type ResolutionAnswer } from '../../contracts/messages.ts';
import type { OrderResolver } from '../../ports/resolution.ts';
import { within } from '../../runtime/deadline.ts';

export const createOrderResolver = ({ client }: { client: Client }): OrderResolver => ({
  async resolve({ workflowId, resolution, withinMs }) {
    try {
      const send = (): Promise<ResolutionAnswer> =>
        client.workflow
          .getHandle(workflowId)
          .executeUpdate(resolveUpdate, { args: [resolution], updateId: resolution.resolutionId });
      return { resolved: await within(withinMs, client.connection.withDeadline(Date.now() + withinMs, send)) };
    } catch (error) {
      // The validator of the workflow said no: the message is ours.
      if (error instanceof WorkflowUpdateFailedError) return refusalIn(error.cause);
      if (error instanceof WorkflowNotFoundError) return { gone: true };
      throw error;
    }
  },
});
