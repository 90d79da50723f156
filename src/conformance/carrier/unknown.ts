// The carrier does not answer, or not as it should; and what an adapter says of it must not tell where somebody lives.
import { describe, expectThat, outcomeOf } from '../check.ts';
import { unknownChecks } from '../unknown.ts';
import { theOnlyParcel } from './labels.ts';
import { announced, announcementOf, cancellationOf, done, type CarrierCheck, type CarrierWorld } from './world.ts';

async function callsOf(world: CarrierWorld, adapter: CarrierWorld['adapter']) {
  const [toCancel, known] = await Promise.all([announced(world), announced(world)]);
  return {
    create: () => adapter.create(announcementOf(world)),
    cancel: () => adapter.cancel(cancellationOf(toCancel)),
    find: () => adapter.find(known),
    list: () => adapter.list(known),
  };
}

export const unknown: readonly CarrierCheck[] = [
  ...unknownChecks<CarrierWorld>({
    calls: callsOf,
    harm: 'Taken for a no, the parcel parks for a person; taken for a yes, the customer is told of a label that does not exist.',
    reliedOnBy: 'activities/carrier.ts makeParcel',
    isPatient: false,
  }),
  {
    id: 'lost.create',
    rule: 'After a lost answer the parcel is listed under our reference, and the same key has it',
    why: 'The list is asked before a label is made again. What is not in it is made twice.',
    reliedOnBy: 'activities/carrier.ts makeParcel',
    run: async (world) => {
      const announcement = announcementOf(world);
      await lost(world, 'create', () => world.adapter.create(announcement));
      const { parcelId } = await theOnlyParcel(world, announcement.reference);
      const again = done(await (await world.another()).create(announcement), 'the same create again');
      expectThat(again.parcelId === parcelId, `listed ${parcelId}, then ${again.parcelId}`);
      await theOnlyParcel(world, announcement.reference);
      return 'one parcel, found by its reference';
    },
  },
  {
    id: 'lost.cancel',
    rule: 'After a lost answer the parcel is found cancelled',
    why: 'The undo asks what the parcel is before it does anything again.',
    reliedOnBy: 'activities/carrier.ts cancelParcel',
    run: async (world) => {
      const parcel = await announced(world);
      await lost(world, 'cancel', () => world.adapter.cancel(cancellationOf(parcel)));
      expectThat(done(await world.adapter.find(parcel), 'find').isCancelled, 'find says that it is not cancelled');
      return 'cancelled';
    },
  },
];

/** They look at what the others have seen, and come last. */
export const keepingQuiet: readonly CarrierCheck[] = [
  {
    id: 'secrets.recipient',
    rule: 'Where somebody lives stands in no answer and in no error, also where the carrier quotes it',
    why: 'A refusal parks the shipment, and an error becomes part of a history: neither can be erased, and both are read by many.',
    reliedOnBy: 'activities/carrier.ts expectDone',
    run: async (world) => {
      const { said } = world;
      const announcement = announcementOf(world);
      for (const status of [422, 500]) {
        const fault = { kind: 'answer', status, body: { echo: true } } as const;
        await world.proxy().during(fault, () => outcomeOf(() => world.adapter.create(announcement)));
      }
      const { name, line1 } = announcement.recipient;
      for (const text of [name, line1]) {
        const calls = said.callsThatTell(text);
        expectThat(calls.length === 0, `“${text}” stands in what came of ${calls.join(', ')}`);
      }
      return 'name and street are told nowhere';
    },
  },
];

async function lost(world: CarrierWorld, what: string, call: () => Promise<unknown>): Promise<void> {
  const outcome = await world.proxy().during({ kind: 'drop', afterEffect: true }, () => outcomeOf(call));
  const isThrown = typeof outcome === 'object' && outcome !== null && 'threw' in outcome;
  expectThat(isThrown, `${what}, whose answer got lost: ${describe(outcome)}`);
}
