import type { DatabaseState, KnownOrder, Witness } from '../domain/restore.ts';

/** What this database says of itself, and what it knows of orders that Temporal tells of. */
export type RestoreRecords = {
  /** Its epoch, the last position of its feed, and the alarm that has been raised, if there is one. */
  read: () => Promise<DatabaseState>;
  /** Those of the orders that are here. */
  findKnown: (request: { orderIds: readonly string[] }) => Promise<readonly KnownOrder[]>;
  /** Says for all processes that this database is behind; nothing when a recovery has begun another epoch meanwhile. */
  raiseAlarm: (request: { epoch: number; evidence: string }) => Promise<void>;
};

/** How long each question may take, in milliseconds, and what ends it before. */
export type WitnessPatience = { withinMs: number; signal?: AbortSignal };

/** Temporal, as a witness of what a database must know. */
export type OrderWitnesses = {
  /** The newest runs of orders' workflows, open ones and closed ones. Throws when Temporal does not answer in time. */
  newest: (patience: WitnessPatience) => Promise<readonly Witness[]>;
  /**
   * Whether, by the history of a completed run, its order's end was recorded in our rows; also true when there is no history any
   * more that could say that it was not. Throws when Temporal does not answer in time.
   */
  sawEndRecorded: (run: { orderId: string; runId: string } & WitnessPatience) => Promise<boolean>;
};
