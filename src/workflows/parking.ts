// Where a step or an undo goes that can not finish: in front of an operator, with the order's status kept. What must stay
// true: an ordinary decline never parks, and nothing that moves money or stock fails silently.
import { CancellationScope, CancelledFailure, patched, sleep } from '@temporalio/workflow';
import { needsOperatorFailure } from '../contracts/failures.ts';
import type { Resolution } from '../contracts/messages.ts';
import type { Carried, ParkingRef, ParkRequest } from '../contracts/parking.ts';
import type { OrderStep } from '../domain/order.ts';
import { Compensated } from './ending.ts';
import {
  createParkingPlace,
  FOLLOWED_TO_ITS_END,
  lookAgain,
  type ParkingOptions,
  type ParkingPlace,
  type ParkingView,
} from './parking-place.ts';
import { messageOf, reasonToPark } from './parking-reason.ts';

export type Parking = ReturnType<typeof createParking>;

/** Takes what an operator did by hand as the step's result, once it is verified. Throws when it can not be. */
export type Skip<T = void> = (value: string) => Promise<T>;

/** From here on a decision that could not be followed keeps nobody from cancelling: the workflow was parked for ever. */
const NOT_BY_HAND = 'a-refused-decision-can-be-cancelled';

const VOID_PARKING_PAUSE_MS = 10_000;

/** Parking for one workflow of an order, and the update by which an operator decides. */
export function createParking(options: ParkingOptions) {
  const place = createParkingPlace(options);
  const { order } = options;
  return {
    /** The last parking so far: what is open up to it is over once the workflow gets through. */
    latest: (): ParkingRef => place.latest(),
    isParked: (): boolean => place.isParked(),

    /** Whether this run may go on as another: nothing that an operator said would be lost, and what is parked is in the rows. */
    mayHandOn: (): boolean => place.mayHandOn(),
    /** What the next run has to know. */
    handOn: (): Carried => place.handOn(),

    /** A step of the story. Throws what ends the story: a rejection, an ending, a cancellation, an operator's word. */
    runStep: <T>(step: OrderStep, work: () => Promise<T>, skip?: Skip<T>, again?: () => Promise<T>): Promise<T> =>
      runOrPark({ step, order, place, ...(again ? { again } : {}) }, work, skip),

    /** An undo (or the close after it): not cancellable, and it either finishes or waits for an operator. */
    runUndo: <T>(step: OrderStep, work: () => Promise<T>, skip?: Skip<T>): Promise<T> =>
      CancellationScope.nonCancellable(() => runOrPark({ step, order, place }, work, skip)),
  };
}

type Attempt<T> = {
  step: OrderStep;
  /** What a person's retry does, where that is not the same as the first time. */
  again?: () => Promise<T>;
  order: ParkingView;
  place: ParkingPlace;
};

/** Runs until it is done, parking as often as it exhausts its bound. What can not be skipped after all parks again. */
async function runOrPark<T>(
  { step, order, place, again }: Attempt<T>,
  work: () => Promise<T>,
  skip?: Skip<T>,
): Promise<T> {
  // An operator has said what was done by hand, and that is not verified yet.
  let byHand = false;
  // Others of the same name (a look before it) take no parking: what was decided could not be followed there.
  let handedOn = skip || again ? place.takeHandedOn(step) : null;
  for (let next = handedOn ? parkedBefore(handedOn) : work; ;) {
    order.began(step);
    try {
      const result = await next().finally(place.settled);
      order.finished(step, result);
      return result;
    } catch (error) {
      const reason = reasonToPark(error);
      if (reason === null) {
        order.failed(step, messageOf(error));
        throw error;
      }
      const named = handedOn;
      handedOn = null;
      const parkIt = () => place.park({ step, reason, named }, work);
      const resolution: Resolution | null = await (byHand ? CancellationScope.nonCancellable(parkIt) : parkIt());
      // Whatever made its parking void may do so again: never without a pause.
      if (!resolution && patched('pause-after-a-void-parking'))
        await sleep(VOID_PARKING_PAUSE_MS, { summary: 'Was done already: look again' });
      if (resolution?.action === 'compensate') {
        place.settled();
        throw new Compensated({ status: 'cancelled', reason: resolution.reason, actor: resolution.actor });
      }
      const isSkipped: boolean = resolution?.action === 'skip';
      const isFollowed: boolean = isSkipped && skip !== undefined && patched(FOLLOWED_TO_ITS_END);
      byHand = isFollowed && !(place.skipping === 'decides' && patched(NOT_BY_HAND));
      const follow = () => skipWith(skip, resolution?.value ?? '');
      const toItsEnd = isFollowed ? () => followToItsEnd(follow) : follow;
      const isRetried = resolution?.action === 'retry' && resolution !== lookAgain;
      next = isSkipped ? toItsEnd : isRetried ? (again ?? work) : work;
    }
  }
}

/** In the place of a try: the run before this one has tried, and was told to wait. */
const parkedBefore =
  ({ reason }: ParkRequest) =>
  (): Promise<never> =>
    Promise.reject(needsOperatorFailure(reason));

function skipWith<T>(skip: Skip<T> | undefined, value: string): Promise<T> {
  if (!skip) throw needsOperatorFailure('This step can not be skipped');
  return skip(value);
}

/** Also when the order is cancelled meanwhile: money that was taken by hand would be in no book, and nobody would give it back. */
async function followToItsEnd<T>(follow: () => Promise<T>): Promise<T> {
  const result = await CancellationScope.nonCancellable(follow);
  if (CancellationScope.current().consideredCancelled) throw new CancelledFailure('Cancelled while it was verified');
  return result;
}
