// Every way an order that ships can go after its sale, each driven for real. The recording keeps the histories of the order's workflow
// and of the shipments'; what becomes of the orders is asserted in test/e2e/shipping.test.ts.
import { getOrder } from './orders.ts';
import { advance, becomes, cancelOrder, decide, packAndLabel, parksAt, placeToShip, shipmentsIn } from './shipping.ts';
import type { Stack } from './stack.ts';
import { until } from './until.ts';

/** Short enough that a carrier is asked while the path is walked, and a warehouse that does nothing is told of. */
export const shortShipping = {
  PACKING_LIMIT_MS: '6000',
  DISPATCH_LIMIT_MS: '6000',
  CARRIER_FIRST_LOOK_MS: '1000',
  CARRIER_SLOW_LOOK_MS: '2000',
};

export type ShippingPath = {
  /** Of the order's history; those of its shipments add `-shipment-<number>`. */
  name: string;
  /** The numbers of the shipments of which a history is kept. */
  shipments: readonly number[];
  walk: (stack: Stack) => Promise<string>;
};

export const shippingPaths: readonly ShippingPath[] = [
  {
    name: 'ships-and-is-delivered',
    shipments: [1],
    walk: async (stack) => {
      const id = await placeToShip(stack);
      await packAndLabel(stack, id);
      await advance(stack, id);
      await becomes(stack, id, 'shipped');
      await advance(stack, id);
      await becomes(stack, id, 'delivered');
      return id;
    },
  },
  {
    name: 'ships-is-lost-and-sent-once-more',
    shipments: [1, 2],
    walk: async (stack) => {
      const id = await placeToShip(stack);
      await packAndLabel(stack, id);
      await advance(stack, id, 'dispatched');
      await advance(stack, id, 'lost');
      await parksAt(stack, id, 'deliver-shipment');
      await decide(stack, id, 'retry');
      await until(async () => shipmentsIn(await getOrder(stack.url, id)).length === 2, 'it is sent once more');
      await packAndLabel(stack, id, 2);
      await advance(stack, id, 'dispatched', 2);
      await advance(stack, id, 'delivered', 2);
      await becomes(stack, id, 'delivered');
      return id;
    },
  },
  {
    name: 'ships-packed-late-then-cancelled',
    shipments: [1],
    walk: async (stack) => {
      const id = await placeToShip(stack);
      await parksAt(stack, id, 'pack-shipment');
      await decide(stack, id, 'retry');
      await packAndLabel(stack, id);
      const answer = await cancelOrder(stack, id);
      if (answer.status !== 202) throw new Error(`POST cancel: ${answer.status} ${await answer.text()}`);
      await becomes(stack, id, 'cancelled');
      return id;
    },
  },
];
