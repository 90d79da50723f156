// What our books have of a payment and the provider has not, or otherwise: nobody may guess about it, and neither is ever taken
// back. What must stay true: all of it is told, so that a decision about one of them hides no other.
import { needsOperatorFailure } from '../contracts/failures.ts';
import type { PaymentProvider, ProviderPayment, Standing } from '../ports/payment.ts';
import { expectDone } from './payment.ts';

type Booked = NonNullable<Standing['booked']>;

/**
 * Every contradiction, as a sentence of its own that says the same each time. Fails for an operator at once when the currencies
 * differ: then nothing of the payment can be added to our ledger either.
 */
export async function contradictionsOf(
  provider: PaymentProvider,
  found: ProviderPayment,
  { booked, wasAuthorized }: { booked: Booked; wasAuthorized: boolean },
): Promise<string[]> {
  const { providerId, amountMinor, currency, capturedMinor, state } = found;
  const isOtherAmount = amountMinor !== booked.amountMinor && state.kind !== 'cancelled';
  const amounts =
    `Payment ${providerId} is of ${amountMinor} ${currency} at the provider, of ${booked.amountMinor} ${booked.currency} ` +
    'in our books.';
  if (currency !== booked.currency) throw needsOperatorFailure(amounts);
  const contradictions = isOtherAmount ? [amounts] : [];
  // As its order ships more and more is captured; what our ledger lacks of that is news.
  const isAsBooked = wasAuthorized
    ? capturedMinor >= (booked.capturedMinor ?? 0)
    : state.kind === 'captured' && capturedMinor === booked.capturedMinor;
  if (booked.capturedMinor !== null && !isAsBooked) {
    const theirs = state.kind === 'captured' ? `${capturedMinor} were taken` : `it is ${state.kind}`;
    contradictions.push(
      `Our ledger has ${booked.capturedMinor} ${currency} of payment ${providerId}; at the provider ${theirs}.`,
    );
  }
  if (booked.refundIds.length > 0) contradictions.push(...(await missingRefunds(provider, providerId, booked)));
  if (booked.disputeIds.length > 0) contradictions.push(...(await missingDisputes(provider, providerId, booked)));
  return contradictions;
}

async function missingRefunds(provider: PaymentProvider, providerId: string, booked: Booked): Promise<string[]> {
  const refunds = expectDone(await provider.listRefunds({ providerId }), 'list the refunds');
  const made = new Set(refunds.filter((refund) => refund.state === 'succeeded').map(({ refundId }) => refundId));
  const missing = booked.refundIds.filter((refundId) => !made.has(refundId));
  if (missing.length === 0) return [];
  return [`Our ledger has refunds of ${providerId} that the provider has not: ${missing.join(', ')}.`];
}

async function missingDisputes(provider: PaymentProvider, providerId: string, booked: Booked): Promise<string[]> {
  const disputes = expectDone(await provider.listDisputes({ providerId }), 'list the disputes');
  const made = new Set(disputes.map(({ disputeId }) => disputeId));
  const moved = new Map(
    disputes.flatMap(({ movements }) => movements).map(({ movementId, amountMinor }) => [movementId, amountMinor]),
  );
  const missing = [
    ...booked.disputeIds.filter((disputeId) => !made.has(disputeId)),
    ...booked.movements
      .filter(({ movementId, amountMinor }) => moved.get(movementId) !== amountMinor)
      .map(({ movementId, amountMinor }) => `${amountMinor} by ${movementId}`),
  ];
  if (missing.length === 0) return [];
  return [
    `Our books have disputes of ${providerId}, or movements of theirs, that the provider has not: ${missing.join(', ')}.`,
  ];
}
