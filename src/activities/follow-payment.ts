// A payment at the provider that changed without us. What must stay true: the provider's object is asked for, checked against
// the order it names, and every fact of it is recorded before anything is done about it.
import { needsOperatorFailure } from '../contracts/failures.ts';
import type { FollowPaymentRequest } from '../contracts/follow-payment.ts';
import { isClosed } from '../domain/order.ts';
import type { OrderSteps } from '../ports/order.ts';
import type { PaymentProvider, PaymentRecords, ProviderPayment } from '../ports/payment.ts';
import { expectDone } from './payment.ts';
import { recordRefunds, refundCapture, voidUnlessCaptured } from './refund.ts';

type Dependencies = {
  provider: PaymentProvider;
  payments: PaymentRecords;
  orders: Pick<OrderSteps, 'clearParked'>;
};

export const createFollowPaymentActivities = (dependencies: Dependencies) => ({
  /**
   * Brings our books and the payment together: what is not the order's is voided or given back, what somebody gave back is
   * recorded. Fails for an operator when that leaves a sold order without its money.
   */
  async followPayment({ parked, ...request }: FollowPaymentRequest): Promise<void> {
    await follow(dependencies, request);
    // A run before this one may have been ended while it was parked: nobody else takes its mark away.
    if (parked) await dependencies.orders.clearParked(parked);
  },
});

async function follow(
  dependencies: Dependencies,
  { orderId, paymentId }: { orderId: string; paymentId: string },
): Promise<void> {
  const { provider, payments } = dependencies;
  const found = expectDone(await provider.find({ providerId: paymentId }), 'ask for the payment');
  const standing = await payments.findStanding({ orderId, providerId: paymentId });
  // It names no order of ours, or another one than the notice said: there is nothing we may do with it.
  if (!standing || (found.orderId !== null && found.orderId !== orderId)) return;
  const { ordinal, isOwn, status, totalMinor, booked } = standing;
  if (booked) await expectNoContradiction(dependencies, found, booked);
  if (isOwn && ordinal !== null) {
    if (status === 'confirmed') return reviewSold(dependencies, { orderId, found, ordinal, totalMinor });
    // The order's own story looks for itself; the pivot sees in the ledger what somebody else gave back meanwhile.
    if (!isClosed(status)) return void (await recordOthersRefunds(dependencies, { orderId, found, ordinal }));
  }
  await giveBack(dependencies, { orderId, found, ordinal });
}

type Booked = NonNullable<NonNullable<Awaited<ReturnType<PaymentRecords['findStanding']>>>['booked']>;

/** What our books have and the provider has not, or otherwise, nobody may guess about: neither is ever taken back. */
async function expectNoContradiction(
  { provider }: Dependencies,
  { providerId, amountMinor, currency, capturedMinor, state }: ProviderPayment,
  booked: Booked,
): Promise<void> {
  if (currency !== booked.currency || (amountMinor !== booked.amountMinor && state.kind !== 'cancelled')) {
    const ours = `${booked.amountMinor} ${booked.currency}`;
    throw needsOperatorFailure(
      `Payment ${providerId} is of ${amountMinor} ${currency} at the provider, of ${ours} in our books`,
    );
  }
  if (booked.capturedMinor !== null && (state.kind !== 'captured' || capturedMinor !== booked.capturedMinor)) {
    const theirs = state.kind === 'captured' ? `${capturedMinor} were taken` : `it is ${state.kind}`;
    throw needsOperatorFailure(
      `Our ledger has ${booked.capturedMinor} ${currency} of payment ${providerId}; at the provider ${theirs}`,
    );
  }
  if (booked.refundIds.length === 0) return;
  const refunds = expectDone(await provider.listRefunds({ providerId }), 'list the refunds');
  const made = new Set(refunds.filter((refund) => refund.state === 'succeeded').map(({ refundId }) => refundId));
  const missing = booked.refundIds.filter((refundId) => !made.has(refundId));
  if (missing.length > 0)
    throw needsOperatorFailure(
      `Our ledger has refunds of ${providerId} that the provider has not: ${missing.join(', ')}`,
    );
}

type Own = { orderId: string; found: ProviderPayment; ordinal: number; totalMinor: number };

/** The order's own payment, and the order is sold: somebody else's refund is a fact, and somebody must say what it means. */
async function reviewSold(dependencies: Dependencies, { orderId, found, ordinal, totalMinor }: Own): Promise<void> {
  const leftMinor = found.capturedMinor - (await recordOthersRefunds(dependencies, { orderId, found, ordinal }));
  if (leftMinor === totalMinor) return;
  throw needsOperatorFailure(
    `The order is sold for ${totalMinor} ${found.currency}; after what was given back at the provider ${leftMinor} are left`,
  );
}

/** Answers with all that was given back of the payment. */
async function recordOthersRefunds(
  { provider, payments }: Dependencies,
  { orderId, found, ordinal }: Omit<Own, 'totalMinor'>,
): Promise<number> {
  const payment = await payments.find({ orderId, ordinal });
  const refunds = expectDone(await provider.listRefunds({ providerId: found.providerId }), 'list the refunds');
  return recordRefunds(payments, payment, refunds);
}

/** Money (or the promise of it) that no order of ours is to have: never adopted, whatever the order waits for. */
async function giveBack(
  dependencies: Dependencies,
  { orderId, found, ordinal }: { orderId: string; found: ProviderPayment; ordinal: number | null },
): Promise<void> {
  const { payments } = dependencies;
  const { providerId, amountMinor, currency } = found;
  const known = ordinal ?? (await payments.keepStray({ orderId, providerId, amountMinor, currency }));
  const payment = await payments.fenceTry({ orderId, ordinal: known });
  const captured = await voidUnlessCaptured(dependencies, payment);
  if (captured) await refundCapture(dependencies, payment, captured);
}
