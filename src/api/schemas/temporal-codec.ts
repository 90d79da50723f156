import { z } from './fields.ts';

// Payloads of one event or page come together.
const MOST = 1_000;

const base64 = z.base64();

/** What the Web UI sends with them besides is none of ours. */
export const payloadsBody = z
  .object({
    payloads: z
      .array(z.object({ metadata: z.record(z.string(), base64).optional(), data: base64.optional() }))
      .max(MOST),
  })
  .openapi('TemporalPayloads', { description: 'Payloads in the JSON form of Temporal’s API: their bytes are base64' });
