import type { ShipmentLine, TrackingFact } from '../domain/shipment.ts';

/** Where a parcel goes. Personal data: it goes from our table to the carrier and nowhere else. */
export type Recipient = {
  name: string;
  line1: string;
  line2?: string | undefined;
  city: string;
  postalCode: string;
  country: string;
};

/** A parcel at the carrier. `reference` is our name of it; `facts` is all that has happened to it, in any order. */
export type Parcel = {
  parcelId: string;
  trackingNumber: string;
  reference: string;
  isCancelled: boolean;
  facts: readonly TrackingFact[];
};

/**
 * What a call to the carrier came to. `refused`: it will never accept the call as things are. Everything that leaves the outcome
 * unknown (timeout, lost connection, 5xx) is thrown, and the same call may be made again with the same key.
 */
export type CarrierAnswer<T> = { done: T } | { refused: string };

/** Whoever brings parcels to customers. Never retries by itself: Temporal owns the retries. */
export type Carrier = {
  /** Announces a parcel, which makes its label; the same key makes it once. */
  create: (request: {
    key: string;
    reference: string;
    recipient: Recipient;
    items: readonly ShipmentLine[];
  }) => Promise<CarrierAnswer<Parcel>>;
  /** The parcel as it stands now. */
  find: (request: { parcelId: string }) => Promise<CarrierAnswer<Parcel>>;
  /** Every parcel that was announced under the reference, also those that were cancelled. */
  list: (request: { reference: string }) => Promise<CarrierAnswer<readonly Parcel[]>>;
  /** Voids the label; `refused` when the parcel has left already, then ask again what it is. Twice is once. */
  cancel: (request: { key: string; parcelId: string }) => Promise<CarrierAnswer<Parcel>>;
};
