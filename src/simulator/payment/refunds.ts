// Refunds: up to what was captured, pending and failing ones too.
import { impossible, missing } from './errors.ts';
import { newId, nowSeconds } from './ids.ts';
import { findIntent } from './intents.ts';
import { amountOf, choiceOf, expectOnly, metadataOf, requiredText, type Parameters } from './parameters.ts';
import { behaviourIn, disputesOf, refundsOf, type Intent, type Refund, type State } from './state.ts';

const REASONS = ['duplicate', 'fraudulent', 'requested_by_customer'] as const;

export function createRefund(state: State, parameters: Parameters): { refund: Refund; intent: Intent } {
  expectOnly(parameters, ['payment_intent', 'amount', 'metadata', 'reason']);
  const wanted = amountOf(parameters, 'amount');
  const metadata = metadataOf(parameters);
  const reason = choiceOf(parameters, 'reason', REASONS) ?? null;
  const intent = findIntent(state, requiredText(parameters, 'payment_intent'), 'payment_intent');
  const amount = refundable(state, intent, wanted);
  const refund: Refund = {
    id: newId('re'),
    object: 'refund',
    amount,
    charge: intent.latest_charge,
    created: nowSeconds(),
    currency: intent.currency,
    metadata,
    payment_intent: intent.id,
    reason,
    ...firstStatus(state, intent),
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
  const counted = refundsOf(state, intentId).filter(({ status }) => status === 'succeeded' || status === 'pending');
  return counted.reduce((sum, { amount }) => sum + amount, 0);
}

/** A refund that was pending has come to its end. */
export function settleRefund(state: State, refund: Refund, intent: Intent | undefined): Refund {
  return refundBehaviour(state, intent) === 'pending_then_fails'
    ? { ...refund, status: 'failed', failure_reason: 'expired_or_canceled_card' }
    : { ...refund, status: 'succeeded' };
}

/** What may be given back now: what was asked for, or all that is left. */
function refundable(state: State, intent: Intent, wanted: number | undefined): number {
  // Also while more of it can be captured.
  const isCaptured =
    intent.status === 'succeeded' || (intent.status === 'requires_capture' && intent.amount_received > 0);
  if (!isCaptured || intent.latest_charge === null) {
    throw impossible(
      `This PaymentIntent (${intent.id}) does not have a successful charge to refund.`,
      'payment_intent_unexpected_state',
      { param: 'payment_intent' },
    );
  }
  if (disputesOf(state, intent.id).some((dispute) => !dispute.is_charge_refundable)) {
    // As at Stripe: open or lost, the money is with the bank; an inquiry, or a dispute that was won, stands in no way.
    throw impossible(`Charge ${intent.latest_charge} has been charged back; cannot issue a refund.`, 'charge_disputed');
  }
  const left = intent.amount_received - refundedOf(state, intent.id);
  if (left === 0)
    throw impossible(`Charge ${intent.latest_charge} has already been refunded.`, 'charge_already_refunded');
  if (wanted === undefined || wanted <= left) return wanted ?? left;
  const message = `Refund amount (${wanted}) is greater than unrefunded amount on charge (${left})`;
  throw impossible(message, 'amount_too_large', { param: 'amount' });
}

function firstStatus(state: State, intent: Intent): Pick<Refund, 'status' | 'failure_reason'> {
  switch (refundBehaviour(state, intent)) {
    case 'fails':
      return { status: 'failed', failure_reason: 'expired_or_canceled_card' };
    case 'pending':
    case 'pending_then_fails':
      return { status: 'pending' };
    case 'succeeds':
      return { status: 'succeeded' };
  }
}

/** The method is gone from an intent's memory only after a decline, so that of a paid one still says how refunds go. */
function refundBehaviour(
  state: State,
  intent: Intent | undefined,
): 'succeeds' | 'fails' | 'pending' | 'pending_then_fails' {
  const behaviour = intent && behaviourIn(state, intent);
  return behaviour?.kind === 'succeeds' ? behaviour.refund : 'succeeds';
}
