import { z } from 'zod';
import { EventType } from '../contracts/events.ts';
import { returnStatuses, returnWishes } from '../domain/return.ts';
import { event } from './definition.ts';
import { actor, count, instant, orderId, reason, text, units } from './fields.ts';

const number = count('Which of the order’s returns, counted from 1');
const answered = z.strictObject({ number, actor, reason });
const received = z.strictObject({
  sku: text('Which product'),
  restocked: z.int().min(0).describe('How many units are on the shelf again'),
  writtenOff: z.int().min(0).describe('How many units came and can not be sold again'),
  warehouse: z.string().nullable().describe('On which shelf; null where nothing was restocked'),
});

export const returnEvents = {
  [EventType.returnRequested]: event(
    'A customer wants to send something back.',
    z.strictObject({
      number,
      wish: z.enum(returnWishes).describe('What the customer wants for it'),
      reason,
      actor,
      items: z
        .array(units.extend({ reason: z.string().nullable().describe('Why this line, where it was said') }))
        .describe('What is to come back'),
    }),
  ),
  [EventType.returnApproved]: event('It may come.', answered),
  [EventType.returnRejected]: event('It may not come.', answered),
  [EventType.returnDelayed]: event(
    'Half of the time is over in which it should have been answered, or should have come.',
    z.strictObject({
      number,
      status: z.enum(returnStatuses).describe('What it waits for: an answer, or the goods'),
      until: instant('Until when it is waited for'),
    }),
  ),
  [EventType.returnExpired]: event('The goods did not come in time.', z.strictObject({ number })),
  [EventType.returnReceived]: event(
    'The goods are here.',
    z.strictObject({
      number,
      actor,
      reason: reason.optional(),
      items: z.array(received).describe('What came, by product'),
    }),
  ),
  [EventType.returnCompleted]: event(
    'It is given back, or it is said why it is not.',
    z.strictObject({
      number,
      refund: z.int().min(1).nullable().optional().describe('The number of its refund'),
      noRefund: z.string().optional().describe('Why nothing is given back'),
    }),
  ),
  [EventType.returnExchanged]: event(
    'Another order was placed in the place of what comes back.',
    z.strictObject({ number, orderId: orderId('The other order') }),
  ),
};
