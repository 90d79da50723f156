import { endingFailure } from '../contracts/failures.ts';
import type { Resolution } from '../contracts/messages.ts';
import type { StepRequest, UndoRequest } from '../contracts/process-order.ts';
import type { Attention, OrderStep } from '../domain/order.ts';
import type { Ending } from '../domain/rejection.ts';
import type { OrderSteps } from '../ports/order.ts';

export const createOrderActivities = ({ orders }: { orders: OrderSteps }) => ({
  /** The pivot: holds become sales. From here on the order is sold; what comes after is new business. */
  async confirmOrder({ orderId }: StepRequest): Promise<void> {
    const result = await orders.confirm({ orderId });
    if ('ending' in result) throw endingFailure(result.ending);
  },

  /** Writes the closing status; runs after every undo. Answers with the ending that stands. */
  async closeOrder({ orderId, ending }: UndoRequest): Promise<Ending> {
    return orders.close({ orderId, ending });
  },

  /** Puts the order in front of an operator. Answers since when; null when it is closed, so there is nothing to decide. */
  async parkOrder(request: {
    orderId: string;
    step: OrderStep;
    reason: string;
    workflowId?: string;
  }): Promise<Attention | null> {
    return orders.park(request);
  },

  /** Takes the order off the operator's list, with who decided what and why. */
  async resumeOrder({ orderId, resolution }: { orderId: string; resolution: Resolution }): Promise<void> {
    await orders.resume({ orderId, ...resolution });
  },

  /** Says that the order is still parked. Nothing when it no longer is. */
  async remindOfParked({ orderId }: StepRequest): Promise<void> {
    await orders.remind({ orderId });
  },
});
