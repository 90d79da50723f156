import { isCancellation } from '@temporalio/workflow';
import { endingIn, rejectionIn } from '../contracts/failures.ts';
import type { Ending } from '../domain/rejection.ts';

/** An operator decided that a parked order is to be undone. Thrown by parking, read by `endingOf`. */
export class Compensated extends Error {
  readonly ending: Ending;

  constructor(ending: Ending) {
    super('an operator had the order undone');
    this.name = 'Compensated';
    this.ending = ending;
  }
}

/** How an order ends for what its story threw. Anything else is our bug: it fails the task, not the order. */
export function endingOf(error: unknown): Ending {
  if (error instanceof Compensated) return error.ending;
  const rejection = rejectionIn(error);
  if (rejection) return { status: 'rejected', rejection };
  const ending = endingIn(error);
  if (ending) return ending;
  if (isCancellation(error)) {
    return { status: 'cancelled', reason: 'The workflow was cancelled in Temporal', actor: 'temporal' };
  }
  throw error;
}
