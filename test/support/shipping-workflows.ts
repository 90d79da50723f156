// Shipping in workflows alone: how shipments stand, how long is waited, and who decides.
import { resolveUpdate } from '../../src/contracts/messages.ts';
import type { ShipmentStanding } from '../../src/contracts/shipment.ts';
import { bounds, standing, type Script, type WorkflowTest } from './workflow.ts';

export const HOUR = 3_600_000;
export const input = {
  ships: true,
  bounds: {
    ...bounds,
    shipping: {
      packingLimitMs: 72 * HOUR,
      dispatchLimitMs: 48 * HOUR,
      deliveryLimitMs: 96 * HOUR,
      firstLookMs: HOUR,
      slowLookMs: 8 * HOUR,
    },
  },
};
export const is = (status: ShipmentStanding['status'], more: Partial<ShipmentStanding> = {}): ShipmentStanding => ({
  ...standing,
  status,
  ...more,
});
/** A wait begins with all its time; asked again it has none left, unless it is renewed. */
export function waits(): Pick<Script, 'awaitShipment'> {
  const begun = new Set<string>();
  return {
    awaitShipment: ({ what, withinMs, renew }) => {
      const leftMs = begun.has(what) && !renew ? 0 : withinMs;
      begun.add(what);
      return { leftMs };
    },
  };
}
export const shipmentWorkflow = ({ environment }: WorkflowTest, orderId: string, number: number) =>
  environment.client.workflow.getHandle(`${orderId}:shipment:${number}`);
export const decideAbout = (
  workflow: WorkflowTest,
  orderId: string,
  action: 'retry' | 'skip',
  number: number,
): Promise<unknown> =>
  shipmentWorkflow(workflow, orderId, number).executeUpdate(resolveUpdate, {
    args: [{ action, actor: 'operator', reason: 'looked' }],
  });
export const countOf = (calls: readonly string[], name: string): number => calls.filter((call) => call === name).length;
