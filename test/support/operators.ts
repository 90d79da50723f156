// What an operator does: decides about parked orders, and pays or refunds by hand at the provider.
import { randomUUID } from 'node:crypto';
import { insist } from './insisting.ts';
import { getOrder, placeOrder, type Wanted } from './orders.ts';
import type { Stack } from './stack.ts';
import { until } from './until.ts';

/** The breaker leaves the provider alone for longer than the short outage limits of tests: so it stays closed. */
export const closedBreaker = { PROVIDER_BREAKER_FAILURES: '1000000' };

/** POSTs a decision about one order, again while it is answered with 503. */
export const postResolution = (
  url: string,
  id: string,
  body: Record<string, unknown>,
  key: string | null = randomUUID(),
): Promise<Response> => insist(() => postResolutionOnce(url, id, body, key));

/** The same, whatever is answered. */
export const postResolutionOnce = (
  url: string,
  id: string,
  body: Record<string, unknown>,
  key: string | null = randomUUID(),
): Promise<Response> =>
  fetch(`${url}/orders/${id}/resolution`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...(key === null ? {} : { 'Idempotency-Key': key }) },
    body: JSON.stringify(body),
  });

/** Places orders under a lasting fault, waits until all are parked at the step, and heals the provider. */
export async function parkOrders(
  stack: Stack,
  {
    count = 1,
    step = 'charge-payment',
    wanted = {},
    fault = { operation: 'create', mode: 'error_500' },
  }: {
    count?: number;
    step?: string;
    wanted?: Wanted;
    fault?: Record<string, unknown>;
  } = {},
): Promise<string[]> {
  await stack.fault({ times: 'always', ...fault });
  const placed = await Promise.all(Array.from({ length: count }, () => placeOrder(stack.url, wanted)));
  const ids = placed.map(({ id }) => id);
  for (const id of ids) {
    await until(async () => (await getOrder(stack.url, id)).attention?.step === step, `order ${id} parks at ${step}`);
  }
  await heal(stack);
  return ids;
}

export async function heal(stack: Stack): Promise<void> {
  await fetch(`${stack.simulatorUrl}/_simulator/faults`, { method: 'DELETE' });
}

/** What is done in the provider's dashboard; answers with the id of what was made. */
async function byHand(stack: Stack, path: string, parameters: Record<string, string>): Promise<string> {
  const answer = await fetch(`${stack.simulatorUrl}/v1/${path}`, {
    method: 'POST',
    headers: { Authorization: 'Bearer sk_test_local' },
    body: new URLSearchParams(parameters),
  });
  if (!answer.ok) throw new Error(`${path} by hand: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { id: string }).id;
}

/** A captured payment of 10.00 EUR for the order. */
export const payByHand = (stack: Stack, orderId: string, amountMinor = 1_000): Promise<string> =>
  byHand(stack, 'payment_intents', {
    amount: String(amountMinor),
    currency: 'eur',
    payment_method: 'pm_card_visa',
    confirm: 'true',
    'automatic_payment_methods[enabled]': 'true',
    'automatic_payment_methods[allow_redirects]': 'never',
    'metadata[orderId]': orderId,
  });

/** Gives the order's captured payment back. */
export async function refundByHand(stack: Stack, orderId: string): Promise<string> {
  const { rows } = await stack.db.query<{ id: string }>('select provider_id as id from payments where order_id = $1', [
    orderId,
  ]);
  return byHand(stack, 'refunds', { payment_intent: rows[0]?.id ?? '' });
}
