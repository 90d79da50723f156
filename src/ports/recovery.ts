import type { DatabaseWitness, OrderOutcome, PlacedRecord } from '../contracts/process-order.ts';
import type { RecoveryPlan } from '../domain/recovery.ts';
import type { Order } from './order.ts';
import type { RecordedAnswer } from './acceptance.ts';

/** What the newest run of an order's workflow tells. `ending`: how it was about to end, where its undo had begun. */
export type OrderHistory = {
  runId: string;
  isRunning: boolean;
  totalMinor: number;
  currency: string;
  record: PlacedRecord | null;
  database: DatabaseWitness | null;
  outcome: OrderOutcome | null;
};

/** Histories of orders' workflows. */
export type OrderHistories = {
  /** Null when Temporal has none (any more). */
  find: (request: { orderId: string }) => Promise<OrderHistory | null>;
  /** Ends a run, of an order or of anything else; nothing when it has ended already. */
  terminate: (request: { workflowId: string; runId: string; reason: string }) => Promise<void>;
};

/** A recovery under way: when the database knew something for the last time, by itself. */
export type Recovery = { id: number; knownUntil: string };

/** An open order, as it stands before it is recovered. */
export type OpenOrder = {
  orderId: string;
  placedAt: string;
  totalMinor: number;
  /** Something of it is to be shipped. */
  ships: boolean;
  isRebuilt: boolean;
  lastTry: { ordinal: number; providerId: string | null; isDeclined: boolean };
};

/** A payment of an order that was closed when the backup was made. */
export type ClosedPayment = { orderId: string; paymentId: string };

export type Rebuilding = { rebuilt: true } | { keyTakenBy: string | null };

/** Writing what a recovery finds out. Each call is one transaction, and a repeat changes nothing. */
export type RecoveryRecords = {
  /** Whether anybody has ever placed an order here. */
  hasOrders: () => Promise<boolean>;
  /** Begins a recovery, or goes on with the one that did not finish. */
  begin: () => Promise<Recovery>;
  /** What `begin` would answer; nothing is written. */
  preview: () => Promise<Recovery>;
  /** Writes a lost order as it was placed, with its key and its first answer; the key stays where it is if it is bound. */
  rebuild: (
    request: { recoveryId: number; orderId: string; currency: string; totalMinor: number; record: PlacedRecord },
    render: (order: Order) => RecordedAnswer,
  ) => Promise<Rebuilding>;
  /** Open orders that this recovery has not settled, in the order of their ids. */
  listOpen: (request: { recoveryId: number; after: string; limit: number }) => Promise<readonly OpenOrder[]>;
  /**
   * Writes the plan, says so in an event, and has the order's workflow started. `paymentIds`: all that the provider has of it.
   * Answers with the doubt that is to park it: the plan's, or one that stood before.
   */
  settle: (request: {
    recoveryId: number;
    orderId: string;
    how: 'rebuilt' | 'restarted';
    plan: RecoveryPlan;
    paymentIds: readonly string[];
    /** Those of the payments that say which try they are. */
    tries: readonly { providerId: string; ordinal: number }[];
    omitted: readonly string[];
  }) => Promise<{ doubt: string | null }>;
  /** Keeps that an order can not be rebuilt. */
  noteLost: (request: { recoveryId: number; orderId: string; why: string }) => Promise<void>;
  /** Those of the payments that are of closed orders. */
  findClosedPayments: (request: { paymentIds: readonly string[] }) => Promise<readonly ClosedPayment[]>;
  /** Payments of closed orders that are disputed as far as is known, and more is to come; in the order of their ids. */
  listDisputed: (request: { after: string; limit: number }) => Promise<readonly ClosedPayment[]>;
  /** Leaves a notice of each, so that a workflow looks what became of it. */
  haveFollowed: (request: { recoveryId: number; payments: readonly ClosedPayment[] }) => Promise<void>;
  /** The feed goes on behind everything that was witnessed, a new epoch begins, and the database is no longer behind. */
  finish: (request: { recoveryId: number; witnessed: DatabaseWitness }) => Promise<{
    epoch: number;
    feedFrom: number;
    feedTo: number;
  }>;
};
