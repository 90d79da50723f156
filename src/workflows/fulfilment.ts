// After the sale: each shipment is looked after by a workflow of its own. What must stay true: a shipment whose workflow is gone gets
// another, one that is sent once more is waited for as well, and the order ends when nothing of it is on its way.
import {
  CancellationScope,
  ChildWorkflowFailure,
  condition,
  executeChild,
  ParentClosePolicy,
  patched,
  setHandler,
  sleep,
  TerminatedFailure,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { endingFailure } from '../contracts/failures.ts';
import { shipmentPlanSignal } from '../contracts/messages.ts';
import type { OrderOutcome } from '../contracts/process-order.ts';
import { SHIP_PARCEL, shipmentId, type ShipmentOutcome, type ShipParcelInput } from '../contracts/shipment.ts';
import { shipAsStockComes, type Fulfilling } from './backorder.ts';

// Somebody ended it in Temporal, or the one of an order that was started again is not quite gone.
const AGAIN_FIRST_MS = 1_000;
const AGAIN_LATEST_MS = 5 * 60_000;

/** Ships what was sold; answers with how far it came. Throws what ends the story: an ending, or a cancellation that came in time. */
export async function fulfil(fulfilling: Fulfilling): Promise<OrderOutcome> {
  const { input, activities, parking, order } = fulfilling;
  const { orderId, bounds } = input;
  const begun = new Set<number>();
  if (input.onShortage) await shipAsStockComes(fulfilling, (shipment) => shipToItsEnd(shipment, { begun, order }));
  else await shipAll();
  return parking.runStep('ship-order', () => activities.finishShipping({ orderId }));

  async function shipAll(): Promise<void> {
    // An amendment may divide the order anew while its shipments wait to be packed.
    const plan = { isNew: true };
    const isNew = (): boolean => plan.isNew;
    setHandler(shipmentPlanSignal, () => void (plan.isNew = true), {
      description: 'The order is divided into other shipments: look which there are',
    });
    const shipments: Promise<void>[] = [];
    const isDone = { count: 0 };
    for (;;) {
      plan.isNew = false;
      const { numbers } = await parking.runStep('ship-order', () => activities.planShipments({ orderId }));
      const fresh = numbers.filter((one) => !begun.has(one));
      const isOver = fresh.length === 0 && isDone.count === shipments.length;
      for (const number of fresh)
        shipments.push(
          shipToItsEnd({ orderId, number, bounds }, { begun, order }).finally(() => void (isDone.count += 1)),
        );
      // Whatever fails is told below, once all are over.
      for (const shipment of shipments) shipment.catch(() => undefined);
      await condition(() => isNew() || isDone.count === shipments.length);
      // Looked for once more when all are over: what was amended away may be so before the order hears of what came in its place.
      if (!isNew() && (isOver || !patched('shipments-are-looked-for-once-more'))) break;
    }
    const failed = (await Promise.allSettled(shipments)).find((shipment) => shipment.status === 'rejected');
    if (failed) throw failed.reason;
  }
}

type Shipping = Pick<Fulfilling, 'order'> & { begun: Set<number> };

/** Also what is sent once more in the place of what was lost. `begun`: what is looked after by now. */
async function shipToItsEnd(input: ShipParcelInput, { begun, order }: Shipping): Promise<void> {
  for (let number = input.number; ;) {
    begun.add(number);
    order.shipmentBegan({ number, workflowId: shipmentId({ ...input, number }) });
    const outcome = await lookAfter({ ...input, number });
    order.shipmentEnded({ number, how: sayOutcome(outcome) });
    if ('ending' in outcome) throw endingFailure(outcome.ending);
    if (!('replacedBy' in outcome)) return;
    number = outcome.replacedBy;
  }
}

function sayOutcome(outcome: ShipmentOutcome): string {
  if ('ending' in outcome) return `over, its order ends ${outcome.ending.status}`;
  return 'replacedBy' in outcome ? `sent once more, as shipment ${outcome.replacedBy}` : 'over';
}

async function lookAfter(input: ShipParcelInput): Promise<ShipmentOutcome> {
  for (let pauseMs = AGAIN_FIRST_MS; ; pauseMs = Math.min(pauseMs * 2, AGAIN_LATEST_MS)) {
    try {
      return await executeChild<(input: ShipParcelInput) => Promise<ShipmentOutcome>>(SHIP_PARCEL, {
        workflowId: shipmentId(input),
        args: [input],
        // Whoever ends the order's workflow ends these too; it is started again, and starts them again.
        parentClosePolicy: ParentClosePolicy.TERMINATE,
        staticSummary: `Shipment ${input.number} of an order`,
        staticDetails: `Packed by the warehouse → labelled → dispatched → delivered. Its order is its parent workflow, \`${input.orderId}\`, with links to the order.`,
      });
    } catch (error) {
      if (!isGone(error)) throw error;
    }
    await sleep(pauseMs, { summary: 'Its workflow is gone: begin it again' });
  }
}

/** Ended by hand in Temporal, or still there from before: not by us, and not by what it does. */
function isGone(error: unknown): boolean {
  if (error instanceof WorkflowExecutionAlreadyStartedError) return true;
  if (CancellationScope.current().consideredCancelled || !(error instanceof ChildWorkflowFailure)) return false;
  const { cause } = error;
  return cause instanceof TerminatedFailure || cause?.name === 'CancelledFailure';
}
