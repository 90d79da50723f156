// What an operator did by hand at the provider, taken for the order's own. What must stay true: nothing counts that the
// provider does not confirm itself, no payment counts for two orders, and another payment counts only once the order's own
// is cancelled for certain: both together would take the money twice.
import { endingFailure, needsOperatorFailure } from '../contracts/failures.ts';
import { idempotencyKey } from '../contracts/ids.ts';
import type { AdoptPaymentRequest, AdoptRefundRequest } from '../contracts/process-order.ts';
import type { PaymentProvider, PaymentRecord, PaymentRecords, ProviderPayment } from '../ports/payment.ts';
import { expectDone, recordCapture } from './payment.ts';
import { disputedMinor } from './payment-facts.ts';

type Dependencies = { provider: PaymentProvider; payments: PaymentRecords };

export const createAdoptionActivities = (dependencies: Dependencies) => ({
  /**
   * Stands for chargePayment: the payment `providerId` was made by hand. Parks again when it can not count. For an order that ends
   * it is kept, to be given back; then fails with the ending.
   */
  async adoptPayment({ orderId, ordinal, providerId }: AdoptPaymentRequest): Promise<void> {
    const { provider, payments } = dependencies;
    const payment = await payments.find({ orderId, ordinal });
    const { ending } = payment;
    const isOwn = payment.providerId === providerId;
    // The undo of the order's own payment gives it back.
    if (isOwn && ending) throw endingFailure(ending);
    if (isOwn && payment.state === 'captured') return;
    if (!ending && payment.state !== 'pending') {
      throw needsOperatorFailure(`The order’s own payment is ${payment.state}; a retry takes that up`);
    }
    const found = expectDone(await provider.find({ providerId }), 'show the payment');
    expectToCount(payment, found);
    if (isOwn) return recordCapture(payments, payment, found);

    // Where the order ends, its undo cancels the own one.
    if (!ending) await cancelOwn(dependencies, payment);
    const { amountMinor, currency } = payment;
    const adopted = await payments.adoptPayment({
      ...{ orderId, ordinal, providerId, amountMinor, currency },
      insteadOf: payment.providerId,
    });
    if ('ending' in adopted) throw endingFailure(adopted.ending);
    if ('usedBy' in adopted) throw needsOperatorFailure(`Payment ${providerId} is that of order ${adopted.usedBy}`);
  },

  /** Stands for refundPayment: the refund `refundId` was made by hand. Parks again when it can not count. */
  async adoptRefund({ orderId, ordinal, ending, refundId }: AdoptRefundRequest): Promise<void> {
    const payment = await dependencies.payments.fence({ orderId, ordinal, ending });
    await adoptRefundOf(dependencies, payment, refundId);
  },
});

/** Takes a refund that was made by hand for the undo of a fenced try. Parks again when it can not count. */
export async function adoptRefundOf(
  { provider, payments }: Dependencies,
  payment: PaymentRecord,
  refundId: string,
): Promise<void> {
  const { orderId, ordinal } = payment;
  if (payment.state === 'voided' || payment.state === 'refunded') return;
  const { providerId } = payment;
  if (providerId === null) throw needsOperatorFailure('The order has no payment at the provider to be refunded');
  const found = expectDone(await provider.find({ providerId }), 'show the payment');
  if (found.state.kind !== 'captured') {
    throw needsOperatorFailure(`Payment ${providerId} is ${found.state.kind}: it has nothing to be refunded`);
  }
  if (payment.state !== 'captured') await recordCapture(payments, payment, found);

  const refunds = expectDone(await provider.listRefunds({ providerId }), 'list the refunds');
  const refund = refunds.find((candidate) => candidate.refundId === refundId);
  const { capturedMinor, currency } = found;
  // What a dispute has taken is not to be given back a second time.
  const disputes = expectDone(await provider.listDisputes({ providerId }), 'list the disputes');
  for (const dispute of disputes) await payments.recordDispute({ orderId, ordinal, dispute });
  const wantedMinor = capturedMinor - disputedMinor(disputes);
  if (refund?.state !== 'succeeded' || refund.amountMinor !== wantedMinor || refund.currency !== currency) {
    const what = refund ? `${refund.state}, ${refund.amountMinor} ${refund.currency}` : 'no such refund';
    throw needsOperatorFailure(
      `Expected ${refundId} to be a refund of ${wantedMinor} ${currency} of payment ${providerId} that succeeded; found ${what}`,
    );
  }
  await payments.recordRefund({ orderId, ordinal, refundId, amountMinor: refund.amountMinor, currency });
}

/** The same amount, captured, and made for this order or for none that it names. */
function expectToCount(payment: PaymentRecord, found: ProviderPayment): void {
  const { orderId, amountMinor, currency } = payment;
  const isForUs = found.orderId === orderId || found.orderId === null;
  const isCaptured = found.state.kind === 'captured' && found.capturedMinor === amountMinor;
  if (isForUs && isCaptured && found.currency === currency) return;
  throw needsOperatorFailure(
    `Expected ${found.providerId} to have captured ${amountMinor} ${currency} for ${orderId}; ` +
      `found it ${found.state.kind}, ${found.capturedMinor} ${found.currency} for ${found.orderId ?? 'no order'}`,
  );
}

/** Afterwards the order's own payment can never take anything. One that nobody has stored is never confirmed anyway. */
async function cancelOwn({ provider }: Dependencies, payment: PaymentRecord): Promise<void> {
  const { orderId, ordinal, providerId } = payment;
  if (providerId === null) return;
  const own = expectDone(await provider.find({ providerId }), 'show the order’s own payment');
  if (own.state.kind === 'cancelled') return;
  if (own.state.kind === 'captured' || own.state.kind === 'processing') {
    throw needsOperatorFailure(
      `The order’s own payment ${providerId} is ${own.state.kind}: another one would take the money twice. Retry instead`,
    );
  }
  const key = idempotencyKey({ orderId, operation: 'void', ordinal });
  const cancelled = await provider.cancel({ key, providerId });
  // It moved on between our question and our cancel: the next attempt asks again what it is.
  if (!('done' in cancelled) || cancelled.done.state.kind !== 'cancelled') {
    throw new Error(`The provider did not cancel the order’s own payment ${providerId}`);
  }
}
