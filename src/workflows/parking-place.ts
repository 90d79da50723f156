// The place where a workflow waits for an operator, and what is known of it. What must stay true: an operator's word is recorded before
// it is followed, news are looked at without losing the place, and a run that goes on as another hands its place on.
import { CancellationScope, isCancellation, patched, setHandler, workflowInfo } from '@temporalio/workflow';
import { resolveUpdate, type Resolution } from '../contracts/messages.ts';
import type { Carried, ParkingRef, ParkRequest } from '../contracts/parking.ts';
import type { Bounds } from '../contracts/process-order.ts';
import type { OrderStep } from '../domain/order.ts';
import type { OrderActivities } from './activity-proxies.ts';
import type { OrderState } from './order-state.ts';
import { take, validate, type Parked } from './parking-decision.ts';
import { comesToTheSame } from './parking-reason.ts';
import { waitWithReminders } from './parking-reminders.ts';

/** What parking tells whoever shows the order. */
export type ParkingView = Pick<OrderState, 'began' | 'finished' | 'failed' | 'parked' | 'noticed' | 'resumed'>;

/** From here on the operator's word stands in the history before the order's row changes. */
const RECORDED_FIRST = 'resolution-recorded-before-the-order-resumes';

/** From here on a cancellation drops no word of an operator that was taken, and nothing that was done by hand. */
export const FOLLOWED_TO_ITS_END = 'what-was-done-by-hand-is-followed-to-its-end';

const RESOLVE_DESCRIPTION =
  'Decide about a parked order: retry its step, skip it (value: what was done by hand at the provider instead; none where a ' +
  'payment is taken as it stands), or ' +
  'compensate (undo everything and cancel the order; of a refund: give it up)';

export type ParkingOptions = {
  orderId: string;
  order: ParkingView;
  activities: Pick<OrderActivities, 'parkOrder' | 'resumeOrder' | 'resumeOrderInTask' | 'remindOfParked'>;
  bounds: Pick<Bounds, 'parkedReminderMs'>;
  /** What the run before this one was parked at. */
  carried: Carried | undefined;
  /** Whether there are news that may settle what is parked: then it is tried again without an operator. Work takes them. */
  hasNews?: () => boolean;
  /** What an operator's skip is here: word of what was done by hand (the default), or a decision, behind which nothing was done. */
  skipping?: 'by-hand' | 'decides';
};

/** What stands in the place of an operator's word when there are news. */
export const lookAgain: Resolution = { action: 'retry', actor: 'provider', reason: 'There are news of what is parked' };

/** `named`: by the run that parked first. */
export type ParkedAt = { step: OrderStep; reason: string; named: ParkingRef | null };

export type ParkingPlace = ReturnType<typeof createParkingPlace>;

export function createParkingPlace(options: ParkingOptions) {
  const { orderId, order, activities, carried } = options;
  let parked: Parked | null = null;
  // Decided, and its row still says parked: whoever comes next is told by whom.
  let followed: Parked | null = null;
  let parkings = 0;
  let latest: ParkingRef = { orderId, ...nameOf(parkings) };
  let request: ParkRequest | null = null;
  let handedOn = carried?.parked ?? null;
  // A word of an operator was taken, and has not led anywhere yet. A workflow is at one step at a time.
  let following = false;

  setHandler(resolveUpdate, (resolution) => take(parked, resolution), {
    validator: (resolution: Resolution) => validate(parked ?? followed, resolution),
    description: RESOLVE_DESCRIPTION,
  });

  /**
   * Parks, waits for the operator, and says what was decided. The operator's word is recorded before it is followed. Null when
   * the order turns out to be closed: the step is done, only its answer got lost, and will say so when it is asked again.
   */
  async function park({ step, reason, named }: ParkedAt, work: () => Promise<unknown>): Promise<Resolution | null> {
    order.parked(step, reason);
    latest = named ?? { orderId, ...nameOf((parkings += 1)) };
    const parking: Parked = { step, number: latest.parking.number, reason, since: null, resolution: null };
    parked = parking;
    request = { ...latest, step, reason };
    // Also when a cancellation ends the wait: nobody can resolve what is no longer parked.
    const resolution = await waitForResolution(options, { parking, request, work }).finally(() => (parked = null));
    following = resolution !== null;
    if (!resolution) {
      order.resumed(`${step}: was done already, its answer had been lost`);
      return null;
    }
    const resume = patched(RECORDED_FIRST) ? activities.resumeOrder : activities.resumeOrderInTask;
    followed = { ...parking, resolution };
    await CancellationScope.nonCancellable(() => resume({ ...latest, step, resolution }));
    followed = null;
    order.resumed(`${resolution.actor} decided: ${resolution.action} (${resolution.reason})`);
    return resolution;
  }

  return {
    park,
    skipping: options.skipping ?? 'by-hand',
    latest: (): ParkingRef => latest,
    isParked: (): boolean => parked !== null,

    /** What an operator decided has led somewhere. */
    settled: (): void => {
      following = false;
    },

    /** What the run before this one was parked at, when it was this step. */
    takeHandedOn(step: OrderStep): ParkRequest | null {
      if (handedOn?.step !== step) return null;
      const taken = handedOn;
      handedOn = null;
      return taken;
    },

    mayHandOn: (): boolean => !following && (parked === null || (parked.since !== null && !parked.resolution)),
    // A charge is tried again instead: a first try would take the place of a second.
    handOn: (): Carried => (parked && request && parked.step !== 'charge-payment' ? { parked: request } : {}),
  };
}

type Waiting = { parking: Parked; request: ParkRequest; work: () => Promise<unknown> };

async function waitForResolution(
  { order, activities, bounds, hasNews }: ParkingOptions,
  { parking, request, work }: Waiting,
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
        everyMs: bounds.parkedReminderMs,
        remind: () => activities.remindOfParked(request),
      });
      if (isResolved() || isOver) return parking.resolution;
      // It stays parked, and the operator can decide, unless trying again comes to something else.
      if (!(await comesToTheSame(work, request.reason))) return parking.resolution ?? lookAgain;
    }
  } catch (error) {
    return wordTakenBefore(error, parking);
  }
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
