import { z } from 'zod';

const HOUR_MS = 3_600_000;

/** When what ships is paid, where its order does not say; frozen with the order. The api's. */
export const captureDefault = {
  CAPTURE_POLICY: z.enum(['at-confirm', 'per-shipment']).default('at-confirm'),
};

/** The worker's. */
export const captureSettings = {
  /** How long before an authorization ends what is still to come is captured at once: an outage, and a person who has to look, fit in. */
  AUTHORIZATION_MARGIN_MS: z.coerce
    .number()
    .int()
    .positive()
    .max(30 * 24 * HOUR_MS)
    .default(24 * HOUR_MS),
};
