// What can become of a parcel, and the messages that tell of it.
import { newId, type Message, type Parcel, type ParcelStatus } from './state.ts';

/** A request that is refused for the state that it found. */
export class Conflict extends Error {}

/** Where a parcel goes from where it is; the first is where it goes by itself. */
const next: Readonly<Record<ParcelStatus, readonly ParcelStatus[]>> = {
  announced: ['dispatched', 'cancelled'],
  dispatched: ['delivered', 'lost', 'returned'],
  // Some turn up again.
  lost: ['delivered', 'returned'],
  delivered: [],
  returned: [],
  // A label that was voided and used all the same: it happens.
  cancelled: ['dispatched'],
};

export function announce(reference: string): Parcel {
  const at = new Date().toISOString();
  const number = Math.floor(Math.random() * 1e12);
  return {
    id: newId('parcel'),
    trackingNumber: `SIM${String(number).padStart(12, '0')}`,
    reference,
    status: 'announced',
    createdAt: at,
    events: [],
  };
}

/** The parcel one step further, or at `to`, with what has to be told. Throws a Conflict where it can not go there. */
export function advance(parcel: Parcel, to?: ParcelStatus): { parcel: Parcel; message: Message } {
  const status = to ?? next[parcel.status][0];
  if (status === undefined || !next[parcel.status].includes(status))
    throw new Conflict(`parcel ${parcel.id} is ${parcel.status}: it can not become ${status ?? 'anything else'}`);
  const event = { id: newId('evt'), status, at: new Date().toISOString() };
  const { id: parcelId, trackingNumber, reference } = parcel;
  return {
    parcel: { ...parcel, status, events: [...parcel.events, event] },
    message: { id: event.id, type: `parcel.${status}`, parcelId, trackingNumber, reference, at: event.at },
  };
}
