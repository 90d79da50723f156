// Shipments, as far as they touch only our own tables.
import { endingFailure, needsOperatorFailure } from '../contracts/failures.ts';
import type {
  AwaitShipmentRequest,
  AwaitStockRequest,
  Awaited,
  ExpireBackorderRequest,
  GiveBackRequest,
  ShipmentRef,
  ShipmentStanding,
  StockStanding,
} from '../contracts/shipment.ts';
import type { StepRequest } from '../contracts/process-order.ts';
import type { BackorderSteps } from '../ports/backorder.ts';
import type { ShipmentRecords } from '../ports/shipment.ts';

const describeUndecided = (why: string): string =>
  `What is to be given back for units that do not come: ${why}. Refund what is owed (POST /orders/{id}/refunds), then skip; retry has it looked at again`;

export const createShipmentActivities = ({
  shipments,
  backorders,
}: {
  shipments: ShipmentRecords;
  backorders: BackorderSteps;
}) => ({
  /** Divides what was sold into shipments; answers with those to be looked after. Fails with an ending when it was cancelled. */
  async planShipments({ orderId }: StepRequest): Promise<{ numbers: readonly number[] }> {
    const result = await shipments.plan({ orderId });
    if ('ending' in result) throw endingFailure(result.ending);
    return result;
  },

  /**
   * Divides what has come into shipments, where an order waits for stock; says that it takes long, and has the rest refunded at the end of
   * its time. Fails with an ending when it was cancelled, or when nothing came at all.
   */
  async awaitStock(request: AwaitStockRequest): Promise<StockStanding> {
    const result = await backorders.awaitStock(request);
    if ('ending' in result) throw endingFailure(result.ending);
    return result;
  },

  /** Ends the wait for stock, where what is given back for it was left to a person. Fails with an ending, or what needs a person. */
  async expireBackorder({ orderId, withoutRefund }: ExpireBackorderRequest): Promise<void> {
    const result = await backorders.expire({ orderId, withoutRefund });
    if ('ending' in result) throw endingFailure(result.ending);
    if ('undecided' in result) throw needsOperatorFailure(describeUndecided(result.undecided));
  },

  /** Takes the shipment out of its order, where it has not left. Answers with how it stands then; needs a person where it must not. */
  async withdrawShipment({ orderId, number }: ShipmentRef): Promise<ShipmentStanding> {
    const result = await shipments.withdraw({ orderId, number });
    if ('refused' in result) throw needsOperatorFailure(result.refused);
    return result;
  },

  /** Puts the units of a withdrawn shipment on the shelf again, and has their money given back. Fails with an ending, or what needs a person. */
  async giveBackShipment(request: GiveBackRequest): Promise<void> {
    const result = await shipments.giveBack(request);
    if ('ending' in result) throw endingFailure(result.ending);
    if ('undecided' in result) throw needsOperatorFailure(describeUndecided(result.undecided));
  },

  /** How the shipment stands in our tables; nobody else is asked. */
  async findShipment({ orderId, number }: ShipmentRef): Promise<ShipmentStanding> {
    const { parcelId: _, ...standing } = await shipments.findStanding({ orderId, number });
    return standing;
  },

  /** Shows whom the shipment waits for. Answers for how long yet. */
  async awaitShipment(request: AwaitShipmentRequest): Promise<Awaited> {
    return shipments.await(request);
  },

  /** Says that somebody takes long. */
  async noteShipmentDelay({ orderId, number }: ShipmentRef): Promise<void> {
    await shipments.noteDelay({ orderId, number });
  },

  /** Has what was lost or returned sent once more; answers with its new number. */
  async replaceShipment({ orderId, number }: ShipmentRef): Promise<{ replacedBy: number }> {
    const result = await shipments.replace({ orderId, number });
    if ('shortage' in result)
      throw needsOperatorFailure(`There is too little stock to send it once more: ${result.shortage}`);
    return result;
  },

  /** A person takes the shipment as it is. */
  async acceptShipment({ orderId, number }: ShipmentRef): Promise<void> {
    await shipments.accept({ orderId, number });
  },

  /** A person takes it as it is that parcels of a cancelled order have left. */
  async acceptCancelledShipments({ orderId }: StepRequest): Promise<void> {
    for (const { number } of await shipments.findCancelled({ orderId })) await shipments.accept({ orderId, number });
  },

  /** Nothing is on its way any more: how the order ends. */
  async finishShipping({ orderId }: StepRequest): Promise<{ status: 'confirmed' | 'shipped' | 'delivered' }> {
    const { status } = await shipments.finish({ orderId });
    if (status === 'confirmed' || status === 'shipped' || status === 'delivered') return { status };
    throw new Error(`Expected order ${orderId} to be sold; found it ${status}`);
  },
});
