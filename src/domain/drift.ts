// What a drift is: a name, a sentence, and what is done about it. The rules are beside it, by what they are about.

/** The names of the drifts. Reports carry them: they never change. docs/operations.md says what each means. */
export const driftNames = [
  'workflow-gone',
  'workflow-ended-early',
  'workflow-without-order',
  'hold-overdue',
  'hold-of-closed-order',
  'parked-without-workflow',
  'parked-row-stale',
  'parked-row-missing',
  'payment-unclaimed',
  'payment-left-open',
  'payment-without-order',
  'capture-unknown',
  'capture-missing',
  'authorization-lost',
  'payment-differs',
  'refund-unknown',
  'refund-missing',
  'dispute-unknown',
  'dispute-missing',
  'stock-reserved-differs',
  'stock-on-hand-differs',
  'notice-overdue',
] as const;
export type DriftName = (typeof driftNames)[number];

/** What a drift can be about. Reports carry them, too. */
export const subjectKinds = ['order', 'payment', 'refund', 'dispute', 'stock', 'notice', 'stranger'] as const;
export type SubjectKind = (typeof subjectKinds)[number];

/**
 * What is done about a drift. `restart`: the launcher starts the order's workflow again. `wake`: its workflow is told to look, its
 * hold stands meanwhile. `tell`: its workflow is told of news of its payment. `follow`: a workflow of the payment's own looks
 * after it (gives back what is not the order's, records what was given back or disputed). `park`: the same workflow, which finds
 * that nobody may guess and waits for a person. `unpark`: the row forgets a parking that nobody waits behind. `mark-parked`: the
 * row learns of a parking. `report`: nothing but the report.
 */
export type Remedy = 'restart' | 'wake' | 'tell' | 'follow' | 'park' | 'unpark' | 'mark-parked' | 'report';

/** `found`: in a sentence, what does not agree. */
export type Drift = { name: DriftName; found: string; remedy: Remedy };

export const drift = (name: DriftName, remedy: Remedy, found: string): Drift => ({ name, remedy, found });

/** What became of a drift. `waits`: an earlier run has parked it, and nobody has decided; `acknowledged`: somebody has. */
export const driftOutcomes = ['vanished', 'found', 'repaired', 'parked', 'waits', 'acknowledged', 'reported'] as const;
export type DriftOutcome = (typeof driftOutcomes)[number];

/** Whether a person has to do something about it. */
export const needsPerson = (outcome: DriftOutcome): boolean => ['parked', 'waits', 'reported'].includes(outcome);
