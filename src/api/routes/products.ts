import { Scope } from '../../domain/scope.ts';
import { MAIN_WAREHOUSE, MAX_UNITS } from '../../domain/stock.ts';
import type { BackorderReading } from '../../ports/backorder.ts';
import type { Catalogue, Product, StockRefusal } from '../../ports/catalogue.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { Problem } from '../middleware/problems.ts';
import { keyReused, sendAnswer } from '../recorded-answer.ts';
import { requestHash } from '../request-hash.ts';
import { defineRoute, type Route } from '../route.ts';
import { idempotencyHeaders, productParams, sku, z } from '../schemas/fields.ts';
import {
  adjustStockBody,
  backorderListSchema,
  productListSchema,
  productQuery,
  productSchema,
  putProductBody,
} from '../schemas/product.ts';

type Dependencies = { catalogue: Catalogue; backorders: BackorderReading };

export const productRoutes = (dependencies: Dependencies): Route[] => [
  putProduct(dependencies),
  getProduct(dependencies),
  listProducts(dependencies),
  adjustStock(dependencies),
  listBackorders(dependencies),
];

const putProduct = ({ catalogue }: Dependencies): Route =>
  defineRoute({
    method: 'put',
    path: '/products/{sku}',
    operationId: 'putProduct',
    scope: Scope.operate,
    tag: 'products',
    summary: 'Create or replace a product',
    params: z.object({ sku }),
    body: putProductBody,
    answers: {
      200: { description: 'Replaced', schema: productSchema },
      201: { description: 'Created', schema: productSchema },
    },
    problems: ['not-found', 'stock-below-reserved'],
    handle: async ({ params, body }, { res, caller: { tenant } }) => {
      const change = await catalogue.put({ tenant, sku: params.sku, ...body });
      if ('unknownWarehouse' in change) throw new Error('Expected the main warehouse to be there');
      if ('refused' in change) throw stockProblem(change);
      res.status(change.created ? 201 : 200).json(change.product);
    },
  });

const getProduct = ({ catalogue }: Dependencies): Route =>
  defineRoute({
    method: 'get',
    path: '/products/{sku}',
    operationId: 'getProduct',
    scope: Scope.read,
    tag: 'products',
    summary: 'One product with its stock',
    params: productParams,
    answers: { 200: { description: 'The product', schema: productSchema } },
    problems: ['product-not-found'],
    handle: async ({ params }, { res, caller: { tenant } }) => {
      res.json((await catalogue.find({ tenant, sku: params.sku })) ?? unknownProduct());
    },
  });

const listProducts = ({ catalogue }: Dependencies): Route =>
  defineRoute({
    method: 'get',
    path: '/products',
    operationId: 'listProducts',
    scope: Scope.read,
    tag: 'products',
    summary: 'List products by sku',
    query: productQuery,
    answers: { 200: { description: 'A page of products', schema: productListSchema } },
    problems: ['invalid-query', 'invalid-cursor'],
    handle: async ({ query: { cursor, limit } }, { res, caller: { tenant } }) => {
      const afterSku = decodeCursor(cursor, z.strictObject({ sku }))?.sku ?? null;
      const found = await catalogue.list({ tenant, afterSku, limit: limit + 1 });
      const items = found.slice(0, limit);
      const last = found.length > limit ? items.at(-1) : undefined;
      res.json({ items, nextCursor: last ? encodeCursor({ sku: last.sku }) : null });
    },
  });

const adjustStock = ({ catalogue }: Dependencies): Route =>
  defineRoute({
    method: 'post',
    path: '/products/{sku}/stock-adjustments',
    operationId: 'adjustStock',
    scope: Scope.operate,
    tag: 'products',
    summary: 'Change the stock by a recorded movement',
    params: productParams,
    headers: idempotencyHeaders,
    body: adjustStockBody,
    answers: { 200: { description: 'The product afterwards', schema: productSchema } },
    problems: [
      'product-not-found',
      'unknown-warehouse',
      'stock-below-reserved',
      'stock-above-limit',
      'missing-idempotency-key',
      'invalid-idempotency-key',
      'idempotency-key-reused',
    ],
    handle: async ({ params, headers, body }, { res, caller: { tenant } }) => {
      const hash = requestHash('POST /products/{sku}/stock-adjustments', { sku: params.sku, ...body });
      const adjusted = await catalogue.adjust(
        {
          tenant,
          sku: params.sku,
          ...body,
          warehouse: body.warehouse ?? MAIN_WAREHOUSE,
          idempotencyKey: headers['idempotency-key'],
          requestHash: hash,
        },
        (product: Product) => ({ status: 200, body: JSON.stringify(product), location: null }),
      );
      if (!adjusted) return unknownProduct();
      if ('unknownWarehouse' in adjusted) throw unknownWarehouse();
      if ('refused' in adjusted) throw stockProblem(adjusted);
      if ('keyReused' in adjusted) {
        throw keyReused();
      }
      sendAnswer(res, adjusted.answer, { replayed: adjusted.repeated });
    },
  });

const listBackorders = ({ backorders }: Dependencies): Route =>
  defineRoute({
    method: 'get',
    path: '/products/{sku}/backorders',
    operationId: 'listBackorders',
    scope: Scope.operate,
    tag: 'products',
    summary: 'Orders that wait for stock of a product, in the order in which they are served',
    params: productParams,
    query: productQuery,
    answers: { 200: { description: 'A page of them, the first first', schema: backorderListSchema } },
    problems: ['product-not-found', 'invalid-query', 'invalid-cursor'],
    handle: async ({ params, query: { cursor, limit } }, { res, caller: { tenant } }) => {
      const afterPosition = decodeCursor(cursor, z.strictObject({ position: z.int().min(0) }))?.position ?? 0;
      const found = await backorders.list({ tenant, sku: params.sku, afterPosition, limit: limit + 1 });
      if (!found) return unknownProduct();
      const items = found.slice(0, limit);
      const last = found.length > limit ? items.at(-1) : undefined;
      res.json({
        items: items.map(({ position: _, ...backorder }) => backorder),
        nextCursor: last ? encodeCursor({ position: last.position }) : null,
      });
    },
  });

const unknownWarehouse = (): Problem => {
  const message = 'No warehouse has this id';
  return new Problem('unknown-warehouse', message, { errors: [{ pointer: '/warehouse', message }] });
};

function unknownProduct(): never {
  throw new Problem('product-not-found', 'No product has this sku');
}

function stockProblem({ refused, onHand, reserved }: StockRefusal): Problem {
  if (refused === 'below')
    return new Problem('stock-below-reserved', `${onHand} on hand, ${reserved} of them reserved; nothing was changed`);
  return new Problem('stock-above-limit', `${onHand} on hand, at most ${MAX_UNITS} can be; nothing was changed`);
}
