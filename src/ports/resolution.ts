import type { DecisionRefusal } from '../contracts/failures.ts';
import type { Resolution, ResolutionAnswer } from '../contracts/messages.ts';
import type { ParkedStep } from '../domain/order.ts';
import type { SeenParking } from '../domain/resolution.ts';
import type { RecordedAnswer } from './acceptance.ts';

/** A decision that has a name, so that it is carried out once however often it is sent. */
export type NamedResolution = Resolution & { resolutionId: string };

/** `refused`: the workflow does not wait for a decision, or what was decided is not possible there. `gone`: it does not run. */
export type Resolving = { resolved: ResolutionAnswer } | { refused: string; why: DecisionRefusal } | { gone: true };

/** Tells an order's workflow what an operator decided. Throws when it does not answer in time: then nobody knows. */
export type OrderResolver = {
  /** Tells it once, however often it is called with the same name of the decision, and answers with what was decided. */
  resolve: (request: { workflowId: string; resolution: NamedResolution; withinMs: number }) => Promise<Resolving>;
};

/** A parked step with the identity of its parking. */
export type IdentifiedStep = ParkedStep & SeenParking;

/** What of an order is parked. */
export type ParkedSteps = {
  /** The longest parked first, which is what `attention` shows. */
  list: (request: { orderId: string }) => Promise<readonly IdentifiedStep[]>;
};

/** Decisions as they were carried out. */
export type ResolutionAudit = {
  /** What was done under this name, or null when nothing has been done under it yet. */
  find: (request: { orderId: string; resolutionId: string }) => Promise<DecidedStep | null>;
};

/** `workflowId` is null for what was decided before that was recorded. */
export type DecidedStep = ResolutionAnswer & { actor: string; reason: string; workflowId: string | null };

/** First answers under a client's key, for requests whose effect has a name of its own. */
export type AnswerBook = {
  /** What the key is bound to, and the answer if it has one; null when it is free. */
  find: (request: Key) => Promise<{ requestHash: string; answer: RecordedAnswer | null } | null>;
  /** Binds the key to the answer unless it is bound; answers with what stands. */
  bind: (
    request: Key & { requestHash: string; answer: RecordedAnswer },
  ) => Promise<{ answer: RecordedAnswer; repeated: boolean } | { keyReused: true }>;
};

type Key = { tenant: string; idempotencyKey: string };
