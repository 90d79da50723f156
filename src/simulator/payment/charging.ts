// What charging makes of a PaymentIntent: Stripe's states. Pure: each answers with the intent as it is afterwards.
import { docUrlOf, impossible, type ErrorFields, type StripeFailure } from './errors.ts';
import { newId, nowSeconds } from './ids.ts';
import { behaviourOf, lateDecline, type Behaviour, type Decline, type Method } from './methods.ts';
import type { Intent, JournalItem } from './state.ts';

/**
 * What an operation came to. `created`: the intent as it was before it was charged in the same request. `error`: the intent
 * changed, and the answer is an error all the same (a decline).
 */
export type Outcome = {
  intent: Intent;
  effect: JournalItem['effect'];
  /** What moved, where that is not what the intent has received. */
  amountMinor?: number;
  created?: Intent;
  /** Payment methods that are new, or have become somebody's or nobody's. */
  methods?: Method[];
  error?: { status: number; fields: ErrorFields };
};

/** `customerAbsent`: who would have to authenticate cannot, so it is a decline; `offSession`: it was agreed upon before. */
export type Presence = { customerAbsent: boolean; offSession: boolean };

/** Charges the payment method of an intent. */
export function charge(intent: Intent, method: Method, presence: Presence): Outcome {
  const tried = { ...intent, next_action: null, last_payment_error: null };
  const behaviour = behaviourHere(method, presence);
  switch (behaviour.kind) {
    case 'succeeds':
      return paid({ ...tried, latest_charge: newId('ch') }, method);
    case 'declines':
      return declined({ ...tried, latest_charge: newId('ch') }, behaviour);
    case 'processes': {
      const used = intent.customer !== null && intent.setup_future_usage !== null ? method : usedUp(method);
      const processing = { ...tried, status: 'processing', latest_charge: newId('ch') } as const;
      return { intent: processing, effect: 'none', methods: [used] };
    }
    case 'needs-customer': {
      if (presence.customerAbsent) return declined({ ...tried, latest_charge: newId('ch') }, authenticationRequired);
      const next_action = { type: 'use_stripe_sdk', use_stripe_sdk: { type: 'three_d_secure_redirect' } };
      return { intent: { ...tried, status: 'requires_action', next_action }, effect: 'none', methods: [method] };
    }
  }
}

/** What the method does now, its holder being there or not. */
function behaviourHere({ testName, customer }: Method, { offSession }: Presence): Behaviour {
  const behaviour = behaviourOf(testName);
  if (!behaviour) throw new Error(`Expected a known payment method; found ${testName}`);
  if (!offSession) return behaviour;
  if (behaviour.kind === 'succeeds' && behaviour.offSession) return { kind: 'declines', ...behaviour.offSession };
  if (behaviour.kind !== 'needs-customer' || behaviour.offSession === 'too') return behaviour;
  const isSetUp = behaviour.offSession === 'never' || customer !== null;
  return isSetUp ? { kind: 'succeeds', refund: 'succeeds' } : behaviour;
}

/** A payment that was processing has come to its end; its charge stays the same one. */
export function settleIntent(intent: Intent, method: Method): Outcome {
  const behaviour = behaviourOf(method.testName);
  return behaviour?.kind === 'processes' && behaviour.then === 'succeeds'
    ? paid(intent, method)
    : declined(intent, lateDecline);
}

/** The customer of an intent in `requires_action` finished authenticating, or failed. */
export function authenticated(intent: Intent, method: Method, outcome: 'succeed' | 'fail'): Outcome {
  if (outcome === 'succeed') return paid({ ...intent, next_action: null, latest_charge: newId('ch') }, method);
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

// As for most cards when the customer is there.
const AUTHORIZED_SECONDS = 7 * 24 * 3_600;

const authenticationRequired: Decline = {
  code: 'authentication_required',
  declineCode: 'authentication_required',
  message: 'Your card was declined. This transaction requires authentication.',
};

function paid(intent: Intent, method: Method): Outcome {
  const methods = [afterPaying(method, intent)];
  if (intent.capture_method !== 'manual') {
    const succeeded = { ...intent, status: 'succeeded', amount_received: intent.amount } as const;
    return { intent: succeeded, effect: 'captured', methods };
  }
  const behaviour = behaviourOf(method.testName);
  const isOnce = behaviour?.kind === 'succeeds' && behaviour.capturedOnce === true;
  const isAsked = intent.payment_method_options.card.request_multicapture === 'if_available';
  const authorization = {
    capture_before: nowSeconds() + AUTHORIZED_SECONDS,
    multicapture: isAsked && !isOnce ? 'available' : 'unavailable',
  } as const;
  const authorized = { status: 'requires_capture', amount_capturable: intent.amount, authorization } as const;
  return { intent: { ...intent, ...authorized }, effect: 'authorized', methods };
}

/** It belongs to the intent's customer from now on, where that was wanted; else, being nobody's, it can not be used again. */
function afterPaying(method: Method, { customer, setup_future_usage: usage }: Intent): Method {
  if (method.customer !== null) return method;
  return customer !== null && usage !== null ? { ...method, customer } : usedUp(method);
}

const usedUp = (method: Method): Method => (method.customer === null ? { ...method, isUsedUp: true } : method);

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
