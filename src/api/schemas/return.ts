import { orderIdPattern } from '../../contracts/ids.ts';
import { refundStates } from '../../domain/refund.ts';
import { dispositions, returnStatuses, returnWishes } from '../../domain/return.ts';
import { amountMinor, instant, orderParams, quantity, sku, z } from './fields.ts';
import { reason } from './resolution.ts';
import { warehouseId } from './warehouse.ts';

// As many as an order can have, and each of them restocked and written off in parts.
const MAX_LINES = 100;
const MAX_RECEIVED = 2 * MAX_LINES;

const why = reason.openapi({ example: 'it does not fit' });

export const returnBody = z
  .strictObject({
    items: z
      .array(z.strictObject({ sku, quantity, reason: why.optional() }))
      .min(1)
      .max(MAX_LINES),
    reason: why,
    wish: z
      .enum(returnWishes)
      .default('refund')
      .openapi({ description: 'What the customer wants for it; for whoever decides about it' }),
  })
  .openapi('RequestReturn');

export const returnDecisionBody = z.strictObject({ reason: why }).openapi('DecideReturn');

export const receiptBody = z
  .strictObject({
    items: z
      .array(
        z.strictObject({
          sku,
          quantity,
          disposition: z.enum(dispositions).openapi({ description: '`restock`: on the shelf again' }),
        }),
      )
      .min(1)
      .max(MAX_RECEIVED)
      .openapi({ description: 'What came. What did not is not given back; it may be asked for by another return' }),
    warehouse: warehouseId
      .optional()
      .openapi({ description: 'Where it is put; where it was shipped from when left out' }),
    reason: why.optional(),
  })
  .openapi('ReceiveReturn');

export const exchangeOf = z
  .strictObject({
    orderId: z.string().regex(orderIdPattern, 'the id of an order'),
    return: z.int().min(1).max(999_999_999),
  })
  .openapi({ description: 'The return in whose place it is placed: of the same customer, approved, once' });

export const returnSchema = z
  .object({
    number: z.int().min(1).openapi({ description: 'Counts within the order' }),
    status: z.enum(returnStatuses).openapi({
      description: '`received`: it is being given back for; `expired`: the goods did not come in time',
    }),
    wish: z.enum(returnWishes),
    reason: z.string(),
    actor: z.string().openapi({ description: 'Who asked for it' }),
    requestedAt: instant,
    items: z.array(
      z.object({
        sku: z.string(),
        quantity: z.int(),
        reason: z.string().nullable(),
        restocked: z.int().openapi({ description: 'Units of it that came and are on the shelf again' }),
        writtenOff: z.int().openapi({ description: 'Units of it that came and are not' }),
        warehouse: z.string().nullable(),
      }),
    ),
    until: instant.nullable().openapi({ description: 'Until when the answer, or the goods, are waited for' }),
    decision: z.object({ actor: z.string(), reason: z.string(), at: instant }).nullable(),
    receipt: z.object({ actor: z.string(), reason: z.string().nullable(), at: instant }).nullable(),
    refund: z.object({ number: z.int(), state: z.enum(refundStates), amountMinor }).nullable(),
    noRefund: z.string().nullable().openapi({ description: 'Why nothing is given back for it, so far or for good' }),
    exchange: z.object({ orderId: z.string() }).nullable(),
    closedAt: instant.nullable(),
  })
  .openapi('Return');

export const returnListSchema = z.object({ items: z.array(returnSchema) }).openapi('ReturnList');

/** The message is the slug of a problem: see api/route.ts. */
export const returnParams = orderParams.extend({
  number: z
    .string()
    .regex(/^[1-9]\d{0,8}$/, 'return-not-found')
    .transform(Number)
    .openapi({ type: 'integer', minimum: 1, example: 1 }),
});
