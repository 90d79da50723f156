import type { Span } from '../contracts/reconcile.ts';
import type { OrderStep } from '../domain/order.ts';
import type { DisputeFacts } from '../domain/dispute-drifts.ts';
import type { Drift, DriftName, DriftOutcome, Remedy, SubjectKind } from '../domain/drift.ts';
import type { PaymentFacts, RefundFacts } from '../domain/payment-drifts.ts';
import type { NoticeFacts, OrderFacts, ParkedFacts, StockFacts } from '../domain/reconciliation.ts';
import type { RecordedAnswer } from './acceptance.ts';
import type { ListedDispute, ListedRefund, Page, ProviderPayment } from './payment.ts';

/** What a drift is about, and whom it concerns. */
export type Subject = {
  kind: SubjectKind;
  id: string;
  tenant: string | null;
  orderId: string | null;
  paymentId: string | null;
};

/** Something of ours with what we know of it; what only others know is added by whoever asks them. */
export type Known<Facts> = { subject: Subject; facts: Facts };
export type KnownOrder = Known<Omit<OrderFacts, 'run' | 'parked'> & { parked: readonly Omit<ParkedFacts, 'run'>[] }>;
export type KnownNotice = Known<Omit<NoticeFacts, 'run'>>;

/** What the provider has of a payment, a refund or a dispute: its id, and itself (null: it has none). */
export type PaymentAtProvider = { paymentId: string; found: ProviderPayment | null };
export type RefundAtProvider = { refundId: string; paymentId: string | null; found: ListedRefund | null };
export type DisputeAtProvider = { disputeId: string; paymentId: string | null; found: ListedDispute | null };

type InSpan = { span: Span; cursor: string | null; limit: number };

/** Our books, read page by page or one by one. `cursor`: the `next` of the page before; null for the first. */
export type ReconciliationBooks = {
  /** The provider's payments as they were copied, beside ours. */
  payments: (request: InSpan) => Promise<Page<Known<PaymentFacts>>>;
  /** The provider's refunds as they were copied, beside ours. */
  refunds: (request: InSpan) => Promise<Page<Known<RefundFacts>>>;
  /** The provider's disputes as they were copied, beside ours. */
  disputes: (request: InSpan) => Promise<Page<Known<DisputeFacts>>>;
  /** Ledger rows whose payment, refund or dispute is not among the copies. */
  ledgerWithoutCopy: (request: InSpan) => Promise<Page<Known<PaymentFacts | RefundFacts | DisputeFacts>>>;
  /**
   * Disputes of ours of which more is to come and that are not among the copies, those that were not compared for the longest first:
   * when they were made says nothing about when they are decided.
   */
  unsettledDisputes: (request: InSpan) => Promise<Page<{ disputeId: string; paymentId: string }>>;
  /** Orders that have not ended, as far as they stood still before the span's end. */
  openOrders: (request: InSpan) => Promise<Page<KnownOrder>>;
  /** Closed orders that are parked or hold stock. */
  closedOrders: (request: InSpan) => Promise<Page<KnownOrder>>;
  /** Each row of stock beside the sums of what is held and of what has moved. */
  stock: (request: InSpan) => Promise<Page<Known<StockFacts>>>;
  /** Notices that have been due since before the span's end. */
  notices: (request: InSpan) => Promise<Page<KnownNotice>>;
  /** Those of the ids that are orders of ours. */
  knownOrders: (request: { orderIds: readonly string[] }) => Promise<readonly string[]>;
  /** One payment beside what our books have of it, which may be nothing. */
  findPayment: (request: PaymentAtProvider) => Promise<Known<PaymentFacts>>;
  /** One refund beside what our books have of it, which may be nothing. */
  findRefund: (request: RefundAtProvider) => Promise<Known<RefundFacts>>;
  /** One dispute beside what our books have of it, which may be nothing. */
  findDispute: (request: DisputeAtProvider) => Promise<Known<DisputeFacts>>;
  /** Null when there is no such order. */
  findOrder: (request: { orderId: string; until: string }) => Promise<KnownOrder | null>;
  /** Null when there is no such row of stock. */
  findStock: (request: { id: string }) => Promise<Known<StockFacts> | null>;
  /** Null once it has been passed on. */
  findNotice: (request: { id: string }) => Promise<KnownNotice | null>;
};

export type Suspect = Subject & { driftId: number };

/** What the second look came to. `stale`: the parking behind which nobody waits; `waits`: the run that waits without one. */
export type Finding = {
  driftId: number;
  drift: Drift | null;
  dryRun: boolean;
  stale?: Pick<ParkedFacts, 'workflowId' | 'since'> | null;
  waits?: { runId: string; startedAt: string; step: OrderStep } | null;
};

/**
 * A reconciliation being worked on. What is about one that our books do not know, or that is over by what they say, fails with
 * `ReconciliationOver` (contracts/failures.ts), which nobody tries again.
 */
export type ReconciliationWork = {
  /** Decides what is compared, once; a repeat by the same workflow answers the same. */
  begin: (request: { workflowId: string; graceMs: number }) => Promise<Span>;
  /** Keeps a page of the provider's payments; a later copy of the same one replaces it. */
  copyPayments: (request: { reconciliationId: string; payments: readonly ProviderPayment[] }) => Promise<void>;
  /** Keeps a page of the provider's refunds; a later copy of the same one replaces it. */
  copyRefunds: (request: { reconciliationId: string; refunds: readonly ListedRefund[] }) => Promise<void>;
  /** Keeps with each of ours that it was compared, unless nothing may change (`dryRun`). */
  copyDisputes: (request: {
    reconciliationId: string;
    dryRun: boolean;
    disputes: readonly DisputeAtProvider[];
  }) => Promise<void>;
  /** Keeps what does not agree at first sight, each once. */
  suspect: (request: { reconciliationId: string; suspects: readonly (Subject & { drift: Drift })[] }) => Promise<void>;
  /** The next that are to be looked at again: those that the provider must be asked about, or the others. */
  nextSuspects: (request: {
    reconciliationId: string;
    atProvider: boolean;
    limit: number;
  }) => Promise<readonly Suspect[]>;
  /** One transaction: the remedy, and what became of the drift. A repeat changes nothing. */
  settle: (finding: Finding) => Promise<void>;
  /** It is over; `failure` when it could not be finished. */
  finish: (request: { reconciliationId: string; failure: string | null }) => Promise<void>;
};

export type DriftReport = {
  name: DriftName;
  kind: Subject['kind'];
  object: string;
  orderId: string | null;
  paymentId: string | null;
  found: string;
  remedy: Remedy;
  outcome: DriftOutcome;
  seenAt: string;
};

/** A report as a caller may see it: the drifts (and their counts) of others are left out. */
export type ReconciliationReport = {
  id: string;
  state: 'accepted' | 'running' | 'finished' | 'failed';
  /** Null when another tenant's operator asked for it. */
  requestedBy: string | null;
  dryRun: boolean;
  acceptedAt: string;
  finishedAt: string | null;
  since: string | null;
  until: string | null;
  failure: string | null;
  truncated: boolean;
  counts: { found: number; repaired: number; parked: number; waits: number; acknowledged: number; reported: number };
};

/** Whose drifts are shown: the tenant's own, and where `seesNobodys` those that no row of ours belongs to. */
export type Reader = { tenant: string; seesNobodys: boolean };

export type ReconciliationPlace = { acceptedAt: string; id: string };

/** The door for reconciliations, and their reports. */
export type ReconciliationReports = {
  /** One transaction: the key and the run that is to be started. */
  accept: (
    request: Reader & {
      actor: string;
      idempotencyKey: string;
      requestHash: string;
      dryRun: boolean;
      since: string | null;
    },
    answer: (accepted: ReconciliationReport) => RecordedAnswer,
  ) => Promise<{ answer: RecordedAnswer; repeated: boolean } | { keyReused: true }>;
  /** Newest first. */
  list: (
    request: Reader & { after: ReconciliationPlace | null; limit: number },
  ) => Promise<{ items: readonly ReconciliationReport[]; next: ReconciliationPlace | null }>;
  /** One report with its drifts; null when there is none of this id. */
  find: (
    request: Reader & { id: string },
  ) => Promise<(ReconciliationReport & { drifts: readonly DriftReport[] }) | null>;
  /** The last that ended, whoever asked for it: how long ago, and how. Null: there was none. */
  findLast: () => Promise<{ finishedAt: string; failure: string | null; repaired: number; needPerson: number } | null>;
};

/** The marks of accepted reconciliations whose workflow is to be started. */
export type ReconciliationMarks = {
  /** Takes up to `limit` due marks for this process and defers them, so that two processes do not start the same ones. */
  claimDue: (request: { limit: number }) => Promise<readonly { reconciliationId: string }[]>;
  /** Its workflow has been started: it is not due any more. */
  clear: (request: { reconciliationId: string }) => Promise<void>;
  /** Keeps how often the schedule has the books compared (0: never), so that others can say whether the last comparison is old. */
  keepInterval: (request: { everyMs: number }) => Promise<void>;
};

/** Starts the workflow, or finds it started; and sees to it that Temporal starts one every so often. */
export type ReconciliationStarter = {
  /** Starts the workflow of one accepted reconciliation; a repeat starts no second. */
  startReconciling: (request: { reconciliationId: string }) => Promise<void>;
  /** From now on Temporal starts one every `everyMs`; 0: never. A schedule that somebody has paused stays paused. */
  schedule: (request: { everyMs: number }) => Promise<void>;
};
