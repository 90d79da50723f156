import { z } from 'zod';
import { EventType } from '../contracts/events.ts';
import { event } from './definition.ts';
import { actor, amount, count, currency, pricedLine, reason, rejection, totals } from './fields.ts';

const number = count('Which of the order’s amendments, counted from 1');
const amended = z.strictObject({
  number,
  reason,
  actor,
  currency,
  beforeTotalMinor: amount('What the order cost before'),
  totalMinor: amount('What it costs with it'),
  totals,
  items: z.array(pricedLine).describe('All lines of the order with it'),
  changesAddress: z.boolean().describe('Whether it goes to another address'),
});

export const amendmentEvents = {
  [EventType.amendmentRequested]: event('Somebody wants a sold order changed before it is packed.', amended),
  [EventType.orderAmended]: event('The order is changed.', amended),
  [EventType.amendmentRefused]: event(
    'The order stays as it was.',
    z.strictObject({ number, refusal: rejection.describe('Why') }),
  ),
};
