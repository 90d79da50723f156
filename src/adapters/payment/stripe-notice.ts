// Stripe's webhooks, read. What must stay true: nothing is taken from a body whose signature is not Stripe's, and of one that is
// only which payment it is about.
import Stripe from 'stripe';
import type { ReadNotice, ReceivedNotice } from '../../ports/payment-notice.ts';

/** Reads Stripe's events with the endpoint's signing secret. Redeliveries are signed anew, so the usual 5 minutes of age hold. */
export const createStripeNoticeReader =
  ({ secret }: { secret: string }): ReadNotice =>
  ({ body, signature }) => {
    try {
      return noticeOf(stripe.webhooks.constructEvent(body, signature ?? '', secret));
    } catch (error) {
      if (error instanceof Stripe.errors.StripeSignatureVerificationError) return { forged: error.message };
      throw error;
    }
  };

// Checking signatures needs no account: no request is made with it.
const stripe = new Stripe('sk_test_none');

function noticeOf(event: Stripe.Event): ReceivedNotice | null {
  const about = { eventId: event.id, eventType: event.type, refundId: null, disputeId: null, orderId: null };
  if (
    event.type === 'payment_intent.succeeded' ||
    event.type === 'payment_intent.payment_failed' ||
    event.type === 'payment_intent.canceled' ||
    event.type === 'payment_intent.amount_capturable_updated'
  ) {
    const { id: paymentId, metadata } = event.data.object;
    return { ...about, paymentId, orderId: metadata['orderId'] ?? null };
  }
  if (event.type === 'refund.created' || event.type === 'refund.updated' || event.type === 'refund.failed') {
    const { id: refundId, payment_intent: payment } = event.data.object;
    const paymentId = idOf(payment);
    return paymentId === null ? null : { ...about, paymentId, refundId };
  }
  if (
    event.type === 'charge.dispute.created' ||
    event.type === 'charge.dispute.funds_withdrawn' ||
    event.type === 'charge.dispute.updated' ||
    event.type === 'charge.dispute.funds_reinstated' ||
    event.type === 'charge.dispute.closed'
  ) {
    const { id: disputeId, payment_intent: payment } = event.data.object;
    const paymentId = idOf(payment);
    return paymentId === null ? null : { ...about, paymentId, disputeId };
  }
  return null;
}

/** Null for a charge that was made without a PaymentIntent: none of ours. */
const idOf = (payment: string | { id: string } | null): string | null =>
  typeof payment === 'string' ? payment : (payment?.id ?? null);
