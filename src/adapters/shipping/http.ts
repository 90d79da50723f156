// A carrier with a plain HTTP API, in our words; the simulator speaks it. What must stay true: no retries here (Temporal owns them),
// our keys on every call that does something, and nothing unknown is ever turned into an answer.
import { z } from 'zod';
import { carrierNews, type TrackingFact } from '../../domain/shipment.ts';
import type { Carrier, CarrierAnswer, Parcel } from '../../ports/carrier.ts';

export type CarrierSettings = { apiKey: string; apiBase: string; timeoutMs: number };

/** A carrier at `apiBase`. Throws what leaves an outcome unknown. */
export function createHttpCarrier({ apiKey, apiBase, timeoutMs }: CarrierSettings): Carrier {
  async function call<T>(path: string, schema: z.ZodType<T>, post?: { key: string; body: object }) {
    const answer = await fetch(`${apiBase.replace(/\/+$/, '')}/v1${path}`, {
      method: post ? 'POST' : 'GET',
      headers: {
        Authorization: `Bearer ${apiKey}`,
        ...(post ? { 'Content-Type': 'application/json', 'Idempotency-Key': post.key } : {}),
      },
      ...(post ? { body: JSON.stringify(post.body) } : {}),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    const body = await answer.text();
    if (answer.ok) return { done: schema.parse(JSON.parse(body)) };
    // Our key was refused, patience is asked for, or they are ill: that passes, and says nothing about the parcel.
    if (answer.status < 400 || answer.status >= 500 || passing.includes(answer.status))
      throw new Error(`The carrier answered ${answer.status}: whether it did what it was asked is not known`);
    return { refused: `${answer.status} ${reasonIn(body)}` };
  }

  return {
    create: async ({ key, reference, recipient, items }) =>
      toAnswer(await call('/parcels', parcelSchema, { key, body: { reference, recipient, items } })),
    find: async ({ parcelId }) => toAnswer(await call(`/parcels/${encodeURIComponent(parcelId)}`, parcelSchema)),
    list: async ({ reference }) => {
      const answer = await call(`/parcels?reference=${encodeURIComponent(reference)}`, listSchema);
      return 'done' in answer ? { done: answer.done.items.map(toParcel) } : answer;
    },
    cancel: async ({ key, parcelId }) =>
      toAnswer(await call(`/parcels/${encodeURIComponent(parcelId)}/cancel`, parcelSchema, { key, body: {} })),
  };
}

/** For a worker that has none: what waits for it parks, and goes on once there is one. */
export const noCarrier: Carrier = {
  create: () => Promise.resolve(notConfigured),
  find: () => Promise.resolve(notConfigured),
  list: () => Promise.resolve(notConfigured),
  cancel: () => Promise.resolve(notConfigured),
};

const notConfigured = { refused: 'no carrier is configured (CARRIER_API_BASE)' };

// Unauthorised, timeout, too early, too many requests.
const passing = [401, 403, 408, 425, 429];

const MAX_REASON_LENGTH = 200;

const parcelSchema = z.object({
  id: z.string().min(1).max(200),
  trackingNumber: z.string().min(1).max(200),
  reference: z.string(),
  status: z.string(),
  events: z.array(z.object({ status: z.string(), at: z.iso.datetime({ offset: true }) })),
});
const listSchema = z.object({ items: z.array(parcelSchema) });
type Told = z.output<typeof parcelSchema>;

const toAnswer = (answer: CarrierAnswer<Told>): CarrierAnswer<Parcel> =>
  'done' in answer ? { done: toParcel(answer.done) } : answer;

const toParcel = ({ id, trackingNumber, reference, status, events }: Told): Parcel => ({
  parcelId: id,
  trackingNumber,
  reference,
  isCancelled: status === 'cancelled',
  // What we have no word for (in transit, at a depot) decides nothing.
  facts: events.flatMap(toFact),
});

function toFact({ status, at }: Told['events'][number]): TrackingFact[] {
  const known = carrierNews.find((news) => news === status);
  return known ? [{ status: known, at: new Date(at).toISOString() }] : [];
}

function reasonIn(body: string): string {
  try {
    const { error } = JSON.parse(body) as { error?: unknown };
    if (typeof error === 'string') return error.slice(0, MAX_REASON_LENGTH);
  } catch {
    // Not JSON: what it says is not for our rows.
  }
  return 'without a reason';
}
