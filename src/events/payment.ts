import { z } from 'zod';
import { EventType } from '../contracts/events.ts';
import { event } from './definition.ts';
import { actor, amount, count, currency, ordinal, providerId, reason, rejectionFields, text } from './fields.ts';

const moved = (description: string) =>
  z.strictObject({ ordinal, providerId, amountMinor: amount(description), currency });

const waits = z.strictObject({
  ordinal,
  until: z.iso
    .datetime()
    .nullable()
    .describe('Until when the customer is waited for (an ISO 8601 instant); null: without a limit'),
});

const captureNumber = count('Which of the order’s captures, counted from 1');
const shipment = count('The shipment that it is for')
  .nullable()
  .describe('The shipment that it is for; null: all that is still to come');

const dispute = {
  ordinal,
  disputeId: text('The dispute’s id at the provider'),
  reason: text('Why, in the provider’s word'),
  amountMinor: amount('What is disputed'),
  withdrawnMinor: amount('What the provider has taken for it so far'),
  reinstatedMinor: amount('What the provider has given back of that so far'),
  currency,
  evidenceDueAt: z.iso
    .datetime({ offset: true })
    .nullable()
    .describe('Until when evidence is taken (an ISO 8601 instant); null when there is no such day'),
};

/** The order’s money. */
export const paymentEvents = {
  [EventType.paymentActionRequired]: event('The customer has to authenticate the payment.', waits),
  [EventType.paymentMethodRequested]: event('The payment was declined: another method is waited for.', waits),
  [EventType.paymentMethodProvided]: event(
    'The customer gave another payment method.',
    z.strictObject({ paymentMethod: text('The method’s id at the provider') }),
  ),
  [EventType.paymentAuthorized]: event(
    'Its money is reserved with the customer’s bank, to be captured as it ships.',
    moved('What is reserved').extend({
      until: z.iso
        .datetime({ offset: true })
        .nullable()
        .describe('Until when it can be captured (an ISO 8601 instant); null: the provider does not say'),
      isMultiple: z.boolean().describe('Whether it can be captured in parts'),
    }),
  ),
  [EventType.paymentCaptured]: event('Money was taken.', moved('What was taken by this')),
  [EventType.paymentReleased]: event(
    'What was reserved and is never captured is the customer’s again.',
    moved('What is released'),
  ),
  [EventType.paymentCaptureRequested]: event(
    'A part of what is authorized is to be captured.',
    z.strictObject({
      capture: captureNumber,
      ordinal,
      shipment,
      amountMinor: amount('What is to be captured'),
      currency,
    }),
  ),
  [EventType.paymentCaptureCompleted]: event(
    'A capture is done.',
    z.strictObject({ capture: captureNumber, currency, amountMinor: amount('What it came to'), shipment }),
  ),
  [EventType.paymentCaptureGivenUp]: event(
    'A person has decided that it is not captured.',
    z.strictObject({ capture: captureNumber, currency, amountMinor: amount('What is not captured'), actor, reason }),
  ),
  [EventType.paymentDeclined]: event('The provider said no.', z.strictObject({ ordinal, ...rejectionFields })),
  [EventType.paymentVoided]: event(
    'The payment can not be taken any more, and nothing of it was.',
    z.strictObject({
      ordinal,
      providerId: providerId.nullable().describe('Its id at the provider; null: it never had one'),
    }),
  ),
  [EventType.paymentRefunded]: event(
    'Money was given back.',
    z.strictObject({
      ordinal,
      refundId: text('The refund’s id at the provider'),
      amountMinor: amount('What was given back by this'),
      currency,
    }),
  ),
  [EventType.paymentDisputed]: event(
    'The customer’s bank disputes a payment, or has moved money for that.',
    z.strictObject(dispute),
  ),
  [EventType.paymentDisputeClosed]: event(
    'A dispute is decided.',
    z.strictObject({ ...dispute, outcome: z.enum(['won', 'lost']).describe('For us') }),
  ),
};
