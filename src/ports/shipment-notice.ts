import type { ShipmentRef } from '../contracts/shipment.ts';

/** What a message of the carrier is about. Nothing else in it is used: the carrier is asked. */
export type ReceivedCarrierNotice = { eventId: string; eventType: string; parcelId: string; reference: string };

/** Reads a message of the carrier from its raw body. `forged`: the signature is not the carrier's; null: not about parcels. */
export type ReadCarrierNotice = (request: {
  body: Buffer;
  signature: string | undefined;
}) => ReceivedCarrierNotice | { forged: string } | null;

/** A notice that is to be worked off. `shipment`: whose it is, by our rows; null: none of ours. `isOpen`: its order has not ended; `isLookedAfter`: by its order, which has not
 * ended, and which waits for what becomes of it. */
export type DueShipmentNotice = {
  eventId: string;
  eventType: string;
  shipment: (ShipmentRef & { isOpen: boolean; isLookedAfter: boolean; isDelivered: boolean }) | null;
};

/**
 * What became of a notice. `told`: the shipment's workflow, which is at work; `followed`: one was started for it, because its order
 * is over, or waits for it no more; `nothing_new`: it is delivered, and stays so; `foreign`: no shipment of ours.
 */
export type ShipmentNoticeOutcome = 'told' | 'followed' | 'nothing_new' | 'foreign';

/** The inbox of what happens to shipments: the carrier's messages, and what the warehouse has done. */
export type ShipmentNotices = {
  /** Keeps a message of the carrier, once; false when it is here already. */
  keep: (notice: ReceivedCarrierNotice) => Promise<boolean>;
  /** Takes up to `limit` due notices for this process and defers them, so that two processes do not work off the same ones. */
  claimDue: (request: { limit: number }) => Promise<readonly DueShipmentNotice[]>;
  /** It was worked off, with this outcome; it is not due any more. */
  finish: (request: { eventId: string; outcome: ShipmentNoticeOutcome }) => Promise<void>;
};

/** Ours: an amendment has divided the order anew. */
export const SHIPMENT_REPLANNED = 'shipment.replanned';

/** Who hears of a notice. All throw when Temporal can not be asked, and may be called again. */
export type ShipmentNoticeReceivers = {
  /** The shipment's workflow; false when none is running. */
  tellShipment: (request: ShipmentRef) => Promise<boolean>;
  /** The order's workflow, that its shipments are others; false when none is running. */
  tellPlan: (request: { orderId: string }) => Promise<boolean>;
  /** A workflow that looks after this one shipment, although its order does not. */
  followShipment: (request: ShipmentRef) => Promise<void>;
};
