// Waiting for the warehouse and the carrier. What must stay true: every wait has an end, after half of it an event says so, and at its
// end a person is asked; while a person is asked, news are looked at without waiting on.
import { condition } from '@temporalio/workflow';
import { endingFailure, needsOperatorFailure } from '../contracts/failures.ts';
import type { Bounds, ShippingBounds } from '../contracts/process-order.ts';
import type { ShipmentRef, ShipmentStanding, ShipmentWait } from '../contracts/shipment.ts';
import { shipmentWait } from '../domain/business-card.ts';
import type { OrderStep } from '../domain/order.ts';
import type { OrderActivities } from './activity-proxies.ts';
import type { BusinessView } from './business-state.ts';
import type { Parking, Skip } from './parking.ts';

const HOUR_MS = 3_600_000;
// For an order whose input is from before anything was shipped.
const DEFAULTS: ShippingBounds = {
  packingLimitMs: 72 * HOUR_MS,
  dispatchLimitMs: 48 * HOUR_MS,
  deliveryLimitMs: 14 * 24 * HOUR_MS,
  firstLookMs: HOUR_MS / 4,
  slowLookMs: 6 * HOUR_MS,
};

const overdue: Record<ShipmentWait, string> = {
  packing: 'The warehouse has not packed it in time',
  dispatch: 'It is packed and labelled, and was not handed over to the carrier in time',
  delivery: 'The carrier has not delivered it in time',
};

type Wait = {
  what: ShipmentWait;
  /** How it stands now, by whoever knows. May throw what parks. */
  look: () => Promise<ShipmentStanding>;
  isOver: (standing: ShipmentStanding) => boolean;
  /** What a person's retry does before it is waited once more: null when there is nothing to do but wait. */
  retry?: () => Promise<ShipmentStanding | null>;
  skip?: Skip<ShipmentStanding>;
};

export function createWaits(options: {
  ref: ShipmentRef;
  bounds: Bounds;
  activities: OrderActivities;
  parking: Pick<Parking, 'runStep'>;
  hasNews: () => boolean;
  view: Pick<BusinessView, 'waits'>;
}) {
  const { ref, bounds, activities, parking, hasNews, view } = options;
  const shipping = bounds.shipping ?? DEFAULTS;
  const limits: Record<ShipmentWait, number> = {
    packing: shipping.packingLimitMs,
    dispatch: shipping.dispatchLimitMs,
    delivery: shipping.deliveryLimitMs,
  };

  async function wait({ what, look, isOver }: Wait, renew: boolean): Promise<ShipmentStanding> {
    const { leftMs } = await activities.awaitShipment({ ...ref, what, withinMs: limits[what], renew });
    const end = Date.now() + leftMs;
    view.waits(shipmentWait({ ...ref, what, until: new Date(end).toISOString() }));
    const half = end - limits[what] / 2;
    let isTold = false;
    for (let lookMs = shipping.firstLookMs; ; lookMs = Math.min(lookMs * 2, shipping.slowLookMs)) {
      const standing = await lookOnce(look);
      if (isOver(standing)) return standing;
      // Told first, also where nobody looked until its end: workers may have been away.
      if (!isTold && Date.now() >= half) {
        await activities.noteShipmentDelay(ref);
        isTold = true;
      }
      if (Date.now() >= end) throw needsOperatorFailure(overdue[what]);
      const until = isTold ? end : half;
      await condition(hasNews, Math.max(1, Math.min(lookMs, until - Date.now())), { summary: `Look again: ${what}` });
    }
  }

  return {
    /** Waits until it is over; parks when that takes too long, or when what is found needs a person. */
    run(step: OrderStep, request: Wait): Promise<ShipmentStanding> {
      const { look, isOver, retry, skip } = request;
      let parkedFor: { error: unknown } | null = null;
      const waitOrTell = async (renew: boolean): Promise<ShipmentStanding> => {
        try {
          return await wait(request, renew);
        } catch (error) {
          parkedFor = { error };
          throw error;
        }
      };
      const work = async (): Promise<ShipmentStanding> => {
        if (!parkedFor) return waitOrTell(false);
        // A person is asked: there are news, or the parking was void. Nothing is waited for here.
        const standing = await lookOnce(look);
        if (isOver(standing)) return standing;
        throw parkedFor.error;
      };
      const again = async (): Promise<ShipmentStanding> => {
        const settled = (await retry?.()) ?? null;
        if (settled) return settled;
        return waitOrTell(true);
      };
      return parking.runStep(step, work, skip, again);
    },
  };
}

async function lookOnce(look: () => Promise<ShipmentStanding>): Promise<ShipmentStanding> {
  const standing = await look();
  if (standing.ending) throw endingFailure(standing.ending);
  return standing;
}
