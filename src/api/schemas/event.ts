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
    data: z.record(z.string(), z.unknown()),
    metadata: z.object({ correlationId: z.string(), causationId: z.string().nullable() }),
  })
  .openapi('Event');

export const eventListSchema = z.object({ items: z.array(eventSchema) }).openapi('EventList');

/** Server-sent events; each `data` is one Event. */
export const eventStreamSchema = z.string().openapi({
  description:
    'Server-sent events: `id` is what Last-Event-ID resumes after, `event` the type, `data` one Event as JSON',
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
});

/** Sent by browsers and SSE clients when they come back: the id of the last event they saw. */
export const streamHeaders = z.object({
  accept: z.union([z.string(), z.array(z.string())]).optional(),
  'last-event-id': numeral('Resume after this event (exclusive)').optional(),
});
