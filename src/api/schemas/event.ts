import { eventTypes } from '../../contracts/events.ts';
import { instant, limit, z } from './fields.ts';

export const eventSchema = z
  .object({
    eventId: z.string(),
    eventType: z.enum(eventTypes),
    eventVersion: z.int(),
    timestamp: instant,
    source: z.string(),
    orderId: z.string(),
    sequence: z.int().min(1).openapi({ description: 'Counts within the order, without a gap' }),
    position: z.int().min(1).nullable().openapi({
      description: 'Counts over all orders, dense but for a gap behind each recovery; null until numbered',
    }),
    data: z.record(z.string(), z.unknown()).openapi({
      description: 'By type and version: GET /event-schemas/{eventType}/{eventVersion} is the JSON Schema of the whole event',
    }),
    metadata: z.object({
      correlationId: z.string(),
      causationId: z
        .string()
        .nullable()
        .openapi({ description: 'The event of the order, or the command (`command:…`), that led to this one' }),
    }),
  })
  .openapi('Event', {
    externalDocs: { description: 'The schemas of all types and versions', url: '/event-schemas' },
  });

export const eventListSchema = z.object({ items: z.array(eventSchema) }).openapi('EventList');

/** Of one event, in the form of CloudEvents 1.0. */
const cloudEventSchema = z
  .object({
    specversion: z.literal('1.0'),
    id: z.string(),
    source: z.string(),
    type: z.enum(eventTypes),
    time: instant,
    subject: z.string().openapi({ description: 'The order’s id' }),
    datacontenttype: z.literal('application/json'),
    dataschema: z.url(),
    sequence: z.string().openapi({ description: 'Within the order, ten digits' }),
    position: z.string().optional().openapi({ description: 'Over all orders; absent until numbered' }),
    correlationid: z.string(),
    causationid: z.string().optional(),
    data: z.record(z.string(), z.unknown()),
  })
  .openapi('CloudEvent');

export const cloudEventsSchema = z.array(cloudEventSchema).openapi('CloudEvents');

const format = z
  .enum(['envelope', 'cloudevents'])
  .default('envelope')
  .openapi({ description: 'The form of each event; of lists also by `Accept`' });

export const orderEventsQuery = z.strictObject({ format });

/** Server-sent events; each `data` is one Event. */
export const eventStreamSchema = z.string().openapi({
  description:
    'Server-sent events: `id` is what Last-Event-ID resumes after, `event` the type, `data` one Event as JSON, or a CloudEvent',
});

const numeral = (description: string) =>
  z
    .string()
    .regex(/^\d{1,15}$/, 'a whole number, not negative')
    .transform(Number)
    .openapi({ type: 'integer', minimum: 0, description });

export const feedQuery = z.strictObject({
  after: numeral('A position; events after it (exclusive)').default(0),
  type: z
    .string()
    .transform((value) => value.split(','))
    .pipe(z.array(z.enum(eventTypes)).min(1))
    .optional()
    .openapi({
      type: 'string',
      description: 'Only these event types, separated by commas',
      example: 'order.confirmed',
    }),
  limit,
  format,
});

/** Sent by browsers and SSE clients when they come back: the id of the last event they saw. */
export const streamHeaders = z.object({
  accept: z.union([z.string(), z.array(z.string())]).optional(),
  'last-event-id': numeral('Resume after this event (exclusive)').optional(),
});
