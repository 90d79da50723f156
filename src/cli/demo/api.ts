// What the demo asks the api for: as any client would, and no more.
import { newKey, type Explanation, type Order, type OrderEvent, type OrdersClient, type Product } from '#client';
import { ask } from '../ask.ts';
import type { Shelf } from './facts.ts';

/** How long an api may hold an answer. */
const HELD_S = 20;

export type Wish = { sku: string; paymentMethod?: string; key?: string; customer: string; wait?: boolean };
export type Placed = { order: Order; text: string; status: number; isReplayed: boolean };
export type Api = ReturnType<typeof createApi>;

/** Cancelling and resolving answer with the status that came: a refusal is one too. */
export function createApi(client: OrdersClient, signal: AbortSignal) {
  const text = { parseAs: 'text', signal } as const;
  const of = (id: string) => ({ params: { path: { id } }, ...text });
  return {
    place: (wish: Wish): Promise<Placed> => place(client, signal, wish),
    order: async (id: string): Promise<Order> => (await ask<Order>(client.GET('/orders/{id}', of(id)))).body,
    events: async (id: string): Promise<OrderEvent[]> =>
      (await ask<{ items: OrderEvent[] }>(client.GET('/orders/{id}/events', of(id)))).body.items,
    explanation: async (id: string): Promise<Explanation> =>
      (await ask<Explanation>(client.GET('/orders/{id}/explanation', of(id)))).body,
    makeProduct: async ({ sku, name, onHand }: { sku: string; name: string; onHand: number }): Promise<void> => {
      const body = { name, priceMinor: 1_250, currency: 'EUR', onHand };
      await ask<Product>(client.PUT('/products/{sku}', { params: { path: { sku } }, body, ...text }));
    },
    shelf: async (sku: string): Promise<Shelf> => {
      const { body } = await ask<Product>(client.GET('/products/{sku}', { params: { path: { sku } }, ...text }));
      return { onHand: body.onHand, reserved: body.reserved };
    },
    cancel: async (id: string, reason: string): Promise<number> =>
      (await client.POST('/orders/{id}/cancel', { ...of(id), body: { reason } })).response.status,
    retry: async (id: string, reason: string): Promise<number> => {
      const params = { path: { id }, header: { 'idempotency-key': newKey() } };
      const body = { action: 'retry', reason } as const;
      return (await client.POST('/orders/{id}/resolution', { params, body, ...text })).response.status;
    },
  };
}

async function place(client: OrdersClient, signal: AbortSignal, wish: Wish): Promise<Placed> {
  const { sku, paymentMethod = 'pm_card_visa', key = newKey(), customer, wait } = wish;
  const body = { customerId: customer, items: [{ sku, quantity: 1 }], paymentMethod };
  const header = { 'idempotency-key': key, ...(wait ? { prefer: `wait=${HELD_S}` } : {}) };
  const sent = await client.POST('/orders', { params: { header }, body, parseAs: 'text', signal });
  const { text, body: order } = await ask<Order>(Promise.resolve(sent));
  const { status, headers } = sent.response;
  return { order, text, status, isReplayed: headers.get('Idempotency-Replayed') === 'true' };
}
