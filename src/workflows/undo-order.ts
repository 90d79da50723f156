// Undoing an order, then closing it. What must stay true: what may have left is not refunded before somebody has looked, and everything
// that was ever charged for the order is given back.
import { patched } from '@temporalio/workflow';
import type { OrderInput } from '../contracts/process-order.ts';
import type { Ending } from '../domain/rejection.ts';
import type { OrderActivities } from './activity-proxies.ts';
import type { Compensations } from './compensation.ts';
import type { Parking } from './parking.ts';

type Undoing = {
  input: OrderInput;
  activities: OrderActivities;
  parking: Pick<Parking, 'runUndo'>;
  undo: Compensations;
};

/** Answers with how the order ends. Throws that it is sold for good, which nothing can undo any more. */
export async function undoOrder(undoing: Undoing, wanted: Ending): Promise<Ending> {
  const { input, activities, parking, undo } = undoing;
  const { orderId } = input;
  undo.begin(wanted);
  // Before anything else is undone, and whatever was begun.
  if (input.ships) {
    await keepBack(undoing);
    await armFurtherCharges(undoing);
  } else if (wanted.status === 'cancelled' && patched('every-payment-of-a-cancelled-order-is-given-back')) {
    // The run before this one may have charged another card, and have been ended before anybody knew.
    await armFurtherPayments(undoing);
  }
  const ending = await undo.unwind(wanted);
  return parking.runUndo('close-order', () => activities.closeOrder({ orderId, ending }));
}

/** Voids the labels of a cancelled order; its shipments were cancelled in its row when that decided. */
function keepBack({ input: { orderId }, activities, parking }: Undoing): Promise<void> {
  const accept = () => activities.acceptCancelledShipments({ orderId });
  return parking.runUndo('cancel-shipment', () => activities.cancelShipments({ orderId }), accept);
}

/** What amendments have charged since the sale is the order's: it is given back first. A run that began before them has none. */
async function armFurtherCharges(undoing: Undoing): Promise<void> {
  // Whatever this run has come to: the one before it may have been ended in the middle of undoing a sale.
  if (patched('further-charges-are-given-back')) await armFurtherPayments(undoing);
}

async function armFurtherPayments({ input: { orderId }, activities, parking, undo }: Undoing): Promise<void> {
  const ordinals = await parking.runUndo('refund-payment', () => activities.findFurtherPayments({ orderId }));
  undo.arm(...ordinals.map((ordinal) => ({ step: 'refund-payment', ordinal }) as const));
}
