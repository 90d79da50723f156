import type {
  AwaitShipmentRequest,
  Awaited,
  GiveBackRequest,
  ShipmentRef,
  ShipmentStanding,
} from '../contracts/shipment.ts';
import type { OrderStatus } from '../domain/order.ts';
import type { Ending } from '../domain/rejection.ts';
import type { ShipmentLine, ShipmentStatus, TrackingFact } from '../domain/shipment.ts';
import type { Recipient } from './carrier.ts';

/** A shipment as it stands in our tables; instants are ISO strings, null while it has not happened. */
export type Shipment = {
  number: number;
  /** Where it leaves from. */
  warehouse: string;
  status: ShipmentStatus;
  carrier: string | null;
  trackingNumber: string | null;
  items: readonly ShipmentLine[];
  replaces: number | null;
  waiting: { for: 'warehouse' | 'carrier'; until: string | null } | null;
  packedAt: string | null;
  dispatchedAt: string | null;
  deliveredAt: string | null;
  lostAt: string | null;
  returnedAt: string | null;
  cancelledAt: string | null;
  /** A person has decided that it does not go; its units are on the shelf again since. */
  withdrawnAt: string | null;
  givenBackAt: string | null;
  acceptedAt: string | null;
};

/** What is needed to have a label made. `wasAsked`: the carrier may have been asked before. */
export type Label = {
  parcelId: string | null;
  wasAsked: boolean;
  recipient: Recipient | null;
  items: readonly ShipmentLine[];
};

/** A parcel that the carrier may have, of a shipment that was cancelled. */
export type CancelledParcel = ShipmentRef & { parcelId: string | null };
/** `askedAgoMs`: how long ago the carrier was last asked for a label of it, by the database's clock. */
export type CancelledShipment = CancelledParcel & { askedAgoMs: number };

/** The steps that change shipments. Each call is one transaction, and a repeat changes nothing. Faults are thrown. */
export type ShipmentRecords = {
  /** Divides what was sold into shipments, once; answers with those that somebody has to look after. */
  plan: (request: { orderId: string }) => Promise<{ numbers: readonly number[] } | { ending: Ending }>;
  /** How it stands. Throws when there is none. */
  findStanding: (request: ShipmentRef) => Promise<ShipmentStanding & { parcelId: string | null }>;
  /** Shows whom it waits for; a wait of the same kind that was begun before keeps its end, unless it is to be renewed. */
  await: (request: AwaitShipmentRequest) => Promise<Awaited>;
  /** Tells, once for each wait, that it takes long. */
  noteDelay: (request: ShipmentRef) => Promise<void>;
  /** Keeps that the carrier is about to be asked for a parcel, and answers with what is needed for it. */
  askLabel: (request: ShipmentRef) => Promise<Label | { ending: Ending }>;
  /** Keeps the carrier's parcel; `ending`, `cancelled`: the order, or the shipment alone, is cancelled, so the parcel has to be, too. */
  keepParcel: (
    request: ShipmentRef & { parcelId: string; trackingNumber: string },
  ) => Promise<{ kept: true } | { cancelled: true } | { ending: Ending }>;
  /**
   * Facts that the carrier tells, each once, whatever order they come in. The first dispatch makes the order `shipped`, unless it was
   * cancelled before: then the fact is kept, and `hasLeftAllTheSame`.
   */
  recordFacts: (request: ShipmentRef & { facts: readonly TrackingFact[] }) => Promise<ShipmentStanding>;
  /** Has what was lost or returned sent once more, as another shipment; `shortage`: there is too little stock for it. */
  replace: (request: ShipmentRef) => Promise<{ replacedBy: number } | { shortage: string }>;
  /** A person takes the shipment as it is. */
  accept: (request: ShipmentRef) => Promise<void>;
  /**
   * Takes it out of its order, before it leaves: nothing of it goes any more. `refused`: why that must not be, for a person to read. What
   * has left by now stays as it is.
   */
  withdraw: (request: ShipmentRef) => Promise<ShipmentStanding | { refused: string }>;
  /**
   * Puts the units of a withdrawn shipment back on the shelf, and has their money given back, once; `undecided`: whether that is owed is
   * for a person to say, and nothing is changed; `withoutRefund`: that person has said that it is not.
   */
  giveBack: (request: GiveBackRequest) => Promise<{ givenBack: true } | { undecided: string } | { ending: Ending }>;
  /** Shipments of an order that ends cancelled for which the carrier may have a parcel. */
  findCancelled: (request: { orderId: string }) => Promise<readonly CancelledShipment[]>;
  /** Nothing of the order is on its way any more: how it ends. Throws while something still is. */
  finish: (request: { orderId: string }) => Promise<{ status: OrderStatus }>;
};

/** What the warehouse says and sees. Only of the tenant's own orders; an absent one is null. */
export type Packing = {
  /**
   * It is packed; a repeat changes nothing. `items`: what was packed, where the warehouse says so. `notPackable`: it was cancelled, and must
   * not leave; `differs`: it is to have other items by now. The commit leaves a notice for the shipment's workflow. Null: no such shipment.
   */
  pack: (
    request: ShipmentRef & { tenant: string; actor: string; items?: readonly ShipmentLine[] | undefined },
  ) => Promise<{ packed: Shipment } | { notPackable: ShipmentStatus } | { differs: Shipment } | null>;
  /** In the order of their numbers; null: no such order. */
  list: (request: { tenant: string; orderId: string }) => Promise<readonly Shipment[] | null>;
};
