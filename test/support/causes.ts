// What led to what in an order, as its events tell it.
import { treeOf, type CauseTree } from '../../src/events/tree.ts';
import type { EventEnvelope } from '../../src/contracts/events.ts';
import { read } from './orders.ts';

/** Every cause of the order’s events, as `cause → effect`; of commands their kind. Throws where the events are no tree. */
export async function causesIn(url: string, orderId: string): Promise<string[]> {
  const { items } = (await read(`${url}/orders/${orderId}/events`)) as { items: EventEnvelope[] };
  const tree = treeOf(items);
  if (!tree || tree.apart.length > 0)
    throw new Error(`Expected the events of ${orderId} to be a tree: ${JSON.stringify(items)}`);
  return pairsBelow(tree.root);
}

function pairsBelow({ cause, event, children }: CauseTree): string[] {
  const name = event?.eventType ?? cause.split(':').slice(0, 2).join(':');
  return children.flatMap((child) => [
    ...(child.event ? [`${name} → ${child.event.eventType}`] : []),
    ...pairsBelow(child),
  ]);
}

/** Whatever the paths of test/support/paths.ts are walked in: an order’s own story, without what comes after its sale. */
export const certainCauses: readonly string[] = [
  'command:place → order.placed',
  'order.placed → inventory.reserved',
  'inventory.reserved → payment.captured',
  'payment.captured → order.confirmed',
  // Nothing to pay.
  'inventory.reserved → order.confirmed',
  // Out of stock.
  'order.placed → order.rejected',
  'inventory.reserved → payment.declined',
  'payment.declined → order.rejected',
  'payment.declined → inventory.released',
  'payment.declined → payment.method_requested',
  'command:provide-payment-method → payment.method_provided',
  'payment.method_provided → payment.captured',
  'inventory.reserved → payment.action_required',
  'payment.action_required → payment.captured',
  'command:cancel → order.cancellation_requested',
  'order.cancellation_requested → order.cancelled',
  'order.cancellation_requested → inventory.released',
  'inventory.reserved → order.review_requested',
  'command:review → order.review_approved',
  'order.review_approved → payment.captured',
  'command:review → order.review_rejected',
  'order.review_rejected → order.rejected',
  'order.review_escalated → order.review_expired',
  'inventory.reserved → order.parked',
  'order.parked → order.parked.reminder',
  // The decision came through Temporal, where it has no name.
  'order.parked → order.resumed',
  'order.resumed → payment.captured',
  'order.resumed → order.cancelled',
];

export const knownCauses: readonly string[] = [
  ...certainCauses,
  'order.cancellation_requested → payment.voided',
  // Cancelled in Temporal: no command of ours, and no event of its own.
  'order.placed → inventory.released',
  'order.placed → order.cancelled',
  'order.placed → payment.voided',
  'order.resumed → inventory.released',
  'order.resumed → payment.voided',
  'order.review_expired → inventory.released',
  'order.review_expired → order.rejected',
  'order.review_rejected → inventory.released',
  'order.review_requested → order.review_escalated',
  'order.review_requested → order.review_expired',
  'payment.action_required → inventory.released',
  'payment.action_required → order.rejected',
  'payment.action_required → payment.voided',
  'payment.action_required → order.parked',
  // Found by an undo, or refused by the provider once it was taken.
  'order.resumed → payment.refunded',
  'order.resumed → order.parked',
  'payment.captured → order.parked',
  'payment.captured → payment.refunded',
  'payment.declined → order.parked',
];
