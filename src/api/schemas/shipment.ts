import { shipmentStatuses } from '../../domain/shipment.ts';
import { instant, orderParams, quantity, sku, z } from './fields.ts';

export const shipmentSchema = z
  .object({
    number: z.int().min(1),
    warehouse: z.string().openapi({ description: 'Where it leaves from' }),
    status: z.enum(shipmentStatuses).openapi({ description: 'It only goes forward; `cancelled`: it must not leave' }),
    carrier: z.string().nullable(),
    trackingNumber: z.string().nullable(),
    items: z.array(z.object({ sku: z.string(), quantity: z.int() })),
    replaces: z.int().nullable().openapi({ description: 'It is sent once more in the place of this one' }),
    waiting: z.object({ for: z.enum(['warehouse', 'carrier']), until: instant.nullable() }).nullable(),
    packedAt: instant.nullable(),
    dispatchedAt: instant.nullable().openapi({
      description: 'As the carrier dates it. Of a cancelled shipment: its parcel has left all the same',
    }),
    deliveredAt: instant.nullable(),
    lostAt: instant.nullable(),
    returnedAt: instant.nullable(),
    cancelledAt: instant.nullable(),
    withdrawnAt: instant.nullable().openapi({ description: 'An operator has decided that it does not go' }),
    givenBackAt: instant
      .nullable()
      .openapi({ description: 'Its units are on the shelf again, and what they cost is being given back' }),
    acceptedAt: instant.nullable().openapi({ description: 'A person has taken it as it is' }),
  })
  .openapi('Shipment');

/** What the warehouse has packed. */
export const packedBody = z
  .strictObject({ items: z.array(z.strictObject({ sku, quantity })).min(1).max(100) })
  .openapi('Packed', {
    description:
      'What was packed: refused where the shipment is to have other items by now, since its order was changed meanwhile',
  })
  .optional();

export const shipmentListSchema = z.object({ items: z.array(shipmentSchema) }).openapi('ShipmentList');

/** The message is the slug of a problem: see api/route.ts. */
export const shipmentParams = orderParams.extend({
  number: z
    .string()
    .regex(/^[1-9]\d{0,5}$/, 'shipment-not-found')
    .openapi({ type: 'integer', example: '1' }),
});
