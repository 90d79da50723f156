import type { Attention, OrderStatus, OrderStep, ParkedStep } from '../domain/order.ts';
import type { ResolutionAction, SeenParking } from '../domain/resolution.ts';
import type { RecordedAnswer } from './acceptance.ts';

/** Which parked steps; an empty filter means all of them. `parkedBefore` is an ISO instant. */
export type ParkedFilter = {
  step?: OrderStep | undefined;
  status?: OrderStatus | undefined;
  parkedBefore?: string | undefined;
  customerId?: string | undefined;
};

/** What can be decided about many at once: a value belongs to one order. */
export type BulkAction = Exclude<ResolutionAction, 'skip'>;

/** A parked step that matches; an order can have several. */
export type MatchingStep = ParkedStep & { orderId: string };

/** `unanswered`: the workflow that waits could not be reached, however often it was tried. */
export type BulkOutcome = 'resolved' | 'refused' | 'unanswered';

/** A decision about many parked steps and how far it has come. `left`: not reached yet, or never when it was cancelled. */
export type ManyResolution = {
  id: string;
  state: 'accepted' | 'running' | 'cancelling' | 'cancelled' | 'finished';
  filter: ParkedFilter;
  action: BulkAction;
  actor: string;
  reason: string;
  acceptedAt: string;
  finishedAt: string | null;
  counts: { total: number; resolved: number; refused: number; unanswered: number; left: number };
  /** Parked steps that were not resolved, the first ones, with why. */
  unresolved: readonly { orderId: string; workflowId: string; outcome: BulkOutcome; detail: string | null }[];
};

export type AcceptMany = {
  tenant: string;
  actor: string;
  idempotencyKey: string;
  requestHash: string;
  filter: ParkedFilter;
  action: BulkAction;
  reason: string;
  expectedCount: number | null;
};

export type AcceptingMany =
  | { answer: RecordedAnswer; repeated: boolean }
  | { keyReused: true }
  /** Not accepted, nothing was changed: how many matched, and how many were expected or are possible. */
  | { found: number; expected: number }
  | { found: number; atMost: number };

/** The door for decisions about many orders, and what is known of them. */
export type ManyResolutions = {
  /** The parked steps that match, counted up to one more than possible at once, and those parked longest. */
  preview: (request: {
    tenant: string;
    filter: ParkedFilter;
  }) => Promise<{ count: number; sample: readonly MatchingStep[] }>;
  /** One transaction: key, decision, and the parked steps that match now. Its commit is the acceptance. */
  accept: (request: AcceptMany, answer: (accepted: ManyResolution) => RecordedAnswer) => Promise<AcceptingMany>;
  /** How far it has come; null when the tenant has none of this id. */
  find: (request: { tenant: string; id: string }) => Promise<ManyResolution | null>;
  /** No further order is begun. A repeat, or one that comes after the end, changes nothing. */
  cancel: (request: { tenant: string; id: string; actor: string }) => Promise<ManyResolution | null>;
};

/** The marks of accepted decisions whose workflow is to be started. */
export type ManyResolutionMarks = {
  /** Takes up to `limit` due marks for this process and defers them, so that two processes do not start the same ones. */
  claimDue: (request: { limit: number }) => Promise<readonly StartableResolution[]>;
  /** Its workflow has been started: it is not due any more. */
  clear: (request: { resolutionId: string }) => Promise<void>;
};
export type StartableResolution = { resolutionId: string; action: BulkAction; count: number };

/** Starts the workflow, or finds it started. Throws when Temporal can not be asked. */
export type ManyResolutionStarter = {
  /** Starts the workflow of one accepted decision; a repeat starts no second. */
  startResolving: (resolution: StartableResolution) => Promise<void>;
};

/**
 * A parked step whose turn it is, by the workflow that waits. `about`: its parking as it was when the decision was accepted, null
 * when that is over; `parkedAnew`: what the workflow is parked at instead.
 */
export type Turn = {
  orderId: string;
  workflowId: string;
  isResolved: boolean;
  about: SeenParking | null;
  parkedAnew: Attention | null;
};

/** Working a decision off, parked step by parked step. */
export type ManyResolutionWork = {
  /** The next parked steps without an outcome, but those of the workflows in `except`; none once the decision is cancelled. */
  next: (request: { resolutionId: string; limit: number; except: readonly string[] }) => Promise<{
    decision: { action: BulkAction; actor: string; reason: string };
    turns: readonly Turn[];
  }>;
  /** Keeps what became of one parked step; the first outcome stands. */
  record: (request: {
    resolutionId: string;
    workflowId: string;
    outcome: BulkOutcome;
    detail: string | null;
  }) => Promise<void>;
  /** It is over; `cancelledBy` when somebody ended it in Temporal. */
  finish: (request: { resolutionId: string; cancelledBy: string | null }) => Promise<void>;
};
