import { cursor, instant, limit, z } from './fields.ts';

export const stockPageQuery = z.strictObject({ cursor: cursor.optional(), limit });

export const holdListSchema = z
  .object({
    items: z.array(
      z.object({
        orderId: z.string(),
        warehouse: z.string(),
        quantity: z.int(),
        until: instant.openapi({ description: 'Until when it is meant to be held; its order decides' }),
      }),
    ),
    nextCursor: z.string().nullable(),
  })
  .openapi('HoldList');

export const adjustmentListSchema = z
  .object({
    items: z.array(
      z.object({ id: z.int(), warehouse: z.string(), delta: z.int(), reason: z.string().nullable(), at: instant }),
    ),
    nextCursor: z.string().nullable(),
  })
  .openapi('StockAdjustmentList');

export const holdPlace = z.strictObject({ orderId: z.string().max(64), warehouse: z.string().max(64) });
export const adjustmentPlace = z.strictObject({ id: z.int().min(1) });
