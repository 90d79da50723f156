// Facts of an order's explanation, as tests begin with them.
import type { FollowedPayment, OrderFacts, ParkedFact } from '../../src/domain/explanation-facts.ts';
import { isDecided, type orderSteps } from '../../src/domain/order.ts';

export const at = '2026-01-01T00:00:00.000Z';
export const facts = (some: Partial<OrderFacts> = {}): OrderFacts => ({
  orderId: 'order_1',
  status: 'reserved',
  isClosed: isDecided(some.status ?? 'reserved'),
  parked: [],
  waiting: null,
  review: null,
  ending: null,
  awaitsLaunch: false,
  workflowRuns: true,
  currency: 'EUR',
  totalMinor: 1_000,
  payment: { state: 'pending', capturedMinor: 0, refundedMinor: 0, disputedMinor: 0, strayMinor: 0 },
  disputes: [],
  refunds: [],
  backorders: [],
  returns: [],
  stock: { heldUnits: 2, soldUnits: 0, holdUntil: at },
  happened: [{ at, sentence: 'Placed.' }],
  attempts: [],
  pending: null,
  notAsked: [],
  ...some,
});
export const captured = {
  state: 'captured',
  capturedMinor: 1_000,
  refundedMinor: 0,
  disputedMinor: 0,
  strayMinor: 0,
} as const;
export const voided = { state: 'voided', capturedMinor: 0, refundedMinor: 0, disputedMinor: 0, strayMinor: 0 } as const;
export const rejected = { status: 'rejected', rejection: { code: 'payment.declined', message: 'no' } } as const;
export const parked = (step: (typeof orderSteps)[number], more: Partial<ParkedFact> = {}): ParkedFact => ({
  step,
  reason: 'nobody knows',
  since: at,
  workflowId: 'order_1',
  payment: null,
  refund: null,
  return: null,
  ...more,
});

/** The order's own payment, taken; what became of it is for the test to say. */
export const followed = (some: Partial<FollowedPayment>): FollowedPayment => ({
  ...{ isOwn: true, amountMinor: 1_000, capturedMinor: 1_000, refundedMinor: 0 },
  ...{ lostMinor: 0, heldMinor: 0, askedMinor: 0 },
  ...some,
});
