// Which of Stripe's errors are a no, which are our mistake, and which say nothing about what happened. The last are thrown:
// an unknown outcome must never look like an answer.
import Stripe from 'stripe';
import { notNowFailure } from '../../contracts/failures.ts';
import { RejectionCode } from '../../domain/rejection.ts';
import type { ProviderAnswer } from '../../ports/payment.ts';

// Below this, Retry-After is not worth obeying; above the maximum, an outage limit would be eaten by one answer.
const MIN_RETRY_AFTER_MS = 1_000;
const MAX_RETRY_AFTER_MS = 300_000;

/** The answer inside an error of the Stripe client; throws the error when it leaves the outcome unknown. */
export function answerOf(error: unknown): ProviderAnswer<never> {
  if (!(error instanceof Stripe.errors.StripeError)) throw error;
  const status = error.statusCode ?? 0;
  if (status === 429)
    throw notNowFailure({ message: 'The provider asks for patience', delayMs: retryAfterMs(error), cause: error });
  // A request with the same key is still at work there: its outcome is not known yet.
  if (status === 409) throw error;
  if (status === 402) return { rejection: declineOf(error) };
  // Our key was refused (rotated wrongly, a right is missing): that passes, and says nothing about the order.
  if (status === 401 || status === 403) throw error;
  if (status >= 500 && isReplayed(error)) return { stuck: `a stored ${status} (request ${error.requestId})` };
  if (status < 400 || status >= 500) throw error;
  // A refusal for a dispute that may be over by now: under this key it would be repeated for ever.
  if (error.code === 'charge_disputed' && isReplayed(error)) return { stuck: `a stored refusal (${error.message})` };
  // The key stands for a request of an older version of ours, with other parameters: nothing new happens under it.
  if (error.type === 'StripeIdempotencyError')
    return { stuck: `the key is bound to other parameters (${error.message})` };
  if (isAboutMethodOrAmount(error))
    return { rejection: { code: RejectionCode.methodRefused, message: error.message, ...codeOf(error) } };
  return { refused: `${status} ${error.code ?? error.type}: ${error.message}` };
}

/** Whether the error says that the provider is ill: 5xx, no answer in time, a broken connection, half an answer. */
export function isProviderIll(error: unknown): boolean {
  if (!(error instanceof Stripe.errors.StripeError)) return false;
  const status = error.statusCode ?? 0;
  return status >= 500 || status < 400;
}

const declineOf = (error: Stripe.errors.StripeError) => ({
  code: RejectionCode.declined,
  message: error.message,
  ...codeOf(error),
});

function codeOf(error: Stripe.errors.StripeError): { declineCode?: string } {
  const declineCode = error.decline_code ?? error.code;
  return declineCode ? { declineCode } : {};
}

/** Stripe stores the first answer of a key, a 500 too, and repeats it for a day. */
const isReplayed = (error: Stripe.errors.StripeError): boolean => error.headers?.['idempotent-replayed'] === 'true';

const methodCodes = ['resource_missing', 'payment_method_unactivated', 'payment_method_invalid_parameter'];
const amountCodes = ['amount_too_small', 'amount_too_large'];

// Stripe gives neither a code for these nor, for the first, a parameter: a method that was used for nobody, and somebody else's.
const unusableMethod = /PaymentMethod was previously used|belongs to the Customer|does not belong to the Customer/;

function isAboutMethodOrAmount(error: Stripe.errors.StripeError): boolean {
  if (unusableMethod.test(error.message)) return true;
  if (error.code !== undefined && amountCodes.includes(error.code)) return true;
  // With a customer that somebody deleted at the provider, what was saved for them is gone too.
  if (error.param === 'customer' && error.code === 'resource_missing') return true;
  const aboutMethod = error.param === 'payment_method' || error.code === 'payment_method_unactivated';
  return aboutMethod && (error.code === undefined || methodCodes.includes(error.code));
}

function retryAfterMs(error: Stripe.errors.StripeError): number {
  const seconds = Number(error.headers?.['retry-after'] ?? Number.NaN);
  if (!Number.isFinite(seconds)) return MIN_RETRY_AFTER_MS;
  return Math.min(Math.max(seconds * 1_000, MIN_RETRY_AFTER_MS), MAX_RETRY_AFTER_MS);
}
