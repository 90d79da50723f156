// The events that tell of a change, as Stripe names them.
import { newId, nowSeconds } from './ids.ts';
import { isOpen } from './disputes.ts';
import { refundedOf } from './refunds.ts';
import type { Customer, Dispute, Entry, Intent, Refund, State, StripeEvent } from './state.ts';

// The version that the installed client speaks; a receiver that checks it must find it familiar.
const API_VERSION = '2026-10-28.endive';

export type Changes = Pick<Entry, 'intents' | 'refunds' | 'disputes' | 'customers' | 'methods'>;
/** Whose doing a change was; null for what happens by itself. */
export type Cause = { requestId: string; key: string | null } | null;

/** The events of changes that are not applied to the state yet. An intent that changes twice is told of twice. */
export function eventsOf(
  state: State,
  { intents = [], refunds = [], disputes = [], customers = [] }: Changes,
  cause: Cause,
): StripeEvent[] {
  const known = new Set(intents.filter(({ id }) => state.intents.has(id)).map(({ id }) => id));
  const make = (type: string, object: StripeEvent['data']['object']): StripeEvent => ({
    id: newId('evt'),
    object: 'event',
    type,
    created: nowSeconds(),
    livemode: false,
    api_version: API_VERSION,
    pending_webhooks: state.endpoints.size,
    request: { id: cause?.requestId ?? null, idempotency_key: cause?.key ?? null },
    data: { object },
  });
  return [
    ...customers.map((customer: Customer) => make('customer.created', customer)),
    ...intents.map((intent) => {
      const type = known.has(intent.id) ? intentType(intent) : 'payment_intent.created';
      known.add(intent.id);
      return make(type, intent);
    }),
    ...refunds.flatMap((refund) => [
      ...refundTypes(refund, { isNew: !state.refunds.has(refund.id) }).map((type) => make(type, refund)),
      ...(refund.status === 'succeeded' ? [make('charge.refunded', refundedCharge(state, refund))] : []),
    ]),
    ...disputes.flatMap((dispute) =>
      disputeTypes(dispute, state.disputes.get(dispute.id)).map((type) => make(type, dispute)),
    ),
  ];
}

function intentType({ status }: Intent): string {
  switch (status) {
    case 'succeeded':
    case 'canceled':
    case 'processing':
    case 'requires_action':
      return `payment_intent.${status}`;
    case 'requires_capture':
      return 'payment_intent.amount_capturable_updated';
    case 'requires_confirmation':
    case 'requires_payment_method':
      return 'payment_intent.payment_failed';
  }
}

const refundTypes = ({ status }: Refund, { isNew }: { isNew: boolean }): string[] => [
  isNew ? 'refund.created' : 'refund.updated',
  ...(status === 'failed' ? ['refund.failed'] : []),
];

/** What tells of a dispute that is as it is now and was `before`. */
function disputeTypes(dispute: Dispute, before: Dispute | undefined): string[] {
  const moved = dispute.balance_transactions.slice(before?.balance_transactions.length ?? 0);
  return [
    ...(before ? [] : ['created']),
    ...moved.map(({ amount }) => (amount < 0 ? 'funds_withdrawn' : 'funds_reinstated')),
    ...(before && isOpen(dispute) ? ['updated'] : []),
    ...(isOpen(dispute) ? [] : ['closed']),
  ].map((what) => `charge.dispute.${what}`);
}

/** Charges are no objects of their own here: this is what a receiver needs of one. */
function refundedCharge(state: State, refund: Refund): StripeEvent['data']['object'] & Record<string, unknown> {
  const intent = state.intents.get(refund.payment_intent);
  const captured = intent?.amount_received ?? 0;
  // A refund that was pending is counted already.
  const counted = state.refunds.get(refund.id)?.status === 'pending' ? refund.amount : 0;
  const refunded = refundedOf(state, refund.payment_intent) - counted + refund.amount;
  return {
    id: refund.charge ?? '',
    object: 'charge',
    amount: intent?.amount ?? 0,
    amount_captured: captured,
    amount_refunded: refunded,
    captured: true,
    currency: refund.currency,
    livemode: false,
    metadata: intent?.metadata ?? {},
    paid: true,
    payment_intent: refund.payment_intent,
    payment_method: intent?.payment_method ?? null,
    refunded: refunded === captured,
    status: 'succeeded',
  };
}
