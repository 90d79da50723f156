// Stripe's disputes in our words. What must stay true: money is told by the movements that Stripe made, never by a status (a
// dispute that is lost in part gives a part again), and a status that is not known here says nothing.
import type Stripe from 'stripe';
import type { ListedDispute, ProviderDispute } from '../../ports/payment.ts';

/** Stripe says something of a dispute that is not known here. */
export class UnclearDispute extends Error {}

/** A dispute in our words. Throws UnclearDispute when there are none for it. */
export function toDispute(dispute: Stripe.Dispute): ProviderDispute {
  const { due_by: dueBy } = dispute.evidence_details;
  return {
    disputeId: dispute.id,
    amountMinor: dispute.amount,
    currency: dispute.currency.toUpperCase(),
    reason: dispute.reason,
    state: stateOf(dispute),
    evidenceDueAt: dueBy ? new Date(dueBy * 1_000).toISOString() : null,
    movements: dispute.balance_transactions.map((transaction) => ({
      movementId: transaction.id,
      amountMinor: amountOf(dispute, transaction),
    })),
  };
}

/**
 * A dispute in a list of many: one that can not be read must not hide the others. None for a dispute of something that is no payment
 * of this kind: it can not be ours.
 */
export function toListedDispute(dispute: Stripe.Dispute): ListedDispute[] {
  const { id: disputeId, payment_intent: payment, created } = dispute;
  const paymentId = typeof payment === 'string' ? payment : payment?.id;
  if (paymentId === undefined) return [];
  const createdAt = new Date(created * 1_000).toISOString();
  return [{ disputeId, paymentId, createdAt, dispute: readable(dispute) }];
}

function readable(dispute: Stripe.Dispute): ListedDispute['dispute'] {
  try {
    return toDispute(dispute);
  } catch (error) {
    if (error instanceof UnclearDispute) return { unclear: error.message };
    throw error;
  }
}

function stateOf({ id, status }: Stripe.Dispute): ProviderDispute['state'] {
  switch (status) {
    case 'warning_needs_response':
    case 'warning_under_review':
    case 'needs_response':
    case 'under_review':
    case 'appeal_needs_response':
    case 'appeal_under_review':
      return 'open';
    case 'won':
    case 'warning_closed':
      return 'won';
    // Prevented: the holder was satisfied before it came to a chargeback, by giving the money back.
    case 'lost':
    case 'prevented':
      return 'lost';
    default:
      throw new UnclearDispute(`Expected a known status of dispute ${id}; found ${status}`);
  }
}

/**
 * Gross: the fee stands beside it, and is not the order's money. An account that settles in another currency has the movements
 * in that one; then a movement is the whole disputed amount, as everything but a part of a lost dispute is.
 */
function amountOf(dispute: Stripe.Dispute, { id, amount, currency }: Stripe.BalanceTransaction): number {
  if (currency === dispute.currency) return amount;
  if (amount > 0 && dispute.status !== 'won')
    throw new UnclearDispute(
      `Expected what ${dispute.id} gave back (${id}) in ${dispute.currency}; found ${amount} ${currency}`,
    );
  return Math.sign(amount) * dispute.amount;
}
