import { refundStates } from '../../domain/refund.ts';
import { MAX_TOTAL_MINOR } from '../../domain/money.ts';
import { amountMinor, currency, instant, orderParams, quantity, sku, z } from './fields.ts';
import { reason } from './resolution.ts';

// As many as an order can have.
const MAX_LINES = 100;

export const refundBody = z
  .strictObject({
    amountMinor: amountMinor.min(1).max(MAX_TOTAL_MINOR).optional().openapi({ description: 'How much is given back' }),
    items: z.array(z.strictObject({ sku, quantity })).min(1).max(MAX_LINES).optional().openapi({
      description: 'Units of its lines, at what was paid for them: with their share of discount, shipping and tax',
    }),
    reason: reason.openapi({ example: 'one cup was broken' }),
  })
  .refine((body) => body.amountMinor === undefined || body.items === undefined, {
    path: ['items'],
    error: 'give an amount or items, not both',
  })
  .openapi('RequestRefund', { description: 'With neither amount nor items all that is left is given back' });

export const refundSchema = z
  .object({
    number: z.int().min(1).openapi({ description: 'Counts within the order' }),
    amountMinor,
    currency,
    state: z.enum(refundStates).openapi({ description: '`abandoned`: given up, nothing of it went back' }),
    items: z.array(z.object({ sku: z.string(), quantity: z.int() })).nullable(),
    reason: z.string(),
    actor: z.string().openapi({ description: 'Who asked for it' }),
    requestedAt: instant,
    settledAt: instant.nullable(),
    refundIds: z.array(z.string()).openapi({ description: 'The refunds at the provider that it has come to' }),
    abandoned: z
      .object({ actor: z.string(), reason: z.string() })
      .nullable()
      .openapi({ description: 'Who gave it up, and why' }),
  })
  .openapi('Refund');

export const refundListSchema = z.object({ items: z.array(refundSchema) }).openapi('RefundList');

/** The message is the slug of a problem: see api/route.ts. */
export const refundParams = orderParams.extend({
  number: z
    .string()
    .regex(/^[1-9]\d{0,8}$/, 'refund-not-found')
    .transform(Number)
    .openapi({ type: 'integer', minimum: 1, example: 1 }),
});
