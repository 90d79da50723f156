import { z } from 'zod';
import { EventType } from '../contracts/events.ts';
import type { ErasureCause } from '../domain/erasure.ts';
import type { OrderStep } from '../domain/order.ts';
import { resolutionActions } from '../domain/resolution.ts';
import { event } from './definition.ts';
import {
  actor,
  amount,
  capture,
  count,
  currency,
  instant,
  openWord,
  orderId,
  placedUnits,
  pricedLine,
  reason,
  rejection,
  text,
  totals,
} from './fields.ts';

const parked = z.strictObject({
  step: openWord<OrderStep>('Which step could not finish, for example `charge-payment`. There may be more one day'),
  reason: text('Why, for an operator'),
  since: instant('When it was parked'),
  workflowId: text('Which workflow waits for a decision: the order’s own, or that of business beside it'),
});

/** The life of the order itself. */
export const orderEvents = {
  [EventType.orderPlaced]: event(
    'An order was accepted.',
    z.strictObject({
      customerId: text('Whose order, an opaque id'),
      currency,
      totalMinor: amount('What it costs'),
      totals: totals.optional().describe('What its total is made of; absent where it was placed before that was told'),
      items: z.array(pricedLine).describe('What was ordered, each product once'),
      exchangeOf: z
        .strictObject({ orderId: orderId('The order that it came from'), return: count('The number of the return') })
        .optional()
        .describe('The return in whose place it was ordered'),
      capture: capture.optional(),
    }),
  ),
  [EventType.orderConfirmed]: event(
    'It is sold: paid, or authorized to be paid as it ships, and its stock is its own.',
    z.strictObject({
      totalMinor: amount('What it was sold for'),
      currency,
      items: z.array(placedUnits).describe('What was sold from which warehouse; what is still waited for comes later'),
      ships: z.literal(true).optional().describe('Something is to be shipped: more events come'),
    }),
  ),
  [EventType.orderRejected]: event(
    'It ended without a sale.',
    z.strictObject({ rejection: rejection.describe('Why') }),
  ),
  [EventType.orderCancellationRequested]: event(
    'Somebody has cancelled it: from now on it is undone.',
    z.strictObject({ actor, reason }),
  ),
  [EventType.orderCancelled]: event(
    'It is cancelled: nothing of it is taken, and nothing held.',
    z.strictObject({ reason, actor }),
  ),
  [EventType.orderParked]: event('A step could not finish, and an operator has to decide.', parked),
  [EventType.orderParkedReminder]: event('It still waits for an operator.', parked),
  [EventType.orderResumed]: event(
    'An operator has decided about a parked step.',
    z.strictObject({
      step: parked.shape.step,
      action: z.enum(resolutionActions).describe('What is done about it'),
      actor,
      reason,
      workflowId: parked.shape.workflowId,
      value: z.string().optional().describe('What a skipped step came to, made by hand at the provider'),
    }),
  ),
  [EventType.orderShipped]: event('A carrier has the first of its parcels.', z.strictObject({})),
  [EventType.orderDelivered]: event('All of it has arrived.', z.strictObject({})),
  [EventType.orderRecovered]: event(
    'The database had been restored from a backup: what this order has told since then may be told again.',
    z.strictObject({
      how: z
        .enum(['rebuilt', 'restarted'])
        .describe('Written anew from the workflow’s history, or taken up as the backup had it'),
      doubt: z.string().optional().describe('What a person has to decide first'),
      omitted: z.array(z.string()).optional().describe('What the history did not tell and could not be rebuilt'),
    }),
  ),
  [EventType.orderPersonalDataErased]: event(
    'Names, addresses, metadata and what people wrote are gone from it and from its events: erase them, too.',
    z.strictObject({
      because: openWord<ErasureCause>(
        'Why: `request`, somebody asked for it; `retention`, its time was over. There may be more one day',
      ),
      erasure: text('Which erasure, where somebody asked for it').optional(),
    }),
  ),
};
