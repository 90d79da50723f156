// Which decisions a parked workflow takes. What must stay true: one for each parking, about the very parking that the operator
// saw (where the decision says which), and never one that the step can not follow.
import { workflowInfo } from '@temporalio/workflow';
import { decisionRefused } from '../contracts/failures.ts';
import type { Resolution, ResolutionAnswer } from '../contracts/messages.ts';
import type { OrderStep } from '../domain/order.ts';
import { isAbout, refusalOf, resolutionActions, sayParked } from '../domain/resolution.ts';

/** What a workflow is parked at: its how manyeth parking, since when by its row (null: not known yet), and what was decided. */
export type Parked = {
  step: OrderStep;
  number: number;
  reason: string;
  since: string | null;
  resolution: Resolution | null;
};

/** Throws the refusal that the operator reads. Synchronous: an async validator never refuses. */
export function validate(parked: Parked | null, resolution: Resolution): void {
  if (!parked) throw decisionRefused('notParked', 'The order is not parked: there is nothing to resolve');
  if (resolution.about && !isAbout(resolution.about, { ...parked, runId: workflowInfo().runId })) {
    throw decisionRefused('parkingDiffers', sayParked(parked));
  }
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

/** Puts the decision where the workflow waits for it, and answers with what was decided. */
export function take(parked: Parked | null, resolution: Resolution): ResolutionAnswer {
  if (!parked) throw new Error('Expected the order to be parked; found that it is not');
  parked.resolution = resolution;
  const { action, value, about } = resolution;
  return {
    ...{ step: parked.step, action },
    ...(value === undefined ? {} : { value }),
    ...(about ? { since: about.since } : {}),
  };
}
