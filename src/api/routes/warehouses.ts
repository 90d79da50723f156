import { Scope } from '../../domain/scope.ts';
import type { Warehouses } from '../../ports/warehouse.ts';
import { Problem } from '../middleware/problems.ts';
import { defineRoute, type Route } from '../route.ts';
import { z } from '../schemas/fields.ts';
import { putWarehouseBody, warehouseId, warehouseListSchema, warehouseSchema } from '../schemas/warehouse.ts';

type Dependencies = { warehouses: Warehouses };

export const warehouseRoutes = (dependencies: Dependencies): Route[] => [
  putWarehouse(dependencies),
  listWarehouses(dependencies),
];

const putWarehouse = ({ warehouses }: Dependencies): Route =>
  defineRoute({
    method: 'put',
    path: '/warehouses/{warehouse}',
    operationId: 'putWarehouse',
    scope: Scope.operate,
    tag: 'products',
    summary: 'Create or replace a warehouse',
    params: z.object({ warehouse: warehouseId }),
    body: putWarehouseBody,
    answers: {
      200: { description: 'Replaced', schema: warehouseSchema },
      201: { description: 'Created', schema: warehouseSchema },
    },
    problems: ['not-found', 'too-many-warehouses'],
    handle: async ({ params, body }, { res, caller: { tenant } }) => {
      const change = await warehouses.put({ tenant, id: params.warehouse, ...body });
      if ('tooMany' in change) throw new Problem('too-many-warehouses', `There are ${change.tooMany} already`);
      res.status(change.created ? 201 : 200).json(change.warehouse);
    },
  });

const listWarehouses = ({ warehouses }: Dependencies): Route =>
  defineRoute({
    method: 'get',
    path: '/warehouses',
    operationId: 'listWarehouses',
    scope: Scope.read,
    tag: 'products',
    summary: 'All warehouses, the first choice first',
    answers: { 200: { description: 'The warehouses', schema: warehouseListSchema } },
    problems: [],
    handle: async (_request, { res, caller: { tenant } }) => {
      res.json({ items: [...(await warehouses.list({ tenant }))] });
    },
  });
