import { erasureHolds } from '../../domain/erasure.ts';
import { anyInstant, cursor, customerId, instant, limit, z } from './fields.ts';

export const eraseBody = z
  .strictObject({
    customerId,
    reason: z
      .string()
      .trim()
      .min(1)
      .max(200)
      .regex(/^[^@]+$/, 'no @: it is kept for ever, and must not hold anything of the person')
      .openapi({ description: 'Why, for whoever asks later: the number of a case, never a name', example: 'case 4711' }),
    placedBefore: anyInstant.optional().openapi({
      description: 'Only orders that were placed before; now when left out, or when it is later',
    }),
  })
  .openapi('Erase', { description: 'What all orders of this customer hold of a person is to be erased' });

export const erasureParams = z.object({
  id: z
    .string()
    .regex(/^erasure_[0-7][0-9a-hjkmnp-tv-z]{25}$/, 'erasure-not-found')
    .openapi({ example: 'erasure_01kax3v7ehe4sbg0krv6m4fxxv' }),
});

const listed = z.object({
  id: z.string(),
  state: z.enum(['running', 'waiting', 'finished']).openapi({
    description: '`waiting`: all that could be erased was; some orders still need what they hold, and are erased when they do not any more',
  }),
  customerId: z.string(),
  placedBefore: instant,
  requestedBy: z.string(),
  reason: z.string(),
  requestedAt: instant,
  finishedAt: instant.nullable(),
  erased: z.record(z.string(), z.int()).openapi({
    description: 'How many rows were changed so far, by table; `orders`: how many orders were erased',
    example: { orders: 3, events: 7 },
  }),
  waitingOrders: z.int(),
});

export const erasureSchema = listed
  .extend({
    waiting: z
      .array(z.object({ orderId: z.string(), because: z.enum(erasureHolds), lookAt: instant }))
      .openapi({ description: 'The first hundred of them: what each still needs it for, and when it is looked at again' }),
    providerCustomers: z.array(z.string()).openapi({
      description: 'The provider’s ids of the first hundred customers that were made for these orders. Delete them there: nobody else does',
    }),
  })
  .openapi('Erasure');

export const erasureListSchema = z
  .object({ items: z.array(listed), nextCursor: z.string().nullable() })
  .openapi('ErasureList');

export const listErasuresQuery = z.strictObject({ cursor: cursor.optional(), limit });
export const erasurePlace = z.object({ requestedAt: z.string().max(64), id: z.string().max(64) });
