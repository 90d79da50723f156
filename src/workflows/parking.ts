// Where a step or an undo goes that can not finish: in front of an operator, with the order's status kept. What must stay
// true: an ordinary decline never parks, and nothing that moves money or stock fails silently.
import {
  ActivityFailure,
  CancellationScope,
  condition,
  isCancellation,
  patched,
  setHandler,
  sleep,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';
import { decisionRefused, endingIn, isSold, needsOperatorFailure, rejectionIn } from '../contracts/failures.ts';
import { resolveUpdate, type Resolution } from '../contracts/messages.ts';
import type { ParkingRef, ParkRequest, Reminded } from '../contracts/parking.ts';
import type { OrderStep } from '../domain/order.ts';
import { refusalOf, resolutionActions } from '../domain/resolution.ts';
import type { OrderActivities } from './activity-proxies.ts';
import { Compensated } from './ending.ts';
import type { OrderState } from './order-state.ts';

export type Parking = ReturnType<typeof createParking>;
/** What parking tells whoever shows the order. */
export type ParkingView = Pick<OrderState, 'began' | 'finished' | 'failed' | 'parked' | 'noticed' | 'resumed'>;
type Parked = { step: OrderStep; resolution: Resolution | null };
type Reminding = { everyMs: number; remind: () => Promise<Reminded | undefined> };

/** Takes what an operator did by hand as the step's result, once it is verified. Throws when it can not be. */
export type Skip<T = void> = (value: string) => Promise<T>;

// Once a day somebody hears again of what nobody has looked at. A reminder costs about six history events, so a year of them
// stays far below a history's limit.
const PARKED_REMINDER_MS = 24 * 3_600_000;

const VOID_PARKING_PAUSE_MS = 10_000;

/** From here on the operator's word stands in the history before the order's row changes. */
const RECORDED_FIRST = 'resolution-recorded-before-the-order-resumes';

const RESOLVE_DESCRIPTION =
  'Decide about a parked order: retry its step, skip it (value: what was done by hand at the provider instead; none where a ' +
  'payment is taken as it stands), or ' +
  'compensate (undo everything and cancel the order)';

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

  setHandler(
    resolveUpdate,
    (resolution) => {
      const { step } = expectParked(parked);
      parked = { ...expectParked(parked), resolution };
      const { action, value } = resolution;
      return { step, action, ...(value === undefined ? {} : { value }) };
    },
    {
      validator: (resolution: Resolution) => validate(parked ?? followed, resolution),
      description: RESOLVE_DESCRIPTION,
    },
  );

  /**
   * Parks, waits for the operator, and says what was decided. The operator's word is recorded before it is followed. Null when
   * the order turns out to be closed: the step is done, only its answer got lost, and will say so when it is asked again.
   */
  async function park(step: OrderStep, reason: string, work: () => Promise<unknown>): Promise<Resolution | null> {
    order.parked(step, reason);
    parked = { step, resolution: null };
    parkings += 1;
    const resolution = await waitForResolution({ ...latest(), step, reason }, work);
    if (!resolution) {
      order.resumed(`${step}: was done already, its answer had been lost`);
      return null;
    }
    const resume = patched(RECORDED_FIRST) ? activities.resumeOrder : activities.resumeOrderInTask;
    followed = { step, resolution };
    await CancellationScope.nonCancellable(() => resume({ ...latest(), step, resolution }));
    followed = null;
    order.resumed(`${resolution.actor} decided: ${resolution.action} (${resolution.reason})`);
    return resolution;
  }

  async function waitForResolution(request: ParkRequest, work: () => Promise<unknown>): Promise<Resolution | null> {
    try {
      const attention = await activities.parkOrder(request);
      if (!attention) return null;
      order.noticed(attention);
      const isResolved = (): boolean => Boolean(parked?.resolution);
      for (;;) {
        const isOver = await waitWithReminders(() => isResolved() || hasNews?.() === true, {
          everyMs: parkedReminderMs ?? PARKED_REMINDER_MS,
          remind: () => activities.remindOfParked(request),
        });
        if (isResolved() || isOver) return expectParked(parked).resolution;
        // It stays parked, and the operator can decide, unless trying again comes to something else.
        if (!(await comesToTheSame(work, request.reason))) return expectParked(parked).resolution ?? lookAgain;
      }
    } finally {
      // Also when a cancellation ends the wait: nobody can resolve what is no longer parked.
      parked = null;
    }
  }

  return {
    /** The last parking so far: what is open up to it is over once the workflow gets through. */
    latest,

    /** A step of the story. Throws what ends the story: a rejection, an ending, a cancellation, an operator's word. */
    runStep: <T>(step: OrderStep, work: () => Promise<T>, skip?: Skip<T>): Promise<T> =>
      runOrPark({ step, order, park }, work, skip),

    /** An undo (or the close after it): not cancellable, and it either finishes or waits for an operator. */
    runUndo: <T>(step: OrderStep, work: () => Promise<T>, skip?: Skip<T>): Promise<T> =>
      CancellationScope.nonCancellable(() => runOrPark({ step, order, park }, work, skip)),
  };
}

/** The same in every replay; a run that was reset has names of its own. */
function nameOf(number: number): Omit<ParkingRef, 'orderId'> {
  const { workflowId, runId, runStartTime } = workflowInfo();
  return { workflowId, parking: { runId, runStartedAt: runStartTime.toISOString(), number } };
}

/** Until somebody decides, or there are news; true when a reminder finds that there is nothing left to decide. */
async function waitWithReminders(isResolved: () => boolean, { everyMs, remind }: Reminding): Promise<boolean> {
  // Orders that were parked before there were reminders go on waiting in silence: their history has no timer.
  if (!patched('parked-order-reminds')) {
    await condition(isResolved);
    return false;
  }
  while (!(await condition(isResolved, everyMs))) {
    try {
      // Reminders that were recorded before they had an answer have none.
      if ((await remind())?.isOver) return true;
    } catch (error) {
      // One that can not be recorded is left to the next: nothing moves by it.
      if (isCancellation(error) || !(error instanceof TemporalFailure)) throw error;
    }
  }
  return false;
}

type Attempt = {
  step: OrderStep;
  order: ParkingView;
  park: (step: OrderStep, reason: string, work: () => Promise<unknown>) => Promise<Resolution | null>;
};

/** Runs until it is done, parking as often as it exhausts its bound. What can not be skipped after all parks again. */
async function runOrPark<T>(
  { step, order, park }: Attempt,
  work: () => Promise<T>,
  skip: Skip<T> = cannotBeSkipped,
): Promise<T> {
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
      const resolution = await park(step, reason, work);
      // Whatever made its parking void may do so again: never without a pause.
      if (!resolution && patched('pause-after-a-void-parking')) await sleep(VOID_PARKING_PAUSE_MS);
      if (resolution?.action === 'compensate') {
        throw new Compensated({ status: 'cancelled', reason: resolution.reason, actor: resolution.actor });
      }
      const value = resolution?.value ?? '';
      next = resolution?.action === 'skip' ? () => skip(value) : work;
    }
  }
}

/** Whether trying again would park for the reason that stands already. */
async function comesToTheSame(work: () => Promise<unknown>, reason: string): Promise<boolean> {
  try {
    await work();
    return false;
  } catch (error) {
    return reasonToPark(error) === reason;
  }
}

const cannotBeSkipped = (): never => {
  throw needsOperatorFailure('This step can not be skipped');
};

/** Synchronous: an async validator never refuses. */
function validate(parked: Parked | null, resolution: Resolution): void {
  if (!parked) throw decisionRefused('notParked', 'The order is not parked: there is nothing to resolve');
  if (parked.resolution) {
    const { actor, action, reason } = parked.resolution;
    throw decisionRefused('decided', `${actor} decided about ${parked.step} a moment ago: ${action} (${reason})`);
  }
  const refusal = resolutionActions.includes(resolution.action)
    ? refusalOf(parked.step, resolution)
    : `action must be one of ${resolutionActions.join(', ')}`;
  if (refusal) throw decisionRefused('notPossible', refusal);
  if (!resolution.actor || !resolution.reason) {
    throw decisionRefused('notPossible', 'actor and reason must say who decided, and why');
  }
}

/** Why the failure parks the order, or null when it ends the step in another way (a no, a cancellation, a defect). */
function reasonToPark(error: unknown): string | null {
  if (isCancellation(error) || rejectionIn(error) || endingIn(error) || isSold(error)) return null;
  // A local activity's failure comes as it was thrown (an ApplicationFailure, a TimeoutFailure), a regular one's wrapped.
  return error instanceof TemporalFailure ? messageOf(error) : null;
}

/** Rows, events and the Web UI show it; an error that quotes a whole answer must not fill them. */
const MAX_REASON_LENGTH = 500;

// An activity's failure says only that it failed, a timeout only that time ran out: what they failed of is their cause.
function messageOf(error: unknown): string {
  const messages: string[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (!(cause instanceof ActivityFailure) && !messages.includes(cause.message)) messages.push(cause.message);
  }
  return messages.join(': ').slice(0, MAX_REASON_LENGTH);
}

function expectParked(parked: Parked | null): Parked {
  if (!parked) throw new Error('Expected the order to be parked; found that it is not');
  return parked;
}
