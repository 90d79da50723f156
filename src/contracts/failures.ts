import { ActivityFailure, ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { Ending, Rejection } from '../domain/rejection.ts';

// The closed list of failures that cross from activities into workflows. Workflows decide on these names alone, never on
// a message or a class: messages change, and classes do not survive serialisation.
export const FailureName = {
  /** The business said no. */
  rejected: 'OrderRejected',
  /** Somebody began to undo this order: no step may go forward. */
  ending: 'OrderEnding',
  /** Too late to undo: the order is sold. */
  sold: 'OrderSold',
  /** Retrying can not help and nobody may guess: an operator has to look. */
  needsOperator: 'NeedsOperator',
  /** The other side asked for patience. */
  notNow: 'NotNow',
  /** A decision that comes when the workflow does not wait for one. */
  notParked: 'NotParked',
  /** A decision that comes after another about the same parked step. */
  decided: 'AlreadyDecided',
  /** A decision about another parking than the one that waits now. */
  parkingDiffers: 'ParkingDiffers',
  /** A decision that can not be carried out at the parked step. */
  notPossible: 'DecisionNotPossible',
  /** A comparison of the books that our books know nothing of, or that is over by what they say. */
  reconciliationOver: 'ReconciliationOver',
  /** A mail was not taken so far; it is tried again. */
  noticeNotSent: 'NoticeNotSent',
  /** A notice that our books know nothing of. */
  noticeGone: 'NoticeGone',
} as const;

/** Why a workflow refuses a decision. */
export type DecisionRefusal = 'notParked' | 'decided' | 'parkingDiffers' | 'notPossible';

/** A business no, as a failure that is neither retried nor counted as an error. */
export function rejectionFailure(rejection: Rejection): ApplicationFailure {
  return ApplicationFailure.create({
    type: FailureName.rejected,
    message: `${rejection.code}: ${rejection.message}`,
    nonRetryable: true,
    category: ApplicationFailureCategory.BENIGN,
    details: [rejection],
  });
}

/** The order is being undone; `ending` is how it will end. */
export function endingFailure(ending: Ending): ApplicationFailure {
  return ApplicationFailure.create({
    type: FailureName.ending,
    message: `The order is ending as ${ending.status}; no step may go forward`,
    nonRetryable: true,
    category: ApplicationFailureCategory.BENIGN,
    details: [ending],
  });
}

/** An undo met an order that is sold: what comes after the pivot is new business. */
export function soldFailure(orderId: string): ApplicationFailure {
  return ApplicationFailure.create({
    type: FailureName.sold,
    message: `Order ${orderId} is confirmed; it can not be undone`,
    nonRetryable: true,
    category: ApplicationFailureCategory.BENIGN,
  });
}

/** Stops the retries and parks the order: `message` is what the operator reads. */
export function needsOperatorFailure(message: string, cause?: unknown): ApplicationFailure {
  return ApplicationFailure.create({
    type: FailureName.needsOperator,
    message,
    nonRetryable: true,
    ...(cause instanceof Error ? { cause } : {}),
  });
}

/**
 * Ends a comparison of the books that has nowhere to write what it finds: trying again can not help. `isKnown`: there is a
 * report, and it is closed.
 */
export function reconciliationOverFailure({
  reconciliationId,
  isKnown,
}: {
  reconciliationId: string;
  isKnown: boolean;
}): ApplicationFailure {
  const why = isKnown
    ? 'is over by what our books say'
    : 'is unknown to our books: was the database restored from a backup?';
  return ApplicationFailure.create({
    type: FailureName.reconciliationOver,
    message: `Reconciliation ${reconciliationId} ${why} (docs/operations.md)`,
    nonRetryable: true,
  });
}

/** Retried like any fault, but not sooner than `delayMs`. */
export function notNowFailure({
  message,
  delayMs,
  cause,
}: {
  message: string;
  delayMs: number;
  cause?: unknown;
}): ApplicationFailure {
  return ApplicationFailure.create({
    type: FailureName.notNow,
    message,
    nonRetryable: false,
    nextRetryDelay: delayMs,
    ...(cause instanceof Error ? { cause } : {}),
  });
}

/** Retried. `why` is in our words: what a mail server says may quote an address, and this stands in a history. */
export const noticeNotSentFailure = (why: string): ApplicationFailure =>
  ApplicationFailure.create({
    type: FailureName.noticeNotSent,
    message: `The mail was not taken: ${why}`,
    nonRetryable: false,
  });

/** Ends a notice that the books know nothing of, so that it can begin anew should they hear of it again. */
export const noticeGoneFailure = (name: string): ApplicationFailure =>
  ApplicationFailure.create({
    type: FailureName.noticeGone,
    message: `The notice ${name} is unknown to our books: was the database restored from a backup?`,
    nonRetryable: true,
  });

/** A decision is refused: `message` is what the operator reads. Read by `refusalIn`. */
export function decisionRefused(why: DecisionRefusal, message: string): ApplicationFailure {
  return ApplicationFailure.create({
    type: FailureName[why],
    message,
    nonRetryable: true,
    category: ApplicationFailureCategory.BENIGN,
  });
}

/** Why a workflow refused a decision; `cause` is the cause of the update's failure. */
export function refusalIn(cause: unknown): { refused: string; why: DecisionRefusal } {
  if (!(cause instanceof Error)) return { refused: String(cause), why: 'notPossible' };
  const type = cause instanceof ApplicationFailure ? cause.type : null;
  const named = ['notParked', 'decided', 'parkingDiffers'] as const;
  const why = named.find((name) => FailureName[name] === type) ?? 'notPossible';
  return { refused: cause.message, why };
}

/** The rejection inside what an activity threw, or null when it threw something else. */
export const rejectionIn = (error: unknown): Rejection | null => detailOf<Rejection>(error, FailureName.rejected);

/** The ending inside what an activity threw, or null when it threw something else. */
export const endingIn = (error: unknown): Ending | null => detailOf<Ending>(error, FailureName.ending);

/** Whether what an activity threw says that the order is sold. */
export const isSold = (error: unknown): boolean => {
  const failure = behind(error);
  return failure instanceof ApplicationFailure && failure.type === FailureName.sold;
};

function detailOf<T>(error: unknown, name: string): T | null {
  const failure = behind(error);
  if (!(failure instanceof ApplicationFailure) || failure.type !== name) return null;
  const [detail] = (failure.details ?? []) as T[];
  if (detail === undefined) throw new Error(`A failure named ${name} must carry its detail; found none`);
  return detail;
}

/** A regular activity's failure comes wrapped in an ActivityFailure, a local activity's comes as it was thrown. */
const behind = (error: unknown): unknown => (error instanceof ActivityFailure ? error.cause : error);
