import { Context } from '@temporalio/activity';
import { endingFailure } from '../contracts/failures.ts';
import type { CancelAnswer, Cancellation } from '../contracts/messages.ts';
import type { ParkRequest, Reminded, ResumeRequest } from '../contracts/parking.ts';
import type { StepRequest, UndoRequest } from '../contracts/process-order.ts';
import type { Attention } from '../domain/order.ts';
import type { Ending } from '../domain/rejection.ts';
import type { OrderSteps } from '../ports/order.ts';

export const createOrderActivities = ({ orders }: { orders: OrderSteps }) => ({
  /** The pivot: holds become sales. From here on the order is sold; what comes after is new business. */
  async confirmOrder({ orderId }: StepRequest): Promise<void> {
    const result = await orders.confirm({ orderId });
    if ('ending' in result) throw endingFailure(result.ending);
  },

  /** Fixes that the order ends cancelled, unless it is too late or it ends already; answers with what stands. */
  async cancelOrder(request: Cancellation & StepRequest): Promise<CancelAnswer> {
    return orders.cancel(request);
  },

  /** Writes the closing status; runs after every undo. Answers with the ending that stands. */
  async closeOrder({ orderId, ending }: UndoRequest): Promise<Ending> {
    return orders.close({ orderId, ending });
  },

  /** Puts the order in front of an operator. Answers since when; null when it is closed, so there is nothing to decide. */
  async parkOrder(request: ParkRequest): Promise<Attention | null> {
    return orders.park(request);
  },

  /** Takes the parked step off the operator's list, with who decided what and why. */
  async resumeOrder({ resolution, ...parked }: ResumeRequest): Promise<void> {
    // One that was scheduled before parkings had identities does not say whose it is.
    const workflowId = parked.workflowId ?? Context.current().info.workflowExecution?.workflowId ?? parked.orderId;
    await orders.resume({ ...parked, workflowId, ...resolution });
  },

  /** Says that the order is still parked. Answers whether it turned out to be closed. */
  async remindOfParked(request: ParkRequest): Promise<Reminded> {
    return orders.remind(request);
  },
});
