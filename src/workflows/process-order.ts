// The life of an order. What must stay true: every undo is armed before its step, the pivot is `confirmOrder` (what
// ships can be taken back until its first dispatch, which its row decides), and whatever happens the order ends sold with its money
// taken, or ended with nothing taken and nothing held.
import { CancellationScope, continueAsNew } from '@temporalio/workflow';
import { isSold } from '../contracts/failures.ts';
import type { OrderInput, OrderOutcome } from '../contracts/process-order.ts';
import type { Ending } from '../domain/rejection.ts';
import { createActivities } from './activity-proxies.ts';
import { listenForCancellation } from './cancellation.ts';
import { createCompensations } from './compensation.ts';
import { fulfil } from './fulfilment.ts';
import { openOrder } from './order-state.ts';
import { runWhileShort } from './long-life.ts';
import { createParking } from './parking.ts';
import { collectPayment } from './payment.ts';
import { listenForReviews } from './review.ts';
import { undoOrder } from './undo-order.ts';

export async function processOrder(input: OrderInput): Promise<OrderOutcome> {
  const { orderId, bounds, carried } = input;
  const activities = createActivities(bounds);
  const order = openOrder(input);
  const parking = createParking({ orderId, order, activities, bounds, carried });
  const undo = createCompensations({ orderId, activities, parking });
  const cancellation = listenForCancellation({ orderId, activities });
  const review = listenForReviews({ orderId, activities, order });

  // Between a cancellation and its undo, another run would not know of every payment that is to be undone.
  const mayHandOn = () => parking.mayHandOn() && (undo.isBegun() || !cancellation.isTaken());
  const ended = await runWhileShort(live, mayHandOn);
  if (!ended)
    return continueAsNew<typeof processOrder>({ ...input, carried: { ...parking.handOn(), ...undo.handOn() } });
  await cancellation.answered();
  return order.conclude(ended.done);

  async function live(): Promise<OrderOutcome> {
    if (carried?.undoing) {
      undo.arm(...carried.undoing.armed);
      return endAs(carried.undoing.ending);
    }
    try {
      await cancellation.runStory(sell);
      return await finishSold();
    } catch (error) {
      return endAs(cancellation.endingOf(error));
    }
  }

  async function sell(): Promise<void> {
    undo.arm({ step: 'release-inventory' });
    const reserve = () => activities.reserveInventory({ orderId, review: bounds.review });
    const held = await parking.runStep('reserve-inventory', reserve);
    if (held) await review.pass(held.review);

    if (input.totalMinor > 0) await collectPayment({ input, activities, parking, undo, order });

    // Never interrupted while it is tried: the row says whether the sale or a cancellation came first.
    const pivot = () => CancellationScope.nonCancellable(() => activities.confirmOrder({ orderId }));
    await cancellation.runPivot(() => parking.runStep('confirm-order', pivot));
  }

  /** What comes after the sale, if anything does. */
  async function finishSold(): Promise<OrderOutcome> {
    if (!input.ships) return { status: 'confirmed' };
    return cancellation.runSold(() => fulfil({ input, activities, parking, order }));
  }

  /** Undoes everything, then closes the order; unless it turns out to be sold for good, which nothing can undo any more. */
  async function endAs(wanted: Ending): Promise<OrderOutcome> {
    order.undoing(wanted);
    try {
      return await undoOrder({ input, activities, parking, undo }, wanted);
    } catch (error) {
      if (!isSold(error)) throw error;
    }
    // Somebody wanted it undone, and its sale had come first: it goes on as what it is.
    undo.begin(null);
    try {
      return await finishSold();
    } catch (error) {
      return endAs(cancellation.endingOf(error));
    }
  }
}
