import type { ShipmentStatus } from '../domain/shipment.ts';
import type { Ending } from '../domain/rejection.ts';
import type { Carried, ParkingRef } from './parking.ts';
import type { Bounds } from './process-order.ts';

/** The workflow's registered name. Histories carry it: it never changes. */
export const SHIP_PARCEL = 'shipParcel';

/** Which shipment of an order; numbers count from 1. */
export type ShipmentRef = { orderId: string; number: number };

/** `carried`: what the run before this one has handed on, its history being long. */
export type ShipParcelInput = ShipmentRef & { bounds: Bounds; carried?: Carried };

/**
 * What became of a shipment. `replacedBy`: it is sent once more under that number; `ending`: its order ends, and nothing of it leaves
 * any more.
 */
export type ShipmentOutcome = { settled: true } | { replacedBy: number } | { ending: Ending };

/** Between the order and the number in the id of the workflow that looks after a shipment. */
const SHIPMENT_INFIX = ':shipment:';

/** The workflow's id, the carrier's reference, and the key under which the carrier is asked for the parcel: all of one shipment. */
export const shipmentId = ({ orderId, number }: ShipmentRef): string => `${orderId}${SHIPMENT_INFIX}${number}`;

/** The key under which the carrier is asked to cancel the parcel. */
export const cancelShipmentKey = ({ orderId, number }: ShipmentRef): string => `${orderId}:cancel-shipment:${number}`;

/** Whose shipment it is, or null when the text is no such id. */
export function shipmentOf(id: string): ShipmentRef | null {
  const [, orderId, number] = /^(.+):shipment:([1-9]\d{0,5})$/.exec(id) ?? [];
  return orderId === undefined ? null : { orderId, number: Number(number) };
}

/** Who is waited for while a shipment stands where it stands, until when the wait ends in front of an operator. */
export type ShipmentWait = 'packing' | 'dispatch' | 'delivery';

/** `renew`: an operator has decided to wait once more; otherwise a wait that was begun before keeps its end. */
export type AwaitShipmentRequest = ShipmentRef & { what: ShipmentWait; withinMs: number; renew: boolean };

/** `leftMs`: how long may still be waited (milliseconds). */
export type Awaited = { leftMs: number };

/** How a shipment stands. `ending`: how its order ends, where it does. */
export type ShipmentStanding = {
  status: ShipmentStatus;
  ending: Ending | null;
  /** The carrier has the parcel although it was cancelled, and nobody has taken that as it is yet. */
  hasLeftAllTheSame: boolean;
  /** A person has taken it as it is. */
  isAccepted: boolean;
  replacedBy: number | null;
  /** A person has decided that it does not go; `open`: its units are not given back yet. */
  withdrawn?: 'open' | 'given-back';
};

/** `parked`: the last time its workflow parked, if it did. */
export type FollowShipmentRequest = ShipmentRef & { parked?: ParkingRef };

/** `withoutRefund`: a person takes it as it is that nothing is given back for it. */
export type GiveBackRequest = ShipmentRef & { withoutRefund: boolean };
export type ExpireBackorderRequest = { orderId: string; withoutRefund: boolean };

/** `withinMs`: how long stock is waited for after the sale, should any be missing. */
export type AwaitStockRequest = { orderId: string; withinMs: number };

/**
 * What of an order is to be looked after now: `first` names a shipment for good, `number` is the one that is sent in its place now.
 * `nextInMs`: when the time means something next (milliseconds); null when nothing is waited for any more.
 */
export type StockStanding = {
  shipments: readonly { first: number; number: number }[];
  nextInMs: number | null;
  until: string | null;
  /** Nothing more comes, and a person has to say what is given back for it: why. */
  undecided?: string;
};
