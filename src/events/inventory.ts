import { z } from 'zod';
import { EventType } from '../contracts/events.ts';
import { onShortages } from '../domain/backorder.ts';
import { event } from './definition.ts';
import { count, instant, placedUnits, units } from './fields.ts';

const placed = (description: string) => z.array(placedUnits).describe(description);
const missing = (description: string) => z.array(units).describe(description);

export const inventoryEvents = {
  [EventType.inventoryReserved]: event(
    'Its stock is held.',
    z.strictObject({ items: placed('What is held in which warehouse; none while all of it is waited for') }),
  ),
  [EventType.inventoryReleased]: event(
    'What was held is free again.',
    z.strictObject({ items: placed('What is free again') }),
  ),
  [EventType.inventoryRestocked]: event(
    'What was sold is on the shelf again.',
    z.strictObject({
      items: placed('What is back, and where'),
      return: count('The number of the return that it came with').optional(),
    }),
  ),
  [EventType.inventoryBackordered]: event(
    'Not all of it was there: it waits for the rest.',
    z.strictObject({
      items: missing('What is missing'),
      onShortage: z.enum(onShortages).describe('Whether what is there goes first'),
    }),
  ),
  [EventType.inventoryBackorderFilled]: event(
    'Stock came for it.',
    z.strictObject({
      items: placed('What came'),
      isComplete: z.boolean().describe('Whether nothing more is waited for'),
    }),
  ),
  [EventType.inventoryBackorderDelayed]: event(
    'Half of the time is over in which the stock should have come.',
    z.strictObject({ items: missing('What is missing'), until: instant('Until when it is waited for') }),
  ),
  [EventType.inventoryBackorderExpired]: event(
    'No stock came in time: nobody waits for it any more.',
    z.strictObject({
      items: missing('What never came'),
      refund: count('The number of the refund for it').nullable().describe('Null where nothing is given back for it'),
    }),
  ),
  [EventType.inventoryBackorderCancelled]: event(
    'Its order has ended: it waits for no stock any more.',
    z.strictObject({ items: missing('What was missing') }),
  ),
};
