// Telling others of events. What must stay true: a secret is shown once, to whoever made it, and a URL that may not be told is refused
// before anything is written.
import { randomBytes } from 'node:crypto';
import { Scope } from '../../domain/scope.ts';
import { urlProblem } from '../../domain/webhook.ts';
import type { WebhookSender, WebhookSubscription, WebhookSubscriptions } from '../../ports/webhook.ts';
import { Problem } from '../middleware/problems.ts';
import { defineRoute, type Route } from '../route.ts';
import {
  createdSubscriptionSchema,
  createSubscriptionBody,
  pingResultSchema,
  replaceSubscriptionBody,
  replayBody,
  replaySchema,
  rotatedSecretSchema,
  rotateSecretBody,
  subscriptionListSchema,
  subscriptionParams,
  subscriptionSchema,
} from '../schemas/webhook.ts';
import { deliveryRoutes, unknownSubscription } from './webhook-deliveries.ts';

/** `webhookLoopback`: whether subscribers on this machine may be told. */
type Dependencies = { webhooks: WebhookSubscriptions; webhookSender: WebhookSender; webhookLoopback: boolean };

const SECRET_BYTES = 32;

export const webhookRoutes = (dependencies: Dependencies): Route[] => [
  create(dependencies),
  list(dependencies),
  get(dependencies),
  replace(dependencies),
  remove(dependencies),
  rotateSecret(dependencies),
  ping(dependencies),
  replay(dependencies),
  ...deliveryRoutes(dependencies),
];

const create = ({ webhooks, webhookLoopback }: Dependencies): Route =>
  defineRoute({
    method: 'post',
    path: '/webhook-subscriptions',
    operationId: 'createWebhookSubscription',
    scope: Scope.operate,
    tag: 'webhooks',
    summary: 'Have events told to a URL, signed, at least once, and of each order in sequence',
    body: createSubscriptionBody,
    answers: {
      201: {
        description: 'With its secret, which is never shown again',
        schema: createdSubscriptionSchema,
        headers: { Location: { description: 'The subscription', schema: { type: 'string' } } },
      },
    },
    problems: ['too-many-subscriptions'],
    handle: async ({ body: { paused, after = null, ...wish } }, { res, caller: { tenant } }) => {
      refuseUrl(wish.url, webhookLoopback);
      const secret = newSecret();
      const created = await webhooks.create({ ...wish, isPaused: paused, tenant, secret, after });
      if ('tooMany' in created) throw new Problem('too-many-subscriptions', `There are ${created.tooMany} already`);
      res
        .status(201)
        .location(`/webhook-subscriptions/${created.id}`)
        .set('Cache-Control', 'no-store')
        .json({ ...toBody(created), secret });
    },
  });

const list = ({ webhooks }: Dependencies): Route =>
  defineRoute({
    method: 'get',
    path: '/webhook-subscriptions',
    operationId: 'listWebhookSubscriptions',
    scope: Scope.operate,
    tag: 'webhooks',
    summary: 'All subscriptions, the oldest first',
    answers: { 200: { description: 'Without their secrets', schema: subscriptionListSchema } },
    problems: [],
    handle: async (_request, { res, caller: { tenant } }) => {
      res.json({ items: (await webhooks.list({ tenant })).map(toBody) });
    },
  });

const get = ({ webhooks }: Dependencies): Route =>
  defineRoute({
    method: 'get',
    path: '/webhook-subscriptions/{id}',
    operationId: 'getWebhookSubscription',
    scope: Scope.operate,
    tag: 'webhooks',
    summary: 'One subscription',
    params: subscriptionParams,
    answers: { 200: { description: 'The subscription', schema: subscriptionSchema } },
    problems: ['subscription-not-found'],
    handle: async ({ params: { id } }, { res, caller: { tenant } }) => {
      res.json(toBody(expectFound(await webhooks.find({ tenant, id }))));
    },
  });

const replace = ({ webhooks, webhookLoopback }: Dependencies): Route =>
  defineRoute({
    method: 'put',
    path: '/webhook-subscriptions/{id}',
    operationId: 'replaceWebhookSubscription',
    scope: Scope.operate,
    tag: 'webhooks',
    summary: 'Change, pause or resume a subscription; what waits is sent as it says now',
    params: subscriptionParams,
    body: replaceSubscriptionBody,
    answers: { 200: { description: 'Replaced', schema: subscriptionSchema } },
    problems: ['subscription-not-found'],
    handle: async ({ params: { id }, body: { paused, ...wish } }, { res, caller: { tenant } }) => {
      refuseUrl(wish.url, webhookLoopback);
      res.json(toBody(expectFound(await webhooks.replace({ ...wish, isPaused: paused, tenant, id }))));
    },
  });

const remove = ({ webhooks }: Dependencies): Route =>
  defineRoute({
    method: 'delete',
    path: '/webhook-subscriptions/{id}',
    operationId: 'deleteWebhookSubscription',
    scope: Scope.operate,
    tag: 'webhooks',
    summary: 'End a subscription, with all that was still to be told',
    params: subscriptionParams,
    answers: { 204: { description: 'It is gone' } },
    problems: ['subscription-not-found'],
    handle: async ({ params: { id } }, { res, caller: { tenant } }) => {
      if (!(await webhooks.remove({ tenant, id }))) throw unknownSubscription();
      res.status(204).end();
    },
  });

const rotateSecret = ({ webhooks }: Dependencies): Route =>
  defineRoute({
    method: 'post',
    path: '/webhook-subscriptions/{id}/rotate-secret',
    operationId: 'rotateWebhookSecret',
    scope: Scope.operate,
    tag: 'webhooks',
    summary: 'Sign with a new secret; the one before signs too for a while',
    params: subscriptionParams,
    body: rotateSecretBody,
    answers: { 200: { description: 'The new secret, which is never shown again', schema: rotatedSecretSchema } },
    problems: ['subscription-not-found'],
    handle: async ({ params: { id }, body: { overlapSeconds } }, { res, caller: { tenant } }) => {
      const secret = newSecret();
      const rotated = expectFound(
        await webhooks.rotateSecret({ tenant, id, secret, overlapMs: overlapSeconds * 1_000 }),
      );
      res.set('Cache-Control', 'no-store').json({ secret, ...rotated });
    },
  });

const ping = ({ webhooks, webhookSender }: Dependencies): Route =>
  defineRoute({
    method: 'post',
    path: '/webhook-subscriptions/{id}/ping',
    operationId: 'pingWebhook',
    scope: Scope.operate,
    tag: 'webhooks',
    summary: 'Send a test message (`webhook.ping`) now, and say how it was answered',
    params: subscriptionParams,
    answers: { 200: { description: 'How it went', schema: pingResultSchema } },
    problems: ['subscription-not-found'],
    handle: async ({ params: { id } }, { res, caller: { tenant } }) => {
      const { now, ...target } = expectFound(await webhooks.findTarget({ tenant, id }));
      const begun = performance.now();
      const messageId = `ping_${randomBytes(12).toString('hex')}`;
      const body = JSON.stringify({
        eventId: messageId,
        eventType: 'webhook.ping',
        timestamp: now,
      });
      const answer = await webhookSender.send({
        target,
        messageId,
        at: new Date(now),
        contentType: 'application/json',
        body,
      });
      const failure = answer.isDelivered ? null : answer.failure;
      res.json({
        delivered: answer.isDelivered,
        status: answer.status,
        failure,
        tookMs: Math.round(performance.now() - begun),
      });
    },
  });

const replay = ({ webhooks }: Dependencies): Route =>
  defineRoute({
    method: 'post',
    path: '/webhook-subscriptions/{id}/replays',
    operationId: 'replayWebhook',
    scope: Scope.operate,
    tag: 'webhooks',
    summary: 'Tell a range of the feed once more, behind what waits',
    params: subscriptionParams,
    body: replayBody,
    answers: { 202: { description: 'It is told', schema: replaySchema } },
    problems: ['subscription-not-found'],
    handle: async ({ params: { id }, body }, { res, caller: { tenant } }) => {
      res.status(202).json(expectFound(await webhooks.replay({ tenant, id, ...body })));
    },
  });

const newSecret = (): string => `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;

function refuseUrl(url: string, loopback: boolean): void {
  const message = urlProblem(url, { loopback });
  if (message) throw new Problem('invalid-body', 'See errors', { errors: [{ pointer: '/url', message }] });
}

const toBody = ({ isPaused, ...subscription }: WebhookSubscription) => ({ ...subscription, paused: isPaused });

function expectFound<T>(found: T | null): T {
  if (found === null) throw unknownSubscription();
  return found;
}
