import type { OrderFacts } from '../domain/explanation-facts.ts';

/** What our own tables say about an order, in one snapshot; null when the tenant has no such order. */
export type OrderRecords = {
  /** One snapshot: its parts can not contradict each other. */
  find: (request: { tenant: string; orderId: string }) => Promise<RecordedFacts | null>;
};

/** All but what only Temporal knows. */
export type RecordedFacts = Omit<OrderFacts, 'pending' | 'workflowRuns' | 'notAsked'>;
