// Tells shipments' workflows that something happened. What must stay true: it can be repeated by anybody at any moment, and nobody else
// starts the workflow of a shipment whose order is open: that is for the order's own.
import { WorkflowIdReusePolicy, WorkflowNotFoundError, type Client } from '@temporalio/client';
import { TaskQueue } from '../contracts/ids.ts';
import { shipmentNewsSignal, shipmentPlanSignal } from '../contracts/messages.ts';
import type { Bounds } from '../contracts/process-order.ts';
import { SHIP_PARCEL, shipmentId } from '../contracts/shipment.ts';
import type { ShipmentNoticeReceivers } from '../ports/shipment-notice.ts';
import type { shipParcel } from '../workflows/ship-parcel.ts';

/** `within` gives every call its limit. */
export const createShipmentTeller = ({
  client,
  within,
  bounds,
  linksOf,
}: {
  client: Client;
  within: <T>(call: () => Promise<T>) => Promise<T>;
  bounds: Bounds;
  linksOf: (request: { orderId: string }) => string;
}): ShipmentNoticeReceivers => ({
  async tellShipment(shipment) {
    try {
      await within(() => client.workflow.getHandle(shipmentId(shipment)).signal(shipmentNewsSignal));
      return true;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  },

  async tellPlan({ orderId }) {
    try {
      await within(() => client.workflow.getHandle(orderId).signal(shipmentPlanSignal));
      return true;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  },

  async followShipment({ orderId, number }) {
    // The signal makes a run that is about to end look once more, so that nothing falls between two runs.
    await within(() =>
      client.workflow.signalWithStart<typeof shipParcel>(SHIP_PARCEL, {
        taskQueue: TaskQueue.orders,
        workflowId: shipmentId({ orderId, number }),
        workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
        args: [{ orderId, number, bounds }],
        signal: shipmentNewsSignal,
        signalArgs: [],
        staticSummary: 'A shipment of which the carrier tells although its order does not wait for it',
        staticDetails: linksOf({ orderId }),
      }),
    );
  },
});
