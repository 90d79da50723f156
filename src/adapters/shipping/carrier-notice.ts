// The carrier's webhooks, read. What must stay true: nothing is taken from a body whose signature is not the carrier's, and of one that
// is only which parcel it is about.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { ReadCarrierNotice } from '../../ports/shipment-notice.ts';

/** As with the payment provider's: what is older may be a replay. Redeliveries are signed anew. */
const TOLERANCE_S = 300;

/**
 * Reads messages of a carrier that signs `t=<seconds>,v1=<hex>`: HMAC-SHA256 over `<seconds>.<raw body>`. `now` in milliseconds.
 */
export const createCarrierNoticeReader =
  ({ secret, now = Date.now }: { secret: string; now?: () => number }): ReadCarrierNotice =>
  ({ body, signature }) => {
    const [, at, given] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(signature ?? '') ?? [];
    if (at === undefined || given === undefined) return { forged: 'no signature that can be read' };
    const expected = createHmac('sha256', secret).update(`${at}.`).update(body).digest();
    if (!timingSafeEqual(expected, Buffer.from(given, 'hex'))) return { forged: 'the signature does not fit' };
    if (Math.abs(now() / 1_000 - Number(at)) > TOLERANCE_S) return { forged: 'the signature is too old' };
    return noticeIn(body);
  };

const message = z.object({
  id: z.string().min(1).max(200),
  type: z.string().max(100),
  parcelId: z.string().min(1).max(200),
  reference: z.string().max(200),
});

function noticeIn(body: Buffer): ReturnType<ReadCarrierNotice> {
  const result = message.safeParse(parse(body));
  if (!result.success) return null;
  const { id: eventId, type: eventType, parcelId, reference } = result.data;
  return { eventId, eventType, parcelId, reference };
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
}
