// All that the carrier knows. Every change is an entry of the log; the state is what its entries add up to.
import { randomBytes } from 'node:crypto';

export const parcelStatuses = ['announced', 'dispatched', 'delivered', 'lost', 'returned', 'cancelled'] as const;
export type ParcelStatus = (typeof parcelStatuses)[number];

/** What happened to a parcel, once each; `at` is an ISO instant. */
export type TrackingEvent = { id: string; status: ParcelStatus; at: string };

export type Parcel = {
  id: string;
  trackingNumber: string;
  /** The sender's own name of it. */
  reference: string;
  status: ParcelStatus;
  createdAt: string;
  events: readonly TrackingEvent[];
};

/** What a request did, for witnesses: one line per request that reached an operation, also replays and failures. */
export type JournalItem = {
  operation: 'create' | 'retrieve' | 'list' | 'cancel' | 'advance';
  effect: 'none' | 'created' | 'cancelled' | 'advanced';
  parcelId: string | null;
  reference: string | null;
  idempotencyKey: string | null;
  replayed: boolean;
  fault: string | null;
  at: string;
};

/** The message about one tracking event, as the endpoints get it. */
export type Message = {
  id: string;
  type: string;
  parcelId: string;
  trackingNumber: string;
  reference: string;
  at: string;
};
export type Endpoint = { url: string; secret: string };
/** A message that an endpoint is still to hear. */
export type Delivery = { messageId: string; url: string };

/** One line of the log. */
export type Entry = {
  parcels?: Parcel[];
  /** Of a create: under which key, with what body, which parcel came of it. */
  keys?: { key: string; fingerprint: string; parcelId: string }[];
  messages?: Message[];
  endpoints?: Endpoint[];
  owed?: Delivery[];
  /** Deliveries that have come to their end: accepted, or given up. */
  ended?: Delivery[];
  journal?: JournalItem[];
};

export type State = {
  parcels: Map<string, Parcel>;
  keys: Map<string, { fingerprint: string; parcelId: string }>;
  messages: Map<string, Message>;
  endpoints: Map<string, Endpoint>;
  owed: Map<string, Delivery>;
  journal: JournalItem[];
};

export const emptyState = (): State => ({
  parcels: new Map(),
  keys: new Map(),
  messages: new Map(),
  endpoints: new Map(),
  owed: new Map(),
  journal: [],
});

/** Adds an entry to the state. Objects are stored as given: whoever changes one makes a new one. */
export function apply(state: State, entry: Entry): void {
  for (const parcel of entry.parcels ?? []) state.parcels.set(parcel.id, parcel);
  for (const { key, ...bound } of entry.keys ?? []) state.keys.set(key, bound);
  for (const message of entry.messages ?? []) state.messages.set(message.id, message);
  for (const endpoint of entry.endpoints ?? []) state.endpoints.set(endpoint.url, endpoint);
  for (const delivery of entry.owed ?? []) state.owed.set(nameOf(delivery), delivery);
  for (const delivery of entry.ended ?? []) state.owed.delete(nameOf(delivery));
  state.journal.push(...(entry.journal ?? []));
}

export const newId = (prefix: string): string => `${prefix}_${randomBytes(12).toString('hex')}`;

const nameOf = ({ messageId, url }: Delivery): string => `${messageId} ${url}`;
