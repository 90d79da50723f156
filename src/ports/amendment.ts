import type { AmendmentRef, RefuseAmendmentRequest } from '../contracts/amend-order.ts';
import type { PricingRefusal, RequestedLine } from '../domain/pricing.ts';
import type { Rejection } from '../domain/rejection.ts';
import type { RecordedAnswer, ShippingAddress } from './acceptance.ts';
import type { Amendment } from './order.ts';

/** `items`: all lines that the order is to have; null: as they are. `version`: the sequence of the last event that was seen. `paymentMethod`: null for the one that was saved with the order. */
export type AcceptAmendment = {
  tenant: string;
  orderId: string;
  version: number;
  actor: string;
  reason: string;
  items: readonly RequestedLine[] | null;
  shipping: ShippingAddress | null;
  paymentMethod: string | null;
  idempotencyKey: string;
  requestHash: string;
};

export type AcceptingAmendment =
  | { answer: RecordedAnswer; repeated: boolean }
  | { keyReused: true }
  /** Not accepted, nothing was changed. */
  | { refused: 'unknown' }
  | { refused: 'version'; version: number }
  | { refused: 'status'; why: string }
  | { refused: 'price'; why: PricingRefusal }
  | { refused: 'unchanged' }
  | { refused: 'method'; chargeMinor: number };

/** The door for amendments, and what is known of them. */
export type Amendments = {
  /** One transaction under the order's lock: key, amendment, its payment and its event. Its commit is the acceptance. */
  accept: (request: AcceptAmendment, answer: (accepted: Amendment) => RecordedAnswer) => Promise<AcceptingAmendment>;
  /** The order's amendments, the first first; null when the tenant has no such order. */
  list: (request: { tenant: string; orderId: string }) => Promise<readonly Amendment[] | null>;
};

/** An amendment whose workflow is to run. */
export type LaunchableAmendment = AmendmentRef & {
  holds: boolean;
  charge: { ordinal: number; amountMinor: number } | null;
  currency: string;
};

/** The marks of amendments that have not come to their end: when to look whether their workflow runs. */
export type AmendmentMarks = {
  /** Those that are due, claimed by moving their mark into the future. */
  claimDue: (request: { limit: number }) => Promise<readonly LaunchableAmendment[]>;
  /** Its workflow runs: it is not looked at again soon. */
  noteRunning: (request: AmendmentRef) => Promise<void>;
  /** Its workflow is gone: it is started again at once. */
  markAgain: (request: AmendmentRef) => Promise<void>;
};

export type AmendmentStarter = {
  /** Starts the amendment's workflow unless it runs. Throws when Temporal does not answer in time. */
  startAmendment: (amendment: LaunchableAmendment) => Promise<void>;
};

/** `refusal`: it is refused, or has to be. */
type Refused = { refusal: Rejection };

/** The steps of an amendment that are ours. Each call is one transaction, and a repeat changes nothing. Faults are thrown. */
export type AmendmentRecords = {
  /** Holds the units that are added, all or none. */
  hold: (request: AmendmentRef) => Promise<{ held: true } | Refused>;
  /** The pivot: the order becomes what was asked for, unless it has moved on. */
  apply: (request: AmendmentRef) => Promise<{ applied: true } | Refused>;
  /** From now on it is never applied, and its payment never confirmed. `applied`: too late, it is. */
  fence: (request: RefuseAmendmentRequest & { ordinal: number }) => Promise<Refused | { applied: true }>;
  /** The end of one that is undone: what it holds is free again. Answers with what stands. */
  refuse: (request: RefuseAmendmentRequest) => Promise<{ status: 'applied' | 'refused' }>;
};
