// PaymentIntents: what may be asked of them, and when Stripe refuses. Functions here only read the state.
import { randomBytes } from 'node:crypto';
import { authenticated, charge, withoutMethod, type Outcome } from './charging.ts';
import { impossible, invalid, missing, type StripeFailure } from './errors.ts';
import { newId, nowSeconds } from './ids.ts';
import { behaviourOf } from './methods.ts';
import { amountOf, choiceOf, expectOnly, flagOf, metadataOf, objectOf, requiredText, textOf } from './parameters.ts';
import type { Parameters } from './parameters.ts';
import type { Intent, State } from './state.ts';

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
  'payment_method_types',
];

const CAPTURE_METHODS = ['automatic', 'automatic_async', 'manual'] as const;
const FUTURE_USAGES = ['off_session', 'on_session'] as const;
const CANCELLATION_REASONS = ['abandoned', 'duplicate', 'fraudulent', 'requested_by_customer'] as const;

export function createIntent(parameters: Parameters): Outcome {
  expectOnly(parameters, CREATE);
  const confirmed = flagOf(parameters, 'confirm');
  for (const name of ONLY_WITH_CONFIRM) {
    if (!confirmed && parameters[name] !== undefined) {
      const message = `The parameter \`${name}\` cannot be passed when creating a PaymentIntent unless \`confirm\` is set to true.`;
      throw invalid(message, null, name);
    }
  }
  const intent = newIntent(parameters);
  if (!confirmed) return { intent, effect: 'created' };
  return { ...charge(intent, howToCharge(intent, parameters)), created: intent };
}

export function confirmIntent(state: State, id: string, parameters: Parameters): Outcome {
  expectOnly(parameters, CONFIRM);
  const given = methodOf(parameters);
  const captureMethod = choiceOf(parameters, 'capture_method', CAPTURE_METHODS);
  const usage = choiceOf(parameters, 'setup_future_usage', FUTURE_USAGES);
  const intent = findIntent(state, id);
  if (intent.status === 'succeeded') {
    const message = `You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.`;
    throw impossible(message, 'payment_intent_unexpected_state', { payment_intent: intent });
  }
  const open = ['requires_payment_method', 'requires_confirmation', 'requires_action'];
  if (!open.includes(intent.status)) throw unexpectedState(intent, 'confirm', open);
  if (intent.payment_method === null && given === null) throw withoutMethod(intent);
  const changed: Intent = {
    ...intent,
    payment_method: given ?? intent.payment_method,
    capture_method: captureMethod ?? intent.capture_method,
    setup_future_usage: usage ?? intent.setup_future_usage,
  };
  return charge(changed, howToCharge(changed, parameters));
}

export function captureIntent(state: State, id: string, parameters: Parameters): Outcome {
  expectOnly(parameters, ['amount_to_capture', 'metadata']);
  const wanted = amountOf(parameters, 'amount_to_capture');
  const metadata = metadataOf(parameters);
  const intent = findIntent(state, id);
  if (intent.status !== 'requires_capture') throw unexpectedState(intent, 'capture', ['requires_capture']);
  const amount = wanted ?? intent.amount_capturable;
  if (amount > intent.amount_capturable) {
    const message = `The payment could not be captured because the requested capture amount (${amount}) is greater than the authorized amount (${intent.amount_capturable}).`;
    throw impossible(message, 'amount_too_large', { param: 'amount_to_capture' });
  }
  const captured = { status: 'succeeded', amount_received: amount, amount_capturable: 0 } as const;
  return { intent: { ...intent, ...captured, metadata: { ...intent.metadata, ...metadata } }, effect: 'captured' };
}

export function cancelIntent(state: State, id: string, parameters: Parameters): Outcome {
  expectOnly(parameters, ['cancellation_reason']);
  const reason = choiceOf(parameters, 'cancellation_reason', CANCELLATION_REASONS) ?? null;
  const intent = findIntent(state, id);
  const open = ['requires_payment_method', 'requires_capture', 'requires_confirmation', 'requires_action'];
  if (!open.includes(intent.status)) throw unexpectedState(intent, 'cancel', open);
  const changed = { canceled_at: nowSeconds(), cancellation_reason: reason, amount_capturable: 0, next_action: null };
  return { intent: { ...intent, ...changed, status: 'canceled' }, effect: 'canceled' };
}

/** A customer finished (or failed) authenticating. */
export function authenticateIntent(state: State, id: string, outcome: 'succeed' | 'fail'): Outcome {
  const intent = findIntent(state, id);
  if (intent.status !== 'requires_action') throw unexpectedState(intent, 'authenticate', ['requires_action']);
  return authenticated(intent, outcome);
}

export function findIntent(state: State, id: string, param = 'intent'): Intent {
  const intent = state.intents.get(id);
  if (!intent) throw missing('payment_intent', id, param);
  return intent;
}

function newIntent(parameters: Parameters): Intent {
  const amount = amountOf(parameters, 'amount');
  if (amount === undefined) throw invalid('Missing required param: amount.', 'parameter_missing', 'amount');
  const currency = requiredText(parameters, 'currency').toLowerCase();
  if (!/^[a-z]{3}$/.test(currency))
    throw invalid(`Invalid currency: ${currency}`, 'parameter_invalid_string', 'currency');
  const payment_method = methodOf(parameters);
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
    customer: textOf(parameters, 'customer') ?? null,
    description: textOf(parameters, 'description') ?? null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    metadata: metadataOf(parameters),
    next_action: null,
    payment_method,
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
  payment_method_options: { card: { request_three_d_secure: 'automatic' } },
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
function howToCharge(intent: Intent, parameters: Parameters): { customerAbsent: boolean } {
  const returnUrl = textOf(parameters, 'return_url');
  if (returnUrl === undefined && intent.automatic_payment_methods?.allow_redirects === 'always') {
    const message =
      'This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment methods might redirect your customer off of your page, you must provide a `return_url`. If you do not want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and `automatic_payment_methods[allow_redirects]` to `never` when creating PaymentIntents.';
    throw invalid(message, null);
  }
  const offSession = parameters['off_session'];
  const absent = offSession === 'one_off' || offSession === 'recurring' || flagOf(parameters, 'off_session');
  return { customerAbsent: flagOf(parameters, 'error_on_requires_action') || absent };
}

function unexpectedState(intent: Intent, verb: string, possible: readonly string[]): StripeFailure {
  return impossible(
    `You cannot ${verb} this PaymentIntent because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be ${verb}${verb.endsWith('e') ? 'd' : 'ed'}: ${possible.join(', ')}.`,
    'payment_intent_unexpected_state',
    { payment_intent: intent },
  );
}

function methodOf(parameters: Parameters): string | null {
  const method = textOf(parameters, 'payment_method');
  if (method === undefined) return null;
  if (behaviourOf(method)) return method;
  throw invalid(`No such PaymentMethod: '${method}'`, 'resource_missing', 'payment_method');
}
