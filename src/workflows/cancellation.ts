// Cancelling an order while it runs. What must stay true: the row decides, under the lock of the pivot, whether a cancellation
// comes in time, and whoever asked is told what stands; the story is interrupted only after that, wherever it is, and its undo is not.
import { allHandlersFinished, CancellationScope, condition, isCancellation, setHandler } from '@temporalio/workflow';
import { decisionRefused } from '../contracts/failures.ts';
import { cancelUpdate, type CancelAnswer, type Cancellation } from '../contracts/messages.ts';
import type { Ending } from '../domain/rejection.ts';
import type { OrderActivities } from './activity-proxies.ts';
import { endingOf } from './ending.ts';

/** Takes cancellations from now on. */
export function listenForCancellation({
  orderId,
  activities,
}: {
  orderId: string;
  activities: Pick<OrderActivities, 'cancelOrder'>;
}) {
  const story = new CancellationScope();
  let pivot: CancellationScope | null = null;
  let cancelled: Ending | null = null;

  async function cancel({ actor, reason }: Cancellation): Promise<CancelAnswer> {
    // Also while the workflow itself is being cancelled: who was told that an order ends cancelled must not have been told wrong.
    const answer = await CancellationScope.nonCancellable(() => activities.cancelOrder({ orderId, actor, reason }));
    if ('ending' in answer && answer.ending.status === 'cancelled') {
      cancelled = answer.ending;
      story.cancel();
      pivot?.cancel();
    }
    return answer;
  }

  function runSold<T>(work: () => Promise<T>): Promise<T> {
    return CancellationScope.nonCancellable(() => {
      pivot = new CancellationScope();
      if (cancelled) pivot.cancel();
      return pivot.run(work);
    });
  }

  setHandler(cancelUpdate, cancel, {
    validator: validate,
    description:
      'Ends the order, unless it is sold for good (nothing to ship, or something has left): everything is undone. Give actor and reason',
  });

  return {
    /** A cancellation was taken: what it interrupts may not be over yet. */
    isTaken: (): boolean => cancelled !== null,

    /** Runs what a cancellation interrupts. */
    runStory: (work: () => Promise<void>): Promise<void> => story.run(work),

    /**
     * Runs the pivot. Temporal's own cancellation does not interrupt it, not even where it is parked: it never did, and recorded histories
     * of open orders say so. A cancellation that the row has taken does, also one that was taken before the pivot began.
     */
    runPivot: runSold<void>,

    /** Runs what comes after the sale: only a cancellation that the row has taken interrupts it, as the pivot. */
    runSold,

    /** How the order ends for what its story threw. */
    endingOf: (error: unknown): Ending => (isCancellation(error) && cancelled ? cancelled : endingOf(error)),

    /** Nobody who asked is left without an answer. */
    answered: async (): Promise<void> => {
      if (!allHandlersFinished()) await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
    },
  };
}

/** Synchronous: an async validator never refuses. */
function validate({ actor, reason }: Cancellation): void {
  if (!actor || !reason) throw decisionRefused('notPossible', 'actor and reason must say who cancels, and why');
}
