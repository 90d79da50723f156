// PaymentIntents: Stripe's states and refusals. Functions here are pure over the state: they answer with what changes.
import { randomBytes } from 'node:crypto';
import { invalid, missing, StripeFailure, type ErrorFields } from './errors.ts';
import { behaviourOf, lateDecline, type Behaviour } from './methods.ts';
import { amountOf, expectOnly, flagOf, recordOf, requiredText, textOf, type Parameters } from './parameters.ts';
import type { Intent, JournalItem, State } from './state.ts';

/** What an operation came to. `error`: the intent changed, and the answer is an error all the same (a decline). */
export type Outcome = {
  intent: Intent;
  effect: JournalItem['effect'];
  error?: { status: number; fields: ErrorFields };
};

const CREATE = [
  'amount',
  'currency',
  'automatic_payment_methods',
  'capture_method',
  'confirm',
  'customer',
  'description',
  'error_on_requires_action',
  'metadata',
  'off_session',
  'payment_method',
  'payment_method_types',
  'return_url',
  'setup_future_usage',
];

export const newId = (prefix: string): string => `${prefix}_${randomBytes(12).toString('hex')}`;
export const nowSeconds = (): number => Math.floor(Date.now() / 1_000);

export function createIntent(parameters: Parameters): Outcome {
  expectOnly(parameters, CREATE);
  const amount = amountOf(parameters, 'amount');
  if (amount === undefined) throw invalid('Missing required param: amount.', 'parameter_missing', 'amount');
  const currency = requiredText(parameters, 'currency').toLowerCase();
  if (!/^[a-z]{3}$/.test(currency))
    throw invalid(`Invalid currency: ${currency}`, 'parameter_invalid_string', 'currency');
  const paymentMethod = methodOf(parameters);
  const id = newId('pi');
  const automatic = recordOf(parameters, 'automatic_payment_methods');
  const intent: Intent = {
    id,
    object: 'payment_intent',
    amount,
    amount_capturable: 0,
    amount_received: 0,
    automatic_payment_methods:
      automatic['enabled'] === 'true'
        ? { enabled: true, allow_redirects: automatic['allow_redirects'] ?? 'always' }
        : null,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: textOf(parameters, 'capture_method') ?? 'automatic',
    client_secret: `${id}_secret_${randomBytes(8).toString('hex')}`,
    confirmation_method: 'automatic',
    created: nowSeconds(),
    currency,
    customer: textOf(parameters, 'customer') ?? null,
    description: textOf(parameters, 'description') ?? null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    metadata: recordOf(parameters, 'metadata'),
    next_action: null,
    payment_method: paymentMethod,
    payment_method_types: ['card'],
    status: paymentMethod === null ? 'requires_payment_method' : 'requires_confirmation',
  };
  if (!flagOf(parameters, 'confirm')) return { intent, effect: 'created' };
  return charge(intent, flagOf(parameters, 'error_on_requires_action'));
}

export function confirmIntent(state: State, id: string, parameters: Parameters): Outcome {
  expectOnly(parameters, [
    'payment_method',
    'error_on_requires_action',
    'off_session',
    'return_url',
    'capture_method',
    'setup_future_usage',
  ]);
  const intent = findIntent(state, id);
  const given = methodOf(parameters);
  if (intent.status !== 'requires_confirmation' && !(intent.status === 'requires_payment_method' && given !== null)) {
    if (intent.status === 'requires_payment_method') {
      throw invalid(
        "You cannot confirm this PaymentIntent because it's missing a payment method.",
        'payment_intent_unexpected_state',
      );
    }
    throw unexpectedState(intent, 'confirmed');
  }
  return charge(
    {
      ...intent,
      payment_method: given ?? intent.payment_method,
      capture_method: textOf(parameters, 'capture_method') ?? intent.capture_method,
    },
    flagOf(parameters, 'error_on_requires_action'),
  );
}

export function captureIntent(state: State, id: string, parameters: Parameters): Outcome {
  expectOnly(parameters, ['amount_to_capture', 'metadata']);
  const intent = findIntent(state, id);
  if (intent.status !== 'requires_capture') throw unexpectedState(intent, 'captured');
  const amount = amountOf(parameters, 'amount_to_capture') ?? intent.amount_capturable;
  if (amount > intent.amount_capturable) {
    throw invalid(
      `The amount to capture (${amount}) is greater than what is authorized.`,
      'amount_too_large',
      'amount_to_capture',
    );
  }
  return { intent: captured({ ...intent, amount_received: amount }), effect: 'captured' };
}

export function cancelIntent(state: State, id: string, parameters: Parameters): Outcome {
  expectOnly(parameters, ['cancellation_reason']);
  const intent = findIntent(state, id);
  if (['succeeded', 'canceled', 'processing'].includes(intent.status)) throw unexpectedState(intent, 'canceled');
  const reason = textOf(parameters, 'cancellation_reason') ?? null;
  const changed = {
    status: 'canceled',
    canceled_at: nowSeconds(),
    cancellation_reason: reason,
    amount_capturable: 0,
  } as const;
  return { intent: { ...intent, ...changed, next_action: null }, effect: 'canceled' };
}

/** A customer finished (or failed) authenticating. */
export function authenticateIntent(state: State, id: string, outcome: 'succeed' | 'fail'): Outcome {
  const intent = findIntent(state, id);
  if (intent.status !== 'requires_action') throw unexpectedState(intent, 'authenticated');
  if (outcome === 'succeed') return paid({ ...intent, next_action: null });
  const code = 'payment_intent_authentication_failure';
  const { intent: failed, effect } = declined(intent, {
    code,
    declineCode: code,
    message: 'The customer failed to authenticate.',
  });
  return { intent: failed, effect };
}

/** A payment that was processing has come to its end. */
export function settleIntent(intent: Intent): Outcome {
  const behaviour = behaviourOf(intent.payment_method ?? '');
  if (behaviour?.kind === 'processes' && behaviour.then === 'succeeds') return paid(intent);
  if (lateDecline.kind !== 'declines') throw new Error('Expected the late decline to be a decline');
  return declined(intent, lateDecline);
}

export function findIntent(state: State, id: string): Intent {
  const intent = state.intents.get(id);
  if (!intent) throw missing('payment_intent', id);
  return intent;
}

function charge(intent: Intent, errorOnRequiresAction: boolean): Outcome {
  const behaviour = behaviourOf(intent.payment_method ?? '');
  if (!behaviour)
    throw invalid(
      "You cannot confirm this PaymentIntent because it's missing a payment method.",
      'payment_intent_unexpected_state',
    );
  switch (behaviour.kind) {
    case 'succeeds':
      return paid(intent);
    case 'declines':
      return declined(intent, behaviour);
    case 'processes':
      return { intent: { ...intent, status: 'processing', latest_charge: newId('ch') }, effect: 'none' };
    case 'needs-customer': {
      const code = 'authentication_required';
      const message = 'Your card was declined. This transaction requires authentication.';
      if (errorOnRequiresAction) return declined(intent, { code, declineCode: code, message });
      const next_action = { type: 'use_stripe_sdk', use_stripe_sdk: { type: 'three_d_secure_redirect' } };
      return { intent: { ...intent, status: 'requires_action', next_action }, effect: 'none' };
    }
  }
}

function paid(intent: Intent): Outcome {
  const charged = { ...intent, latest_charge: newId('ch'), last_payment_error: null };
  if (intent.capture_method !== 'manual')
    return { intent: captured({ ...charged, amount_received: intent.amount }), effect: 'captured' };
  return { intent: { ...charged, status: 'requires_capture', amount_capturable: intent.amount }, effect: 'authorized' };
}

const captured = (intent: Intent): Intent => ({ ...intent, status: 'succeeded', amount_capturable: 0 });

function declined(
  intent: Intent,
  { code, declineCode, message }: Pick<Extract<Behaviour, { kind: 'declines' }>, 'code' | 'declineCode' | 'message'>,
): Outcome {
  const fields = { type: 'card_error', code, decline_code: declineCode, message } as const;
  const changed: Intent = {
    ...intent,
    status: 'requires_payment_method',
    payment_method: null,
    next_action: null,
    latest_charge: newId('ch'),
    last_payment_error: { ...fields, payment_method: { id: intent.payment_method, object: 'payment_method' } },
  };
  return { intent: changed, effect: 'none', error: { status: 402, fields: { ...fields, payment_intent: changed } } };
}

function unexpectedState(intent: Intent, verb: string): StripeFailure {
  return new StripeFailure(400, {
    type: 'invalid_request_error',
    code: 'payment_intent_unexpected_state',
    message: `This PaymentIntent could not be ${verb} because it has a status of ${intent.status}.`,
    payment_intent: intent,
  });
}

function methodOf(parameters: Parameters): string | null {
  const method = textOf(parameters, 'payment_method');
  if (method === undefined) return null;
  if (behaviourOf(method)) return method;
  throw new StripeFailure(400, {
    type: 'invalid_request_error',
    code: 'resource_missing',
    message: `No such PaymentMethod: '${method}'`,
    param: 'payment_method',
  });
}
