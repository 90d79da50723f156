// What was told to a subscriber, and what an operator decides about what could not be.
import { Scope } from '../../domain/scope.ts';
import type { DeliveryDecision, WebhookSubscriptions } from '../../ports/webhook.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { Problem } from '../middleware/problems.ts';
import { defineRoute, type Route } from '../route.ts';
import { z } from '../schemas/fields.ts';
import {
  decideDeliveryBody,
  deliveryListSchema,
  deliveryParams,
  deliveryQuery,
  deliverySchema,
  subscriptionParams,
} from '../schemas/webhook.ts';

type Dependencies = { webhooks: WebhookSubscriptions };

const place = z.int().min(1);

export const deliveryRoutes = (dependencies: Dependencies): Route[] => [
  list(dependencies),
  decide(dependencies, 'resend', 'Send it (again) as soon as it can be; one that was told is told once more'),
  decide(dependencies, 'skip', 'Take one that is parked out of the way of those behind it'),
];

const list = ({ webhooks }: Dependencies): Route =>
  defineRoute({
    method: 'get',
    path: '/webhook-subscriptions/{id}/deliveries',
    operationId: 'listWebhookDeliveries',
    scope: Scope.operate,
    tag: 'webhooks',
    summary: 'What was told, and what is still to be, the latest first',
    params: subscriptionParams,
    query: deliveryQuery,
    answers: { 200: { description: 'Deliveries', schema: deliveryListSchema } },
    problems: ['subscription-not-found', 'invalid-query', 'invalid-cursor'],
    handle: async ({ params: { id }, query }, { res, caller: { tenant } }) => {
      const { state = null, orderId = null, limit } = query;
      const before = decodeCursor(query.cursor, place);
      const items = await webhooks.listDeliveries({ tenant, id, state, orderId, before, limit: limit + 1 });
      if (!items) throw unknownSubscription();
      const page = items.slice(0, limit);
      const nextCursor = items.length > limit ? encodeCursor(page.at(-1)?.id) : null;
      res.json({ items: page, nextCursor });
    },
  });

const decide = ({ webhooks }: Dependencies, action: 'resend' | 'skip', summary: string): Route =>
  defineRoute({
    method: 'post',
    path: `/webhook-subscriptions/{id}/deliveries/{delivery}/${action}`,
    operationId: `${action}WebhookDelivery`,
    scope: Scope.operate,
    tag: 'webhooks',
    summary,
    params: deliveryParams,
    body: decideDeliveryBody,
    answers: { 200: { description: 'As it is now', schema: deliverySchema } },
    problems: ['subscription-not-found', 'delivery-not-found', 'delivery-not-parked'],
    handle: async ({ params: { id, delivery }, body: { reason } }, { res, caller: { tenant, actor } }) => {
      res.json(decided(await webhooks[action]({ tenant, id, delivery, actor, reason })));
    },
  });

function decided(decision: DeliveryDecision) {
  if ('delivery' in decision) return decision.delivery;
  if (decision.refused === 'unknown') throw new Problem('delivery-not-found', 'The subscription has no such delivery');
  throw new Problem('delivery-not-parked', `It is ${decision.state}: only what is parked can be skipped`);
}

export const unknownSubscription = (): Problem => new Problem('subscription-not-found', 'No subscription has this id');
