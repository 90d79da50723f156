import { actionsOf } from '../../domain/order-actions.ts';
import { allows, Scope } from '../../domain/scope.ts';
import type { OrderActions } from '../../ports/order-actions.ts';
import { Problem } from '../middleware/problems.ts';
import { defineRoute, type Route } from '../route.ts';
import { orderParams } from '../schemas/fields.ts';
import { orderActionsSchema } from '../schemas/order-actions.ts';

type Dependencies = { actions: OrderActions };

export const orderActionsRoute = ({ actions }: Dependencies): Route =>
  defineRoute({
    method: 'get',
    path: '/orders/{id}/actions',
    operationId: 'listOrderActions',
    scope: Scope.read,
    tag: 'orders',
    summary: 'What may be done about the order now, by this caller, and why not the rest',
    params: orderParams,
    answers: { 200: { description: 'Every deed; `whyNot` where it is not possible', schema: orderActionsSchema } },
    problems: ['order-not-found'],
    handle: async ({ params: { id } }, { res, caller: { tenant, scopes } }) => {
      const facts = await actions.find({ tenant, orderId: id });
      if (!facts) throw new Problem('order-not-found', 'No order has this id');
      const items = actionsOf(facts).map(({ whyNot, ...action }) => {
        const refusal =
          whyNot ?? (allows(scopes, action.scope) ? null : `This needs a key with the scope ${action.scope}`);
        return { ...action, allowed: refusal === null, whyNot: refusal };
      });
      res.json({ items });
    },
  });
