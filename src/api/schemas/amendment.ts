import { amendmentStates } from '../../domain/amendment.ts';
import { amountMinor, currency, idempotencyKey, instant, orderParams, quantity, sku, z } from './fields.ts';
import { address, paymentMethod, totalsSchema } from './order-fields.ts';
import { reason } from './resolution.ts';

// As many as an order can have.
const MAX_LINES = 100;

export const amendmentBody = z
  .strictObject({
    items: z.array(z.strictObject({ sku, quantity })).min(1).max(MAX_LINES).optional().openapi({
      description:
        'All lines that the order is to have. Those that it has already keep their price, others have the catalogue’s',
    }),
    shipping: address.optional(),
    paymentMethod: paymentMethod.optional().openapi({
      description:
        'Needed where the order becomes dearer and was not placed with `savePaymentMethod`: the difference is charged, and no customer is waited for',
    }),
    reason: reason.openapi({ example: 'one more, please' }),
  })
  .refine((body) => body.items !== undefined || body.shipping !== undefined, {
    path: ['items'],
    error: 'give items, shipping, or both',
  })
  .openapi('RequestAmendment', { description: 'What is left out stays as it is' });

/** The messages are slugs of problems: see api/route.ts. */
export const amendmentHeaders = z.object({
  'idempotency-key': idempotencyKey,
  'if-match': z
    .string({ error: (issue) => (issue.input === undefined ? 'missing-if-match' : 'invalid-if-match') })
    .regex(/^"\d{1,9}"$/, 'invalid-if-match')
    .transform((tag) => Number(tag.slice(1, -1)))
    .openapi({ type: 'string', description: 'The `ETag` of the order as it was last read', example: '"7"' }),
});

const amendedOrder = z.object({
  totalMinor: amountMinor,
  totals: totalsSchema,
  items: z.array(z.object({ sku: z.string(), name: z.string(), quantity: z.int(), unitPriceMinor: amountMinor })),
});

export const amendmentSchema = z
  .object({
    number: z.int().min(1).openapi({ description: 'Counts within the order' }),
    state: z.enum(amendmentStates).openapi({ description: '`refused`: the order is as it was' }),
    reason: z.string(),
    actor: z.string().openapi({ description: 'Who asked for it' }),
    currency,
    before: amendedOrder,
    after: amendedOrder,
    changesAddress: z.boolean(),
    chargeMinor: amountMinor.openapi({ description: 'Charged beyond what was paid' }),
    refundNumber: z.int().nullable().openapi({ description: 'The refund by which the difference goes back' }),
    refusal: z
      .object({ code: z.string(), message: z.string(), declineCode: z.string().optional() })
      .nullable()
      .openapi({ description: 'Why it was refused' }),
    requestedAt: instant,
    settledAt: instant.nullable(),
  })
  .openapi('Amendment');
export type AmendmentBody = z.output<typeof amendmentSchema>;

export const amendmentListSchema = z.object({ items: z.array(amendmentSchema) }).openapi('AmendmentList');

/** The message is the slug of a problem: see api/route.ts. */
export const amendmentParams = orderParams.extend({
  number: z
    .string()
    .regex(/^[1-9]\d{0,8}$/, 'amendment-not-found')
    .transform(Number)
    .openapi({ type: 'integer', minimum: 1, example: 1 }),
});
