import { z } from 'zod';

const HOUR_S = 3_600;
const DAY_MS = 24 * HOUR_S * 1_000;

// Before the second try, the third, and so on: a hiccup, a deploy, an outage, and a weekend that is over on Monday.
const RETRY_SECONDS = [
  ...[5, 30, 120, 600, 1_800],
  ...[2 * HOUR_S, 5 * HOUR_S, 10 * HOUR_S, 14 * HOUR_S, 20 * HOUR_S, 24 * HOUR_S],
];

const pauses = z
  .string()
  .regex(/^\d{1,7}(,\d{1,7}){0,19}$/, 'expected pauses in seconds, separated by commas, 20 at most')
  .transform((text) => text.split(',').map((seconds) => Number(seconds) * 1_000));

/** Of whoever sends messages to subscribers. */
export const webhookTarget = {
  /** Whether subscribers on this machine may be told, over plain http too: for development. */
  WEBHOOK_LOOPBACK: z.enum(['refused', 'allowed']).default('refused'),
  /** Of one message, all in all. */
  WEBHOOK_TIMEOUT_MS: z.coerce.number().int().positive().max(30_000).default(8_000),
};

/** Of a process that tells them of events. */
export const webhookSending = {
  /** The pauses between two tries of a message; after the last it parks. */
  WEBHOOK_RETRY_SECONDS: pauses.default(RETRY_SECONDS.map((seconds) => seconds * 1_000)),
  /** How often a subscriber is asked, with one order at a time, that has failed five times in a row. */
  WEBHOOK_PROBE_MS: z.coerce.number().int().positive().default(15_000),
  /** How long messages that were told are kept to be looked at. */
  WEBHOOK_KEEP_MS: z.coerce
    .number()
    .int()
    .positive()
    .default(30 * DAY_MS),
};
