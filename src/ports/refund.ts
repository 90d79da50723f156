import type { ParkingId } from '../contracts/parking.ts';
import type { OrderStatus } from '../domain/order.ts';
import type { RefundRefusal, RefundState, RefundWish } from '../domain/refund.ts';
import type { RecordedAnswer } from './acceptance.ts';
import type { Refund } from './order.ts';

export type AcceptRefund = {
  tenant: string;
  orderId: string;
  actor: string;
  reason: string;
  wish: RefundWish;
  idempotencyKey: string;
  requestHash: string;
};

export type AcceptingRefund =
  | { answer: RecordedAnswer; repeated: boolean }
  | { keyReused: true }
  /** Not accepted, nothing was changed. */
  | { refused: 'unknown' }
  | { refused: 'status'; status: OrderStatus; isEnding: boolean }
  | RefundRefusal;

/** The door for refunds, and what is known of them. */
export type Refunds = {
  /** One transaction under the order's lock: key, refund, its parts and its event. Its commit is the acceptance. */
  accept: (request: AcceptRefund, answer: (accepted: Refund) => RecordedAnswer) => Promise<AcceptingRefund>;
  /** The order's refunds, the first first; null when the tenant has no such order. */
  list: (request: { tenant: string; orderId: string }) => Promise<readonly Refund[] | null>;
};

/** A refund whose workflow is to run. `isMoot`: its order ends and gives everything back, which the workflow has to hear of. */
export type LaunchableRefund = {
  orderId: string;
  number: number;
  amountMinor: number;
  currency: string;
  isMoot: boolean;
};

/** The marks of refunds that have not come to their end: when to look whether their workflow runs. */
export type RefundMarks = {
  /** Those that are due, claimed by moving their mark into the future. */
  claimDue: (request: { limit: number }) => Promise<readonly LaunchableRefund[]>;
  /** Its workflow runs: it is not looked at again soon. */
  noteRunning: (request: { orderId: string; number: number }) => Promise<void>;
  /** Its workflow is gone: it is started again at once. */
  markAgain: (request: { orderId: string; number: number }) => Promise<void>;
};

export type RefundStarter = {
  /** Starts the refund's workflow unless it runs, and tells it where it is moot. Throws when Temporal does not answer in time. */
  startRefund: (refund: LaunchableRefund) => Promise<void>;
};

/** A part of a refund, which one of the order's payments gives back. */
export type RefundPart = {
  ordinal: number;
  amountMinor: number;
  currency: string;
  /** The payment at the provider, and what was taken by it. */
  paymentId: string;
  capturedMinor: number;
  revision: number;
  /** How long ago an attempt was last allowed to send it; null: none ever was. */
  sentAgoMs: number | null;
  /** Why the provider does not make it under this revision. */
  failure: RefundFailure | null;
  /** Done, by this refund at the provider. */
  refundId: string | null;
};

/** `isCertain`: the provider shows the refund as failed. `parking`: the last one of the workflow when it was found out. */
export type RefundFailure = { words: string; isCertain: boolean; parking: ParkingId };

export type OpenRefund = {
  orderId: string;
  number: number;
  state: RefundState;
  /** Somebody began to give it up, or to put a refund by hand in its place: nothing is sent. */
  isFenced: boolean;
  /** The order ends and gives everything back: there is nothing left to refund. */
  isMoot: boolean;
  parts: readonly RefundPart[];
};

type Part = { orderId: string; number: number; ordinal: number };
type ByParking = { orderId: string; number: number; parking: ParkingId };

/** Our books about refunds that were accepted. Every change holds the order's row. */
export type RefundRecords = {
  /**
   * The refund, to be paid by a workflow whose last parking is `parking`: a decision that came after what fenced it takes the fence
   * away again. Throws when there is none of this number.
   */
  begin: (request: ByParking) => Promise<OpenRefund>;
  /** From now on no attempt may send anything of it; answers with it. */
  fence: (request: ByParking) => Promise<OpenRefund>;
  /** Whether an attempt may send the part now, under this revision; noted before it does. */
  allowSending: (request: Part & { revision: number }) => Promise<boolean>;
  /** From now on the part uses its key's next revision; a repeat with the same `from` changes nothing. */
  raisePartRevision: (request: Part & { from: number }) => Promise<void>;
  /** Why the part is not made under its revision; the first word stands. */
  noteFailure: (request: Part & { revision: number; failure: RefundFailure }) => Promise<void>;
  /**
   * What others have done to the payment was found on the way and is in the ledger, so no notice of it tells anything new: whoever
   * follows the payment is told here, once for each `seen`.
   */
  noteOthers: (request: { orderId: string; ordinal: number; seen: string }) => Promise<void>;
  /**
   * The part was given back by this refund: ledger, part and (with the last part) the refund itself in one transaction; a repeat
   * changes nothing. `usedBy`: it counts for something else already.
   */
  settlePart: (
    request: Part & { refundId: string; amountMinor: number; currency: string; isByHand: boolean },
  ) => Promise<{ settled: true } | { usedBy: string }>;
  /** Gives it up, while nothing of it has moved and nobody has taken the fence away; answers with what stands. */
  abandon: (request: ByParking & { actor: string; reason: string }) => Promise<RefundState>;
};
