/** The states of an order's life, in the words of the contract. *Parked* is not one of them: see `Attention`. */
export const OrderStatus = {
  placed: 'placed',
  reserved: 'reserved',
  confirmed: 'confirmed',
  shipped: 'shipped',
  delivered: 'delivered',
  rejected: 'rejected',
  cancelled: 'cancelled',
} as const;
export type OrderStatus = (typeof OrderStatus)[keyof typeof OrderStatus];

/**
 * The one table of legal transitions; the database refuses the others too (see the migrations), and those after `confirmed` where
 * nothing is to be shipped.
 */
export const transitions: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  placed: ['reserved', 'rejected', 'cancelled'],
  reserved: ['confirmed', 'rejected', 'cancelled'],
  confirmed: ['shipped', 'cancelled'],
  shipped: ['delivered'],
  delivered: [],
  rejected: [],
  cancelled: [],
};

const soldStatuses: readonly OrderStatus[] = ['confirmed', 'shipped', 'delivered'];

/** The pivot is behind it: its money is ours, and what was held is sold. */
export const isSold = (status: OrderStatus): boolean => soldStatuses.includes(status);

/** It is sold, and nothing takes that back: what may be asked for after a sale (a refund, a return) may be asked for. */
export const isKept = ({ status, ending }: { status: OrderStatus; ending: object | null }): boolean =>
  isSold(status) && ending === null;

/** No cancellation takes the sale back any more. The first dispatch is the second pivot: it makes the order `shipped`. */
export const isSoldForGood = ({
  status,
  ships,
  isClosed,
}: {
  status: OrderStatus;
  ships: boolean;
  isClosed: boolean;
}): boolean => isSold(status) && (status !== 'confirmed' || !ships || isClosed);

/** It ended without a sale, or with the sale undone: nothing of it is ours, and nothing is held. */
export const isUnsold = (status: OrderStatus): boolean => status === 'rejected' || status === 'cancelled';

/**
 * Whether it is sold is decided. What others do to its payment afterwards is business of its own. That its own story is over is
 * another matter (`closedAt` of the order): what is sold may still have to be shipped.
 */
export const isDecided = (status: OrderStatus): boolean => isSold(status) || isUnsold(status);

/** The steps of the story itself; the others undo it, or come after it. */
export const storySteps = ['reserve-inventory', 'charge-payment', 'confirm-order'] as const;

/** The steps after the sale of what ships: dividing it into shipments, then of each one. */
export const shippingSteps = [
  'ship-order',
  'pack-shipment',
  'create-shipment',
  'dispatch-shipment',
  'deliver-shipment',
  'refund-missing',
] as const;

/** The steps of a return: business beside the order. */
export const returnSteps = ['approve-return', 'receive-return', 'refund-return'] as const;
/** The steps of an amendment, and of its undo. */
export const amendmentSteps = [
  'hold-amendment',
  'charge-amendment',
  'apply-amendment',
  'undo-amendment',
  'close-amendment',
] as const;

/** The steps and undo steps that can park an order, by the names an operator sees. */
export const orderSteps = [
  ...storySteps,
  'refund-payment',
  'release-inventory',
  'close-order',
  'follow-payment',
  'pay-refund',
  'capture-payment',
  ...shippingSteps,
  'cancel-shipment',
  'follow-shipment',
  ...returnSteps,
  ...amendmentSteps,
] as const;
export type OrderStep = (typeof orderSteps)[number];

/** A parked order: which step could not finish, why, and since when (ISO instant). Of several, the one parked longest. */
export type Attention = { step: OrderStep; reason: string; since: string };

/** One of an order's parked steps, and the workflow that waits for the decision about it. */
export type ParkedStep = Attention & { workflowId: string };

/** For whom an order can wait outside. */
export const waitingFor = ['review', 'customer', 'provider', 'stock', 'warehouse', 'carrier'] as const;

/** An order that waits for somebody outside. `until` is an ISO instant, or null when there is no limit. */
export type Waiting = {
  for: (typeof waitingFor)[number];
  until: string | null;
};
