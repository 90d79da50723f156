// What charging makes of a PaymentIntent: Stripe's states. Pure: each answers with the intent as it is afterwards.
import { docUrlOf, impossible, type ErrorFields, type StripeFailure } from './errors.ts';
import { newId } from './ids.ts';
import { behaviourOf, lateDecline, type Decline } from './methods.ts';
import type { Intent, JournalItem } from './state.ts';

/**
 * What an operation came to. `created`: the intent as it was before it was charged in the same request. `error`: the intent
 * changed, and the answer is an error all the same (a decline).
 */
export type Outcome = {
  intent: Intent;
  effect: JournalItem['effect'];
  created?: Intent;
  error?: { status: number; fields: ErrorFields };
};

/** Charges the intent's payment method. `customerAbsent`: who would have to authenticate cannot, so it is a decline. */
export function charge(intent: Intent, { customerAbsent }: { customerAbsent: boolean }): Outcome {
  const behaviour = behaviourOf(intent.payment_method ?? '');
  if (!behaviour) throw withoutMethod(intent);
  const tried = { ...intent, next_action: null, last_payment_error: null };
  switch (behaviour.kind) {
    case 'succeeds':
      return paid({ ...tried, latest_charge: newId('ch') });
    case 'declines':
      return declined({ ...tried, latest_charge: newId('ch') }, behaviour);
    case 'processes':
      return { intent: { ...tried, status: 'processing', latest_charge: newId('ch') }, effect: 'none' };
    case 'needs-customer': {
      if (customerAbsent) return declined({ ...tried, latest_charge: newId('ch') }, authenticationRequired);
      const next_action = { type: 'use_stripe_sdk', use_stripe_sdk: { type: 'three_d_secure_redirect' } };
      return { intent: { ...tried, status: 'requires_action', next_action }, effect: 'none' };
    }
  }
}

/** A payment that was processing has come to its end; its charge stays the same one. */
export function settleIntent(intent: Intent): Outcome {
  const behaviour = behaviourOf(intent.payment_method ?? '');
  return behaviour?.kind === 'processes' && behaviour.then === 'succeeds'
    ? paid(intent)
    : declined(intent, lateDecline);
}

/** The customer of an intent in `requires_action` finished authenticating, or failed. */
export function authenticated(intent: Intent, outcome: 'succeed' | 'fail'): Outcome {
  if (outcome === 'succeed') return paid({ ...intent, next_action: null, latest_charge: newId('ch') });
  const code = 'payment_intent_authentication_failure';
  const message =
    'The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new PaymentMethod to attempt to fulfill this PaymentIntent again.';
  // No charge was tried, hence neither a card error nor a decline code.
  const fields = { type: 'invalid_request_error', code, doc_url: docUrlOf(code), message } as const;
  return { intent: failed(intent, fields), effect: 'none' };
}

export const withoutMethod = (intent: Intent): StripeFailure =>
  impossible(
    "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method.",
    'payment_intent_unexpected_state',
    { payment_intent: intent },
  );

const authenticationRequired: Decline = {
  code: 'authentication_required',
  declineCode: 'authentication_required',
  message: 'Your card was declined. This transaction requires authentication.',
};

function paid(intent: Intent): Outcome {
  if (intent.capture_method !== 'manual') {
    const succeeded = { ...intent, status: 'succeeded', amount_received: intent.amount } as const;
    return { intent: succeeded, effect: 'captured' };
  }
  return { intent: { ...intent, status: 'requires_capture', amount_capturable: intent.amount }, effect: 'authorized' };
}

function declined(intent: Intent, { code, declineCode, message }: Decline): Outcome {
  const { latest_charge } = intent;
  const fields = { type: 'card_error', code, decline_code: declineCode, doc_url: docUrlOf(code), message } as const;
  const error = { ...fields, charge: latest_charge, payment_method: methodObject(intent) };
  const changed = failed(intent, error);
  return { intent: changed, effect: 'none', error: { status: 402, fields: { ...error, payment_intent: changed } } };
}

const failed = (intent: Intent, error: ErrorFields): Intent => ({
  ...intent,
  status: 'requires_payment_method',
  payment_method: null,
  next_action: null,
  last_payment_error: { ...error, payment_method: methodObject(intent) },
});

const methodObject = ({ payment_method }: Intent): object => ({
  id: payment_method,
  object: 'payment_method',
  type: 'card',
});
