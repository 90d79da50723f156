import type { ErasureHold } from '../domain/erasure.ts';
import type { RecordedAnswer } from './acceptance.ts';

/** That somebody has asked for a customer to be erased, and how far it has come. */
export type Erasure = {
  id: string;
  state: 'running' | 'waiting' | 'finished';
  customerId: string;
  /** Orders that were placed before it (ISO instant). */
  placedBefore: string;
  requestedBy: string;
  reason: string;
  requestedAt: string;
  finishedAt: string | null;
  /** How many rows of which table were changed so far; `orders`: how many orders were erased. */
  erased: Readonly<Record<string, number>>;
  /** How many orders still need what they hold, and the first of them. */
  waitingOrders: number;
  waiting: readonly { orderId: string; because: ErasureHold; lookAt: string }[];
  /** What the provider keeps for these orders: its ids of customers, the first of them. Nobody but a person deletes them there. */
  providerCustomers: readonly string[];
};

export type AcceptErasure = {
  tenant: string;
  actor: string;
  idempotencyKey: string;
  requestHash: string;
  customerId: string;
  reason: string;
  /** An ISO instant; null: now. */
  placedBefore: string | null;
};
export type AcceptingErasure = { answer: RecordedAnswer; repeated: boolean } | { keyReused: true };

export type ErasurePlace = { requestedAt: string; id: string };

/** What operators ask for and look at. */
export type Erasures = {
  /** Keeps the wish; from then on it is carried out, whatever dies. */
  accept: (request: AcceptErasure, answer: (accepted: Erasure) => RecordedAnswer) => Promise<AcceptingErasure>;
  /** Null where the tenant has none of this id. */
  find: (request: { tenant: string; id: string }) => Promise<Erasure | null>;
  /** The first first, so that a copy of the list can be carried on. */
  list: (request: {
    tenant: string;
    after: ErasurePlace | null;
    limit: number;
  }) => Promise<{ items: Omit<Erasure, 'waiting' | 'providerCustomers'>[]; next: ErasurePlace | null }>;
};

/** What is only kept to be looked at, and its age goes by. */
export const prunableTables = ['step_attempts', 'payment_notices', 'shipment_notices'] as const;
export type PrunableTable = (typeof prunableTables)[number];

/** What is open of all erasures. */
export type ErasureStanding = { open: number; oldestSeconds: number };

/** An order that could not be erased though nothing of it is open: nothing of it was changed. */
export type ErasingFailure = { orderId: string; error: unknown };
/** How many orders were erased, and which could not be. */
export type ErasingStep = { orders: number; failures: readonly ErasingFailure[] };

/** What carries it out. */
export type ErasureWork = {
  /** One step of one erasure that is due: a few orders, in one transaction. Null where none is due. What failed is tried again later. */
  advance: (request: { limit: number }) => Promise<(ErasingStep & { erasureId: string; isFinished: boolean }) | null>;
  /** Erases a few orders in which nothing has happened for so long. */
  eraseAged: (request: { olderThanMs: number; limit: number }) => Promise<ErasingStep>;
  /** Takes away a few rows that are over and older; answers how many. */
  prune: (request: { table: PrunableTable; olderThanMs: number; limit: number }) => Promise<number>;
  readStanding: () => Promise<ErasureStanding>;
};
