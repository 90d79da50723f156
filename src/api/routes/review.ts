// Somebody decides about an order that waits for its review. What must stay true: the answer is what stands in the order's row, the
// same however often it is asked; a decision that came too late says so and changes nothing.
import type { ReviewState } from '../../domain/review.ts';
import { allows, Scope } from '../../domain/scope.ts';
import type { Order, OrderReading } from '../../ports/order.ts';
import type { OrderReviewer } from '../../ports/review.ts';
import { askWorkflow, unknownYet, type AskDependencies } from '../ask-workflow.ts';
import { Problem } from '../middleware/problems.ts';
import type { OrderView } from '../order-view.ts';
import { defineRoute, type Route } from '../route.ts';
import { orderParams } from '../schemas/fields.ts';
import { orderSchema } from '../schemas/order.ts';
import { reviewBody } from '../schemas/review.ts';

type Dependencies = AskDependencies & {
  reading: Pick<OrderReading, 'find'>;
  reviewer: OrderReviewer;
  view: OrderView;
};

export const reviewRoute = (dependencies: Dependencies): Route =>
  defineRoute({
    method: 'post',
    path: '/orders/{id}/review',
    operationId: 'reviewOrder',
    scope: Scope.review,
    tag: 'orders',
    summary: 'Approve or reject an order that waits for a review before it is charged',
    params: orderParams,
    body: reviewBody,
    answers: {
      200: {
        description:
          'It is decided so, now or before: an approved order goes on to be charged, a rejected one ends `review.rejected` once its stock is free',
        schema: orderSchema,
      },
    },
    problems: ['order-not-found', 'order-not-in-review', 'insufficient-scope'],
    handle: async ({ params: { id }, body: { decision, reason } }, { res, caller: { tenant, actor, scopes } }) => {
      const { reading, reviewer, view } = dependencies;
      const find = async (): Promise<Order> => {
        const order = await reading.find({ tenant, orderId: id });
        if (!order) throw new Problem('order-not-found', 'No order has this id');
        return order;
      };
      const mayDecideEscalated = allows(scopes, Scope.reviewEscalated);
      const word = { decision, actor, reason, mayDecideEscalated };
      if ((await find()).review?.state === 'pending')
        await askWorkflow(dependencies, id, (call) => reviewer.decide({ orderId: id, ...word, ...call }));
      const order = await find();
      expectDecided(order, { wanted: decision === 'approve' ? 'approved' : 'rejected', mayDecideEscalated });
      res.json(view(order));
    },
  });

/** The row says what stands, whoever it was that decided. */
function expectDecided(
  { status, review }: Order,
  { wanted, mayDecideEscalated }: { wanted: ReviewState; mayDecideEscalated: boolean },
): void {
  if (!review) throw new Problem('order-not-in-review', `The order is ${status} and waits for no review`);
  if (review.state === 'pending') {
    if (review.escalatedAt === null || mayDecideEscalated) throw unknownYet();
    throw new Problem('insufficient-scope', `The review is escalated: this needs the scope ${Scope.reviewEscalated}`);
  }
  if (review.state !== wanted) throw new Problem('order-not-in-review', sentences[review.state]);
}

const sentences: Record<Exclude<ReviewState, 'pending'>, string> = {
  approved: 'The order is approved already',
  rejected: 'The order is rejected already',
  expired: 'Nobody decided about the order in time',
  cancelled: 'The order ended before anybody decided about it',
};
