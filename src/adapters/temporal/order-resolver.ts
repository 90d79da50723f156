// Sends an operator's word to an order's workflow. What must stay true: the update's id is the decision's name, so Temporal
// carries it out once however often it is sent, and no call waits without a limit.
import { WorkflowNotFoundError, WorkflowUpdateFailedError, type Client } from '@temporalio/client';
import { refusalIn } from '../../contracts/failures.ts';
import { resolveUpdate, type ResolutionAnswer } from '../../contracts/messages.ts';
import type { OrderResolver } from '../../ports/resolution.ts';

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

/** The deadline of a call does not cover the making of its connection. */
async function within<T>(ms: number, call: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`Temporal did not answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([call, limit]);
  } finally {
    clearTimeout(timer);
  }
}
