import { randomUUID } from 'node:crypto';
import { insist } from './insisting.ts';
import type { OrderBody, Stack } from './stack.ts';
import { until } from './until.ts';

type Line = { sku: string; quantity: number };
export type Wanted = {
  items?: Line[];
  paymentMethod?: string;
  key?: string;
  customerId?: string;
  headers?: Record<string, string>;
  /** Further fields of the body. */
  extra?: object;
};

/** Puts a product into the catalogue: 10.00 EUR unless said otherwise. */
export async function putProduct(
  url: string,
  sku: string,
  { onHand = 100, priceMinor = 1_000, currency = 'EUR' } = {},
): Promise<void> {
  const body = JSON.stringify({ name: `Product ${sku}`, priceMinor, currency, onHand });
  const request = { method: 'PUT', headers: { 'Content-Type': 'application/json' }, body };
  const answer = await insist(() => fetch(`${url}/products/${sku}`, request));
  if (!answer.ok) throw new Error(`PUT product: ${answer.status} ${await answer.text()}`);
}

/** POSTs an order; one unit of `book`, paid by a good card, unless said otherwise. */
export const postOrder = (
  url: string,
  {
    items = [{ sku: 'book', quantity: 1 }],
    paymentMethod = 'pm_card_visa',
    key = randomUUID(),
    customerId = 'customer-1',
    headers = {},
    extra = {},
  }: Wanted = {},
): Promise<Response> =>
  fetch(`${url}/orders`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key, ...headers },
    body: JSON.stringify({ customerId, items, paymentMethod, ...extra }),
  });

export async function placeOrder(url: string, wanted: Wanted = {}): Promise<OrderBody> {
  const keyed = { key: randomUUID(), ...wanted };
  const answer = await insist(() => postOrder(url, keyed));
  if (answer.status !== 202 && answer.status !== 200)
    throw new Error(`POST order: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as OrderBody;
}

export async function getOrder(url: string, id: string): Promise<OrderBody> {
  return (await read(`${url}/orders/${id}`)) as OrderBody;
}

/** The order once it has come to its end (or is parked). */
export async function settledOrder(url: string, id: string, withinMs = 45_000): Promise<OrderBody> {
  const seen: OrderBody[] = [];
  await until(
    async () => {
      const order = await getOrder(url, id);
      const isSettled = ['confirmed', 'rejected', 'cancelled'].includes(order.status) || order.attention !== null;
      if (isSettled) seen.push(order);
      return isSettled;
    },
    `order ${id} settles`,
    withinMs,
  );
  const [settled] = seen;
  if (!settled) throw new Error(`Expected order ${id} to have settled; found none`);
  return settled;
}

/**
 * Waits until the order has ended that way, parked or not meanwhile: an order that was decided about is still shown as parked for a
 * moment after the answer, and may park again on its way.
 */
export const ended = (url: string, id: string, status: OrderBody['status']): Promise<void> =>
  until(async () => (await getOrder(url, id)).status === status, `order ${id} ends ${status}`);

/** The types of the order's events, in sequence. */
export async function eventTypesOf(url: string, id: string): Promise<string[]> {
  const { items } = (await read(`${url}/orders/${id}/events`)) as { items: { eventType: string }[] };
  return items.map(({ eventType }) => eventType);
}

/** The body of a good answer. Throws for any other: a problem must not be taken for what was asked for. */
export async function read(url: string): Promise<unknown> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`GET ${url}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** Waits until the workflow of the order is over, so that nothing of it runs into the next test. */
export async function workflowEnd(stack: Stack, id: string): Promise<unknown> {
  return stack.temporal.workflow.getHandle(id).result();
}
