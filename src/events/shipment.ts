import { z } from 'zod';
import { EventType } from '../contracts/events.ts';
import type { Waiting } from '../domain/order.ts';
import { shipmentStatuses } from '../domain/shipment.ts';
import { event } from './definition.ts';
import { actor, count, instant, openWord, text, units } from './fields.ts';

const number = count('Which of the order’s shipments, counted from 1');
const trackingNumber = text('The carrier’s tracking number');
const onlyNumber = z.strictObject({ number });

const told = z.strictObject({
  number,
  at: instant('When, as the carrier says'),
  trackingNumber: trackingNumber.nullable().describe('The carrier’s tracking number, where it is known'),
  wasCancelled: z.literal(true).optional().describe('It had been kept back, and has left all the same'),
});

export const shipmentEvents = {
  [EventType.shipmentPlanned]: event(
    'A warehouse is to pack it. Told again when an amendment changes what is in it.',
    z.strictObject({
      number,
      warehouse: text('Which warehouse'),
      items: z.array(units).describe('What is in it'),
      replaces: count('The lost or returned shipment in whose place it is sent').optional(),
      amendment: count('The amendment that changed it').optional(),
    }),
  ),
  [EventType.shipmentPacked]: event('The warehouse has packed it.', z.strictObject({ number, actor })),
  [EventType.shipmentCreated]: event('The carrier has made its label.', z.strictObject({ number, trackingNumber })),
  [EventType.shipmentDispatched]: event('The carrier has it.', told),
  [EventType.shipmentDelivered]: event('It has arrived.', told),
  [EventType.shipmentLost]: event('The carrier can not find it. It may turn up again.', told),
  [EventType.shipmentReturned]: event('The carrier has brought it back.', told),
  [EventType.shipmentCancelled]: event('It is kept back: nothing of it is to leave.', onlyNumber),
  [EventType.shipmentDelayed]: event(
    'Half of the time is over in which somebody should have packed, handed over or delivered it.',
    z.strictObject({
      number,
      what: z.enum(['packing', 'dispatch', 'delivery']).describe('What is waited for'),
      for: openWord<Waiting['for']>('Who is waited for, for example `warehouse`. There may be more one day'),
      until: z.iso
        .datetime()
        .nullable()
        .describe('Until when it is waited for (an ISO 8601 instant); null: without a limit'),
    }),
  ),
  [EventType.shipmentAccepted]: event(
    'A person has taken it as it is.',
    z.strictObject({ number, status: z.enum(shipmentStatuses).describe('How it is') }),
  ),
  [EventType.shipmentWithdrawn]: event('An operator has decided that it does not go.', onlyNumber),
  [EventType.shipmentGivenBack]: event(
    'Its units are on the shelf again.',
    z.strictObject({
      number,
      refund: count('The refund').nullable().describe('The number of the refund for them; null where nothing is owed'),
    }),
  ),
};
