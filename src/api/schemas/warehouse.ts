import { z } from './fields.ts';

export const warehouseId = z
  .string()
  .min(1)
  .max(40)
  .regex(/^[a-z0-9][a-z0-9-]*$/, 'lower-case letters, digits and dashes')
  .openapi({ example: 'north' });

const priority = z.int().min(1).max(1_000).openapi({ description: 'The lower the earlier it is chosen', example: 10 });

export const putWarehouseBody = z
  .strictObject({
    name: z.string().trim().min(1).max(200).openapi({ example: 'North, hall 2' }),
    priority,
    ships: z.boolean().default(true).openapi({ description: 'Orders are served from it' }),
  })
  .openapi('PutWarehouse');

export const warehouseSchema = z
  .object({ id: z.string(), name: z.string(), priority, ships: z.boolean() })
  .openapi('Warehouse');
export const warehouseListSchema = z.object({ items: z.array(warehouseSchema) }).openapi('WarehouseList');
