// Payment methods as a request names them, and when Stripe refuses one that is there.
import { invalid, StripeFailure } from './errors.ts';
import { newId } from './ids.ts';
import { behaviourOf, type Method } from './methods.ts';
import { textOf, type Parameters } from './parameters.ts';
import { findMethod, type State } from './state.ts';

/** The method that `payment_method` names: a new one for a test name, which the caller has to keep; null when none is named. */
export function methodOf(state: State, parameters: Parameters): Method | null {
  const name = textOf(parameters, 'payment_method');
  if (name === undefined) return null;
  if (behaviourOf(name)) return { id: newId('pm'), testName: name, customer: null, isUsedUp: false };
  const known = findMethod(state, name);
  if (known) return known;
  throw invalid(`No such PaymentMethod: '${name}'`, 'resource_missing', 'payment_method');
}

/** Refuses a method that is used up, or somebody else's. `customer`: whose payment it is to be used for. */
export function expectUsable({ id, customer: owner, isUsedUp }: Method, customer: string | null): void {
  // As at Stripe without a code or a parameter.
  if (isUsedUp) throw unusable(USED_UP);
  if (owner === null || owner === customer) return;
  const message =
    customer === null
      ? `The \`payment_method\` parameter supplied ${id} belongs to the Customer ${owner}. Please include the Customer in the \`customer\` parameter on the PaymentIntent.`
      : `The PaymentMethod ${id} does not belong to the Customer you supplied ${customer}. Please use this PaymentMethod with the Customer that it belongs to instead.`;
  throw unusable(message, { param: 'payment_method' });
}

const USED_UP =
  'The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a connected account without Customer attachment, or was detached from a Customer. It may not be used again. To use a PaymentMethod multiple times, you must attach it to a Customer first.';

/** For the state that is found, so the key keeps it. */
const unusable = (message: string, more: { param?: string } = {}): StripeFailure =>
  new StripeFailure(400, { type: 'invalid_request_error', message, ...more }, { stored: true });
