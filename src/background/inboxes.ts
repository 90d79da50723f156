import type { Backorders, StockTeller } from '../ports/backorder.ts';
import type { PaymentNoticeReceivers, PaymentNotices } from '../ports/payment-notice.ts';
import type { ShipmentNoticeReceivers, ShipmentNotices } from '../ports/shipment-notice.ts';
import type { Logger } from '../runtime/logger.ts';
import { createBackorderLoop } from './backorders.ts';
import type { Loop, MayWork } from './loop.ts';
import { createPaymentNoticeLoop } from './payment-notices.ts';
import { createShipmentNoticeLoop } from './shipment-notices.ts';

type Inboxes = {
  notices: PaymentNotices;
  receivers: PaymentNoticeReceivers;
  shipmentNotices: ShipmentNotices;
  shipmentReceivers: ShipmentNoticeReceivers;
  backorders: Backorders;
  stockTeller: StockTeller;
  logger: Logger;
  mayWork: MayWork;
};

/** All that works off what commits leave for workflows that wait: news of payments, of shipments, and stock that has come. */
export function createInboxLoops({ logger, mayWork, ...inboxes }: Inboxes): Pick<Loop, 'start' | 'stop'> {
  const { notices, receivers, shipmentNotices, shipmentReceivers, backorders, stockTeller } = inboxes;
  const loops = [
    createPaymentNoticeLoop({ notices, receivers, logger, mayWork }),
    createShipmentNoticeLoop({ notices: shipmentNotices, receivers: shipmentReceivers, logger, mayWork }),
    createBackorderLoop({ backorders, teller: stockTeller, logger, mayWork }),
  ];
  return {
    start: () => loops.forEach((loop) => loop.start()),
    stop: async () => void (await Promise.all(loops.map((loop) => loop.stop()))),
  };
}
