import { shippingSteps, type OrderStep, type ParkedStep } from './order.ts';

/** What an operator can decide about a parked order. */
export const resolutionActions = ['retry', 'skip', 'compensate'] as const;
export type ResolutionAction = (typeof resolutionActions)[number];

/** What each step that can be done by hand at the provider needs as its value; the others can not be skipped. */
const skippable: Partial<Record<OrderStep, string>> = {
  'charge-payment': 'the id of the payment that was made by hand',
  'refund-payment': 'the id of the refund that was made by hand',
  'pay-refund': 'the id of the refund that was made by hand',
  'capture-payment': 'the id of the payment that was made by hand',
  'charge-amendment': 'the id of the payment that was made by hand',
  'undo-amendment': 'the id of the refund that was made by hand',
};

/** Steps that somebody may take as they are, or leave out: there is nothing to verify. */
const acknowledgeable: readonly OrderStep[] = [
  'follow-payment',
  'pack-shipment',
  'create-shipment',
  'dispatch-shipment',
  'deliver-shipment',
  'follow-shipment',
  'cancel-shipment',
  'refund-missing',
  'refund-return',
];

/** What a skip of the step needs as its value; null: nothing. */
export const valueToSkip = (step: OrderStep): string | null => skippable[step] ?? null;

/** The steps that undo something: parked, they can not be compensated, because that is what they do. */
const undoSteps: readonly OrderStep[] = [
  'refund-payment',
  'release-inventory',
  'close-order',
  'follow-payment',
  'cancel-shipment',
  'follow-shipment',
  'undo-amendment',
  'close-amendment',
];

// Ids at the provider are much shorter; this is what fits into a line.
const MAX_VALUE_LENGTH = 255;

/** The parked steps that are meant: the one parked longest, which the order shows, unless one is named. */
export function meantAmong<Parked extends ParkedStep>(
  parked: readonly Parked[],
  { step, workflowId }: { step?: OrderStep | undefined; workflowId?: string | undefined },
): readonly Parked[] {
  if (step === undefined && workflowId === undefined) return parked.slice(0, 1);
  return parked.filter((one) => one.step === (step ?? one.step) && one.workflowId === (workflowId ?? one.workflowId));
}

/**
 * A parking as the rows show it to whoever decides: since when (ISO instant, milliseconds), and the how manyeth of which run of its
 * workflow. Number 0 is one that reconciliation has marked for a run that waited without a row.
 */
export type SeenParking = { since: string; runId: string; number: number };

/**
 * Whether what was seen is what the workflow is parked at now. `since` is null until it knows how its row shows it. A row of another
 * run counts by its instant alone: a run that was reset has taken over what the run before it had parked.
 */
export function isAbout(
  seen: SeenParking,
  { runId, number, since }: { runId: string; number: number; since: string | null },
): boolean {
  if (seen.runId !== runId) return seen.since === since;
  // A mark of reconciliation that was made after this parking began can be about no other: the next parking closes it.
  return seen.number === 0 ? since !== null && seen.since >= since : seen.number === number;
}

/** What is parked and since when, for those who must look at it again before they decide. */
export const sayParked = ({ step, since, reason }: { step: OrderStep; since: string | null; reason: string }): string =>
  `It is parked at ${step} since ${since ?? 'a moment ago'}: ${reason}`;

/** What can be decided about an order that is parked at the step. */
export function possibleActions(step: OrderStep): ResolutionAction[] {
  return resolutionActions.filter((action) => refusalOf(step, { action, value: 'any' }) === null);
}

/** Why the decision is not possible for an order parked at the step, or null when it is. */
export function refusalOf(
  step: OrderStep,
  { action, value }: { action: ResolutionAction; value?: string | undefined },
): string | null {
  switch (action) {
    case 'retry':
      return null;
    case 'compensate':
      // The sale is behind it. Whether it can still be taken back is for the order's row to say, under its lock.
      if (shippingSteps.some((shipping) => shipping === step))
        return `The order is sold: cancel it (POST /orders/{id}/cancel) as long as nothing of it has left`;
      if (step === 'receive-return' || step === 'refund-return')
        return `What was agreed about the return stands: the parked step ${step} can only be retried${acknowledgeable.includes(step) ? ' or skipped' : ''}`;
      return undoSteps.includes(step)
        ? `The parked step ${step} is an undo already: it can only be retried${skippable[step] || acknowledgeable.includes(step) ? ' or skipped' : ''}`
        : null;
    case 'skip': {
      if (acknowledgeable.includes(step)) return null;
      const wanted = skippable[step];
      if (wanted === undefined) return `The parked step ${step} can not be skipped`;
      return value && value.length <= MAX_VALUE_LENGTH ? null : `To skip ${step}, value must be ${wanted}`;
    }
  }
}
