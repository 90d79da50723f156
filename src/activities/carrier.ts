// Shipments, as far as the carrier is spoken to. What must stay true: a retry asks what is before it does anything again, a parcel is
// kept before anybody relies on it, and what the carrier tells is recorded before anything is decided.
import { endingFailure, needsOperatorFailure, notNowFailure } from '../contracts/failures.ts';
import type { StepRequest } from '../contracts/process-order.ts';
import {
  cancelShipmentKey,
  shipmentId,
  type FollowShipmentRequest,
  type ShipmentRef,
  type ShipmentStanding,
} from '../contracts/shipment.ts';
import { describeLeft } from '../domain/shipment.ts';
import type { Carrier, CarrierAnswer, Parcel } from '../ports/carrier.ts';
import type { OrderSteps } from '../ports/order.ts';
import type { CancelledParcel, CancelledShipment, Label, ShipmentRecords } from '../ports/shipment.ts';
import { UNSETTLED_MS } from './unsettled.ts';

type Dependencies = {
  carrier: Carrier;
  shipments: ShipmentRecords;
  orders: Pick<OrderSteps, 'clearParked'>;
};

export const createCarrierActivities = (dependencies: Dependencies) => ({
  /** Has the carrier make a label for what is packed, once. Fails with an ending when the order was cancelled meanwhile. */
  async createShipment({ orderId, number }: ShipmentRef): Promise<void> {
    const { carrier, shipments } = dependencies;
    const ref = { orderId, number };
    const label = await shipments.askLabel(ref);
    if ('ending' in label) throw endingFailure(label.ending);
    if (label.parcelId !== null) return;
    const parcel = await makeParcel(carrier, ref, label);
    const { parcelId, trackingNumber } = parcel;
    const kept = await shipments.keepParcel({ ...ref, parcelId, trackingNumber });
    if ('kept' in kept) return;
    // It was cancelled while the label was made, and whoever cancelled may have looked before there was any.
    await cancelParcel(dependencies, { ...ref, parcelId }, { askedAgoMs: 0 });
    if ('ending' in kept) throw endingFailure(kept.ending);
  },

  /** Asks the carrier what has become of the shipment, and records it. Answers with how it stands then. */
  async followShipment({ orderId, number, parked }: FollowShipmentRequest): Promise<ShipmentStanding> {
    const { shipments, orders } = dependencies;
    const ref = { orderId, number };
    const { parcelId } = await shipments.findStanding(ref);
    const parcels = await findParcels(dependencies, { ...ref, parcelId });
    const standing = await shipments.recordFacts({ ...ref, facts: parcels.flatMap(({ facts }) => facts) });
    // A run before this one may have been ended while it was parked: nobody else takes its mark away.
    if (parked && !standing.hasLeftAllTheSame) await orders.clearParked(parked);
    return standing;
  },

  /** Undo of createShipment, for a shipment that was taken out of its order. As `cancelShipments`. */
  async cancelShipment({ orderId, number }: ShipmentRef): Promise<void> {
    const labelled = await dependencies.shipments.findCancelled({ orderId });
    await keepBack(
      dependencies,
      labelled.filter((one) => one.number === number),
    );
  },

  /**
   * Undo of createShipment, for all shipments of an order that was cancelled: afterwards no label of them is valid. Harmless when there
   * is none, and twice. Needs an operator where a parcel has left all the same, unless a person has taken that as it is.
   */
  async cancelShipments({ orderId }: StepRequest): Promise<void> {
    await keepBack(dependencies, await dependencies.shipments.findCancelled({ orderId }));
  },
});

/** All of them, before a person is asked about any: who takes it as it is that one has left has seen what became of the others. */
async function keepBack(dependencies: Dependencies, parcels: readonly CancelledShipment[]): Promise<void> {
  const left: number[] = [];
  for (const parcel of parcels) {
    const standing = await cancelParcel(dependencies, parcel, { askedAgoMs: parcel.askedAgoMs });
    if (standing.hasLeftAllTheSame) left.push(parcel.number);
  }
  if (left.length > 0) throw needsOperatorFailure(left.map(describeLeft).join('; '));
}

async function makeParcel(carrier: Carrier, ref: ShipmentRef, label: Label): Promise<Parcel> {
  const reference = shipmentId(ref);
  // Keys die, and an answer may have got lost: the carrier's own list is what says whether there is one.
  if (label.wasAsked) {
    const found = expectDone(await carrier.list({ reference }), 'list the parcels');
    const valid = found.find(({ isCancelled }) => !isCancelled);
    if (valid) return valid;
  }
  const { recipient, items } = label;
  if (!recipient)
    throw needsOperatorFailure('Where to ship to is not known here: the database was restored from a backup');
  const parcel = expectDone(await carrier.create({ key: reference, reference, recipient, items }), 'make a label');
  if (parcel.isCancelled)
    throw needsOperatorFailure(`Parcel ${parcel.trackingNumber} was cancelled at the carrier, not by this order`);
  return parcel;
}

async function findParcels(
  { carrier }: Dependencies,
  { parcelId, ...ref }: CancelledParcel,
): Promise<readonly Parcel[]> {
  if (parcelId !== null) return [expectDone(await carrier.find({ parcelId }), 'ask for the parcel')];
  return expectDone(await carrier.list({ reference: shipmentId(ref) }), 'list the parcels');
}

/** Voids every label of the shipment that is still valid, and records what has left. */
async function cancelParcel(
  dependencies: Dependencies,
  shipment: CancelledParcel,
  { askedAgoMs }: { askedAgoMs: number },
): Promise<ShipmentStanding> {
  const { carrier, shipments } = dependencies;
  const { orderId, number } = shipment;
  const parcels = await findParcels(dependencies, shipment);
  // An attempt that nobody waits for any more may still have it made, and would tell nobody.
  if (parcels.length === 0 && askedAgoMs < UNSETTLED_MS)
    throw notNowFailure({
      message: `Whether shipment ${number} gets a label is not known yet`,
      delayMs: UNSETTLED_MS - askedAgoMs,
    });
  for (const { parcelId, isCancelled, facts } of parcels) {
    if (isCancelled || facts.length > 0) continue;
    const cancelled = await carrier.cancel({ key: cancelShipmentKey({ orderId, number }), parcelId });
    // It has moved on between our question and our cancel, most likely it has left: the next attempt asks again.
    if ('refused' in cancelled) throw new Error(`The carrier did not cancel ${parcelId}: ${cancelled.refused}`);
  }
  return shipments.recordFacts({ orderId, number, facts: parcels.flatMap(({ facts }) => facts) });
}

/** What was done, or a stop: no retry and no guess helps against a call that the carrier will never accept. */
function expectDone<T>(answer: CarrierAnswer<T>, what: string): T {
  if ('done' in answer) return answer.done;
  throw needsOperatorFailure(`The carrier refuses to ${what}: ${answer.refused}`);
}
