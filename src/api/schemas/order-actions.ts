import { orderActionNames } from '../../domain/order-actions.ts';
import { orderSteps } from '../../domain/order.ts';
import { resolutionActions } from '../../domain/resolution.ts';
import { scopes } from '../../domain/scope.ts';
import { amountMinor, instant, z } from './fields.ts';

const action = z.object({
  name: z.enum(orderActionNames),
  scope: z.enum(scopes).openapi({ description: 'What a key needs for it' }),
  allowed: z.boolean().openapi({ description: 'To this caller, now' }),
  whyNot: z.string().nullable(),
  number: z.int().optional().openapi({ description: 'Of the shipment, or the return, that it is about' }),
  parked: z
    .object({
      step: z.enum(orderSteps),
      reason: z.string(),
      since: instant,
      workflowId: z.string(),
      choices: z.array(z.enum(resolutionActions)),
      valueToSkip: z.string().nullable().openapi({ description: 'What a skip has to name; null: nothing' }),
    })
    .optional(),
  leftMinor: amountMinor.optional().openapi({ description: 'What can be refunded' }),
  units: z
    .array(z.object({ sku: z.string(), quantity: z.int() }))
    .optional()
    .openapi({ description: 'What may come back' }),
});

export const orderActionsSchema = z.object({ items: z.array(action) }).openapi('OrderActions');
