// Sends a reviewer's decision to an order's workflow. What must stay true: the same decision has one id in every run, so that
// Temporal carries it out once however often it is sent, and no call waits without a limit.
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { decideReviewUpdate } from '../../contracts/messages.ts';
import type { ReviewAnswer, ReviewWord } from '../../contracts/review.ts';
import type { OrderReviewer } from '../../ports/review.ts';
import { within } from '../../runtime/deadline.ts';

export const createOrderReviewer = ({ client }: { client: Client }): OrderReviewer => ({
  async decide({ orderId, withinMs, ...word }) {
    const send = (): Promise<ReviewAnswer> =>
      client.workflow.getHandle(orderId).executeUpdate(decideReviewUpdate, { args: [word], updateId: nameOf(word) });
    try {
      return { answer: await within(withinMs, client.connection.withDeadline(Date.now() + withinMs, send)) };
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return { gone: true };
      throw error;
    }
  },
});

/** What the first group is told about an escalated review must not be told to the second. */
const nameOf = ({ decision, mayDecideEscalated }: ReviewWord): string =>
  `review-${decision}${mayDecideEscalated ? '-escalated' : ''}`;
