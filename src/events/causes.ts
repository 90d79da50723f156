// What can have caused an event: a command from outside, or an event of the same order that happened before. What must stay true: whoever
// follows the causes of an order's events ends at the command that placed it (tree.ts), and no cause says anything about a person.
import { EventType } from '../contracts/events.ts';
import { amendmentOf } from '../contracts/amend-order.ts';
import { CAPTURE_INFIX } from '../contracts/capture-order.ts';
import { paymentOf } from '../contracts/follow-payment.ts';
import { refundOf } from '../contracts/refund-order.ts';
import { returnOf } from '../contracts/return-order.ts';
import { shipmentOf } from '../contracts/shipment.ts';

/** An event of this type whose data has these values. */
export type Candidate = { type: EventType; about?: Readonly<Record<string, string | number | boolean>> };
/** `after`: the latest event of the order that is one of these; where there is none, the one that placed it. */
export type Cause = { command: string } | { after: readonly Candidate[] };

export const COMMAND = 'command:';

/** What somebody has asked for: the kind of command, the order, and what of the order it was about. Never a key that a client has chosen. */
export const command = (kind: string, orderId: string, number?: number): Cause => ({
  command: [`${COMMAND}${kind}`, orderId, ...(number === undefined ? [] : [number])].join(':'),
});

export const after = (...candidates: readonly (Candidate | readonly Candidate[])[]): Cause => ({
  after: candidates.flat(),
});

export const one = (type: EventType, about?: Candidate['about']): Candidate => (about ? { type, about } : { type });

/** Why an order is charged, by its own story or for an amendment. */
export const chargeCauses = (orderId: string): readonly Candidate[] => [
  one(EventType.inventoryReserved),
  one(EventType.reviewApproved),
  one(EventType.reviewExpired, { outcome: 'approve' }),
  one(EventType.paymentActionRequired),
  one(EventType.paymentMethodProvided),
  one(EventType.amendmentRequested),
  one(EventType.orderResumed, { workflowId: orderId, step: 'charge-payment' }),
  one(EventType.orderResumed, { step: 'charge-amendment' }),
  one(EventType.orderRecovered),
];

/** Why an order is undone. Where none of these happened there was no stock, and its placing is what came to that. */
export const endCauses = (orderId: string): readonly Candidate[] => [
  one(EventType.orderCancellationRequested),
  one(EventType.reviewRejected),
  one(EventType.reviewExpired, { outcome: 'reject' }),
  one(EventType.paymentDeclined),
  one(EventType.paymentActionRequired),
  one(EventType.paymentMethodRequested),
  one(EventType.orderResumed, { workflowId: orderId, action: 'compensate' }),
  one(EventType.orderRecovered),
];

/** What a workflow was at when it parked. */
export function workCauses(orderId: string, workflowId: string): readonly Candidate[] {
  return [one(EventType.orderResumed, { workflowId }), ...subjectOf(orderId, workflowId)];
}

function subjectOf(orderId: string, workflowId: string): readonly Candidate[] {
  const ref = { orderId, workflowId };
  const refund = refundOf(ref);
  if (refund !== null) return [one(EventType.refundRequested, { number: refund })];
  const amendment = amendmentOf(ref);
  if (amendment !== null) return [one(EventType.amendmentRequested, { number: amendment })];
  const returned = returnOf(ref);
  if (returned !== null) return ofReturn(returned);
  const shipment = shipmentOf(workflowId);
  if (shipment) return ofShipment(shipment.number);
  const payment = paymentOf(ref);
  if (payment !== null)
    return [EventType.paymentCaptured, EventType.paymentAuthorized].map((type) => one(type, { providerId: payment }));
  const [, ordinal] = workflowId.split(CAPTURE_INFIX);
  if (ordinal !== undefined)
    return [EventType.paymentCaptureRequested, EventType.paymentAuthorized].map((type) =>
      one(type, { ordinal: Number(ordinal) }),
    );
  return ownStory(orderId);
}

const ownStory = (orderId: string): readonly Candidate[] => [
  ...chargeCauses(orderId).filter(({ type }) => type !== EventType.amendmentRequested),
  ...endCauses(orderId),
  one(EventType.paymentAuthorized),
  one(EventType.paymentCaptured),
  one(EventType.orderConfirmed),
  one(EventType.inventoryBackordered),
  one(EventType.inventoryBackorderFilled),
];

export const ofReturn = (number: number): readonly Candidate[] =>
  [EventType.returnRequested, EventType.returnApproved, EventType.returnReceived].map((type) => one(type, { number }));

/** Everything that has happened to a shipment so far. */
export const ofShipment = (number: number): readonly Candidate[] =>
  [
    EventType.shipmentPlanned,
    EventType.shipmentPacked,
    EventType.shipmentCreated,
    EventType.shipmentDispatched,
    EventType.shipmentLost,
    EventType.shipmentDelivered,
    EventType.shipmentReturned,
    EventType.shipmentCancelled,
    EventType.shipmentWithdrawn,
  ].map((type) => one(type, { number }));
