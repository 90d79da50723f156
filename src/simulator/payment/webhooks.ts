// Events to whoever asked for them: signed as Stripe signs, at least once, in no particular order.
import { createHmac } from 'node:crypto';
import type { Faults } from './faults.ts';
import { newId, nowSeconds } from './intents.ts';
import type { Entry, Intent, JournalItem, Refund, StripeEvent } from './state.ts';

export type Endpoint = { url: string; secret: string };
export type Webhooks = ReturnType<typeof createWebhooks>;

const API_VERSION = '2025-01-27.acacia';
// Stripe tries for days; a machine of one's own needs to see that it is tried again.
const RETRY_MS = [500, 1_000, 2_000, 5_000, 10_000, 30_000];
const TIMEOUT_MS = 5_000;

export function createWebhooks({ endpoints, faults }: { endpoints: Endpoint[]; faults: Faults }) {
  const timers = new Set<NodeJS.Timeout>();
  let closed = false;

  async function send(endpoint: Endpoint, event: StripeEvent, attempt: number): Promise<void> {
    const delivered = await post(endpoint, event, faults);
    if (delivered || closed) return;
    const delay = RETRY_MS[attempt];
    if (delay === undefined) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      void send(endpoint, event, attempt + 1);
    }, delay);
    timers.add(timer);
  }

  return {
    endpoints,
    /** Sends the event to every endpoint, not waiting for anything. */
    deliver: (event: StripeEvent): void => {
      for (const endpoint of endpoints) void send(endpoint, event, 0);
    },
    /** The events that tell of a change, as Stripe names them. */
    eventsOf: (
      { intents = [], refunds = [] }: Pick<Entry, 'intents' | 'refunds'>,
      effect: JournalItem['effect'],
    ): StripeEvent[] => [
      ...intents.map((intent) => eventOf(intentType(intent, effect), intent)),
      ...refunds.flatMap((refund) => refundTypes(refund).map((type) => eventOf(type, refund))),
    ],
    close: (): void => {
      closed = true;
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

/** `Stripe-Signature` over the raw body. */
export function sign(payload: string, secret: string, at: number): string {
  return `t=${at},v1=${createHmac('sha256', secret).update(`${at}.${payload}`).digest('hex')}`;
}

const eventOf = (type: string, object: Intent | Refund): StripeEvent => ({
  id: newId('evt'),
  object: 'event',
  type,
  created: nowSeconds(),
  livemode: false,
  api_version: API_VERSION,
  data: { object },
});

function intentType(intent: Intent, effect: JournalItem['effect']): string {
  switch (intent.status) {
    case 'succeeded':
      return 'payment_intent.succeeded';
    case 'canceled':
      return 'payment_intent.canceled';
    case 'processing':
      return 'payment_intent.processing';
    case 'requires_action':
      return 'payment_intent.requires_action';
    case 'requires_capture':
      return 'payment_intent.amount_capturable_updated';
    case 'requires_confirmation':
    case 'requires_payment_method':
      return effect === 'created' ? 'payment_intent.created' : 'payment_intent.payment_failed';
  }
}

function refundTypes({ status }: Refund): string[] {
  if (status === 'succeeded') return ['refund.created', 'charge.refunded'];
  return status === 'pending' ? ['refund.created'] : ['refund.failed'];
}

async function post(endpoint: Endpoint, event: StripeEvent, faults: Faults): Promise<boolean> {
  const fault = faults.take('webhook', event.data.object.metadata['orderId'] ?? null);
  if (fault?.mode === 'delay') await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
  else if (fault && fault.mode !== 'drop_after_effect') return false;
  const body = JSON.stringify(event);
  try {
    const answer = await fetch(endpoint.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Stripe-Signature': sign(body, endpoint.secret, nowSeconds()) },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    // Delivered, but the sender does not learn of it: the receiver sees the same event again.
    return answer.ok && fault?.mode !== 'drop_after_effect';
  } catch {
    return false;
  }
}
