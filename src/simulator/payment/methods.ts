// Test payment methods: Stripe's own names where it has them. What a method does is all there is to it.

export type Behaviour =
  | { kind: 'succeeds'; refund?: 'pending' | 'failed' }
  | { kind: 'declines'; code: string; declineCode: string; message: string }
  | { kind: 'needs-customer' }
  | { kind: 'processes'; then: 'succeeds' | 'declines' };

const declined = (declineCode: string, message: string, code = 'card_declined'): Behaviour => ({
  kind: 'declines',
  code,
  declineCode,
  message,
});

const generic = declined('generic_decline', 'Your card was declined.');
const noFunds = declined('insufficient_funds', 'Your card has insufficient funds.');

const behaviours: Readonly<Record<string, Behaviour>> = {
  pm_card_visa: { kind: 'succeeds' },
  pm_card_visa_debit: { kind: 'succeeds' },
  pm_card_mastercard: { kind: 'succeeds' },
  pm_card_amex: { kind: 'succeeds' },
  pm_card_chargeDeclined: generic,
  pm_card_visa_chargeDeclined: generic,
  pm_card_chargeDeclinedInsufficientFunds: noFunds,
  pm_card_visa_chargeDeclinedInsufficientFunds: noFunds,
  pm_card_visa_chargeDeclinedLostCard: declined('lost_card', 'Your card was declined.'),
  pm_card_visa_chargeDeclinedStolenCard: declined('stolen_card', 'Your card was declined.'),
  pm_card_chargeDeclinedFraudulent: declined('fraudulent', 'Your card was declined.'),
  pm_card_chargeDeclinedExpiredCard: declined('expired_card', 'Your card has expired.', 'expired_card'),
  pm_card_chargeDeclinedIncorrectCvc: declined(
    'incorrect_cvc',
    "Your card's security code is incorrect.",
    'incorrect_cvc',
  ),
  pm_card_chargeDeclinedProcessingError: declined(
    'processing_error',
    'An error occurred while processing your card. Try again in a little bit.',
    'processing_error',
  ),
  pm_card_authenticationRequired: { kind: 'needs-customer' },
  pm_card_threeDSecure2Required: { kind: 'needs-customer' },
  pm_card_refundFail: { kind: 'succeeds', refund: 'failed' },
  pm_card_pendingRefund: { kind: 'succeeds', refund: 'pending' },
  // Ours: Stripe has no card that stays in processing; these stand for its delayed payment methods.
  pm_sim_processing_succeeds: { kind: 'processes', then: 'succeeds' },
  pm_sim_processing_declines: { kind: 'processes', then: 'declines' },
};

/** What the method does when it is charged; undefined when there is no such method. */
export const behaviourOf = (paymentMethod: string): Behaviour | undefined =>
  Object.hasOwn(behaviours, paymentMethod) ? behaviours[paymentMethod] : undefined;

/** What a declined delayed payment says. */
export const lateDecline = generic;
