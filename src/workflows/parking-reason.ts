// Why a step or an undo parks. What must stay true: an ordinary decline never parks, and what Temporal or the provider gives as
// the reason of a failure reaches the operator.
import { ActivityFailure, isCancellation, TemporalFailure } from '@temporalio/workflow';
import { endingIn, isSold, rejectionIn } from '../contracts/failures.ts';

/** Rows, events and the Web UI show it; an error that quotes a whole answer must not fill them. */
const MAX_REASON_LENGTH = 500;

/** Why the failure parks the order, or null when it ends the step in another way (a no, a cancellation, a defect). */
export function reasonToPark(error: unknown): string | null {
  if (isCancellation(error) || rejectionIn(error) || endingIn(error) || isSold(error)) return null;
  // A local activity's failure comes as it was thrown (an ApplicationFailure, a TimeoutFailure), a regular one's wrapped.
  return error instanceof TemporalFailure ? messageOf(error) : null;
}

/** Whether trying again would park for the reason that stands already. */
export async function comesToTheSame(work: () => Promise<unknown>, reason: string): Promise<boolean> {
  try {
    await work();
    return false;
  } catch (error) {
    return reasonToPark(error) === reason;
  }
}

/** An activity's failure says only that it failed, a timeout only that time ran out: what they failed of is their cause. */
export function messageOf(error: unknown): string {
  const messages: string[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (!(cause instanceof ActivityFailure) && !messages.includes(cause.message)) messages.push(cause.message);
  }
  return messages.join(': ').slice(0, MAX_REASON_LENGTH);
}
