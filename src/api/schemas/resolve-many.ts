import { resolutionIdPattern } from '../../contracts/resolve-many.ts';
import { OrderStatus, orderSteps } from '../../domain/order.ts';
import { anyInstant, customerId, idempotencyKey, instant, z } from './fields.ts';
import { reason } from './resolution.ts';

const actions = ['retry', 'compensate'] as const;
const filter = z
  .strictObject({
    step: z.enum(orderSteps).optional(),
    status: z.enum(Object.values(OrderStatus)).optional(),
    parkedBefore: anyInstant.optional(),
    customerId: customerId.optional(),
  })
  .openapi({
    description: 'Which parked steps (an order can have several); empty: all of them',
    example: { step: 'charge-payment' },
  });

export const resolveManyBody = z
  .strictObject({
    filter,
    action: z.enum(actions),
    reason,
    dryRun: z.boolean().default(false).openapi({ description: 'Only count: nothing is decided' }),
    expectedCount: z
      .int()
      .min(1)
      .max(10_000)
      .optional()
      .openapi({ description: 'What the dry run counted: another number now refuses the request' }),
  })
  .openapi('ResolveMany');

/** A dry run decides nothing, so it needs no key. */
export const resolveManyHeaders = z.object({ 'idempotency-key': idempotencyKey.optional() });

export const resolutionParams = z.object({
  id: z
    .string()
    .regex(resolutionIdPattern, 'resolution-not-found')
    .openapi({ example: 'resolution_01kax3v7ehe4sbg0krv6m4fxxv' }),
});

export const previewSchema = z
  .object({
    count: z.int(),
    sample: z.array(
      z.object({
        orderId: z.string(),
        workflowId: z.string(),
        step: z.enum(orderSteps),
        reason: z.string(),
        since: instant,
      }),
    ),
  })
  .openapi('ResolutionPreview');

export const manyResolutionSchema = z
  .object({
    id: z.string(),
    state: z.enum(['accepted', 'running', 'cancelling', 'cancelled', 'finished']),
    filter,
    action: z.enum(actions),
    actor: z.string(),
    reason: z.string(),
    acceptedAt: instant,
    finishedAt: instant.nullable(),
    counts: z.object({
      total: z.int(),
      resolved: z.int(),
      refused: z.int(),
      unanswered: z.int(),
      left: z.int().openapi({ description: 'Not reached yet; or never, when it was cancelled' }),
    }),
    unresolved: z.array(
      z.object({
        orderId: z.string(),
        workflowId: z.string(),
        outcome: z.enum(['resolved', 'refused', 'unanswered']),
        detail: z.string().nullable(),
      }),
    ),
  })
  .openapi('Resolution');
