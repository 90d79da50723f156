// What becomes of a shipment. What must stay true: it only ever goes forward, whatever order the carrier's news come in.

export const ShipmentStatus = {
  /** The warehouse is to pack it. */
  pending: 'pending',
  packed: 'packed',
  /** The carrier has it: from here on it can not be taken back. */
  dispatched: 'dispatched',
  delivered: 'delivered',
  /** The carrier can not find it. It may turn up again. */
  lost: 'lost',
  /** The carrier has brought it back to its sender. */
  returned: 'returned',
  /** The order was cancelled before the carrier had it. */
  cancelled: 'cancelled',
} as const;
export type ShipmentStatus = (typeof ShipmentStatus)[keyof typeof ShipmentStatus];
export const shipmentStatuses = Object.values(ShipmentStatus);

/** The one table of legal transitions; the database refuses the others too (see the migrations). */
export const shipmentTransitions: Readonly<Record<ShipmentStatus, readonly ShipmentStatus[]>> = {
  pending: ['packed', 'cancelled'],
  // Of news that come out of order the later implies the earlier.
  packed: ['dispatched', 'delivered', 'lost', 'returned', 'cancelled'],
  dispatched: ['delivered', 'lost', 'returned'],
  lost: ['delivered', 'returned'],
  delivered: [],
  returned: [],
  cancelled: [],
};

/** What a carrier can tell of a parcel. */
export const carrierNews = ['dispatched', 'lost', 'delivered', 'returned'] as const;
export type CarrierNews = (typeof carrierNews)[number];

/** A fact that the carrier told: what, and when it was (ISO instant). */
export type TrackingFact = { status: CarrierNews; at: string };

/** Where a shipment stands once the facts are known. The same for every order in which they come, and for repeats. */
export function statusAfter(status: ShipmentStatus, facts: readonly TrackingFact[]): ShipmentStatus {
  const inOrder = [...facts].sort((one, other) => carrierNews.indexOf(one.status) - carrierNews.indexOf(other.status));
  return inOrder.reduce<ShipmentStatus>(
    (reached, fact) => (shipmentTransitions[reached].includes(fact.status) ? fact.status : reached),
    status,
  );
}

/** Whether the carrier has, or has had, the parcel. */
export const isHandedOver = (status: ShipmentStatus): boolean => (carrierNews as readonly string[]).includes(status);

/** Whether the warehouse may say that it has packed it (once more): what is cancelled must not leave. */
export const mayBePacked = (status: ShipmentStatus, { isEnding }: { isEnding: boolean }): boolean =>
  status !== 'cancelled' && !(isEnding && status === 'pending');

/** Whether a person has to say what is to become of it: the carrier does nothing more about it. */
export const isFailed = (status: ShipmentStatus): status is 'lost' | 'returned' =>
  status === 'lost' || status === 'returned';

/** What a person reads of a parcel that left although its order was cancelled. */
export const describeLeft = (number: number): string =>
  `Shipment ${number} was cancelled, and the carrier has its parcel all the same`;

/** What a person reads of a refund for units that never went. */
export const NOT_SENT = 'It is not sent';

/** Units of one product in a shipment. */
export type ShipmentLine = { sku: string; quantity: number };

/** Of each product, how many units the carrier has taken over, and how many it has brought to the customer. */
export function fulfilledQuantities(
  shipments: readonly { status: ShipmentStatus; items: readonly ShipmentLine[]; isReplaced: boolean }[],
): ReadonlyMap<string, { shipped: number; delivered: number }> {
  const quantities = new Map<string, { shipped: number; delivered: number }>();
  // What was sent once more counts once.
  for (const { status, items } of shipments.filter((one) => isHandedOver(one.status) && !one.isReplaced)) {
    for (const { sku, quantity } of items) {
      const known = quantities.get(sku) ?? { shipped: 0, delivered: 0 };
      const delivered = known.delivered + (status === 'delivered' ? quantity : 0);
      quantities.set(sku, { shipped: known.shipped + quantity, delivered });
    }
  }
  return quantities;
}
