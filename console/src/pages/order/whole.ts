import { ask, get } from '../../lib/api.ts';
import type { Action, Envelope, Explanation, Order } from '../../lib/types.ts';

/** All that the page of an order shows, read together. */
export type Whole = {
  order: Order;
  version: string;
  explanation: Explanation;
  events: Envelope[];
  actions: Action[];
};

export async function readWhole(id: string, signal: AbortSignal): Promise<Whole> {
  const path = `/orders/${encodeURIComponent(id)}`;
  const [order, explanation, events, actions] = await Promise.all([
    ask<Order>(path, { signal }),
    get<Explanation>(`${path}/explanation`, signal),
    get<{ items: Envelope[] }>(`${path}/events`, signal),
    get<{ items: Action[] }>(`${path}/actions`, signal),
  ]);
  const version = order.headers.get('ETag') ?? '';
  return { order: order.data, version, explanation, events: events.items, actions: actions.items };
}
