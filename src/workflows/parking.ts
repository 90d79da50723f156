// Where a step or an undo goes that can not finish: in front of an operator, with the order's status kept. What must stay
// true: an ordinary decline never parks, and nothing that moves money or stock fails silently.
import {
  ActivityFailure,
  CancellationScope,
  condition,
  isCancellation,
  setHandler,
  TemporalFailure,
} from '@temporalio/workflow';
import { endingIn, isSold, rejectionIn } from '../contracts/failures.ts';
import { resolveUpdate, type Resolution } from '../contracts/messages.ts';
import type { OrderStep } from '../domain/order.ts';
import type { OrderActivities } from './activity-proxies.ts';
import { Compensated } from './ending.ts';
import type { OrderState } from './order-state.ts';

export type Parking = ReturnType<typeof createParking>;
type Parked = { step: OrderStep; undoing: boolean; resolution: Resolution | null };

export function createParking({
  orderId,
  order,
  activities,
}: {
  orderId: string;
  order: OrderState;
  activities: Pick<OrderActivities, 'parkOrder' | 'resumeOrder'>;
}) {
  let parked: Parked | null = null;

  setHandler(
    resolveUpdate,
    (resolution) => {
      const { step } = expectParked(parked);
      parked = { ...expectParked(parked), resolution };
      return { step, action: resolution.action };
    },
    {
      validator: (resolution: Resolution) => validate(parked, resolution),
      description: 'Decide about a parked order: retry its step, or compensate (undo everything and cancel the order)',
    },
  );

  /**
   * Parks, waits for the operator, and says what was decided. The operator's word is recorded before it is followed. Null when
   * the order turns out to be closed: the step is done, only its answer got lost, and will say so when it is asked again.
   */
  async function park(
    step: OrderStep,
    { reason, undoing }: { reason: string; undoing: boolean },
  ): Promise<Resolution | null> {
    order.parked(step, reason);
    parked = { step, undoing, resolution: null };
    const resolution = await waitForResolution(step, reason);
    if (!resolution) {
      order.resumed(`${step}: was done already, its answer had been lost`);
      return null;
    }
    await CancellationScope.nonCancellable(() => activities.resumeOrder({ orderId, resolution }));
    order.resumed(`${resolution.actor} decided: ${resolution.action} (${resolution.reason})`);
    return resolution;
  }

  async function waitForResolution(step: OrderStep, reason: string): Promise<Resolution | null> {
    try {
      const attention = await activities.parkOrder({ orderId, step, reason });
      if (!attention) return null;
      order.noticed(attention);
      await condition(() => Boolean(parked?.resolution));
      const { resolution } = expectParked(parked);
      if (!resolution) throw new Error('Expected a resolution once the wait for it is over; found none');
      return resolution;
    } finally {
      // Also when a cancellation ends the wait: nobody can resolve what is no longer parked.
      parked = null;
    }
  }

  return {
    /** A step of the story. Throws what ends the story: a rejection, an ending, a cancellation, an operator's word. */
    runStep: (step: OrderStep, work: () => Promise<void>): Promise<void> =>
      runOrPark({ step, undoing: false, order, park }, work),

    /** An undo (or the close after it): not cancellable, and it either finishes or waits for an operator to retry it. */
    runUndo: <T>(step: OrderStep, work: () => Promise<T>): Promise<T> =>
      CancellationScope.nonCancellable(() => runOrPark({ step, undoing: true, order, park }, work)),
  };
}

type Attempt = {
  step: OrderStep;
  undoing: boolean;
  order: OrderState;
  park: (step: OrderStep, why: { reason: string; undoing: boolean }) => Promise<Resolution | null>;
};

/** Runs until it is done, parking as often as it exhausts its bound. */
async function runOrPark<T>({ step, undoing, order, park }: Attempt, work: () => Promise<T>): Promise<T> {
  for (;;) {
    order.began(step);
    try {
      const result = await work();
      order.finished(step);
      return result;
    } catch (error) {
      const reason = reasonToPark(error);
      if (reason === null) {
        order.failed(step, messageOf(error));
        throw error;
      }
      const resolution = await park(step, { reason, undoing });
      if (resolution?.action === 'compensate') {
        throw new Compensated({ status: 'cancelled', reason: resolution.reason, actor: resolution.actor });
      }
    }
  }
}

/** Synchronous: an async validator never refuses. */
function validate(parked: Parked | null, resolution: Resolution): void {
  if (!parked || parked.resolution) throw new Error('The order is not parked: there is nothing to resolve');
  if (resolution.action === 'compensate' && parked.undoing) {
    throw new Error(`The parked step ${parked.step} is an undo already: it can only be retried`);
  }
  if (!['retry', 'compensate'].includes(resolution.action)) throw new Error('action must be retry or compensate');
  if (!resolution.actor || !resolution.reason) throw new Error('actor and reason must say who decided, and why');
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
