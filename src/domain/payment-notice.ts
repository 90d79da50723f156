import { isDecided, isUnsold, type OrderStatus } from './order.ts';
import type { PaymentState } from './payment.ts';

/** What is told of a payment, beside what we have recorded of it (null: nothing). */
export type PaymentNotice = {
  eventType: string;
  order: { status: OrderStatus; isEnding: boolean } | null;
  /** Our own record of the payment; null when no try of the order has this payment. */
  payment: { state: PaymentState } | null;
  /** It is about a refund, and that stands in the ledger. */
  isRefundKnown: boolean | null;
  /** What is recorded of the dispute that it is about (state null: nothing); null when it is about none. */
  dispute: RecordedDispute | null;
};

export type RecordedDispute = { state: 'open' | 'won' | 'lost' | null; isWithdrawn: boolean; isReinstated: boolean };

/**
 * Who has to hear of it. `told`: the order's workflow, which waits; `followed`: a workflow of its own, because the order's is
 * over or the payment is none of its tries; `nothing_new`: it is recorded already, or its undo looks for itself; `foreign`:
 * no order of ours.
 */
export type NoticeOutcome = 'nothing_new' | 'told' | 'followed' | 'foreign';

/** Ours: a customer has given another payment method. */
export const METHOD_PROVIDED = 'payment_method.provided';

/** Ours, from reconciliation: the order's workflow is to look again; to hear of its payment; the payment is to be followed. */
export const LOOK_AGAIN = 'reconciliation.look';
export const PAYMENT_TO_TELL = 'reconciliation.tell';
export const PAYMENT_TO_FOLLOW = 'reconciliation.follow';
const forTheOrder = [METHOD_PROVIDED, LOOK_AGAIN, PAYMENT_TO_TELL];
/** Ours: the order was recovered after its database had been restored, and has ended. */
export const ORDER_RECOVERED = 'payment.of_recovered_order';
/** Ours: an order has ended, of which a dispute was known. */
export const ORDER_ENDED = 'order.ended';

/** What to do about a notice; nothing in it is believed, it only says where to look. */
export function outcomeOf({ eventType, order, payment, isRefundKnown, dispute }: PaymentNotice): NoticeOutcome {
  if (!order) return 'foreign';
  if (forTheOrder.includes(eventType)) return order.isEnding || isDecided(order.status) ? 'nothing_new' : 'told';
  if (eventType === PAYMENT_TO_FOLLOW) return 'followed';
  if (eventType === ORDER_ENDED) return 'followed';
  // Also while the order is being undone: its undo may have asked already, and nobody would ask again.
  if (dispute) return payment && isDisputeKnown(eventType, dispute) ? 'nothing_new' : 'followed';
  // An undo under way asks the provider until nothing is left to undo.
  if (order.isEnding && !isUnsold(order.status)) return payment ? 'nothing_new' : 'followed';
  if (!payment) return 'followed';
  if (isRefundKnown !== null) return isRefundKnown ? 'nothing_new' : 'followed';
  if (statesAfter[eventType]?.includes(payment.state)) return 'nothing_new';
  return isDecided(order.status) ? 'followed' : 'told';
}

/** Of an update nobody knows what it tells before the provider is asked. */
function isDisputeKnown(eventType: string, { state, isWithdrawn, isReinstated }: RecordedDispute): boolean {
  switch (eventType) {
    case 'charge.dispute.created':
      return state !== null;
    case 'charge.dispute.funds_withdrawn':
      return isWithdrawn;
    case 'charge.dispute.funds_reinstated':
      return isReinstated;
    case 'charge.dispute.closed':
      return state === 'won' || state === 'lost';
    default:
      return false;
  }
}

/** In these states of ours an event of the type tells nothing new. */
const statesAfter: Readonly<Record<string, readonly PaymentState[]>> = {
  'payment_intent.succeeded': ['captured', 'refunded'],
  'payment_intent.payment_failed': ['declined', 'voided'],
  'payment_intent.canceled': ['declined', 'voided'],
  // It also tells of every capture that leaves something to be captured: those are ours.
  'payment_intent.amount_capturable_updated': ['authorized', 'captured', 'refunded'],
};
