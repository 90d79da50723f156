import type { OrderStatus, OrderStep, Waiting } from '../domain/order.ts';

/** How many orders of a tenant stand where. No count goes beyond `atMost`: it says that there are so many or more. */
export type OrderCounts = {
  atMost: number;
  statuses: Readonly<Record<OrderStatus, number>>;
  /** Orders that are parked, and that wait for somebody outside. */
  parked: number;
  waiting: Readonly<Record<Waiting['for'], number>>;
  /** Parked steps (an order can have several), those that wait longest first. */
  parkedSteps: readonly { step: OrderStep; count: number; oldestSince: string }[];
};

export type OrderCounting = { count: (request: { tenant: string }) => Promise<OrderCounts> };
