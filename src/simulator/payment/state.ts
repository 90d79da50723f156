// All that the simulator knows. Every change is an entry of the log; the state is what its entries add up to.
import { behaviourOf, type Behaviour, type Method } from './methods.ts';

export type Intent = {
  id: string;
  object: 'payment_intent';
  amount: number;
  amount_capturable: number;
  amount_received: number;
  /** Not Stripe’s, which says it of the charge: until when what is authorized can be captured, and whether more than once. */
  authorization?: { capture_before: number; multicapture: 'available' | 'unavailable' } | null;
  automatic_payment_methods: { enabled: boolean; allow_redirects: 'always' | 'never' } | null;
  canceled_at: number | null;
  cancellation_reason: string | null;
  capture_method: 'automatic' | 'automatic_async' | 'manual';
  client_secret: string;
  confirmation_method: 'automatic';
  created: number;
  currency: string;
  customer: string | null;
  description: string | null;
  last_payment_error: object | null;
  latest_charge: string | null;
  livemode: false;
  metadata: Record<string, string>;
  next_action: Record<string, unknown> | null;
  payment_method: string | null;
  payment_method_options: {
    card: { request_three_d_secure: 'automatic'; request_multicapture?: 'if_available' | 'never' };
  };
  payment_method_types: string[];
  setup_future_usage: string | null;
  status:
    | 'requires_payment_method'
    | 'requires_confirmation'
    | 'requires_action'
    | 'processing'
    | 'requires_capture'
    | 'succeeded'
    | 'canceled';
};

export type Refund = {
  id: string;
  object: 'refund';
  amount: number;
  charge: string | null;
  created: number;
  currency: string;
  metadata: Record<string, string>;
  payment_intent: string;
  reason: string | null;
  status: 'pending' | 'succeeded' | 'failed' | 'canceled';
  failure_reason?: string;
};

export type Customer = {
  id: string;
  object: 'customer';
  created: number;
  description: string | null;
  email: null;
  livemode: false;
  metadata: Record<string, string>;
  name: null;
};

/** A movement of money that a dispute made: negative withdrawn, positive reinstated. The fee stands beside the amount. */
export type BalanceTransaction = {
  id: string;
  object: 'balance_transaction';
  amount: number;
  available_on: number;
  balance_type: 'payments';
  created: number;
  currency: string;
  description: string;
  exchange_rate: null;
  fee: number;
  fee_details: { amount: number; application: null; currency: string; description: string; type: 'stripe_fee' }[];
  net: number;
  reporting_category: 'dispute' | 'dispute_reversal';
  source: string;
  status: 'available';
  type: 'adjustment';
};

export type Dispute = {
  id: string;
  object: 'dispute';
  amount: number;
  balance_transactions: BalanceTransaction[];
  charge: string;
  created: number;
  currency: string;
  enhanced_eligibility_types: string[];
  evidence: { uncategorized_text: string | null };
  evidence_details: {
    due_by: number;
    enhanced_eligibility: object;
    has_evidence: boolean;
    past_due: false;
    submission_count: number;
    submission_method: 'manual' | 'not_submitted';
  };
  intended_submission_method: null;
  is_charge_refundable: boolean;
  livemode: false;
  metadata: Record<string, string>;
  network_reason_code: string;
  payment_intent: string;
  payment_method_details: { type: 'card'; card: { brand: 'visa'; case_type: 'chargeback' | 'inquiry' } };
  reason: string;
  status:
    | 'warning_needs_response'
    | 'warning_under_review'
    | 'warning_closed'
    | 'needs_response'
    | 'under_review'
    | 'won'
    | 'lost';
};

export type StripeEvent = {
  id: string;
  object: 'event';
  type: string;
  created: number;
  livemode: false;
  api_version: string;
  pending_webhooks: number;
  request: { id: string | null; idempotency_key: string | null };
  data: { object: { id: string; payment_intent?: string; metadata: Record<string, string> } };
};

/** What a request did, for witnesses: one line per request that reached an operation, also replays and failures. */
export type JournalItem = {
  operation: string;
  effect:
    'none' | 'created' | 'captured' | 'authorized' | 'released' | 'canceled' | 'refunded' | 'disputed' | 'reinstated';
  amountMinor: number;
  paymentIntentId: string | null;
  refundId?: string;
  disputeId?: string;
  customerId?: string;
  orderId: string | null;
  idempotencyKey: string | null;
  replayed: boolean;
  fault: string | null;
  at: string;
};

export type StoredAnswer = { status: number; body: unknown };
export type StoredKey = { key: string; fingerprint: string; requestId: string; answer: StoredAnswer };

export type Endpoint = { url: string; secret: string };
/** An event that an endpoint is still to hear of. */
export type Delivery = { eventId: string; url: string };

/** One line of the log: everything that one request (or one asynchronous outcome) changed. */
export type Entry = {
  intents?: Intent[];
  refunds?: Refund[];
  disputes?: Dispute[];
  customers?: Customer[];
  methods?: Method[];
  events?: StripeEvent[];
  keys?: StoredKey[];
  journal?: JournalItem[];
  endpoints?: Endpoint[];
  owed?: Delivery[];
  /** Deliveries that have come to their end: accepted, or given up. */
  ended?: Delivery[];
};

export type State = {
  intents: Map<string, Intent>;
  refunds: Map<string, Refund>;
  /** The refunds of an intent, by its id. */
  refundsOf: Map<string, Set<string>>;
  disputes: Map<string, Dispute>;
  /** The disputes of an intent, by its id. */
  disputesOf: Map<string, Set<string>>;
  customers: Map<string, Customer>;
  methods: Map<string, Method>;
  /** Ids of intents that are processing or about to be disputed, and of refunds that are pending. */
  unsettled: Set<string>;
  events: Map<string, StripeEvent>;
  keys: Map<string, StoredKey>;
  journal: JournalItem[];
  endpoints: Map<string, Endpoint>;
  owed: Map<string, Delivery>;
};

export const emptyState = (): State => ({
  intents: new Map(),
  refunds: new Map(),
  refundsOf: new Map(),
  disputes: new Map(),
  disputesOf: new Map(),
  customers: new Map(),
  methods: new Map(),
  unsettled: new Set(),
  events: new Map(),
  keys: new Map(),
  journal: [],
  endpoints: new Map(),
  owed: new Map(),
});

/** Adds an entry to the state. Objects are stored as given: whoever changes one makes a new one. */
export function apply(state: State, entry: Entry): void {
  for (const customer of entry.customers ?? []) state.customers.set(customer.id, customer);
  for (const method of entry.methods ?? []) state.methods.set(method.id, method);
  for (const intent of entry.intents ?? []) {
    state.intents.set(intent.id, intent);
    mark(state.unsettled, intent.id, intent.status === 'processing' || isToBeDisputed(state, intent));
  }
  for (const refund of entry.refunds ?? []) {
    state.refunds.set(refund.id, refund);
    const ofIntent = state.refundsOf.get(refund.payment_intent) ?? new Set();
    state.refundsOf.set(refund.payment_intent, ofIntent.add(refund.id));
    mark(state.unsettled, refund.id, refund.status === 'pending');
  }
  for (const dispute of entry.disputes ?? []) {
    state.disputes.set(dispute.id, dispute);
    const ofIntent = state.disputesOf.get(dispute.payment_intent) ?? new Set();
    state.disputesOf.set(dispute.payment_intent, ofIntent.add(dispute.id));
    state.unsettled.delete(dispute.payment_intent);
  }
  for (const event of entry.events ?? []) state.events.set(event.id, event);
  // The first answer stays: a failure that is injected later must not take its place.
  for (const key of entry.keys ?? []) if (!state.keys.has(key.key)) state.keys.set(key.key, key);
  state.journal.push(...(entry.journal ?? []));
  for (const endpoint of entry.endpoints ?? []) state.endpoints.set(endpoint.url, endpoint);
  for (const delivery of entry.owed ?? []) state.owed.set(nameOf(delivery), delivery);
  for (const delivery of entry.ended ?? []) state.owed.delete(nameOf(delivery));
}

/** The refunds of an intent, oldest first. */
export const refundsOf = (state: State, intentId: string): Refund[] =>
  [...(state.refundsOf.get(intentId) ?? [])].flatMap((id) => state.refunds.get(id) ?? []);

/** The disputes of an intent, oldest first. */
export const disputesOf = (state: State, intentId: string): Dispute[] =>
  [...(state.disputesOf.get(intentId) ?? [])].flatMap((id) => state.disputes.get(id) ?? []);

/** The payment method of this id, or null. In logs from before methods had ids the test name stands for itself. */
export function findMethod(state: State, id: string | null): Method | null {
  const testName = id ?? '';
  const named = behaviourOf(testName) ? { id: testName, testName, customer: null, isUsedUp: false } : null;
  return state.methods.get(testName) ?? named;
}

/** What the intent's payment method does; undefined when it has none. */
export const behaviourIn = (state: State, { payment_method }: Pick<Intent, 'payment_method'>): Behaviour | undefined =>
  behaviourOf(findMethod(state, payment_method)?.testName ?? '');

/** Paid with a method whose holder disputes it a moment later, once. */
function isToBeDisputed(state: State, intent: Intent): boolean {
  const behaviour = behaviourIn(state, intent);
  const disputes = behaviour?.kind === 'succeeds' && behaviour.dispute !== undefined;
  return disputes && intent.status === 'succeeded' && !state.disputesOf.has(intent.id);
}

const nameOf = ({ eventId, url }: Delivery): string => `${eventId} ${url}`;

const mark = (marked: Set<string>, id: string, is: boolean): void => void (is ? marked.add(id) : marked.delete(id));
