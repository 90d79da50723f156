import { explainOrder } from '../../domain/explanation.ts';
import type { OrderFacts } from '../../domain/explanation-facts.ts';
import { toMarkdown } from '../../domain/explanation-text.ts';
import { Scope } from '../../domain/scope.ts';
import type { OrderRecords, RecordedFacts } from '../../ports/explanation.ts';
import { Problem } from '../middleware/problems.ts';
import type { OrderClient } from '../order-client.ts';
import { defineRoute, type Route } from '../route.ts';
import { explanationQuery, explanationSchema } from '../schemas/explanation.ts';
import { orderParams, z } from '../schemas/fields.ts';

type Dependencies = { records: OrderRecords; workflows: Pick<OrderClient, 'ask'> };

export const explanationRoute = ({ records, workflows }: Dependencies): Route =>
  defineRoute({
    method: 'get',
    path: '/orders/{id}/explanation',
    operationId: 'explainOrder',
    scope: Scope.read,
    tag: 'orders',
    summary: 'What happened to the order, what it waits for, and who must act',
    params: orderParams,
    query: explanationQuery,
    answers: {
      200: {
        description: 'The card of the order; also while Temporal is away',
        schema: explanationSchema,
        otherForms: { 'text/markdown': z.string() },
      },
    },
    problems: ['order-not-found', 'invalid-query'],
    handle: async ({ params: { id }, query: { format } }, { res, caller: { tenant } }) => {
      const found = await records.find({ tenant, orderId: id });
      if (!found) throw new Problem('order-not-found', 'No order has this id');
      const explanation = explainOrder({ ...found, ...(await askTemporal(workflows, found)) });
      if (format === 'markdown') res.type('text/markdown').send(toMarkdown(explanation));
      else res.json(explanation);
    },
  });

type Asked = Pick<OrderFacts, 'pending' | 'workflowRuns' | 'notAsked'>;

/** What only Temporal knows of an order that goes on; one that has ended has nothing left there. */
async function askTemporal(workflows: Pick<OrderClient, 'ask'>, order: RecordedFacts): Promise<Asked> {
  if (order.isClosed) return { pending: null, workflowRuns: null, notAsked: [] };
  try {
    const { runs, pending } = await workflows.ask({ orderId: order.orderId });
    return { pending, workflowRuns: runs, notAsked: [] };
  } catch {
    const what =
      'Temporal does not answer: whether a try is under way, and when the next is due, is only what was recorded';
    return { pending: null, workflowRuns: null, notAsked: [what] };
  }
}
