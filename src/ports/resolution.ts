import type { Resolution, ResolutionAnswer } from '../contracts/messages.ts';
import type { RecordedAnswer } from './acceptance.ts';

/** A decision that has a name, so that it is carried out once however often it is sent. */
export type NamedResolution = Resolution & { resolutionId: string };

/** `refused`: the order is not parked, or what was decided is not possible there. `gone`: no workflow runs for it. */
export type Resolving = { resolved: ResolutionAnswer } | { refused: string } | { gone: true };

/** Tells an order's workflow what an operator decided. Throws when it does not answer in time: then nobody knows. */
export type OrderResolver = {
  resolve: (request: { workflowId: string; resolution: NamedResolution; withinMs: number }) => Promise<Resolving>;
};

/** Decisions as they were carried out. */
export type ResolutionAudit = {
  /** What the order's workflow did under this name, or null when it has done nothing under it yet. */
  find: (request: {
    orderId: string;
    resolutionId: string;
  }) => Promise<(ResolutionAnswer & { actor: string; reason: string }) | null>;
};

/** First answers under a client's key, for requests whose effect has a name of its own. */
export type AnswerBook = {
  find: (request: Key) => Promise<{ requestHash: string; answer: RecordedAnswer | null } | null>;
  /** Binds the key to the answer unless it is bound; answers with what stands. */
  bind: (
    request: Key & { requestHash: string; answer: RecordedAnswer },
  ) => Promise<{ answer: RecordedAnswer; repeated: boolean } | { keyReused: true }>;
};

type Key = { tenant: string; idempotencyKey: string };
