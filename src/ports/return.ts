import type { AwaitReturnRequest, RejectReturnRequest, ReturnRef, ReturnStanding } from '../contracts/return-order.ts';
import type { OrderStatus } from '../domain/order.ts';
import type { Disposition, ReturnRefusal, ReturnStatus, ReturnWish } from '../domain/return.ts';
import type { RecordedAnswer } from './acceptance.ts';
import type { Return } from './order.ts';

/** Of whose order, under which key, and who asks. */
type Asked = { tenant: string; orderId: string; actor: string };
type Keyed = Asked & { idempotencyKey: string; requestHash: string };

export type RequestReturn = Keyed & {
  reason: string;
  wish: ReturnWish;
  items: readonly { sku: string; quantity: number; reason?: string | undefined }[];
};
export type DecideReturn = Asked & { number: number; decision: 'approve' | 'reject'; reason: string };
export type ReceiveReturn = Keyed & {
  number: number;
  items: readonly { sku: string; quantity: number; disposition: Disposition }[];
  /** Where what is restocked is put; null: where it was shipped from. */
  warehouse: string | null;
  reason: string | null;
};

/** Not accepted, nothing was changed. `unknown`: the tenant has no such order; `absent`: the order has no such return. */
export type ReturnNotAccepted =
  | { keyReused: true }
  | { refused: 'unknown' }
  | { refused: 'absent' }
  | { refused: 'status'; status: OrderStatus }
  | { refused: 'too-many'; atMost: number }
  | { refused: 'standing'; status: ReturnStatus }
  | { refused: 'unknown-warehouse' }
  | ReturnRefusal;
export type AcceptingReturn = { answer: RecordedAnswer; repeated: boolean } | ReturnNotAccepted;

/** The door for returns, and what is known of them. Each change is one transaction under the order's lock. */
export type Returns = {
  /** Key, return, lines, event and mark. Its commit is the acceptance. */
  request: (request: RequestReturn, answer: (asked: Return) => RecordedAnswer) => Promise<AcceptingReturn>;
  /** Whether it may come. A repeat changes nothing, and is answered as it stands. */
  decide: (request: DecideReturn) => Promise<{ decided: Return } | ReturnNotAccepted>;
  /** What came of it: stock, and the refund of exactly these units, or why there is none. */
  receive: (request: ReceiveReturn, answer: (received: Return) => RecordedAnswer) => Promise<AcceptingReturn>;
  /** The order's returns, the first first; null when the tenant has no such order. */
  list: (request: { tenant: string; orderId: string }) => Promise<readonly Return[] | null>;
};

/** A return whose workflow is to run, and to be told when there are news. `mark`: of this claim. */
export type LaunchableReturn = ReturnRef & { hasNews: boolean; mark: string };

/** The marks of returns: when to look whether their workflow runs, and what it has to hear. */
export type ReturnMarks = {
  /** Those that are due, claimed by moving their mark into the future. */
  claimDue: (request: { limit: number }) => Promise<readonly LaunchableReturn[]>;
  /** Its workflow runs, and knows all that was news when it was claimed; unless it was marked anew since. */
  noteRunning: (request: LaunchableReturn) => Promise<void>;
  /** Its workflow is gone: it is started again at once. */
  markAgain: (request: ReturnRef) => Promise<void>;
};

export type ReturnStarter = {
  /** Starts the return's workflow unless it runs, and tells it the news. Throws when Temporal does not answer in time. */
  startReturn: (launchable: LaunchableReturn) => Promise<void>;
};

/** The steps of a return, in our books. Every change holds the order's row; a repeat changes nothing. Faults are thrown. */
export type ReturnRecords = {
  /** How it stands. Throws when there is none. */
  find: (request: ReturnRef) => Promise<ReturnStanding>;
  /** Shows until when it is waited for; a wait that was begun before keeps its end, unless it is to be renewed. */
  await: (request: AwaitReturnRequest) => Promise<{ leftMs: number }>;
  /** Tells, once for each wait, that it takes long. */
  noteDelay: (request: ReturnRef) => Promise<void>;
  /** Nobody has answered it and an operator says no, unless somebody has answered since; answers with how it stands. */
  reject: (request: RejectReturnRequest) => Promise<ReturnStanding>;
  /** The goods did not come, unless they have since; answers with how it stands. */
  expire: (request: ReturnRef) => Promise<ReturnStanding>;
  /** It is completed when its refund is, or when nothing is owed; answers with how it stands. */
  settle: (request: ReturnRef) => Promise<ReturnStanding>;
  /** A refund is asked for once more where none is under way or done; answers with how it stands. */
  askRefund: (request: ReturnRef) => Promise<ReturnStanding>;
  /** A person takes it as it is that nothing was given back. Not while a refund is under way. */
  accept: (request: ReturnRef) => Promise<ReturnStanding>;
};
