// Disputes (chargebacks): the bank takes the money of a charge back, and gives it again when the dispute is won. An inquiry is a
// question only; it moves no money unless it becomes a chargeback. Functions here only read the state.
import { impossible, missing, StripeFailure } from './errors.ts';
import { newId, nowSeconds } from './ids.ts';
import { findIntent } from './intents.ts';
import { createdRangeOf, pageOf, PAGING } from './lists.ts';
import { expectOnly, flagOf, metadataOf, objectOf, textOf, type Parameters } from './parameters.ts';
import { disputesOf, type BalanceTransaction, type Dispute, type JournalItem, type State } from './state.ts';

/** A dispute as it is afterwards, and what that moved. */
export type Changed = { dispute: Dispute; effect: JournalItem['effect']; amountMinor: number };

// Stripe gives about this long to answer, and takes this much for the trouble: from the account, not from the payment.
const EVIDENCE_SECONDS = 9 * 24 * 3_600;
const FEE = 1_500;

/** What Stripe's test mode makes of the evidence. */
const verdicts: Readonly<Record<string, 'won' | 'lost'>> = { winning_evidence: 'won', losing_evidence: 'lost' };

export type Opening = { amount?: number | undefined; reason: string; inquiry: boolean };

/** The holder of the card disputes a payment. */
export function openDispute(state: State, intentId: string, { amount, reason, inquiry }: Opening): Changed {
  const intent = findIntent(state, intentId);
  const { latest_charge: charge, amount_received: received } = intent;
  if (intent.status !== 'succeeded' || charge === null) throw unexpected('Only a payment that succeeded is disputed.');
  if (disputesOf(state, intentId).some((other) => isOpen(other) || other.status === 'lost'))
    throw unexpected('The payment is disputed already.');
  const disputed = amount ?? received;
  if (disputed > received) throw unexpected(`Of this payment ${received} can be disputed.`);
  const dispute: Dispute = {
    id: newId('du'),
    object: 'dispute',
    amount: disputed,
    balance_transactions: [],
    charge,
    created: nowSeconds(),
    currency: intent.currency,
    enhanced_eligibility_types: [],
    evidence: { uncategorized_text: null },
    evidence_details: {
      due_by: nowSeconds() + EVIDENCE_SECONDS,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: 'not_submitted',
    },
    intended_submission_method: null,
    is_charge_refundable: true,
    livemode: false,
    metadata: {},
    network_reason_code: '10.4',
    payment_intent: intent.id,
    payment_method_details: { type: 'card', card: { brand: 'visa', case_type: 'inquiry' } },
    reason,
    status: 'warning_needs_response',
  };
  return inquiry ? { dispute, effect: 'none', amountMinor: disputed } : withdraw(dispute);
}

/** How the bank decides; `chargeback`: an inquiry becomes a dispute that takes the money. */
export type Outcome = 'won' | 'lost' | 'chargeback';

/** `reinstated`: what comes back of a dispute that is lost in part. */
export function decideDispute(state: State, id: string, outcome: Outcome, reinstated = 0): Changed {
  const dispute = findDispute(state, id);
  if (!isOpen(dispute)) throw alreadyClosed();
  const isInquiry = dispute.status.startsWith('warning_');
  if (isInquiry && outcome === 'lost')
    throw unexpected('An inquiry is not lost: it becomes a chargeback, or is closed.');
  if (!isInquiry && outcome === 'chargeback') throw unexpected('It is a chargeback already.');
  if (outcome === 'chargeback') return withdraw(dispute);
  if (isInquiry) return { dispute: { ...dispute, status: 'warning_closed' }, effect: 'none', amountMinor: 0 };
  return conclude(dispute, outcome, outcome === 'won' ? dispute.amount : Math.min(reinstated, dispute.amount - 1));
}

/** `POST /v1/disputes/:id/close`: whoever was paid accepts the dispute. */
export function acceptDispute(state: State, id: string): Changed {
  const dispute = findDispute(state, id);
  if (dispute.status !== 'needs_response') throw alreadyClosed();
  return conclude(dispute, 'lost', 0);
}

/** `POST /v1/disputes/:id`: evidence, submitted unless said otherwise. Two texts decide at once, as in Stripe's test mode. */
export function updateDispute(state: State, id: string, parameters: Parameters): Changed {
  expectOnly(parameters, ['evidence', 'metadata', 'submit']);
  const evidence = objectOf(parameters, 'evidence', ['uncategorized_text']) ?? {};
  const text = textOf(evidence, 'uncategorized_text');
  const isSubmitted = text !== undefined && (parameters['submit'] === undefined || flagOf(parameters, 'submit'));
  const metadata = metadataOf(parameters);
  const before = findDispute(state, id);
  if (!isOpen(before)) throw alreadyClosed();
  const dispute: Dispute = {
    ...before,
    metadata: { ...before.metadata, ...metadata },
    evidence: { uncategorized_text: text ?? before.evidence.uncategorized_text },
    evidence_details: {
      ...before.evidence_details,
      has_evidence: text !== undefined || before.evidence_details.has_evidence,
      submission_count: before.evidence_details.submission_count + (isSubmitted ? 1 : 0),
      submission_method: isSubmitted ? 'manual' : before.evidence_details.submission_method,
    },
  };
  const isInquiry = dispute.status.startsWith('warning_');
  const verdict = verdicts[text ?? ''];
  if (isSubmitted && verdict && !isInquiry) return conclude(dispute, verdict, verdict === 'won' ? dispute.amount : 0);
  const reviewed = isInquiry ? 'warning_under_review' : 'under_review';
  return { dispute: { ...dispute, ...(isSubmitted ? { status: reviewed } : {}) }, effect: 'none', amountMinor: 0 };
}

export function findDispute(state: State, id: string): Dispute {
  const dispute = state.disputes.get(id);
  if (!dispute) throw missing('dispute', id, 'dispute');
  return dispute;
}

export function listDisputes(state: State, parameters: Parameters): object {
  expectOnly(parameters, [...PAGING, 'charge', 'created', 'payment_intent']);
  const intentId = textOf(parameters, 'payment_intent');
  const charge = textOf(parameters, 'charge');
  const inRange = createdRangeOf(parameters);
  const found = intentId === undefined ? [...state.disputes.values()] : disputesOf(state, intentId);
  return pageOf(
    found.filter((dispute) => inRange(dispute.created) && (charge === undefined || dispute.charge === charge)),
    parameters,
    '/v1/disputes',
  );
}

export const isOpen = ({ status }: Dispute): boolean =>
  status !== 'won' && status !== 'lost' && status !== 'warning_closed';

function withdraw(dispute: Dispute): Changed {
  const withdrawn: Dispute = {
    ...dispute,
    balance_transactions: [transactionOf(dispute, -dispute.amount)],
    is_charge_refundable: false,
    payment_method_details: { type: 'card', card: { brand: 'visa', case_type: 'chargeback' } },
    status: 'needs_response',
  };
  return { dispute: withdrawn, effect: 'disputed', amountMinor: dispute.amount };
}

function conclude(dispute: Dispute, status: 'won' | 'lost', reinstated: number): Changed {
  const back = reinstated > 0 ? [transactionOf(dispute, reinstated)] : [];
  const balance_transactions = [...dispute.balance_transactions, ...back];
  const concluded: Dispute = { ...dispute, status, balance_transactions, is_charge_refundable: status === 'won' };
  return { dispute: concluded, effect: reinstated > 0 ? 'reinstated' : 'none', amountMinor: reinstated };
}

function transactionOf({ id, charge, currency }: Dispute, amount: number): BalanceTransaction {
  const fee = amount < 0 ? FEE : 0;
  return {
    id: newId('txn'),
    object: 'balance_transaction',
    amount,
    available_on: nowSeconds(),
    balance_type: 'payments',
    created: nowSeconds(),
    currency,
    description: amount < 0 ? `Chargeback withdrawal for ${charge}` : `Chargeback reversal for ${charge}`,
    exchange_rate: null,
    fee,
    fee_details:
      fee === 0 ? [] : [{ amount: fee, application: null, currency, description: 'Dispute fee', type: 'stripe_fee' }],
    net: amount - fee,
    reporting_category: amount < 0 ? 'dispute' : 'dispute_reversal',
    source: id,
    status: 'available',
    type: 'adjustment',
  };
}

const alreadyClosed = (): StripeFailure =>
  new StripeFailure(
    400,
    { type: 'invalid_request_error', message: 'This dispute is already closed.' },
    { stored: true },
  );

const unexpected = (message: string): StripeFailure => impossible(message, 'payment_intent_unexpected_state');
