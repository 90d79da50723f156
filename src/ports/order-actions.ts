import type { ActionFacts } from '../domain/order-actions.ts';

/** What decides which deeds are possible, in one snapshot. */
export type OrderActions = {
  /** Null when the tenant has no such order. */
  find: (request: { tenant: string; orderId: string }) => Promise<ActionFacts | null>;
};
