// A customer, or an operator, wants an order cancelled. What must stay true: the answer is definite (it will end cancelled, or it
// can not be cancelled any more), and the same however often it is asked; who decides is the order's workflow, or its row once it is over.
import type { CancelAnswer } from '../../contracts/messages.ts';
import { isSold } from '../../domain/order.ts';
import { Scope } from '../../domain/scope.ts';
import type { OrderCanceller } from '../../ports/cancellation.ts';
import type { LaunchMarks, OrderStarter } from '../../ports/launch.ts';
import type { Order, OrderReading } from '../../ports/order.ts';
import { within } from '../../runtime/deadline.ts';
import { Problem, RETRY_SOON } from '../middleware/problems.ts';
import type { OrderView } from '../order-view.ts';
import { defineRoute, type Route } from '../route.ts';
import { cancellationBody } from '../schemas/cancellation.ts';
import { orderParams } from '../schemas/fields.ts';
import { orderSchema } from '../schemas/order.ts';

type Dependencies = {
  reading: Pick<OrderReading, 'find'>;
  canceller: OrderCanceller;
  launches: Pick<LaunchMarks, 'findOpen'>;
  workflows: OrderStarter;
  view: OrderView;
};

// With the queries around them below the 2 s in which the contract promises a 503: one call to Temporal, and all of them.
const CALL_WITHIN_MS = 1_000;
const ANSWER_WITHIN_MS = 1_400;

export const cancelRoute = (dependencies: Dependencies): Route =>
  defineRoute({
    method: 'post',
    path: '/orders/{id}/cancel',
    scope: Scope.cancel,
    tag: 'orders',
    summary: 'Cancel an order that is not sold yet',
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

/** Asks the order's workflow, which is started first when none runs; null when the order is over, as its row will say. */
async function tell(
  { canceller, launches, workflows }: Dependencies,
  request: { orderId: string; actor: string; reason: string },
): Promise<End> {
  const { orderId } = request;
  const send = () => canceller.cancel({ ...request, withinMs: CALL_WITHIN_MS });
  const first = await send();
  if ('answer' in first) return endIn(first.answer);
  const open = await launches.findOpen({ orderId });
  if (!open) return null;
  await workflows.start(open);
  const second = await send();
  return 'answer' in second ? endIn(second.answer) : null;
}

const endIn = (answer: CancelAnswer): End => ('sold' in answer ? 'sold' : answer.ending.status);

function expectCancelled(end: End): void {
  if (end === null) throw unknownYet();
  if (end === 'sold')
    throw new Problem('order-not-cancellable', 'The order is confirmed: what was sold can only be given back');
  if (end === 'rejected') throw new Problem('order-not-cancellable', 'The order ends rejected');
}

async function ask(...request: Parameters<typeof tell>): Promise<End> {
  try {
    return await within(ANSWER_WITHIN_MS, tell(...request));
  } catch (error) {
    throw Object.assign(unknownYet(), { cause: error });
  }
}

const unknownYet = (): Problem =>
  new Problem('service-unavailable', 'The order’s workflow did not answer in time; repeat the request', {
    headers: RETRY_SOON,
  });
