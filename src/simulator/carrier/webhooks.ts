// News of parcels to whoever asked for them: signed, at least once, in no particular order. Deliveries that a kill interrupted are
// taken up by the next start.
import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Faults } from './faults.ts';
import type { Delivery, Endpoint, Message, State } from './state.ts';

const RETRY_MS = [500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000];
const TIMEOUT_MS = 5_000;

type Dependencies = {
  state: State;
  faults: Faults;
  /** Told when a delivery was accepted or given up. */
  ended: (delivery: Delivery) => Promise<void>;
};

export function createWebhooks({ state, faults, ended }: Dependencies) {
  const stopping = new AbortController();
  const underWay = new Set<Promise<void>>();

  async function deliverOne(delivery: Delivery): Promise<void> {
    const message = state.messages.get(delivery.messageId);
    const fault = message ? faults.take('webhook', message.reference) : null;
    if (fault && fault.delayMs > 0) await pause(fault.delayMs, stopping.signal);
    // News that never come: the carrier believes that they were heard.
    const isMissing = fault?.mode === 'drop_before_effect';
    let left = fault?.mode === 'duplicate' ? 2 : 1;
    for (const pauseMs of isMissing ? [] : [0, ...RETRY_MS]) {
      const endpoint = state.endpoints.get(delivery.url);
      if (!message || !endpoint) break;
      await pause(pauseMs, stopping.signal);
      // It stays owed, and the next start goes on with it.
      if (stopping.signal.aborted) return;
      if ((await post(endpoint, message, stopping.signal)) && (left -= 1) === 0) break;
    }
    await ended(delivery);
  }

  return {
    /** Who is to hear of these messages. */
    owedFor: (messages: readonly Message[]): Delivery[] =>
      messages.flatMap(({ id }) => [...state.endpoints.keys()].map((url) => ({ messageId: id, url }))),

    /** Sends all at once, not waiting for anything: hence in no order. */
    deliver(deliveries: readonly Delivery[]): void {
      for (const delivery of deliveries) {
        const work = deliverOne(delivery)
          .catch(() => undefined)
          .finally(() => underWay.delete(work));
        underWay.add(work);
      }
    },

    async close(): Promise<void> {
      stopping.abort();
      await Promise.allSettled(underWay);
    },
  };
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal, ref: false }).catch(() => undefined);

/** `Carrier-Signature` over the raw body: when (seconds), and the HMAC of that and the body. */
const sign = (payload: string, secret: string, at: number): string =>
  `t=${at},v1=${createHmac('sha256', secret).update(`${at}.${payload}`).digest('hex')}`;

async function post(endpoint: Endpoint, message: Message, signal: AbortSignal): Promise<boolean> {
  const body = JSON.stringify(message, null, 2);
  try {
    const answer = await fetch(endpoint.url, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'Carrier-Signature': sign(body, endpoint.secret, Math.floor(Date.now() / 1_000)),
      },
      body,
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}
