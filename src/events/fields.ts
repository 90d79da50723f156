// What fields of events are made of. The descriptions stand in the published documents. Whatever may get more values one day (codes of
// rejections, steps) is open text here: a list that is closed can never grow within a version.
import { z } from 'zod';
import { capturePolicies } from '../domain/capture.ts';
import type { RejectionCode } from '../domain/rejection.ts';

export const text = (description: string) => z.string().describe(description);
/** Open text that is one of ours today. */
export const openWord = <T extends string>(description: string) =>
  z.custom<T>(isText).meta({ type: 'string', description });
const isText = (value: unknown): boolean => typeof value === 'string';

export const instant = (description: string) =>
  z.iso.datetime().describe(`${description} (an ISO 8601 instant, UTC, with Z)`);
export const count = (description: string) => z.int().min(1).describe(description);
export const amount = (description: string) =>
  z.int().min(0).describe(`${description}, in integer minor units of the currency`);

export const currency = z
  .string()
  .regex(/^[A-Z]{3}$/)
  .describe('The currency of all amounts (ISO 4217)');
export const actor = text('Who asked or decided: the name of an API key, or `system`');
export const reason = text('Why, in the words of who asked or decided');
export const orderId = (description: string) => text(description);

/** Which of the order's payments: they are numbered from 1, in the order of the tries. */
export const ordinal = count('Which of the order’s payments, counted from 1');
export const providerId = text('The payment’s id at the provider');

const sku = text('Which product');
const quantity = count('How many units');
export const units = z.strictObject({ sku, quantity });
export const placedUnits = z.strictObject({ warehouse: text('Of which warehouse'), sku, quantity });
export const pricedLine = z.strictObject({
  sku,
  name: text('The product’s name when it was ordered'),
  quantity,
  unitPriceMinor: amount('Of one unit, frozen when it was ordered'),
});
export const totals = z
  .strictObject({
    linesMinor: amount('All lines together'),
    discountMinor: amount('What is taken off'),
    shippingMinor: amount('The shipping fee'),
    taxMinor: amount('The tax'),
    taxIncluded: z.boolean().describe('Whether the tax is a part of the prices, or comes on top'),
  })
  .describe('What the total is made of');
export const capture = z
  .enum(capturePolicies)
  .describe('When its money is taken: at once, or with each shipment. Absent: at once');

export const rejectionFields = {
  code: openWord<RejectionCode>('Why, for machines, for example `payment.declined`. There may be more one day'),
  message: text('Why, for people'),
  declineCode: z.string().optional().describe('The provider’s own word, where it gave one'),
};
export const rejection = z.strictObject(rejectionFields);
