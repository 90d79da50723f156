// All that the simulator knows. Every change is an entry of the log; the state is what its entries add up to.

export type Intent = {
  id: string;
  object: 'payment_intent';
  amount: number;
  amount_capturable: number;
  amount_received: number;
  automatic_payment_methods: { enabled: boolean; allow_redirects: string } | null;
  canceled_at: number | null;
  cancellation_reason: string | null;
  capture_method: string;
  client_secret: string;
  confirmation_method: 'automatic';
  created: number;
  currency: string;
  customer: string | null;
  description: string | null;
  last_payment_error: Record<string, unknown> | null;
  latest_charge: string | null;
  livemode: false;
  metadata: Record<string, string>;
  next_action: Record<string, unknown> | null;
  payment_method: string | null;
  payment_method_types: string[];
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

export type StripeEvent = {
  id: string;
  object: 'event';
  type: string;
  created: number;
  livemode: false;
  api_version: string;
  data: { object: Intent | Refund };
};

/** What a request did, for witnesses: one line per request that reached an operation, also replays and failures. */
export type JournalItem = {
  operation: string;
  effect: 'none' | 'created' | 'captured' | 'authorized' | 'canceled' | 'refunded';
  amountMinor: number;
  paymentIntentId: string | null;
  refundId?: string;
  orderId: string | null;
  idempotencyKey: string | null;
  replayed: boolean;
  fault: string | null;
  at: string;
};

export type StoredAnswer = { status: number; body: unknown };
export type StoredKey = { key: string; fingerprint: string; answer: StoredAnswer };

/** One line of the log: everything that one request (or one asynchronous outcome) changed. */
export type Entry = {
  intents?: Intent[];
  refunds?: Refund[];
  events?: StripeEvent[];
  keys?: StoredKey[];
  journal?: JournalItem[];
};

export type State = {
  intents: Map<string, Intent>;
  refunds: Map<string, Refund>;
  events: Map<string, StripeEvent>;
  keys: Map<string, StoredKey>;
  journal: JournalItem[];
};

export const emptyState = (): State => ({
  intents: new Map(),
  refunds: new Map(),
  events: new Map(),
  keys: new Map(),
  journal: [],
});

/** Adds an entry to the state. Objects are stored as given: whoever changes one makes a new one. */
export function apply(state: State, entry: Entry): void {
  for (const intent of entry.intents ?? []) state.intents.set(intent.id, intent);
  for (const refund of entry.refunds ?? []) state.refunds.set(refund.id, refund);
  for (const event of entry.events ?? []) state.events.set(event.id, event);
  // The first answer stays: a failure that is injected later must not take its place.
  for (const key of entry.keys ?? []) if (!state.keys.has(key.key)) state.keys.set(key.key, key);
  state.journal.push(...(entry.journal ?? []));
}
