import { z } from 'zod';

const DAY_MS = 24 * 3_600_000;
const YEAR_MS = 365 * DAY_MS;
const milliseconds = z.coerce.number().int().positive();

/** How long whoever ships, or takes back, may take. Travels in the workflow's input. */
export const shippingBounds = {
  /** How long a warehouse may take to pack, and to hand over; a carrier to deliver. Then it parks; after half of it an event says so. */
  PACKING_LIMIT_MS: milliseconds.max(YEAR_MS).default(3 * DAY_MS),
  DISPATCH_LIMIT_MS: milliseconds.max(YEAR_MS).default(2 * DAY_MS),
  DELIVERY_LIMIT_MS: milliseconds.max(YEAR_MS).default(14 * DAY_MS),
  /** How long stock is waited for after the sale, where an order allows it (days, also parts of one). Then the rest is refunded. */
  BACKORDER_LIMIT_DAYS: z.coerce.number().positive().max(365).default(30),
  /** When a carrier that says nothing is asked: the first pause, and the one up to which it doubles. */
  CARRIER_FIRST_LOOK_MS: milliseconds.default(15 * 60_000),
  CARRIER_SLOW_LOOK_MS: milliseconds.default(6 * 3_600_000),
  /** How long the answer to a return may take before it parks, and the goods of one before it expires. */
  RETURN_APPROVAL_LIMIT_MS: milliseconds.max(YEAR_MS).default(3 * DAY_MS),
  RETURN_GOODS_LIMIT_MS: milliseconds.max(YEAR_MS).default(30 * DAY_MS),
};
