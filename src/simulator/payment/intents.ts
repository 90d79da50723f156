// PaymentIntents: what may be asked of them, and when Stripe refuses. Functions here only read the state.
import { randomBytes } from 'node:crypto';
import { authenticated, charge, withoutMethod, type Outcome, type Presence } from './charging.ts';
import { customerOf } from './customers.ts';
import { impossible, invalid, missing, type StripeFailure } from './errors.ts';
import { newId, nowSeconds } from './ids.ts';
import type { Method } from './methods.ts';
import { amountOf, choiceOf, expectOnly, flagOf, metadataOf, objectOf, requiredText, textOf } from './parameters.ts';
import type { Parameters } from './parameters.ts';
import { findMethod, type Intent, type State } from './state.ts';
import { expectUsable, methodOf } from './using-methods.ts';

const ONLY_WITH_CONFIRM = ['error_on_requires_action', 'off_session', 'return_url'];
const CONFIRM = [...ONLY_WITH_CONFIRM, 'capture_method', 'payment_method', 'setup_future_usage'];
const CREATE = [
  ...CONFIRM,
  'amount',
  'automatic_payment_methods',
  'confirm',
  'currency',
  'customer',
  'description',
  'metadata',
  'payment_method_options',
  'payment_method_types',
];

const CAPTURE_METHODS = ['automatic', 'automatic_async', 'manual'] as const;
const FUTURE_USAGES = ['off_session', 'on_session'] as const;
const CANCELLATION_REASONS = ['abandoned', 'duplicate', 'fraudulent', 'requested_by_customer'] as const;

export function createIntent(state: State, parameters: Parameters): Outcome {
  expectOnly(parameters, CREATE);
  const confirmed = flagOf(parameters, 'confirm');
  for (const name of ONLY_WITH_CONFIRM) {
    if (!confirmed && parameters[name] !== undefined) {
      const message = `The parameter \`${name}\` cannot be passed when creating a PaymentIntent unless \`confirm\` is set to true.`;
      throw invalid(message, null, name);
    }
  }
  const customer = customerOf(state, parameters);
  const method = methodOf(state, parameters);
  if (method) expectUsable(method, customer);
  const intent = newIntent(parameters, { customer, method });
  const methods = method ? [method] : [];
  if (!confirmed) return { intent, effect: 'created', methods };
  const presence = howToCharge(intent, parameters);
  if (!method) throw withoutMethod(intent);
  return { methods, ...charge(intent, method, presence), created: intent };
}

export function confirmIntent(state: State, id: string, parameters: Parameters): Outcome {
  expectOnly(parameters, CONFIRM);
  const given = methodOf(state, parameters);
  const captureMethod = choiceOf(parameters, 'capture_method', CAPTURE_METHODS);
  const usage = choiceOf(parameters, 'setup_future_usage', FUTURE_USAGES);
  const intent = findIntent(state, id);
  if (intent.status === 'succeeded') {
    const message = `You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.`;
    throw impossible(message, 'payment_intent_unexpected_state', { payment_intent: intent });
  }
  const open = ['requires_payment_method', 'requires_confirmation', 'requires_action'];
  if (!open.includes(intent.status)) throw unexpectedState(intent, 'confirm', open);
  const method = given ?? findMethod(state, intent.payment_method);
  if (!method) throw withoutMethod(intent);
  expectUsable(method, intent.customer);
  const changed: Intent = {
    ...intent,
    payment_method: method.id,
    capture_method: captureMethod ?? intent.capture_method,
    setup_future_usage: usage ?? intent.setup_future_usage,
  };
  return { methods: [method], ...charge(changed, method, howToCharge(changed, parameters)) };
}

export function captureIntent(state: State, id: string, parameters: Parameters): Outcome {
  expectOnly(parameters, ['amount_to_capture', 'final_capture', 'metadata']);
  const isFinal = parameters['final_capture'] === undefined || flagOf(parameters, 'final_capture');
  // Nothing more: what is left of the authorization is released.
  const isRelease = isFinal && parameters['amount_to_capture'] === '0';
  const wanted = isRelease ? 0 : amountOf(parameters, 'amount_to_capture');
  const metadata = metadataOf(parameters);
  const intent = findIntent(state, id);
  if (intent.status !== 'requires_capture') throw unexpectedState(intent, 'capture', ['requires_capture']);
  if (!isFinal && intent.authorization?.multicapture !== 'available') {
    const message = 'You can only set `final_capture` to false where multicapture is available for the payment.';
    throw impossible(message, 'parameter_invalid', { param: 'final_capture' });
  }
  if (isRelease && intent.amount_received === 0)
    throw invalid('This value must be greater than or equal to 1.', 'parameter_invalid_integer', 'amount_to_capture');
  const amount = wanted ?? intent.amount_capturable;
  if (amount > intent.amount_capturable) {
    const message = `The payment could not be captured because the requested capture amount (${amount}) is greater than the authorized amount (${intent.amount_capturable}).`;
    throw impossible(message, 'amount_too_large', { param: 'amount_to_capture' });
  }
  const captured = {
    status: isFinal ? 'succeeded' : 'requires_capture',
    amount_received: intent.amount_received + amount,
    amount_capturable: isFinal ? 0 : intent.amount_capturable - amount,
    metadata: { ...intent.metadata, ...metadata },
  } as const;
  return { intent: { ...intent, ...captured }, effect: isRelease ? 'released' : 'captured', amountMinor: amount };
}

export function cancelIntent(state: State, id: string, parameters: Parameters): Outcome {
  expectOnly(parameters, ['cancellation_reason']);
  const reason = choiceOf(parameters, 'cancellation_reason', CANCELLATION_REASONS) ?? null;
  const intent = findIntent(state, id);
  const open = ['requires_payment_method', 'requires_capture', 'requires_confirmation', 'requires_action'];
  if (!open.includes(intent.status)) throw unexpectedState(intent, 'cancel', open);
  return closed(intent, reason);
}

/** What was authorized and not captured in time is the customer’s again. */
export function expireIntent(state: State, id: string): Outcome {
  const intent = findIntent(state, id);
  if (intent.status !== 'requires_capture') throw unexpectedState(intent, 'expire', ['requires_capture']);
  return closed(intent, 'expired');
}

/** Of which a part was captured, that part stays. */
function closed(intent: Intent, reason: string | null): Outcome {
  if (intent.amount_received > 0) {
    const released = { ...intent, status: 'succeeded', amount_capturable: 0 } as const;
    return { intent: released, effect: 'released', amountMinor: 0 };
  }
  const changed = { canceled_at: nowSeconds(), cancellation_reason: reason, amount_capturable: 0, next_action: null };
  return { intent: { ...intent, ...changed, status: 'canceled' }, effect: 'canceled' };
}

/** A customer finished (or failed) authenticating. */
export function authenticateIntent(state: State, id: string, outcome: 'succeed' | 'fail'): Outcome {
  const intent = findIntent(state, id);
  if (intent.status !== 'requires_action') throw unexpectedState(intent, 'authenticate', ['requires_action']);
  const method = findMethod(state, intent.payment_method);
  if (!method) throw withoutMethod(intent);
  return authenticated(intent, method, outcome);
}

export function findIntent(state: State, id: string, param = 'intent'): Intent {
  const intent = state.intents.get(id);
  if (!intent) throw missing('payment_intent', id, param);
  return intent;
}

type Paying = { customer: string | null; method: Method | null };

function newIntent(parameters: Parameters, { customer, method }: Paying): Intent {
  const amount = amountOf(parameters, 'amount');
  if (amount === undefined) throw invalid('Missing required param: amount.', 'parameter_missing', 'amount');
  const currency = requiredText(parameters, 'currency').toLowerCase();
  if (!/^[a-z]{3}$/.test(currency))
    throw invalid(`Invalid currency: ${currency}`, 'parameter_invalid_string', 'currency');
  const payment_method = method?.id ?? null;
  const automatic_payment_methods = automaticMethodsOf(parameters);
  const id = newId('pi');
  return {
    id,
    object: 'payment_intent',
    amount,
    amount_capturable: 0,
    amount_received: 0,
    automatic_payment_methods,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: choiceOf(parameters, 'capture_method', CAPTURE_METHODS) ?? 'automatic',
    client_secret: `${id}_secret_${randomBytes(8).toString('hex')}`,
    confirmation_method: 'automatic',
    created: nowSeconds(),
    currency,
    customer,
    description: textOf(parameters, 'description') ?? null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    metadata: metadataOf(parameters),
    next_action: null,
    payment_method,
    payment_method_options: { card: { request_three_d_secure: 'automatic', ...multicaptureOf(parameters) } },
    payment_method_types: ['card'],
    setup_future_usage: choiceOf(parameters, 'setup_future_usage', FUTURE_USAGES) ?? null,
    status: payment_method === null ? 'requires_payment_method' : 'requires_confirmation',
    ...unused,
  };
}

/** Fields that Stripe always sends and that nothing here ever fills. */
const unused = {
  amount_details: { tip: {} },
  application: null,
  application_fee_amount: null,
  on_behalf_of: null,
  processing: null,
  receipt_email: null,
  review: null,
  shipping: null,
  source: null,
  statement_descriptor: null,
  statement_descriptor_suffix: null,
  transfer_data: null,
  transfer_group: null,
} as const;

function multicaptureOf(parameters: Parameters): { request_multicapture?: 'if_available' | 'never' } {
  const name = 'payment_method_options';
  const card = objectOf(objectOf(parameters, name, ['card']) ?? {}, 'card', ['request_multicapture']);
  const full = `${name}[card][request_multicapture]`;
  const asked = choiceOf(card ?? {}, 'request_multicapture', ['if_available', 'never'], full);
  return asked ? { request_multicapture: asked } : {};
}

function automaticMethodsOf(parameters: Parameters): Intent['automatic_payment_methods'] {
  const name = 'automatic_payment_methods';
  const given = objectOf(parameters, name, ['enabled', 'allow_redirects']);
  if (given && parameters['payment_method_types'] !== undefined) {
    const message = `You may only specify one of these parameters: ${name}, payment_method_types.`;
    throw invalid(message, null, 'payment_method_types');
  }
  if (!given) return null;
  if (given['enabled'] === undefined)
    throw invalid(`Missing required param: ${name}[enabled].`, 'parameter_missing', `${name}[enabled]`);
  const redirects = choiceOf(given, 'allow_redirects', ['always', 'never'], `${name}[allow_redirects]`) ?? 'always';
  return flagOf(given, 'enabled') ? { enabled: true, allow_redirects: redirects } : null;
}

/** Stripe wants to know where to send a customer whom a method may redirect, also when it is a card that never does. */
function howToCharge(intent: Intent, parameters: Parameters): Presence {
  const returnUrl = textOf(parameters, 'return_url');
  if (returnUrl === undefined && intent.automatic_payment_methods?.allow_redirects === 'always') {
    const message =
      'This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment methods might redirect your customer off of your page, you must provide a `return_url`. If you do not want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and `automatic_payment_methods[allow_redirects]` to `never` when creating PaymentIntents.';
    throw invalid(message, null);
  }
  const offSession = parameters['off_session'];
  const absent = offSession === 'one_off' || offSession === 'recurring' || flagOf(parameters, 'off_session');
  return { customerAbsent: flagOf(parameters, 'error_on_requires_action') || absent, offSession: absent };
}

function unexpectedState(intent: Intent, verb: string, possible: readonly string[]): StripeFailure {
  return impossible(
    `You cannot ${verb} this PaymentIntent because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be ${verb}${verb.endsWith('e') ? 'd' : 'ed'}: ${possible.join(', ')}.`,
    'payment_intent_unexpected_state',
    { payment_intent: intent },
  );
}
