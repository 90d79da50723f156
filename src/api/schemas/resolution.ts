import { orderSteps } from '../../domain/order.ts';
import { resolutionActions } from '../../domain/resolution.ts';
import { anyInstant, visibleAscii, z } from './fields.ts';

/** Why it was decided: kept in the event and the audit trail. */
export const reason = z.string().trim().min(1).max(200).openapi({ example: 'the provider is well again' });

const parkedWorkflowId = z.string().max(255).regex(visibleAscii, 'the id of a workflow').openapi({
  description: 'Which one, where two are parked at the same step: as the explanation of the order names it',
  example: 'order_01kax3v7ehe4sbg0krv6m4fxxv:payment:pi_1',
});

export const resolutionBody = z
  .strictObject({
    action: z.enum(resolutionActions),
    value: z
      .string()
      .max(255)
      .regex(visibleAscii, 'an id at the provider')
      .optional()
      .openapi({
        description:
          'For `skip` of a charge or a refund: the payment, or the refund, that was made by hand at the provider. Left out for ' +
          '`follow-payment`, whose money is taken as it stands',
      }),
    reason,
    step: z
      .enum(orderSteps)
      .optional()
      .openapi({ description: 'Which parked step; by default the one that `attention` shows' }),
    workflowId: parkedWorkflowId.optional(),
    since: anyInstant.optional().openapi({
      description:
        'Since when what you decide about is parked, as `attention` or the explanation shows it: if it is parked since another ' +
        'time by now, hence over something else, nothing is decided (`parking-differs`). Left out, the decision is about whatever ' +
        'is parked when it arrives',
      example: '2026-01-31T12:00:00.000Z',
    }),
  })
  // Whether a skip needs one depends on the parked step: to acknowledge what others did there is nothing to name.
  .refine(({ action, value }) => value === undefined || action === 'skip', {
    path: ['value'],
    error: 'belongs to skip',
  })
  .openapi('ResolveOrder');

export const orderResolutionSchema = z
  .object({
    orderId: z.string(),
    step: z.enum(orderSteps),
    action: z.enum(resolutionActions),
    value: z.string().optional(),
    actor: z.string(),
    reason: z.string(),
  })
  .openapi('OrderResolution');
