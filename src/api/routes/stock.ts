// What people ask about the stock of one product: who holds it, and what was changed of it by hand.
import { Scope } from '../../domain/scope.ts';
import type { StockReading } from '../../ports/stock-reading.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { Problem } from '../middleware/problems.ts';
import { defineRoute, type Route } from '../route.ts';
import { productParams } from '../schemas/fields.ts';
import { adjustmentListSchema, adjustmentPlace, holdListSchema, holdPlace, stockPageQuery } from '../schemas/stock.ts';

type Dependencies = { stockReading: StockReading };

export const stockRoutes = (dependencies: Dependencies): Route[] => [
  listHolds(dependencies),
  listAdjustments(dependencies),
];

const listHolds = ({ stockReading }: Dependencies): Route =>
  defineRoute({
    method: 'get',
    path: '/products/{sku}/holds',
    operationId: 'listHolds',
    scope: Scope.operate,
    tag: 'products',
    summary: 'Orders that hold units of a product which they have not bought yet',
    params: productParams,
    query: stockPageQuery,
    answers: { 200: { description: 'A page of them, by order', schema: holdListSchema } },
    problems: ['product-not-found', 'invalid-query', 'invalid-cursor'],
    handle: async ({ params: { sku }, query: { cursor, limit } }, { res, caller: { tenant } }) => {
      const after = decodeCursor(cursor, holdPlace);
      const found = (await stockReading.holds({ tenant, sku, after, limit: limit + 1 })) ?? unknownProduct();
      const items = found.slice(0, limit);
      const last = found.length > limit ? items.at(-1) : undefined;
      const nextCursor = last ? encodeCursor({ orderId: last.orderId, warehouse: last.warehouse }) : null;
      res.json({ items, nextCursor });
    },
  });

const listAdjustments = ({ stockReading }: Dependencies): Route =>
  defineRoute({
    method: 'get',
    path: '/products/{sku}/stock-adjustments',
    operationId: 'listStockAdjustments',
    scope: Scope.operate,
    tag: 'products',
    summary: 'What people changed of the stock of a product, the latest first',
    params: productParams,
    query: stockPageQuery,
    answers: { 200: { description: 'A page of them', schema: adjustmentListSchema } },
    problems: ['product-not-found', 'invalid-query', 'invalid-cursor'],
    handle: async ({ params: { sku }, query: { cursor, limit } }, { res, caller: { tenant } }) => {
      const before = decodeCursor(cursor, adjustmentPlace)?.id ?? null;
      const found = (await stockReading.adjustments({ tenant, sku, before, limit: limit + 1 })) ?? unknownProduct();
      const items = found.slice(0, limit);
      const last = found.length > limit ? items.at(-1) : undefined;
      res.json({ items, nextCursor: last ? encodeCursor({ id: last.id }) : null });
    },
  });

function unknownProduct(): never {
  throw new Problem('product-not-found', 'No product has this sku');
}
