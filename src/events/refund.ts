import { z } from 'zod';
import { EventType } from '../contracts/events.ts';
import { event } from './definition.ts';
import { actor, amount, count, currency, reason, units } from './fields.ts';

const refund = z.strictObject({
  number: count('Which of the order’s refunds, counted from 1'),
  amountMinor: amount('What is given back'),
  currency,
});

/** Refunds of a sold order, as they were asked for; what the provider moves for them is `payment.refunded`. */
export const refundEvents = {
  [EventType.refundRequested]: event(
    'Something is to be given back of a sold order.',
    refund.extend({
      reason,
      actor,
      items: z.array(units).optional().describe('For which units; absent: an amount'),
    }),
  ),
  [EventType.refundCompleted]: event('All of it is given back.', refund),
  [EventType.refundAbandoned]: event(
    'It was given up: nothing is given back for it.',
    refund.extend({ actor, reason }),
  ),
};
