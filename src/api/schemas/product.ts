import { MAX_TOTAL_MINOR } from '../../domain/money.ts';
import { MAX_UNITS } from '../../domain/stock.ts';
import { warehouseId } from './warehouse.ts';
import { amountMinor, currency, cursor, instant, limit, z } from './fields.ts';

const units = z.int().min(0).max(MAX_UNITS);

export const productSchema = z
  .object({
    ...{ sku: z.string(), name: z.string(), priceMinor: amountMinor, currency, onHand: units, reserved: units },
    warehouses: z
      .array(z.object({ warehouse: z.string(), onHand: units, reserved: units }))
      .openapi({ description: 'What is where; `onHand` and `reserved` are the sums' }),
  })
  .openapi('Product');
export const productListSchema = z
  .object({ items: z.array(productSchema), nextCursor: z.string().nullable() })
  .openapi('ProductList');

export const putProductBody = z
  .strictObject({
    name: z.string().trim().min(1).max(200).openapi({ example: 'Espresso beans, 1 kg' }),
    priceMinor: z.int().min(0).max(MAX_TOTAL_MINOR).openapi({ example: 1890 }),
    currency,
    onHand: units.openapi({ example: 100 }),
  })
  .openapi('PutProduct');

export const adjustStockBody = z
  .strictObject({
    delta: z
      .int()
      .min(-MAX_UNITS)
      .max(MAX_UNITS)
      .refine((value) => value !== 0, 'must not be zero')
      .openapi({ example: 25 }),
    reason: z.string().trim().min(1).max(200).openapi({ example: 'delivery 4711' }),
    warehouse: warehouseId.optional().openapi({ description: 'Where; the warehouse `main` when left out' }),
  })
  .openapi('AdjustStock');

export const backorderListSchema = z
  .object({
    items: z.array(
      z.object({
        orderId: z.string(),
        waitingQuantity: z.int().openapi({ description: 'Units that have not come yet' }),
        filledQuantity: z.int().openapi({ description: 'Units that have come since' }),
        since: instant,
      }),
    ),
    nextCursor: z.string().nullable(),
  })
  .openapi('BackorderList');

export const productQuery = z.strictObject({ cursor: cursor.optional(), limit });
