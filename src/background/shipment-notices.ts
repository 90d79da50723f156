import {
  SHIPMENT_REPLANNED,
  type DueShipmentNotice,
  type ShipmentNoticeOutcome,
  type ShipmentNoticeReceivers,
  type ShipmentNotices,
} from '../ports/shipment-notice.ts';
import type { Logger } from '../runtime/logger.ts';
import { createLoop, type Loop, type MayWork } from './loop.ts';

const BATCH = 100;
const PAUSE_MS = 500;

type Options = {
  notices: ShipmentNotices;
  receivers: ShipmentNoticeReceivers;
  logger: Logger;
  mayWork?: MayWork;
};

/**
 * Works off the inbox of shipments: whoever has to know of a notice is told, and only then is it done with. Any process may run it; a
 * notice that could not be passed on (Temporal away, no run to tell yet) comes again.
 */
export const createShipmentNoticeLoop = (options: Options): Loop =>
  createLoop({
    mayWork: options.mayWork,
    name: 'shipment notices',
    pauseMs: PAUSE_MS,
    logger: options.logger,
    work: async () => {
      const due = await options.notices.claimDue({ limit: BATCH });
      await Promise.all(due.map((notice) => passOn(options, notice)));
      return due.length === BATCH;
    },
  });

async function passOn({ notices, receivers, logger }: Options, notice: DueShipmentNotice): Promise<void> {
  const { eventId, eventType } = notice;
  const outcome = await deliver(receivers, notice);
  // No run to tell: the order's workflow brings one back, and this notice comes again then.
  if (outcome === null) return;
  if (outcome === 'foreign')
    logger.warn({ eventId, eventType }, 'a message of the carrier is about no shipment of ours');
  await notices.finish({ eventId, outcome });
}

async function deliver(
  receivers: ShipmentNoticeReceivers,
  { eventType, shipment }: DueShipmentNotice,
): Promise<ShipmentNoticeOutcome | null> {
  if (!shipment) return 'foreign';
  const { orderId, number, isOpen, isLookedAfter, isDelivered } = shipment;
  if (eventType === SHIPMENT_REPLANNED) {
    if (!isOpen) return 'nothing_new';
    // Of a new one nobody looks after yet, and that of a cancelled one may have seen it by itself: either looks at its row first.
    await receivers.tellShipment({ orderId, number });
    return (await receivers.tellPlan({ orderId })) ? 'told' : null;
  }
  if (isDelivered) return 'nothing_new';
  if (isLookedAfter) return (await receivers.tellShipment({ orderId, number })) ? 'told' : null;
  await receivers.followShipment({ orderId, number });
  return 'followed';
}
