import { OrderStatus, orderSteps } from '../../domain/order.ts';
import { refundStates } from '../../domain/refund.ts';
import { returnStatuses } from '../../domain/return.ts';
import { resolutionActions } from '../../domain/resolution.ts';
import { amountMinor, currency, instant, z } from './fields.ts';

const step = z.enum(orderSteps);

export const explanationQuery = z.strictObject({
  format: z.enum(['json', 'markdown']).default('json').openapi({ description: 'The same card as data, or to read' }),
});

export const explanationSchema = z
  .object({
    orderId: z.string(),
    status: z.enum(Object.values(OrderStatus)),
    summary: z.string(),
    happened: z.array(z.object({ at: instant.nullable(), sentence: z.string() })),
    waitingFor: z.object({ what: z.string(), until: instant.nullable() }).nullable().openapi({
      description: 'Null when the order has ended, nothing beside it is parked, and no bank has to decide',
    }),
    mustAct: z.object({
      who: z.enum(['nobody', 'operator', 'customer', 'reviewer', 'provider', 'warehouse', 'carrier', 'service']),
      how: z.string(),
    }),
    possibleActions: z.array(z.enum(resolutionActions)),
    parked: z
      .array(
        z.object({
          step,
          reason: z.string(),
          since: instant,
          workflowId: z.string(),
          possibleActions: z.array(z.enum(resolutionActions)),
          atStake: z.object({ amountMinor: z.int().nullable(), units: z.int().nullable(), sentence: z.string() }),
        }),
      )
      .openapi({ description: 'All that is parked, the longest first; null where the stake is not known' }),
    attempts: z.array(
      z.object({ step, attempt: z.int(), at: instant, message: z.string(), nextTryAt: instant.nullable() }),
    ),
    nextRetry: z.object({ step, attempt: z.int(), at: instant.nullable() }).nullable(),
    money: z.object({
      currency,
      totalMinor: amountMinor,
      capturedMinor: amountMinor,
      refundedMinor: amountMinor,
      disputedMinor: amountMinor,
      authorizedMinor: amountMinor.openapi({ description: 'Authorized, to be captured as it ships' }),
      balanceMinor: z.int().openapi({ description: 'Captured less refunded and disputed' }),
      toRefundMinor: amountMinor.openapi({ description: 'Asked for by operators, and not given back yet' }),
      mayBeCapturedMinor: amountMinor.openapi({ description: 'May be taken already: only the provider knows' }),
      sentence: z.string(),
    }),
    disputes: z
      .array(
        z.object({
          disputeId: z.string(),
          state: z.enum(['open', 'lost']),
          reason: z.string(),
          amountMinor,
          evidenceDueAt: instant.nullable(),
        }),
      )
      .openapi({ description: 'Disputes of its payments that are not won' }),
    refunds: z
      .array(
        z.object({
          number: z.int(),
          amountMinor,
          movedMinor: amountMinor,
          state: z.enum(refundStates),
          reason: z.string(),
        }),
      )
      .openapi({ description: 'Refunds that operators asked for; `movedMinor` is what of each went back' }),
    returns: z
      .array(
        z.object({
          number: z.int(),
          status: z.enum(returnStatuses),
          units: z.int(),
          worthMinor: amountMinor,
          reason: z.string(),
          until: instant.nullable(),
        }),
      )
      .openapi({ description: 'What customers want to send back, or have; `worthMinor` is the prices of its units' }),
    amendment: z
      .object({
        number: z.int(),
        reason: z.string(),
        chargeMinor: amountMinor,
        fromMinor: amountMinor,
        toMinor: amountMinor,
      })
      .optional()
      .openapi({ description: 'A change of the order that is under way; left out when there is none' }),
    stock: z.object({
      heldUnits: z.int().nullable(),
      soldUnits: z.int(),
      holdUntil: instant.nullable(),
      sentence: z.string(),
    }),
    atStake: z.object({ amountMinor: z.int(), units: z.int().nullable() }),
    notAsked: z.array(z.string()).openapi({ description: 'What could not be asked for this answer' }),
  })
  .openapi('Explanation');
