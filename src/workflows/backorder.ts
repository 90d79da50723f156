// After the sale of an order that does not insist on all of its stock at once: what is there ships, the rest is waited for. What must stay
// true: the rows say what is there, until when is waited, and what becomes of the rest; nothing is asked for without news or an end; and
// nothing of it is left running when it is over, however it ends.
import { condition, setHandler } from '@temporalio/workflow';
import { stockNewsSignal } from '../contracts/messages.ts';
import type { OrderInput } from '../contracts/process-order.ts';
import type { ShipParcelInput } from '../contracts/shipment.ts';
import type { OrderActivities } from './activity-proxies.ts';
import type { OrderState } from './order-state.ts';
import type { Parking } from './parking.ts';

const DAY_MS = 24 * 3_600_000;
// For an order whose input does not say.
const DEFAULT_LIMIT_MS = 30 * DAY_MS;
// The database's clock decides whether the time has come; it may be a little behind the one that woke us.
const SHORTEST_WAIT_MS = 1_000;

export type Fulfilling = {
  input: OrderInput;
  activities: OrderActivities;
  parking: Pick<Parking, 'runStep'>;
  order: Pick<OrderState, 'waitsForStock' | 'shipmentBegan' | 'shipmentEnded'>;
};

/** Until nothing is waited for and all that came has arrived. Throws what ends the story. */
export async function shipAsStockComes(
  { input: { orderId, bounds }, activities, parking, order }: Fulfilling,
  ship: (input: ShipParcelInput) => Promise<void>,
): Promise<void> {
  let news = false;
  setHandler(stockNewsSignal, () => void (news = true), { description: 'Stock has come that the order waited for' });
  const withinMs = bounds.backorderLimitMs ?? DEFAULT_LIMIT_MS;
  const underWay = new Map<number, Promise<void>>();
  const failures: unknown[] = [];
  let shown: string | null = null;
  const look = () => activities.awaitStock({ orderId, withinMs });

  try {
    for (;;) {
      news = false;
      const { shipments, nextInMs, until, undecided } = await parking.runStep('ship-order', look);
      if (until !== shown) order.waitsForStock(until);
      shown = until;
      for (const { first, number } of shipments)
        if (!underWay.has(first)) underWay.set(first, ship({ orderId, number, bounds }).catch(keep));
      if (undecided !== undefined) {
        await expire();
        continue;
      }
      if (nextInMs === null) break;
      await condition(() => news || failures.length > 0, Math.max(nextInMs, SHORTEST_WAIT_MS), {
        summary: 'Wait for stock: look again, tell of the delay, or give up',
      });
      if (failures.length > 0) break;
    }
  } finally {
    await Promise.all(underWay.values());
  }
  if (failures.length > 0) throw failures[0];

  /** A person has to say what is given back for what has not come. */
  function expire(): Promise<void> {
    return parking.runStep(
      'refund-missing',
      () => activities.expireBackorder({ orderId, withoutRefund: false }),
      () => activities.expireBackorder({ orderId, withoutRefund: true }),
    );
  }

  function keep(error: unknown): void {
    failures.push(error);
  }
}
