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

/** Temporal, as a witness of what a database must know. */
export type OrderWitnesses = {
  /** The newest runs of orders' workflows, open ones and closed ones. Throws when Temporal does not answer in time. */
  newest: () => Promise<readonly Witness[]>;
};
