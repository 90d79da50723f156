import { typeidUnboxed } from 'typeid-js';
import { cancelShipmentKey, shipmentId, shipmentOf } from '../../contracts/shipment.ts';
import type { Carrier, CarrierAnswer, Parcel } from '../../ports/carrier.ts';
import type { CarrierConformance } from '../carrier-module.ts';
import { Broken, describe, type Check } from '../check.ts';
import { connect, type Connection } from '../connection.ts';
import type { Said } from '../said.ts';

export type CarrierWorld = Connection<Carrier> & { module: CarrierConformance };
export type CarrierCheck = Check<CarrierWorld>;

/** Nobody who lives: it is looked for in all that the adapter says. */
export const defaultRecipient = {
  name: 'Conformia Testperson',
  line1: 'Probegasse 47b',
  city: 'Musterhausen',
  postalCode: '10115',
  country: 'DE',
};

const calls = ['create', 'find', 'list', 'cancel'] as const satisfies readonly (keyof Carrier)[];

export async function openCarrierWorld(
  module: CarrierConformance,
  said: Said,
): Promise<{ world: CarrierWorld; close: () => Promise<void> }> {
  const connection = await connect(module, { calls, said });
  return { world: { ...connection, module }, close: connection.close };
}

export type Announcement = Parameters<Carrier['create']>[0];

/** A parcel of a new order; key and reference are its shipment's id, as in our activities. */
export function announcementOf({ module }: CarrierWorld): Announcement {
  const reference = shipmentId({ orderId: typeidUnboxed('order'), number: 1 });
  const { recipient = defaultRecipient, items = [{ sku: 'conformance', quantity: 1 }] } = module;
  return { key: reference, reference, recipient, items };
}

/** What was done; Broken where it was not. */
export function done<T>(answer: CarrierAnswer<T>, what: string): T {
  if ('done' in answer) return answer.done;
  throw new Broken(`${what} was not done: ${describe(answer)}`);
}

export async function announced(world: CarrierWorld): Promise<Parcel> {
  return done(await world.adapter.create(announcementOf(world)), 'create');
}

export const parcelsOf = async (world: CarrierWorld, reference: string): Promise<readonly Parcel[]> =>
  done(await world.adapter.list({ reference }), 'list');

/** By the key of the shipment that the reference names. */
export function cancellationOf({ parcelId, reference }: Pick<Parcel, 'parcelId' | 'reference'>) {
  const ref = shipmentOf(reference);
  if (!ref) throw new Broken(`a parcel's reference is ${reference}; expected the one that it was announced under`);
  return { key: cancelShipmentKey(ref), parcelId };
}
