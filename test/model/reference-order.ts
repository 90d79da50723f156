// An order as the reference has it, and what the words for it mean.

export const skus = ['a', 'b'] as const;
export type Sku = (typeof skus)[number];
export type Units = Record<Sku, number>;
export const prices: Units = { a: 1_000, b: 333 };

export type Parcel = 'announced' | 'dispatched' | 'delivered' | 'lost' | 'returned' | 'cancelled';
/** What a carrier can do next with a parcel. */
export const parcelMoves: Record<Parcel, readonly Parcel[]> = {
  ...{ announced: ['dispatched'], dispatched: ['delivered', 'lost', 'returned'], lost: ['delivered', 'returned'] },
  ...{ cancelled: ['dispatched'], delivered: [], returned: [] },
};
export type Shipment = {
  status: 'pending' | 'packed' | Exclude<Parcel, 'announced'>;
  items: Units;
  /** What really became of it, and when; `status` is what we know. */
  parcel: Parcel | null;
  factAt: number;
  until: number;
  replaces: number | null;
  isReplaced: boolean;
  isAccepted: boolean;
  /** Its order was cancelled, and whoever looked then found that it was away. */
  wasFoundAway: boolean;
};
export type Return = {
  status: 'requested' | 'approved' | 'rejected' | 'expired' | 'received' | 'completed';
  items: Units;
  until: number;
};
export type Order = {
  lines: Units;
  card: Card;
  ships: boolean;
  onShortage: 'reject' | 'split' | 'wait';
  status: 'placed' | 'reserved' | 'confirmed' | 'shipped' | 'delivered' | 'rejected' | 'cancelled';
  rejection: string | null;
  waiting: { for: 'review' | 'customer'; until: number } | null;
  review: 'pending' | 'approved' | 'rejected' | 'expired' | 'cancelled' | null;
  held: Units;
  sold: Units;
  missing: Units;
  missingUntil: number;
  captured: number;
  refunded: number;
  refundedUnits: Units;
  /** Of them those that came back with a return. */
  returnedUnits: Units;
  shipments: Shipment[];
  returns: Return[];
  amendments: ('applied' | 'refused')[];
  /** Steps that wait for an operator: `step` of the order's own workflow, `step@shipment:1` of another. */
  parked: string[];
  isEnding: boolean;
  isClosed: boolean;
};
export type Card = 'visa' | 'declined' | '3ds';
export type Placing = Pick<Order, 'card' | 'ships' | 'onShortage'> & { items: Units };
/** What the api answers with: a status, and the name of the problem if it is one. */
export type Answer = string;

export const none = (): Units => ({ a: 0, b: 0 });
export const unitsIn = (units: Units): number => units.a + units.b;
export const priceOf = (units: Units): number => units.a * prices.a + units.b * prices.b;
export const plus = (one: Units, other: Units, sign = 1): Units => ({
  ...{ a: one.a + sign * other.a, b: one.b + sign * other.b },
});
export const isSold = ({ status }: Order): boolean => ['confirmed', 'shipped', 'delivered'].includes(status);
export const hasLeft = ({ status }: Shipment): boolean =>
  ['dispatched', 'delivered', 'lost', 'returned'].includes(status);
/** The carrier has it, or has given it to somebody: what came back is on the shelf again. */
export const isAway = ({ parcel }: Shipment): boolean =>
  parcel !== null && !['announced', 'cancelled', 'returned'].includes(parcel);
export const isDone = ({ status, isAccepted, isReplaced }: Shipment): boolean =>
  status === 'delivered' || status === 'cancelled' || isAccepted || isReplaced;

export function park(order: Order, name: string): void {
  if (!order.parked.includes(name)) order.parked.push(name);
}

export function unpark(order: Order, name: string): void {
  order.parked = order.parked.filter((one) => one !== name);
}
