// Every change of an order, as other systems see it. Types and field names are published: they are only ever added to.

export const EventType = {
  orderPlaced: 'order.placed',
  inventoryReserved: 'inventory.reserved',
  inventoryReleased: 'inventory.released',
  /** Not all of it was there: the order allows to wait for the rest. */
  inventoryBackordered: 'inventory.backordered',
  inventoryBackorderFilled: 'inventory.backorder_filled',
  /** Half of the time is over in which the stock should have come. */
  inventoryBackorderDelayed: 'inventory.backorder_delayed',
  /** No stock came in time: nobody waits for it any more. */
  inventoryBackorderExpired: 'inventory.backorder_expired',
  inventoryBackorderCancelled: 'inventory.backorder_cancelled',
  /** Somebody has to look at the order before it is charged. */
  reviewRequested: 'order.review_requested',
  /** Nobody has decided so far: a second group has to. */
  reviewEscalated: 'order.review_escalated',
  reviewApproved: 'order.review_approved',
  reviewRejected: 'order.review_rejected',
  /** Nobody decided in time; `outcome` says what that came to. */
  reviewExpired: 'order.review_expired',
  paymentActionRequired: 'payment.action_required',
  paymentMethodRequested: 'payment.method_requested',
  paymentMethodProvided: 'payment.method_provided',
  /** Its money is reserved with the customer’s bank, to be captured as the order ships. */
  paymentAuthorized: 'payment.authorized',
  paymentCaptured: 'payment.captured',
  /** A part of what is authorized is to be captured; that it was, or that a person has decided that it is not. */
  paymentCaptureRequested: 'payment.capture_requested',
  paymentCaptureCompleted: 'payment.capture_completed',
  paymentCaptureGivenUp: 'payment.capture_given_up',
  /** What was authorized and is never captured is the customer’s again. */
  paymentReleased: 'payment.released',
  paymentDeclined: 'payment.declined',
  paymentVoided: 'payment.voided',
  paymentRefunded: 'payment.refunded',
  paymentDisputed: 'payment.disputed',
  paymentDisputeClosed: 'payment.dispute_closed',
  /** An operator wants something given back of a sold order; how that ended. */
  refundRequested: 'refund.requested',
  refundCompleted: 'refund.completed',
  refundAbandoned: 'refund.abandoned',
  /** A customer wants to send something back; what became of that. */
  returnRequested: 'return.requested',
  returnApproved: 'return.approved',
  returnRejected: 'return.rejected',
  /** Half of the time is over in which it should have been answered, or should have come. */
  returnDelayed: 'return.delayed',
  returnExpired: 'return.expired',
  returnReceived: 'return.received',
  returnCompleted: 'return.completed',
  /** Another order was placed in the place of what comes back. */
  returnExchanged: 'return.exchanged',
  /** Somebody wants a sold order changed before it is packed; that it is changed, or stays as it was. */
  amendmentRequested: 'amendment.requested',
  orderAmended: 'order.amended',
  amendmentRefused: 'amendment.refused',
  orderConfirmed: 'order.confirmed',
  orderRejected: 'order.rejected',
  orderCancellationRequested: 'order.cancellation_requested',
  orderCancelled: 'order.cancelled',
  orderParked: 'order.parked',
  orderParkedReminder: 'order.parked.reminder',
  orderResumed: 'order.resumed',
  orderShipped: 'order.shipped',
  orderDelivered: 'order.delivered',
  shipmentPlanned: 'shipment.planned',
  shipmentPacked: 'shipment.packed',
  /** The carrier has made its label. */
  shipmentCreated: 'shipment.created',
  shipmentDispatched: 'shipment.dispatched',
  shipmentDelivered: 'shipment.delivered',
  shipmentLost: 'shipment.lost',
  shipmentReturned: 'shipment.returned',
  shipmentCancelled: 'shipment.cancelled',
  /** Half of the time is over in which somebody should have packed, handed over or delivered it. */
  shipmentDelayed: 'shipment.delayed',
  /** A person has taken it as it is. */
  shipmentAccepted: 'shipment.accepted',
  /** An operator has decided that it does not go. */
  shipmentWithdrawn: 'shipment.withdrawn',
  /** Its units are on the shelf again; `refund`: the number of what goes back to the customer for them, if anything does. */
  shipmentGivenBack: 'shipment.given_back',
  inventoryRestocked: 'inventory.restocked',
  /** The database had been restored from a backup: what this order has told since then may be told again. */
  orderRecovered: 'order.recovered',
  /** Names, addresses, metadata and what people wrote are gone from it, and from its events. */
  orderPersonalDataErased: 'order.personal_data_erased',
} as const;
export type EventType = (typeof EventType)[keyof typeof EventType];
export const eventTypes = Object.values(EventType);

/** Who writes these events. */
export const EVENT_SOURCE = 'durable-orders';

/**
 * One event. `sequence` counts from 1 within its order without a gap; `position` counts from 1 over all orders, dense but for one gap
 * behind each recovery of a restored database,
 * and is null until the sequencer has numbered it (usually less than 100 ms). `timestamp` is an ISO instant of the
 * database's clock. `causationId` is the event or command that led to this one.
 */
export type EventEnvelope = {
  eventId: string;
  eventType: EventType;
  eventVersion: number;
  timestamp: string;
  source: string;
  orderId: string;
  sequence: number;
  position: number | null;
  data: Record<string, unknown>;
  metadata: { correlationId: string; causationId: string | null };
};
