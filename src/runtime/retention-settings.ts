import { z } from 'zod';

const DAY_MS = 24 * 3_600_000;
/** A hundred years: above it PostgreSQL's instants end one day. */
const MOST_DAYS = 36_500;

/** Days, in milliseconds; left out: for ever. */
const days = z.coerce
  .number()
  .positive()
  .max(MOST_DAYS)
  .transform((value) => value * DAY_MS)
  .optional();

/** How long the worker lets stand what nobody needs any more. Money, stock, keys and that something happened stay for ever. */
export const retentionSettings = {
  /** Of a closed order in which nothing has happened for so long, everything of a person is erased. */
  RETENTION_PERSONAL_DATA_DAYS: days,
  /** The last words of steps that failed. */
  RETENTION_ATTEMPTS_DAYS: days,
  /** What the provider and the carrier have told, once it is worked off. */
  RETENTION_INBOX_DAYS: days,
};

/** Periods in milliseconds, of personal data and by table; undefined: for ever. */
export const retentionOf = (settings: z.infer<z.ZodObject<typeof retentionSettings>>) => ({
  personalData: settings.RETENTION_PERSONAL_DATA_DAYS,
  rows: {
    step_attempts: settings.RETENTION_ATTEMPTS_DAYS,
    payment_notices: settings.RETENTION_INBOX_DAYS,
    shipment_notices: settings.RETENTION_INBOX_DAYS,
  },
});
