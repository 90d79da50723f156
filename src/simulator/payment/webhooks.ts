// Events to whoever asked for them: signed as Stripe signs, at least once, in no particular order. Deliveries that a kill
// interrupted are taken up by the next start.
import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault, Faults } from './faults.ts';
import { nowSeconds } from './ids.ts';
import type { Delivery, Endpoint, State, StripeEvent } from './state.ts';

export type Webhooks = ReturnType<typeof createWebhooks>;

// Stripe tries for days; a machine of one's own needs to see that it is tried again.
const RETRY_MS = [500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 60_000];
const TIMEOUT_MS = 5_000;
const CLOSE_WITHIN_MS = 1_000;

type Dependencies = {
  state: State;
  faults: Faults;
  /** Told when a delivery was accepted or given up. */
  ended: (delivery: Delivery) => Promise<void>;
};

export function createWebhooks({ state, faults, ended }: Dependencies) {
  const stopping = new AbortController();
  const cutting = new AbortController();
  const underWay = new Set<Promise<void>>();

  async function deliverOne(delivery: Delivery): Promise<void> {
    const event = state.events.get(delivery.eventId);
    for (const pauseMs of [0, ...RETRY_MS]) {
      const endpoint = state.endpoints.get(delivery.url);
      if (!event || !endpoint) break;
      await pause(pauseMs, stopping.signal);
      // It stays owed, and the next start goes on with it.
      if (stopping.signal.aborted) return;
      if (await post(endpoint, event, { fault: takeFault(event), signal: cutting.signal })) break;
    }
    await ended(delivery);
  }

  /** Refunds carry no order of their own, their payments do. */
  function takeFault({ data: { object } }: StripeEvent): Fault | null {
    const intent = state.intents.get(object.payment_intent ?? object.id);
    return faults.take('webhook', intent?.metadata['orderId'] ?? object.metadata['orderId'] ?? null);
  }

  return {
    /** Who is to hear of these events. */
    owedFor: (events: readonly StripeEvent[]): Delivery[] =>
      events.flatMap(({ id }) => [...state.endpoints.keys()].map((url) => ({ eventId: id, url }))),

    /** How many events the endpoint is still to hear of. */
    owedTo: (url: string): number => [...state.owed.values()].filter((delivery) => delivery.url === url).length,

    /** Sends all at once, not waiting for anything: hence in no order. */
    deliver(deliveries: readonly Delivery[]): void {
      for (const delivery of deliveries) {
        // Whether one was accepted may fail to be written down, when the log is broken: then it is told again.
        const work = deliverOne(delivery)
          .catch(() => undefined)
          .finally(() => underWay.delete(work));
        underWay.add(work);
      }
    },

    /** Stops what waits to be tried again, and gives what is being sent a moment to be accepted. */
    async close(): Promise<void> {
      stopping.abort();
      await Promise.race([Promise.allSettled(underWay), pause(CLOSE_WITHIN_MS, cutting.signal)]);
      cutting.abort();
      await Promise.allSettled(underWay);
    },
  };
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal, ref: false }).catch(() => undefined);

/** `Stripe-Signature` over the raw body. */
function sign(payload: string, secret: string, at: number): string {
  return `t=${at},v1=${createHmac('sha256', secret).update(`${at}.${payload}`).digest('hex')}`;
}

/** Whether the endpoint has accepted the event, as far as the sender can know. */
async function post(
  endpoint: Endpoint,
  event: StripeEvent,
  { fault, signal }: { fault: Fault | null; signal: AbortSignal },
): Promise<boolean> {
  if (fault) await pause(fault.delayMs, signal);
  if (signal.aborted) return false;
  const isSent = !fault || fault.mode === 'delay' || sentAllTheSame.includes(fault.mode);
  if (!isSent) return false;
  const body = JSON.stringify(event, null, 2);
  try {
    const answer = await fetch(endpoint.url, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json; charset=utf-8',
        'Stripe-Signature': sign(body, endpoint.secret, nowSeconds()),
        'User-Agent': 'Stripe/1.0 (payment simulator)',
      },
      body,
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    await answer.body?.cancel();
    return answer.ok && (!fault || fault.mode === 'delay');
  } catch {
    return false;
  }
}

// The receiver gets the event and the sender does not learn of it: the receiver sees the same event again.
const sentAllTheSame: readonly Fault['mode'][] = ['drop_after_effect', 'half_body', 'error_500_after_effect'];
