// Charges are no objects of their own here: what a reader of a payment needs of one is made of its intent.
import { refundedOf } from './refunds.ts';
import type { Intent, State } from './state.ts';

/** The charge of an intent, as it is shown within it; null while nothing was charged. */
export function chargeOf(state: State, intent: Intent): object | null {
  const { latest_charge: id, authorization, amount_received: captured, amount, currency } = intent;
  if (id === null) return null;
  const refunded = refundedOf(state, intent.id);
  const { capture_before = null, multicapture = 'unavailable' } = authorization ?? {};
  return {
    ...{ id, object: 'charge', amount, amount_captured: captured, amount_refunded: refunded, currency },
    captured: captured > 0,
    payment_intent: intent.id,
    payment_method: intent.payment_method,
    payment_method_details: {
      type: 'card',
      card: { ...(capture_before === null ? {} : { capture_before }), multicapture: { status: multicapture } },
    },
    refunded: intent.status === 'succeeded' && captured > 0 && refunded === captured,
  };
}
