/** The states of an order's life, in the words of the contract. *Parked* is not one of them: see `Attention`. */
export const OrderStatus = {
  placed: 'placed',
  reserved: 'reserved',
  confirmed: 'confirmed',
  rejected: 'rejected',
  cancelled: 'cancelled',
} as const;
export type OrderStatus = (typeof OrderStatus)[keyof typeof OrderStatus];

/** The one table of legal transitions; the database refuses the others too (see the migrations). */
export const transitions: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  placed: ['reserved', 'rejected', 'cancelled'],
  reserved: ['confirmed', 'rejected', 'cancelled'],
  confirmed: [],
  rejected: [],
  cancelled: [],
};

export const canBecome = (from: OrderStatus, to: OrderStatus): boolean => transitions[from].includes(to);

/** Nothing can happen to the order any more: its workflow is over and what it took is final. */
export const isClosed = (status: OrderStatus): boolean => transitions[status].length === 0;

/** What an order's money must be now: its total once it is sold, nothing when it ended otherwise, not yet known between. */
export function worthNowMinor({ status, totalMinor }: { status: OrderStatus; totalMinor: number }): number | null {
  if (status === 'confirmed') return totalMinor;
  return isClosed(status) ? 0 : null;
}

/** The steps and undo steps that can park an order, by the names an operator sees. */
export const orderSteps = [
  'reserve-inventory',
  'charge-payment',
  'confirm-order',
  'refund-payment',
  'release-inventory',
  'close-order',
] as const;
export type OrderStep = (typeof orderSteps)[number];

/** A parked order: which step could not finish, why, and since when (ISO instant). */
export type Attention = { step: OrderStep; reason: string; since: string };

/** An order that waits for somebody outside. `until` is an ISO instant, or null when there is no limit. */
export type Waiting = { for: 'review' | 'customer' | 'provider' | 'warehouse'; until: string | null };

/** The order will move no further by itself now: the moment a client that asked to wait wants its answer. */
export function isSettled(order: { status: OrderStatus; attention: Attention | null; waiting: Waiting | null }): boolean {
  const waitsForSomeone = order.waiting !== null && (order.waiting.for === 'review' || order.waiting.for === 'customer');
  return isClosed(order.status) || order.attention !== null || waitsForSomeone;
}
