// What an order and a change of it are described by alike.
import { amountMinor, z } from './fields.ts';

export const address = z
  .strictObject({
    name: z.string().min(1).max(200),
    line1: z.string().min(1).max(200),
    line2: z.string().max(200).optional(),
    city: z.string().min(1).max(100),
    postalCode: z.string().min(1).max(20),
    country: z.string().regex(/^[A-Z]{2}$/, 'two upper-case letters (ISO 3166-1)'),
  })
  .openapi({ description: 'Where to ship to: the order goes on after it is confirmed, until it is delivered' });

export const paymentMethod = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[\x21-\x7e]+$/, 'the id of a payment method at the provider')
  .openapi({ description: 'A payment method id of the provider, never a card number', example: 'pm_card_visa' });

export const totalsSchema = z
  .object({
    linesMinor: amountMinor,
    discountMinor: amountMinor,
    shippingMinor: amountMinor,
    taxMinor: amountMinor,
    taxIncluded: z.boolean(),
  })
  .openapi('Totals', {
    description:
      'What `totalMinor` is made of: lines − discount + shipping, and + tax where it comes on top (`taxIncluded: false`). Frozen when the order is placed, until it is amended',
  });
