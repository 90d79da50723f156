// Where a step or an undo goes that can not finish: in front of an operator, with the order's status kept. What must stay
// true: an ordinary decline never parks, and nothing that moves money or stock fails silently.
import {
  CancellationScope,
  CancelledFailure,
  isCancellation,
  patched,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { needsOperatorFailure } from '../contracts/failures.ts';
import { resolveUpdate, type Resolution } from '../contracts/messages.ts';
import type { ParkingRef, ParkRequest } from '../contracts/parking.ts';
import type { OrderStep } from '../domain/order.ts';
import type { OrderActivities } from './activity-proxies.ts';
import { Compensated } from './ending.ts';
import type { OrderState } from './order-state.ts';
import { take, validate, type Parked } from './parking-decision.ts';
import { comesToTheSame, messageOf, reasonToPark } from './parking-reason.ts';
import { waitWithReminders } from './parking-reminders.ts';

export type Parking = ReturnType<typeof createParking>;
/** What parking tells whoever shows the order. */
export type ParkingView = Pick<OrderState, 'began' | 'finished' | 'failed' | 'parked' | 'noticed' | 'resumed'>;

/** Takes what an operator did by hand as the step's result, once it is verified. Throws when it can not be. */
export type Skip<T = void> = (value: string) => Promise<T>;

const VOID_PARKING_PAUSE_MS = 10_000;

/** From here on the operator's word stands in the history before the order's row changes. */
const RECORDED_FIRST = 'resolution-recorded-before-the-order-resumes';

/** From here on a cancellation drops no word of an operator that was taken, and nothing that was done by hand. */
const FOLLOWED_TO_ITS_END = 'what-was-done-by-hand-is-followed-to-its-end';

const RESOLVE_DESCRIPTION =
  'Decide about a parked order: retry its step, skip it (value: what was done by hand at the provider instead; none where a ' +
  'payment is taken as it stands), or ' +
  'compensate (undo everything and cancel the order; of a refund: give it up)';

type ParkingOptions = {
  orderId: string;
  order: ParkingView;
  activities: Pick<OrderActivities, 'parkOrder' | 'resumeOrder' | 'resumeOrderInTask' | 'remindOfParked'>;
  parkedReminderMs: number | undefined;
  /** Whether there are news that may settle what is parked: then it is tried again without an operator. Work takes them. */
  hasNews?: () => boolean;
};

/** What stands in the place of an operator's word when there are news. */
const lookAgain: Resolution = { action: 'retry', actor: 'provider', reason: 'There are news of what is parked' };

/** Parking for one workflow of an order, and the update by which an operator decides. */
export function createParking({ orderId, order, activities, parkedReminderMs, hasNews }: ParkingOptions) {
  let parked: Parked | null = null;
  // Decided, and its row still says parked: whoever comes next is told by whom.
  let followed: Parked | null = null;
  let parkings = 0;
  const latest = (): ParkingRef => ({ orderId, ...nameOf(parkings) });

  setHandler(resolveUpdate, (resolution) => take(parked, resolution), {
    validator: (resolution: Resolution) => validate(parked ?? followed, resolution),
    description: RESOLVE_DESCRIPTION,
  });

  /**
   * Parks, waits for the operator, and says what was decided. The operator's word is recorded before it is followed. Null when
   * the order turns out to be closed: the step is done, only its answer got lost, and will say so when it is asked again.
   */
  async function park(step: OrderStep, reason: string, work: () => Promise<unknown>): Promise<Resolution | null> {
    order.parked(step, reason);
    parkings += 1;
    const parking: Parked = { step, number: parkings, reason, since: null, resolution: null };
    parked = parking;
    const resolution = await waitForResolution(parking, { ...latest(), step, reason }, work);
    if (!resolution) {
      order.resumed(`${step}: was done already, its answer had been lost`);
      return null;
    }
    const resume = patched(RECORDED_FIRST) ? activities.resumeOrder : activities.resumeOrderInTask;
    followed = { ...parking, resolution };
    await CancellationScope.nonCancellable(() => resume({ ...latest(), step, resolution }));
    followed = null;
    order.resumed(`${resolution.actor} decided: ${resolution.action} (${resolution.reason})`);
    return resolution;
  }

  async function waitForResolution(
    parking: Parked,
    request: ParkRequest,
    work: () => Promise<unknown>,
  ): Promise<Resolution | null> {
    try {
      const attention = await activities.parkOrder(request);
      if (!attention) return null;
      // As the rows show it to the operator, with the last words that the failure itself may not have had.
      parking.since = attention.since;
      parking.reason = attention.reason;
      order.noticed(attention);
      const isResolved = (): boolean => parking.resolution !== null;
      for (;;) {
        const isOver = await waitWithReminders(() => isResolved() || hasNews?.() === true, {
          everyMs: parkedReminderMs,
          remind: () => activities.remindOfParked(request),
        });
        if (isResolved() || isOver) return parking.resolution;
        // It stays parked, and the operator can decide, unless trying again comes to something else.
        if (!(await comesToTheSame(work, request.reason))) return parking.resolution ?? lookAgain;
      }
    } catch (error) {
      return wordTakenBefore(error, parking);
    } finally {
      // Also when a cancellation ends the wait: nobody can resolve what is no longer parked.
      parked = null;
    }
  }

  return {
    /** The last parking so far: what is open up to it is over once the workflow gets through. And whether it is parked now. */
    ...{ latest, isParked: (): boolean => parked !== null },

    /** A step of the story. Throws what ends the story: a rejection, an ending, a cancellation, an operator's word. */
    runStep: <T>(step: OrderStep, work: () => Promise<T>, skip?: Skip<T>, again?: () => Promise<T>): Promise<T> =>
      runOrPark({ step, order, park, ...(again ? { again } : {}) }, work, skip),

    /** An undo (or the close after it): not cancellable, and it either finishes or waits for an operator. */
    runUndo: <T>(step: OrderStep, work: () => Promise<T>, skip?: Skip<T>): Promise<T> =>
      CancellationScope.nonCancellable(() => runOrPark({ step, order, park }, work, skip)),
  };
}

/** An operator was told that it is followed: a cancellation that came a moment later must not drop it. */
function wordTakenBefore(error: unknown, { resolution }: Parked): Resolution {
  if (isCancellation(error) && resolution && patched(FOLLOWED_TO_ITS_END)) return resolution;
  throw error;
}

/** The same in every replay; a run that was reset has names of its own. */
function nameOf(number: number): Omit<ParkingRef, 'orderId'> {
  const { workflowId, runId, runStartTime } = workflowInfo();
  return { workflowId, parking: { runId, runStartedAt: runStartTime.toISOString(), number } };
}

type Attempt<T> = {
  step: OrderStep;
  /** What a person's retry does, where that is not the same as the first time. */
  again?: () => Promise<T>;
  order: ParkingView;
  park: (step: OrderStep, reason: string, work: () => Promise<unknown>) => Promise<Resolution | null>;
};

/** Runs until it is done, parking as often as it exhausts its bound. What can not be skipped after all parks again. */
async function runOrPark<T>(
  { step, order, park, again }: Attempt<T>,
  work: () => Promise<T>,
  skip?: Skip<T>,
): Promise<T> {
  // An operator has said what was done by hand, and that is not verified yet.
  let byHand = false;
  for (let next = work; ;) {
    order.began(step);
    try {
      const result = await next();
      order.finished(step, result);
      return result;
    } catch (error) {
      const reason = reasonToPark(error);
      if (reason === null) {
        order.failed(step, messageOf(error));
        throw error;
      }
      const parkIt = () => park(step, reason, work);
      const resolution: Resolution | null = await (byHand ? CancellationScope.nonCancellable(parkIt) : parkIt());
      // Whatever made its parking void may do so again: never without a pause.
      if (!resolution && patched('pause-after-a-void-parking')) await sleep(VOID_PARKING_PAUSE_MS);
      if (resolution?.action === 'compensate') {
        throw new Compensated({ status: 'cancelled', reason: resolution.reason, actor: resolution.actor });
      }
      const isSkipped: boolean = resolution?.action === 'skip';
      byHand = isSkipped && skip !== undefined && patched(FOLLOWED_TO_ITS_END);
      const follow = () => skipWith(skip, resolution?.value ?? '');
      const toItsEnd = byHand ? () => followToItsEnd(follow) : follow;
      const isRetried = resolution?.action === 'retry' && resolution !== lookAgain;
      next = isSkipped ? toItsEnd : isRetried ? (again ?? work) : work;
    }
  }
}

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
