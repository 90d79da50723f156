// Sends a cancellation to an order's workflow. What must stay true: the update has one id in every run, so that Temporal carries it
// out once however often it is sent, and no call waits without a limit.
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { cancelUpdate, type CancelAnswer } from '../../contracts/messages.ts';
import type { OrderCanceller } from '../../ports/cancellation.ts';
import { within } from '../../runtime/deadline.ts';

const UPDATE_ID = 'cancel';

export const createOrderCanceller = ({ client }: { client: Client }): OrderCanceller => ({
  async cancel({ orderId, actor, reason, withinMs }) {
    const send = (): Promise<CancelAnswer> =>
      client.workflow
        .getHandle(orderId)
        .executeUpdate(cancelUpdate, { args: [{ actor, reason }], updateId: UPDATE_ID });
    try {
      return { answer: await within(withinMs, client.connection.withDeadline(Date.now() + withinMs, send)) };
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return { gone: true };
      throw error;
    }
  },
});
