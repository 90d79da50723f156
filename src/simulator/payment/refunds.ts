// Refunds: up to what was captured, pending and failing ones too.
import { invalid, missing } from './errors.ts';
import { findIntent, newId, nowSeconds } from './intents.ts';
import { behaviourOf } from './methods.ts';
import { amountOf, expectOnly, recordOf, requiredText, textOf, type Parameters } from './parameters.ts';
import type { Intent, Refund, State } from './state.ts';

export function createRefund(state: State, parameters: Parameters): { refund: Refund; intent: Intent } {
  expectOnly(parameters, ['payment_intent', 'amount', 'metadata', 'reason']);
  const intent = findIntent(state, requiredText(parameters, 'payment_intent'));
  if (intent.status !== 'succeeded' || intent.latest_charge === null) {
    throw invalid(
      'This PaymentIntent does not have a successful charge to refund.',
      'payment_intent_unexpected_state',
      'payment_intent',
    );
  }
  const left = intent.amount_received - refundedOf(state, intent.id);
  if (left === 0) throw invalid(`Charge ${intent.latest_charge} has already been refunded.`, 'charge_already_refunded');
  const amount = amountOf(parameters, 'amount') ?? left;
  if (amount > left) {
    throw invalid(
      `Refund amount (${amount}) is greater than unrefunded amount on charge (${left})`,
      'amount_too_large',
      'amount',
    );
  }
  const refund: Refund = {
    id: newId('re'),
    object: 'refund',
    amount,
    charge: intent.latest_charge,
    created: nowSeconds(),
    currency: intent.currency,
    metadata: recordOf(parameters, 'metadata'),
    payment_intent: intent.id,
    reason: textOf(parameters, 'reason') ?? null,
    ...firstStatus(intent),
  };
  return { refund, intent };
}

export function findRefund(state: State, id: string): Refund {
  const refund = state.refunds.get(id);
  if (!refund) throw missing('refund', id, 'id');
  return refund;
}

/** What is given back, or on its way, of an intent. */
export function refundedOf(state: State, intentId: string): number {
  let sum = 0;
  for (const refund of state.refunds.values()) {
    if (refund.payment_intent === intentId && (refund.status === 'succeeded' || refund.status === 'pending'))
      sum += refund.amount;
  }
  return sum;
}

// The method is gone from a paid intent's memory only after a decline, so it still says how its refunds go.
function firstStatus(intent: Intent): Pick<Refund, 'status' | 'failure_reason'> {
  const behaviour = behaviourOf(intent.payment_method ?? '');
  const how = behaviour?.kind === 'succeeds' ? behaviour.refund : undefined;
  if (how === 'failed') return { status: 'failed', failure_reason: 'expired_or_canceled_card' };
  return { status: how === 'pending' ? 'pending' : 'succeeded' };
}
