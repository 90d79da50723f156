// The one table of what causes what. A rule sees the event alone; where that does not tell (a refund is asked for by an operator, or follows
// from a return), whoever records it says so.
import { EventType } from '../contracts/events.ts';
import { shipmentId } from '../contracts/shipment.ts';
import { RejectionCode } from '../domain/rejection.ts';
import {
  after,
  chargeCauses,
  command,
  endCauses,
  ofReturn,
  ofShipment,
  one,
  workCauses,
  type Candidate,
  type Cause,
} from './causes.ts';
import type { DataOf } from './registry.ts';

type Rules = { readonly [T in EventType]: (data: DataOf<T>, orderId: string) => Cause };

const ends = (_data: unknown, orderId: string): Cause => after(endCauses(orderId));
const resumed = (about: Candidate['about']): Candidate => one(EventType.orderResumed, about);

const orderRules = {
  [EventType.orderPlaced]: (_data, orderId) => command('place', orderId),
  [EventType.orderConfirmed]: (_data, orderId) =>
    after(
      chargeCauses(orderId).filter(({ type }) => type !== EventType.amendmentRequested),
      one(EventType.paymentCaptured),
      one(EventType.paymentAuthorized),
      resumed({ workflowId: orderId, step: 'confirm-order' }),
    ),
  [EventType.orderRejected]: ({ rejection: { code } }, orderId) => after(rejectionCauses[code] ?? endCauses(orderId)),
  [EventType.orderCancellationRequested]: (_data, orderId) => command('cancel', orderId),
  [EventType.orderCancelled]: ends,
  [EventType.orderParked]: ({ workflowId }, orderId) => after(workCauses(orderId, workflowId)),
  [EventType.orderParkedReminder]: ({ workflowId }) => after(one(EventType.orderParked, { workflowId })),
  [EventType.orderResumed]: ({ workflowId }) => after(one(EventType.orderParked, { workflowId })),
  [EventType.orderShipped]: () => after(one(EventType.shipmentDispatched)),
  [EventType.orderDelivered]: () => after(one(EventType.shipmentDelivered), one(EventType.shipmentGivenBack)),
  // Which recovery it was, its own file says.
  [EventType.orderRecovered]: (_data, orderId) => command('recover', orderId),
  [EventType.orderPersonalDataErased]: (_data, orderId) => command('erase', orderId),
} satisfies Partial<Rules>;

const rejectionCauses: Partial<Record<RejectionCode, readonly Candidate[]>> = {
  [RejectionCode.outOfStock]: [],
  [RejectionCode.declined]: [one(EventType.paymentDeclined)],
  [RejectionCode.methodRefused]: [one(EventType.paymentDeclined)],
  [RejectionCode.reviewRejected]: [one(EventType.reviewRejected)],
  [RejectionCode.reviewExpired]: [one(EventType.reviewExpired)],
};

const inventoryRules = {
  [EventType.inventoryReserved]: (_data, orderId) =>
    after(resumed({ workflowId: orderId, step: 'reserve-inventory' }), one(EventType.orderRecovered)),
  [EventType.inventoryReleased]: ends,
  [EventType.inventoryRestocked]: ({ return: number }, orderId) =>
    after(number === undefined ? endCauses(orderId) : one(EventType.returnReceived, { number })),
  [EventType.inventoryBackordered]: (_data, orderId) =>
    after(resumed({ workflowId: orderId, step: 'reserve-inventory' }), one(EventType.orderRecovered)),
  [EventType.inventoryBackorderFilled]: () => after(one(EventType.inventoryBackordered)),
  [EventType.inventoryBackorderDelayed]: () => after(one(EventType.inventoryBackordered)),
  [EventType.inventoryBackorderExpired]: () =>
    after(one(EventType.inventoryBackordered), one(EventType.inventoryBackorderDelayed)),
  [EventType.inventoryBackorderCancelled]: ends,
} satisfies Partial<Rules>;

const reviewRules = {
  [EventType.reviewRequested]: () => after(one(EventType.inventoryReserved), one(EventType.inventoryBackordered)),
  [EventType.reviewEscalated]: () => after(one(EventType.reviewRequested)),
  [EventType.reviewApproved]: (_data, orderId) => command('review', orderId),
  [EventType.reviewRejected]: (_data, orderId) => command('review', orderId),
  [EventType.reviewExpired]: () => after(one(EventType.reviewRequested), one(EventType.reviewEscalated)),
} satisfies Partial<Rules>;

const charged = (_data: unknown, orderId: string): Cause => after(chargeCauses(orderId));

const paymentRules = {
  [EventType.paymentActionRequired]: charged,
  [EventType.paymentMethodRequested]: ({ ordinal }) =>
    after(one(EventType.paymentDeclined, { ordinal }), one(EventType.paymentActionRequired, { ordinal })),
  [EventType.paymentMethodProvided]: (_data, orderId) => command('provide-payment-method', orderId),
  [EventType.paymentAuthorized]: charged,
  [EventType.paymentCaptured]: ({ ordinal }, orderId) =>
    after(chargeCauses(orderId), one(EventType.paymentCaptureRequested, { ordinal })),
  [EventType.paymentCaptureRequested]: ({ shipment, ordinal }) =>
    after(
      shipment === null
        ? one(EventType.paymentAuthorized, { ordinal })
        : one(EventType.shipmentDispatched, { number: shipment }),
    ),
  [EventType.paymentCaptureCompleted]: ({ capture }) => after(one(EventType.paymentCaptureRequested, { capture })),
  [EventType.paymentCaptureGivenUp]: ({ capture }) =>
    after(one(EventType.paymentCaptureRequested, { capture }), resumed({ step: 'capture-payment' })),
  // Nothing more of it is to come: by what was the last to say so.
  [EventType.paymentReleased]: ({ ordinal }, orderId) =>
    after(
      endCauses(orderId),
      one(EventType.paymentAuthorized, { ordinal }),
      one(EventType.paymentCaptured, { ordinal }),
      [EventType.shipmentGivenBack, EventType.shipmentAccepted, EventType.orderDelivered].map((type) => one(type)),
      one(EventType.inventoryBackorderExpired),
    ),
  [EventType.paymentDeclined]: charged,
  [EventType.paymentVoided]: (_data, orderId) => after(endCauses(orderId), one(EventType.amendmentRequested)),
  [EventType.paymentRefunded]: ({ ordinal }, orderId) =>
    after(endCauses(orderId), one(EventType.paymentCaptured, { ordinal }), one(EventType.amendmentRequested)),
  [EventType.paymentDisputed]: ({ ordinal }) => after(one(EventType.paymentCaptured, { ordinal })),
  [EventType.paymentDisputeClosed]: ({ disputeId }) => after(one(EventType.paymentDisputed, { disputeId })),
} satisfies Partial<Rules>;

const refundRules = {
  [EventType.refundRequested]: ({ number }, orderId) => command('refund', orderId, number),
  [EventType.refundCompleted]: ({ number }) => after(one(EventType.refundRequested, { number })),
  [EventType.refundAbandoned]: ({ number }, orderId) =>
    after(
      one(EventType.refundRequested, { number }),
      endCauses(orderId),
      resumed({ step: 'pay-refund', action: 'compensate' }),
    ),
} satisfies Partial<Rules>;

const returnRules = {
  [EventType.returnRequested]: ({ number }, orderId) => command('return', orderId, number),
  [EventType.returnApproved]: ({ number }, orderId) => command('decide-return', orderId, number),
  [EventType.returnRejected]: ({ number }, orderId) => command('decide-return', orderId, number),
  [EventType.returnDelayed]: ({ number }) => after(ofReturn(number)),
  [EventType.returnExpired]: ({ number }) => after(one(EventType.returnApproved, { number })),
  [EventType.returnReceived]: ({ number }, orderId) => command('receive-return', orderId, number),
  [EventType.returnCompleted]: ({ number, refund }) =>
    after(
      one(EventType.returnReceived, { number }),
      typeof refund === 'number' ? one(EventType.refundCompleted, { number: refund }) : [],
    ),
  // It was the other order that was placed.
  [EventType.returnExchanged]: ({ orderId }) => command('place', orderId),
} satisfies Partial<Rules>;

const amendmentRules = {
  [EventType.amendmentRequested]: ({ number }, orderId) => command('amend', orderId, number),
  [EventType.orderAmended]: ({ number }) => after(one(EventType.amendmentRequested, { number })),
  [EventType.amendmentRefused]: ({ number }) => after(one(EventType.amendmentRequested, { number })),
} satisfies Partial<Rules>;

// A carrier is asked how a parcel is, whatever made us ask: that it moves is caused by what has set it moving.
const moved = ({ number }: { readonly number: number }): Cause => after(ofShipment(number));

const shipmentRules = {
  [EventType.shipmentPlanned]: ({ replaces, amendment }, orderId) => {
    if (replaces !== undefined) return after(ofShipment(replaces));
    if (amendment !== undefined) return after(one(EventType.amendmentRequested, { number: amendment }));
    return after(
      one(EventType.orderConfirmed),
      one(EventType.inventoryBackorderFilled),
      one(EventType.inventoryBackorderExpired),
      resumed({ workflowId: orderId, step: 'ship-order' }),
    );
  },
  [EventType.shipmentPacked]: ({ number }, orderId) => command('pack', orderId, number),
  [EventType.shipmentCreated]: ({ number }) =>
    after(one(EventType.shipmentPacked, { number }), one(EventType.shipmentPlanned, { number })),
  [EventType.shipmentDispatched]: moved,
  [EventType.shipmentDelivered]: moved,
  [EventType.shipmentLost]: moved,
  [EventType.shipmentReturned]: moved,
  [EventType.shipmentCancelled]: ends,
  [EventType.shipmentDelayed]: moved,
  [EventType.shipmentAccepted]: ({ number }) => after(ofShipment(number), resumed({ action: 'skip' })),
  [EventType.shipmentWithdrawn]: ({ number }, orderId) =>
    after(ofShipment(number), resumed({ workflowId: shipmentId({ orderId, number }), action: 'skip' })),
  [EventType.shipmentGivenBack]: ({ number }) => after(one(EventType.shipmentWithdrawn, { number })),
} satisfies Partial<Rules>;

const rules: Rules = {
  ...orderRules,
  ...inventoryRules,
  ...reviewRules,
  ...paymentRules,
  ...refundRules,
  ...returnRules,
  ...amendmentRules,
  ...shipmentRules,
};

/** What has caused the event that is about to be written; `placed` stands behind every list. */
export function causeOf<T extends EventType>(event: { orderId: string; type: T; data: DataOf<T> }): Cause {
  return (rules[event.type] as (data: DataOf<T>, orderId: string) => Cause)(event.data, event.orderId);
}
