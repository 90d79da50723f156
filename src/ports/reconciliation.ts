import type { Span } from '../contracts/reconcile.ts';
import type { OrderStep } from '../domain/order.ts';
import type {
  Drift,
  DriftName,
  DriftOutcome,
  NoticeFacts,
  OrderFacts,
  ParkedFacts,
  PaymentFacts,
  RefundFacts,
  Remedy,
  StockFacts,
} from '../domain/reconciliation.ts';
import type { RecordedAnswer } from './acceptance.ts';
import type { ListedRefund, Page, ProviderPayment } from './payment.ts';

/** What a drift is about, and whom it concerns. */
export type Subject = {
  kind: 'order' | 'payment' | 'refund' | 'stock' | 'notice' | 'stranger';
  id: string;
  tenant: string | null;
  orderId: string | null;
  paymentId: string | null;
};

/** Something of ours with what we know of it; what only others know is added by whoever asks them. */
export type Known<Facts> = { subject: Subject; facts: Facts };
export type KnownOrder = Known<Omit<OrderFacts, 'run' | 'parked'> & { parked: readonly Omit<ParkedFacts, 'run'>[] }>;
export type KnownNotice = Known<Omit<NoticeFacts, 'run'>>;

/** What the provider has of a payment or a refund: its id, and itself (null: it has none). */
export type PaymentAtProvider = { paymentId: string; found: ProviderPayment | null };
export type RefundAtProvider = { refundId: string; paymentId: string | null; found: ListedRefund | null };

type InSpan = { span: Span; cursor: string | null; limit: number };

/** Our books, read page by page or one by one. `cursor`: the `next` of the page before; null for the first. */
export type ReconciliationBooks = {
  /** The provider's payments as they were copied, beside ours. */
  payments: (request: InSpan) => Promise<Page<Known<PaymentFacts>>>;
  refunds: (request: InSpan) => Promise<Page<Known<RefundFacts>>>;
  /** Ledger rows whose payment or refund is not among the copies. */
  ledgerWithoutCopy: (request: InSpan) => Promise<Page<Known<PaymentFacts | RefundFacts>>>;
  openOrders: (request: InSpan) => Promise<Page<KnownOrder>>;
  /** Closed orders that are parked or hold stock. */
  closedOrders: (request: InSpan) => Promise<Page<KnownOrder>>;
  stock: (request: InSpan) => Promise<Page<Known<StockFacts>>>;
  /** Notices that have been due since before the span's end. */
  notices: (request: InSpan) => Promise<Page<KnownNotice>>;
  /** Those of the ids that are orders of ours. */
  knownOrders: (request: { orderIds: readonly string[] }) => Promise<readonly string[]>;
  findPayment: (request: PaymentAtProvider) => Promise<Known<PaymentFacts>>;
  findRefund: (request: RefundAtProvider) => Promise<Known<RefundFacts>>;
  /** Null when there is no such order. */
  findOrder: (request: { orderId: string; until: string }) => Promise<KnownOrder | null>;
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
  copyPayments: (request: { reconciliationId: string; payments: readonly ProviderPayment[] }) => Promise<void>;
  copyRefunds: (request: { reconciliationId: string; refunds: readonly ListedRefund[] }) => Promise<void>;
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
  find: (
    request: Reader & { id: string },
  ) => Promise<(ReconciliationReport & { drifts: readonly DriftReport[] }) | null>;
  /** The last that ended, whoever asked for it: how long ago, and how. Null: there was none. */
  findLast: () => Promise<{ finishedAt: string; failure: string | null; repaired: number; needPerson: number } | null>;
};

/** The marks of accepted reconciliations whose workflow is to be started. */
export type ReconciliationMarks = {
  claimDue: (request: { limit: number }) => Promise<readonly { reconciliationId: string }[]>;
  clear: (request: { reconciliationId: string }) => Promise<void>;
};

/** Starts the workflow, or finds it started; and sees to it that Temporal starts one every so often. */
export type ReconciliationStarter = {
  startReconciling: (request: { reconciliationId: string }) => Promise<void>;
  /** 0: never. */
  schedule: (request: { everyMs: number }) => Promise<void>;
};
