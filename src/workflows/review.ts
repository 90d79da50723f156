// The wait of an order for somebody who looks at it before it is charged. What must stay true: the row decides, and whoever decided
// is told what stands; the wait has an end; and a run that begins anew comes back to the same wait, until the same moment.
import { CancellationScope, condition, setHandler } from '@temporalio/workflow';
import { decisionRefused, endingFailure } from '../contracts/failures.ts';
import { decideReviewUpdate } from '../contracts/messages.ts';
import type { PendingReview, ReviewAnswer, ReviewStanding, ReviewWord } from '../contracts/review.ts';
import { reviewDecisions } from '../domain/review.ts';
import type { OrderActivities } from './activity-proxies.ts';
import type { OrderState } from './order-state.ts';

// The database's clock decides whether the time has come; it may be a little behind the one that woke us.
const SHORTEST_WAIT_MS = 1_000;

const DECIDE_DESCRIPTION =
  'Decide about an order that waits for a review before it is charged: approve or reject. Give decision, actor, reason, and ' +
  'mayDecideEscalated (whether the actor belongs to the second group)';

/** Takes decisions of reviewers from now on. */
export function listenForReviews({
  orderId,
  activities,
  order,
}: {
  orderId: string;
  activities: Pick<OrderActivities, 'decideReview' | 'advanceReview'>;
  order: Pick<OrderState, 'reviewed'>;
}) {
  let decided: ReviewStanding | null = null;

  async function decide(word: ReviewWord): Promise<ReviewAnswer> {
    // Also while the order is being cancelled: whoever asked is told what came first.
    const answer = await CancellationScope.nonCancellable(() => activities.decideReview({ orderId, ...word }));
    if (answer.state !== 'none' && answer.state !== 'pending') decided = answer;
    return answer;
  }

  setHandler(decideReviewUpdate, decide, { validator: validate, description: DECIDE_DESCRIPTION });

  /** What stands once somebody has decided, or the time has come for the next thing to happen. */
  async function next({ endsInMs, escalatesInMs }: PendingReview): Promise<ReviewStanding> {
    const waitMs = Math.max(Math.min(endsInMs, escalatesInMs ?? endsInMs), SHORTEST_WAIT_MS);
    await condition(() => decided !== null, waitMs, { summary: 'Nobody has decided: escalate the review, or end it' });
    return decided ?? activities.advanceReview({ orderId });
  }

  return {
    /** Waits until the order may go on. Throws how it ends when it may not, and when it is cancelled meanwhile. */
    async pass(review: PendingReview): Promise<void> {
      for (let standing: ReviewStanding = { state: 'pending', ...review }; ; standing = await next(standing)) {
        order.reviewed(standing);
        if (standing.state === 'pending') continue;
        if (standing.ending) throw endingFailure(standing.ending);
        return;
      }
    },
  };
}

/** Synchronous: an async validator never refuses. Whether there is anything to decide is for the row to say. */
function validate({ decision, actor, reason }: ReviewWord): void {
  if (!reviewDecisions.includes(decision))
    throw decisionRefused('notPossible', `decision must be one of ${reviewDecisions.join(', ')}`);
  if (!actor || !reason) throw decisionRefused('notPossible', 'actor and reason must say who decided, and why');
}
