import { describe, expectThat, lever, outcomeOf, until } from '../check.ts';
import type { CarrierNews } from '../../domain/shipment.ts';
import type { Parcel } from '../../ports/carrier.ts';
import {
  announced,
  announcementOf,
  cancellationOf,
  done,
  parcelsOf,
  type CarrierCheck,
  type CarrierWorld,
} from './world.ts';

const TOLD_WITHIN_MS = 30_000;

export const labels: readonly CarrierCheck[] = [
  {
    id: 'create.makes-a-label',
    rule: 'A parcel that was announced has an id, a tracking number and our reference, and nothing has happened to it',
    why: 'Its id is what we ask by later, its tracking number what the customer is told, its reference what leads from a parcel to its order.',
    reliedOnBy: 'activities/carrier.ts createShipment',
    run: async (world) => {
      const announcement = announcementOf(world);
      const made = done(await world.adapter.create(announcement), 'create');
      const found = done(await world.adapter.find(made), 'find');
      for (const [call, { parcelId, trackingNumber, reference, isCancelled, facts }] of [
        ['create', made],
        ['find', found],
      ] as const) {
        expectThat(parcelId !== '' && trackingNumber !== '', `${call}: parcel ${parcelId}, tracking ${trackingNumber}`);
        expectThat(reference === announcement.reference, `${call}: its reference is ${reference}`);
        expectThat(!isCancelled && facts.length === 0, `${call}: ${describe({ isCancelled, facts })}`);
      }
      expectThat(found.parcelId === made.parcelId, `find of ${made.parcelId} answers with ${found.parcelId}`);
      return `${made.parcelId}, ${made.trackingNumber}`;
    },
  },
  {
    id: 'create.same-key',
    rule: 'The same key twice, also from another process, is one parcel',
    why: 'Two labels for one parcel are paid twice; when both leave, the goods go out twice.',
    reliedOnBy: 'activities/carrier.ts makeParcel',
    run: async (world) => {
      const announcement = announcementOf(world);
      const first = done(await world.adapter.create(announcement), 'create');
      const again = done(await (await world.another()).create(announcement), 'the same create again');
      expectThat(again.parcelId === first.parcelId, `first ${first.parcelId}, then ${again.parcelId}`);
      await theOnlyParcel(world, announcement.reference);
      return 'one parcel';
    },
  },
  {
    id: 'create.ten-at-once',
    rule: 'Ten announcements at once under one key are one parcel',
    why: 'An attempt that timed out may still run beside its successor.',
    reliedOnBy: 'activities/carrier.ts makeParcel',
    run: async (world) => {
      const announcement = announcementOf(world);
      const one = async () => (await world.another()).create(announcement);
      const results = await Promise.all(Array.from({ length: 10 }, () => outcomeOf(one)));
      const answered = results.filter((result) => 'done' in result).length;
      expectThat(answered > 0, `none of ten was done: ${describe(results[0])}`);
      await theOnlyParcel(world, announcement.reference);
      return `${answered} of ten answered; one parcel`;
    },
  },
  {
    id: 'list.by-reference',
    rule: 'The parcels of a reference are listed, and none of another one',
    why: 'A label whose answer got lost is found there; what is not found is made again.',
    reliedOnBy: 'activities/carrier.ts findParcels',
    run: async (world) => {
      const { reference } = announcementOf(world);
      const none = await parcelsOf(world, reference);
      expectThat(none.length === 0, `of a reference that nobody has used there are ${none.length}`);
      const { parcelId, reference: used } = await announced(world);
      const { parcelId: listed } = await theOnlyParcel(world, used);
      expectThat(listed === parcelId, `listed is ${listed}; expected ${parcelId}`);
      return 'one of its own, none of another';
    },
  },
  {
    id: 'cancel.voids',
    rule: 'A label that was voided says so, by itself and in the list, and twice is once',
    why: 'A parcel of a cancelled order must not leave. One that has vanished from the list is announced again.',
    reliedOnBy: 'activities/carrier.ts cancelParcel',
    run: async (world) => {
      const parcel = await announced(world);
      const { isCancelled } = done(await world.adapter.cancel(cancellationOf(parcel)), 'cancel');
      expectThat(isCancelled, 'cancel says that it is not cancelled');
      const again = done(await (await world.another()).cancel(cancellationOf(parcel)), 'the same cancel again');
      expectThat(again.isCancelled, 'the second cancel says that it is not cancelled');
      expectThat(done(await world.adapter.find(parcel), 'find').isCancelled, 'find says that it is not cancelled');
      const listed = await theOnlyParcel(world, parcel.reference);
      expectThat(listed.isCancelled, 'the list says that it is not cancelled');
      return 'cancelled, and listed as such';
    },
  },
  {
    id: 'cancel.left',
    rule: 'The label of a parcel that has left is not voided: that is refused, and nothing changes',
    why: 'Taken for voided, the goods count as ours again, are sold once more, and the customer has them.',
    reliedOnBy: 'activities/carrier.ts cancelParcel',
    run: async (world) => {
      const parcel = await moved(world, 'dispatched');
      const answer = await outcomeOf(() => world.adapter.cancel(cancellationOf(parcel)));
      expectThat('refused' in answer, `cancel of a parcel that has left: ${describe(answer)}`);
      const { isCancelled } = done(await world.adapter.find(parcel), 'find');
      expectThat(!isCancelled, 'find says that it is cancelled');
      return describe(answer);
    },
  },
  {
    id: 'find.unknown',
    rule: 'A parcel that the carrier does not know is `refused`',
    why: 'Thrown, it would be asked for until the shipment parks, without anybody being told why.',
    reliedOnBy: 'activities/carrier.ts expectDone',
    run: async (world) => {
      const { parcelId } = await announced(world);
      const unknown = `${parcelId.slice(0, -6)}000000`;
      const answer = await outcomeOf(() => world.adapter.find({ parcelId: unknown }));
      expectThat('refused' in answer, `find of ${unknown}: ${describe(answer)}`);
      return describe(answer);
    },
  },
  news('dispatched', 'It has left: money is captured by it, and nothing is cancelled any more.'),
  news('delivered', 'It has arrived: the order is over, and the time for returns begins.'),
  news('lost', 'It never arrives: a person decides whether it is sent once more.'),
  news('returned', 'It comes back: a person decides what becomes of it.'),
];

/** A fact that the carrier tells is found in our words, whatever its own are. */
function news(to: CarrierNews, why: string): CarrierCheck {
  return {
    id: `facts.${to}`,
    rule: `A parcel that is ${to} says so, with when it was`,
    why,
    reliedOnBy: 'activities/carrier.ts followShipment',
    run: async (world) => {
      const { facts } = await moved(world, to);
      const fact = facts.find(({ status }) => status === to);
      const at = Date.parse(fact?.at ?? '');
      const isInstant = !Number.isNaN(at) && new Date(at).toISOString() === fact?.at;
      expectThat(isInstant, `when it was is ${fact?.at}; expected an ISO instant in UTC`);
      return `${to} at ${fact.at}`;
    },
  };
}

async function moved(world: CarrierWorld, to: CarrierNews): Promise<Parcel> {
  const advance = lever(world.module.advance, 'advance');
  const parcel = await announced(world);
  await advance({ parcelId: parcel.parcelId, to });
  return until(
    async () => {
      const now = done(await world.adapter.find(parcel), 'find');
      return now.facts.some(({ status }) => status === to) ? now : null;
    },
    { withinMs: TOLD_WITHIN_MS, what: `the fact that it is ${to}` },
  );
}

export async function theOnlyParcel(world: CarrierWorld, reference: string): Promise<Parcel> {
  const parcels = await parcelsOf(world, reference);
  const [first] = parcels;
  expectThat(parcels.length === 1 && first !== undefined, `${parcels.length} parcels are listed; expected one`);
  return first;
}
