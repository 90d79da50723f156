// Test payment methods: Stripe's own names where it has them. What a method does is all there is to it.

export type Decline = { code: string; declineCode: string; message: string };
export type Behaviour =
  | {
      kind: 'succeeds';
      refund: 'succeeds' | 'fails' | 'pending' | 'pending_then_fails';
      /** What is authorized by it is captured once, whatever is asked for. */
      capturedOnce?: true;
      /** Its holder disputes the charge a moment after it succeeded. */
      dispute?: { reason: string; inquiry: boolean };
      /** What it says instead where its holder is absent. */
      offSession?: Decline;
    }
  | ({ kind: 'declines' } & Decline)
  /** `offSession`: whether its holder is also needed where they are said to be absent; never where it was set up for that. */
  | { kind: 'needs-customer'; offSession: 'too' | 'unless-set-up' | 'never' }
  | { kind: 'processes'; then: 'succeeds' | 'declines' };

/** A payment method. A test name stands for a new one each time it is used. */
export type Method = {
  id: string;
  testName: string;
  /** Whose it is: it can be used again, and by no other customer. */
  customer: string | null;
  /** It was used without belonging to anybody, so it can not be used again. */
  isUsedUp: boolean;
};

const declines = (declineCode: string, message: string, code = 'card_declined'): Behaviour & Decline => ({
  kind: 'declines',
  code,
  declineCode,
  message,
});

const succeeds: Behaviour = { kind: 'succeeds', refund: 'succeeds' };
const disputed = (reason: string, { inquiry = false } = {}): Behaviour => ({
  kind: 'succeeds',
  refund: 'succeeds',
  dispute: { reason, inquiry },
});
const declined = 'Your card was declined.';

/** What a declined delayed payment says. */
export const lateDecline = declines('generic_decline', declined);

// Each under both of Stripe's spellings: pm_card_chargeDeclined… and pm_card_visa_chargeDeclined….
const declinesByName: Readonly<Record<string, Behaviour>> = {
  '': lateDecline,
  InsufficientFunds: declines('insufficient_funds', 'Your card has insufficient funds.'),
  LostCard: declines('lost_card', declined),
  StolenCard: declines('stolen_card', declined),
  Fraudulent: declines('fraudulent', declined),
  FraudulentlyDeclined: declines('fraudulent', declined),
  VelocityLimitExceeded: declines(
    'card_velocity_exceeded',
    'Your card was declined for making repeated attempts too frequently or exceeding its amount limit.',
  ),
  ExpiredCard: declines('expired_card', 'Your card has expired.', 'expired_card'),
  IncorrectCvc: declines('incorrect_cvc', "Your card's security code is incorrect.", 'incorrect_cvc'),
  ProcessingError: declines(
    'processing_error',
    'An error occurred while processing your card. Try again in a little bit.',
    'processing_error',
  ),
};

const paying = ['visa', 'visa_debit', 'mastercard', 'mastercard_debit', 'mastercard_prepaid', 'amex', 'discover'];
const alsoPaying = ['diners', 'jcb', 'unionpay', 'us', 'bypassPending', 'threeDSecureOptional'];

const behaviours: ReadonlyMap<string, Behaviour> = new Map<string, Behaviour>([
  ...[...paying, ...alsoPaying].map((name) => [`pm_card_${name}`, succeeds] as const),
  ...Object.entries(declinesByName).flatMap(([name, behaviour]) => [
    [`pm_card_chargeDeclined${name}`, behaviour] as const,
    [`pm_card_visa_chargeDeclined${name}`, behaviour] as const,
  ]),
  ['pm_card_chargeCustomerFail', lateDecline],
  ['pm_card_radarBlock', declines('fraudulent', declined)],
  ['pm_card_authenticationRequired', { kind: 'needs-customer', offSession: 'too' }],
  ['pm_card_authenticationRequiredOnSetup', { kind: 'needs-customer', offSession: 'unless-set-up' }],
  ['pm_card_authenticationRequiredSetupForOffSession', { kind: 'needs-customer', offSession: 'never' }],
  ['pm_card_threeDSecure2Required', { kind: 'needs-customer', offSession: 'too' }],
  ['pm_card_threeDSecureRequired', { kind: 'needs-customer', offSession: 'too' }],
  ['pm_card_pendingRefund', { kind: 'succeeds', refund: 'pending' }],
  ['pm_card_refundFail', { kind: 'succeeds', refund: 'fails' }],
  ['pm_card_createDispute', disputed('fraudulent')],
  ['pm_card_createDisputeProductNotReceived', disputed('product_not_received')],
  ['pm_card_createDisputeInquiry', disputed('fraudulent', { inquiry: true })],
  // Ours: Stripe has no card for these; the first stands for those that allow no multicapture, the second for one that is saved while it pays
  // and does not pay any more later, the others for delayed payment methods.
  ['pm_sim_captured_once', { kind: 'succeeds', refund: 'succeeds', capturedOnce: true }],
  [
    'pm_sim_declines_off_session',
    {
      kind: 'succeeds',
      refund: 'succeeds',
      offSession: declines('insufficient_funds', 'Your card has insufficient funds.'),
    },
  ],
  ['pm_sim_refund_pending_fails', { kind: 'succeeds', refund: 'pending_then_fails' }],
  ['pm_sim_processing_succeeds', { kind: 'processes', then: 'succeeds' }],
  ['pm_sim_processing_declines', { kind: 'processes', then: 'declines' }],
]);

/** What a method of this name does when it is charged; undefined when there is no such name. */
export const behaviourOf = (testName: string): Behaviour | undefined => behaviours.get(testName);
