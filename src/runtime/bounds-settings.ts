import { z } from 'zod';
import { reviewBounds } from './review-settings.ts';
import { shippingBounds } from './shipping-settings.ts';

const count = z.coerce.number().int().positive();
const milliseconds = z.coerce.number().int().positive();

/** How long and how often a step may be tried before its order parks. Travels in the workflow's input. */
export const bounds = {
  /** Shorter than the life of the provider's idempotency keys (24 h at Stripe): after that a repeat is a new charge. */
  PROVIDER_OUTAGE_LIMIT_MS: milliseconds.max(23 * 3_600_000).default(12 * 3_600_000),
  /** Before the next provider call: the first quick pause, and the slow one up to which it grows (times three). */
  PROVIDER_FIRST_PAUSE_MS: milliseconds.default(1_000),
  PROVIDER_SLOW_PAUSE_MS: milliseconds.default(45_000),
  /** A step that touches only our own PostgreSQL. */
  STEP_OUTAGE_LIMIT_MS: milliseconds.default(12 * 3_600_000),
  /** Tries of an undo step of the same kind; at one every five minutes at the end, 160 are about half a day. */
  UNDO_ATTEMPTS: count.default(160),
  /** How often a parked order says that it still waits for an operator. */
  PARKED_REMINDER_MS: milliseconds.default(24 * 3_600_000),
  /** How long a customer may take to authenticate a payment before it is void and the order rejected. */
  CUSTOMER_WAIT_LIMIT_MS: milliseconds.max(23 * 3_600_000).default(30 * 60_000),
  /** How long another payment method is waited for after a decline, where the order says nothing itself; 0: not at all. */
  PAYMENT_RETRY_LIMIT_MS: z.coerce
    .number()
    .int()
    .min(0)
    .max(23 * 3_600_000)
    .default(0),
  ...reviewBounds,
  ...shippingBounds,
};
