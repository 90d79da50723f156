// A customer, or an operator, wants an order cancelled. What must stay true: the answer is definite (it will end cancelled, or it
// can not be cancelled any more), and the same however often it is asked; who decides is the order's workflow, or its row once it is over.
import type { CancelAnswer } from '../../contracts/messages.ts';
import { isSold } from '../../domain/order.ts';
import { Scope } from '../../domain/scope.ts';
import type { OrderCanceller } from '../../ports/cancellation.ts';
import type { Order, OrderReading } from '../../ports/order.ts';
import { askWorkflow, unknownYet, type AskDependencies } from '../ask-workflow.ts';
import { Problem } from '../middleware/problems.ts';
import type { OrderView } from '../order-view.ts';
import { defineRoute, type Route } from '../route.ts';
import { cancellationBody } from '../schemas/cancellation.ts';
import { orderParams } from '../schemas/fields.ts';
import { orderSchema } from '../schemas/order.ts';

type Dependencies = AskDependencies & {
  reading: Pick<OrderReading, 'find'>;
  canceller: OrderCanceller;
  view: OrderView;
};

export const cancelRoute = (dependencies: Dependencies): Route =>
  defineRoute({
    method: 'post',
    path: '/orders/{id}/cancel',
    operationId: 'cancelOrder',
    scope: Scope.cancel,
    tag: 'orders',
    summary: 'Cancel an order that is not sold yet, or of which nothing has left yet',
    params: orderParams,
    body: cancellationBody,
    answers: {
      202: {
        description:
          'It ends cancelled once everything is undone, or parks when that can not be done; a repeat gets the same',
        schema: orderSchema,
        headers: { Location: { description: 'The order', schema: { type: 'string' } } },
      },
    },
    problems: ['order-not-found', 'order-not-cancellable'],
    handle: async ({ params: { id }, body: { reason } }, { res, caller: { tenant, actor } }) => {
      const { reading, view } = dependencies;
      const find = async (): Promise<Order> => {
        const order = await reading.find({ tenant, orderId: id });
        if (!order) throw new Problem('order-not-found', 'No order has this id');
        return order;
      };
      const before = await find();
      const end = endOf(before) ?? (await ask(dependencies, { orderId: id, actor, reason }));
      const order = await find();
      expectCancelled(end ?? endOf(order));
      res.status(202).location(`/orders/${id}`).json(view(order));
    },
  });

/** How an order ends, for certain; null while that is not known. */
type End = 'sold' | 'rejected' | 'cancelled' | null;

function endOf({ status, isClosed }: Order): End {
  if (status === 'rejected' || status === 'cancelled') return status;
  return isClosed && isSold(status) ? 'sold' : null;
}

/** What the order's workflow says; null when the order is over, as its row will say. */
async function ask(
  { canceller, launches, workflows }: Dependencies,
  request: { orderId: string; actor: string; reason: string },
): Promise<End> {
  const answer = await askWorkflow({ launches, workflows }, request.orderId, (call) =>
    canceller.cancel({ ...request, ...call }),
  );
  return answer && endIn(answer);
}

const endIn = (answer: CancelAnswer): End => ('sold' in answer ? 'sold' : answer.ending.status);

function expectCancelled(end: End): void {
  if (end === null) throw unknownYet();
  if (end === 'sold') {
    const detail =
      'The order is sold, and nothing of it is left to be kept back: what was sold can be refunded, and what has arrived returned';
    throw new Problem('order-not-cancellable', detail);
  }
  if (end === 'rejected') throw new Problem('order-not-cancellable', 'The order ends rejected');
}
