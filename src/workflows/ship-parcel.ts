// One shipment: packed by the warehouse, labelled, handed over and delivered by the carrier. What must stay true: nobody is waited for
// without an end, news that never come are asked for, and what went wrong waits for a person, who may have it sent once more.
import { continueAsNew, setHandler } from '@temporalio/workflow';
import { endingFailure, endingIn, needsOperatorFailure } from '../contracts/failures.ts';
import { shipmentNewsSignal } from '../contracts/messages.ts';
import type { ShipmentOutcome, ShipmentStanding, ShipParcelInput } from '../contracts/shipment.ts';
import { describeLeft, isFailed, isHandedOver, type ShipmentStatus } from '../domain/shipment.ts';
import { createActivities } from './activity-proxies.ts';
import { showBusiness } from './business-state.ts';
import { runWhileShort } from './long-life.ts';
import { createParking } from './parking.ts';
import { createWaits } from './shipment-waits.ts';

type Shipping = ReturnType<typeof openShipment>;

export async function shipParcel(input: ShipParcelInput): Promise<ShipmentOutcome> {
  const shipment = openShipment(input);
  const { parking } = shipment;
  const ended = await runWhileShort(() => ship(shipment), parking.mayHandOn);
  return ended ? ended.done : continueAsNew<typeof shipParcel>({ ...input, carried: parking.handOn() });
}

async function ship(shipment: Shipping): Promise<ShipmentOutcome> {
  const { parking, askOurselves } = shipment;
  try {
    const standing = await parking.runStep('pack-shipment', askOurselves);
    if (standing.withdrawn === 'open') return await keepBack(shipment);
    if (standing.status === 'cancelled')
      return standing.ending || standing.withdrawn ? await followCancelled(shipment) : amendedAway;
    if (isOver(standing)) return await followSettled(shipment);
    return (await handOver(shipment)) ?? (await deliver(shipment));
  } catch (error) {
    const ending = endingIn(error);
    if (ending) return { ending };
    throw error;
  }
}

/** Until the carrier has it: null then; or how it ended without that. A person may decide on the way that it does not go. */
async function handOver(shipment: Shipping): Promise<ShipmentOutcome | null> {
  const { parking, waits, askOurselves, askCarrier, makeLabel, withdraw } = shipment;
  const packing = { what: 'packing', look: askOurselves, isOver: isPacked, skip: withdraw } as const;
  const packed = await waits.run('pack-shipment', packing);
  if (packed.withdrawn) return keepBack(shipment);
  if (packed.status === 'cancelled') return amendedAway;
  const withdrawn = await parking.runStep('create-shipment', makeLabel, withdraw);
  if (withdrawn?.withdrawn) return keepBack(shipment);
  const dispatch = { what: 'dispatch', look: askCarrier, isOver: hasLeft, skip: withdraw } as const;
  const dispatched = await waits.run('dispatch-shipment', dispatch);
  return dispatched.withdrawn ? keepBack(shipment) : null;
}

/** It does not go: its label is voided, then its units go back to the shelf, and their money to the customer. */
async function keepBack({ parking, accept, voidLabel, giveBack }: Shipping): Promise<ShipmentOutcome> {
  await parking.runUndo('cancel-shipment', voidLabel, () => accept().then(() => undefined));
  // No undo: an order that is cancelled meanwhile puts back all of it, and must not wait for a person here.
  await parking.runStep(
    'refund-missing',
    () => giveBack(false),
    () => giveBack(true),
  );
  return { settled: true };
}

function openShipment({ orderId, number, bounds, carried }: ShipParcelInput) {
  const ref = { orderId, number };
  const activities = createActivities(bounds);
  const business = showBusiness({ title: `# Shipment ${number} of order \`${orderId}\``, orderId });
  let news = true;
  setHandler(shipmentNewsSignal, () => void (news = true), {
    description: 'The warehouse has packed it, or the carrier has told of it',
  });
  const hasNews = (): boolean => news;
  const parking = createParking({
    ...{ orderId, order: business, activities, bounds, carried, hasNews },
    skipping: 'decides',
  });
  // Whatever is looked at, it is looked at with all that is new.
  const looking = <T>(look: () => Promise<T>) => {
    return (): Promise<T> => {
      news = false;
      return look();
    };
  };
  return {
    ...{ ref, activities, parking, hasNews },
    waits: createWaits({ ref, bounds, activities, parking, hasNews, view: business }),
    askOurselves: looking(() => activities.findShipment(ref)),
    // While it is parked, it is looked at to see whether that is still so: only what an earlier run has left may be cleared.
    askCarrier: looking(() =>
      activities.followShipment({ ...ref, ...(parking.isParked() ? {} : { parked: parking.latest() }) }),
    ),
    makeLabel: looking(() => activities.createShipment(ref).then(() => null)),
    /** A person decides that it does not go; unless it has gone. */
    withdraw: looking<ShipmentStanding>(async () => {
      const standing = await activities.withdrawShipment(ref);
      if (standing.ending) throw endingFailure(standing.ending);
      return standing;
    }),
    voidLabel: looking(() => activities.cancelShipment(ref)),
    giveBack: (withoutRefund: boolean) => looking(() => activities.giveBackShipment({ ...ref, withoutRefund }))(),
    /** A person takes it as it is. */
    accept: async (): Promise<ShipmentStanding> => {
      await activities.acceptShipment(ref);
      return activities.findShipment(ref);
    },
  };
}

/** Until it is delivered, or a person has said what is to become of it. */
async function deliver({ ref, activities, waits, askCarrier, accept }: Shipping): Promise<ShipmentOutcome> {
  let told: ShipmentStatus | null = null;
  const look = async (): Promise<ShipmentStanding> => {
    const standing = await askCarrier();
    if (isOver(standing) || !isFailed(standing.status)) return standing;
    told = standing.status;
    throw needsOperatorFailure(`The carrier has ${failures[standing.status]} the parcel: retry to send it once more`);
  };
  // About what the person was told, and nothing that came to light since.
  const retry = async (): Promise<ShipmentStanding | null> => {
    const standing = await askCarrier();
    if (isOver(standing) || !isFailed(standing.status) || standing.status !== told) return null;
    return { ...standing, ...(await activities.replaceShipment(ref)) };
  };
  return outcomeOf(await waits.run('deliver-shipment', { what: 'delivery', look, isOver, retry, skip: accept }));
}

/** Its order was cancelled: nothing of it may leave, and what has left all the same is put in front of a person. */
async function followCancelled({ ref, parking, hasNews, askCarrier, accept }: Shipping): Promise<ShipmentOutcome> {
  const look = async (): Promise<ShipmentStanding> => {
    const standing = await askCarrier();
    if (!standing.hasLeftAllTheSame) return standing;
    throw needsOperatorFailure(describeLeft(ref.number));
  };
  let standing: ShipmentStanding;
  do standing = await parking.runUndo('follow-shipment', look, accept);
  while (hasNews());
  return standing.ending ? { ending: standing.ending } : { settled: true };
}

/** Nobody waits for it any more, and the carrier tells of it all the same: what it tells is recorded. */
async function followSettled({ parking, hasNews, askCarrier }: Shipping): Promise<ShipmentOutcome> {
  let standing: ShipmentStanding;
  do standing = await parking.runUndo('follow-shipment', askCarrier);
  while (hasNews());
  return outcomeOf(standing);
}

const outcomeOf = ({ replacedBy }: ShipmentStanding): ShipmentOutcome =>
  replacedBy === null ? { settled: true } : { replacedBy };

/** Its order goes on without it: nothing is left for it, and no label was ever asked for. */
const amendedAway: ShipmentOutcome = { settled: true };

const failures: Record<'lost' | 'returned', string> = { lost: 'lost', returned: 'brought back' };

const isPacked = ({ status }: ShipmentStanding): boolean => status !== 'pending';
const hasLeft = ({ status }: ShipmentStanding): boolean => isHandedOver(status);
const isOver = ({ status, isAccepted, replacedBy }: ShipmentStanding): boolean =>
  status === 'delivered' || isAccepted || replacedBy !== null;
