import { eventTypes } from '../../contracts/events.ts';
import { deliveryStates, MAX_SUBSCRIPTIONS, webhookFormats } from '../../domain/webhook.ts';
import { cursor, instant, limit, z } from './fields.ts';

const DAY_S = 86_400;

const subscriptionId = z
  .string()
  .regex(/^whsub_[0-7][0-9a-hjkmnp-tv-z]{25}$/, 'subscription-not-found')
  .openapi({ example: 'whsub_01kax3v7ehe4sbg0krv6m4fxxv' });
const deliveryNumber = z
  .string()
  .regex(/^[1-9]\d{0,14}$/, 'delivery-not-found')
  .transform(Number)
  .openapi({ type: 'integer', minimum: 1 });

export const subscriptionParams = z.object({ id: subscriptionId });
export const deliveryParams = z.object({ id: subscriptionId, delivery: deliveryNumber });

const reason = z.string().min(1).max(500);

const wish = {
  url: z
    .string()
    .min(1)
    .max(2_048)
    .openapi({ description: 'https; it is resolved for each message', example: 'https://shop.example/hooks' }),
  eventTypes: z
    .array(z.enum(eventTypes))
    .min(1)
    .max(eventTypes.length)
    .nullable()
    .default(null)
    .openapi({ description: 'Null: all' }),
  format: z
    .enum(webhookFormats)
    .default('envelope')
    .openapi({ description: 'How an event is written: our envelope, or a CloudEvent 1.0 in JSON' }),
  description: z.string().min(1).max(200).nullable().default(null),
  paused: z
    .boolean()
    .default(false)
    .openapi({ description: 'Nothing is sent, and nothing is lost: it goes on where it stood' }),
};

export const createSubscriptionBody = z
  .strictObject({
    ...wish,
    after: z
      .int()
      .min(0)
      .optional()
      .openapi({ description: 'A position: what came after it is told too. Without: from now on' }),
  })
  .openapi('CreateWebhookSubscription');
export const replaceSubscriptionBody = z.strictObject(wish).openapi('ReplaceWebhookSubscription');

export const subscriptionSchema = z
  .object({
    id: z.string(),
    url: z.string(),
    eventTypes: z.array(z.string()).nullable(),
    format: z.enum(webhookFormats),
    description: z.string().nullable(),
    paused: z.boolean(),
    position: z.int().min(0).openapi({ description: 'Up to here the feed is divided into deliveries' }),
    pending: z.int().min(0).openapi({ description: 'Counted up to 10,000' }),
    parked: z.int().min(0).openapi({ description: 'They wait for a decision: resend or skip. Counted up to 10,000' }),
    failingSince: instant.nullable().openapi({ description: 'Since when no message has got through' }),
    createdAt: instant,
    updatedAt: instant,
  })
  .openapi('WebhookSubscription');
export const subscriptionListSchema = z
  .object({ items: z.array(subscriptionSchema).max(MAX_SUBSCRIPTIONS) })
  .openapi('WebhookSubscriptionList');

const secret = z
  .string()
  .openapi({ description: 'Shown this once; it signs by the Standard Webhooks scheme', example: 'whsec_…' });
export const createdSubscriptionSchema = subscriptionSchema.extend({ secret }).openapi('CreatedWebhookSubscription');

export const rotateSecretBody = z
  .strictObject({
    overlapSeconds: z
      .int()
      .min(0)
      .max(7 * DAY_S)
      .default(DAY_S)
      .openapi({ description: 'How long the secret of before signs too' }),
  })
  .openapi('RotateWebhookSecret');
export const rotatedSecretSchema = z.object({ secret, previousUntil: instant }).openapi('RotatedWebhookSecret');

export const pingResultSchema = z
  .object({
    delivered: z.boolean(),
    status: z.int().nullable(),
    failure: z.string().nullable(),
    tookMs: z.int().min(0),
  })
  .openapi('WebhookPing');

export const replayBody = z
  .strictObject({
    after: z.int().min(0).openapi({ description: 'A position, exclusive' }),
    through: z
      .int()
      .min(1)
      .openapi({ description: 'A position, inclusive; what has not happened yet is no part of it' }),
  })
  .refine(({ after, through }) => after < through, { path: ['through'], message: 'after comes before through' })
  .openapi('WebhookReplay');
export const replaySchema = z
  .object({ replay: z.int().min(1).openapi({ description: 'Its deliveries carry this number' }) })
  .openapi('WebhookReplayAccepted');

export const deliverySchema = z
  .object({
    id: z.int(),
    eventId: z.string(),
    eventType: z.string(),
    orderId: z.string(),
    position: z.int(),
    replay: z.int().min(0),
    state: z.enum(deliveryStates),
    attempts: z.int().min(0),
    status: z.int().nullable(),
    failure: z.string().nullable(),
    attemptedAt: instant.nullable(),
    settledAt: instant.nullable(),
    decidedBy: z.string().nullable(),
    reason: z.string().nullable(),
    createdAt: instant,
  })
  .openapi('WebhookDelivery');
export const deliveryListSchema = z
  .object({ items: z.array(deliverySchema), nextCursor: z.string().nullable() })
  .openapi('WebhookDeliveryList');

export const deliveryQuery = z.strictObject({
  state: z.enum(deliveryStates).optional(),
  orderId: z.string().max(64).optional(),
  cursor: cursor.optional(),
  limit,
});

export const decideDeliveryBody = z.strictObject({ reason }).openapi('DecideWebhookDelivery');
