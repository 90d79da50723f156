// The undo of a charge: void before the money moved, refund after. What must stay true: the fence is set before the
// provider is asked, a capture that is found is recorded before it is given back, and nothing is refunded twice.
import { needsOperatorFailure, notNowFailure } from '../contracts/failures.ts';
import { idempotencyKey } from '../contracts/ids.ts';
import type { UndoChargeRequest } from '../contracts/process-order.ts';
import type {
  PaymentProvider,
  PaymentRecord,
  PaymentRecords,
  ProviderPayment,
  ProviderRefund,
} from '../ports/payment.ts';
import { expectDone, recordCapture } from './payment.ts';

// A payment or refund that the provider is still working on is asked for at this pace.
const PENDING_POLL_MS = 15_000;

type Dependencies = { provider: PaymentProvider; payments: PaymentRecords };

export const createRefundActivities = (dependencies: Dependencies) => ({
  /** Undo of chargePayment: afterwards nothing of this try is or can be taken. Harmless when nothing was, and twice. */
  async refundPayment({ orderId, ordinal, ending }: UndoChargeRequest): Promise<void> {
    const payment = await dependencies.payments.fence({ orderId, ordinal, ending });
    if (payment.state === 'voided' || payment.state === 'refunded') return;
    if (payment.providerId === null) {
      // Whatever a zombie creates from now on is refused by the fence, hence never confirmed.
      return dependencies.payments.recordVoid({ orderId, ordinal });
    }
    const found = expectDone(
      await dependencies.provider.find({ providerId: payment.providerId }),
      'ask for the payment',
    );
    await undoByState(dependencies, payment, found);
  },
});

async function undoByState(dependencies: Dependencies, payment: PaymentRecord, found: ProviderPayment): Promise<void> {
  const { orderId, ordinal } = payment;
  switch (found.state.kind) {
    case 'captured':
      await recordCapture(dependencies.payments, payment, found);
      return refundCapture(dependencies, payment, found);
    case 'cancelled':
      return dependencies.payments.recordVoid({ orderId, ordinal });
    case 'processing':
      // It can not be cancelled, and nobody knows yet whether there will be money to give back.
      throw notNowFailure({
        message: `The provider is still processing ${found.providerId}`,
        delayMs: PENDING_POLL_MS,
      });
    case 'unconfirmed':
    case 'needs-customer':
    case 'authorized':
    case 'declined':
      return voidPayment(dependencies, payment, found.providerId);
  }
}

async function voidPayment(
  { provider, payments }: Dependencies,
  payment: PaymentRecord,
  providerId: string,
): Promise<void> {
  const { orderId, ordinal } = payment;
  const cancelled = await provider.cancel({ key: idempotencyKey({ orderId, operation: 'void', ordinal }), providerId });
  if (!('done' in cancelled)) {
    // It moved on between our question and our cancel, most likely to captured: the next attempt asks again.
    const why =
      'refused' in cancelled ? cancelled.refused : 'stuck' in cancelled ? cancelled.stuck : cancelled.rejection.message;
    throw new Error(`The provider did not cancel ${providerId}: ${why}`);
  }
  await payments.recordVoid({ orderId, ordinal });
}

async function refundCapture(
  dependencies: Dependencies,
  payment: PaymentRecord,
  found: ProviderPayment,
): Promise<void> {
  const { provider } = dependencies;
  const { orderId, ordinal } = payment;
  const key = idempotencyKey({ orderId, operation: 'refund', ordinal });
  const { providerId, capturedMinor } = found;

  // Keys die after a day and a cached failure answers for ever: the provider's own list is what says whether we sent it.
  const refunds = expectDone(await provider.listRefunds({ providerId }), 'list the refunds');
  const ours = refunds.find((refund) => refund.key === key);
  if (ours) return adoptRefund(dependencies, payment, ours);
  if (refunds.some(({ state }) => state !== 'failed')) {
    throw needsOperatorFailure(
      `Payment ${providerId} has a refund that this order did not make; nobody may guess its reason`,
    );
  }
  const refunded = await provider.refund({ key, providerId, amountMinor: capturedMinor });
  await adoptRefund(dependencies, payment, expectDone(refunded, 'refund the payment'));
}

async function adoptRefund({ payments }: Dependencies, payment: PaymentRecord, refund: ProviderRefund): Promise<void> {
  const { orderId, ordinal } = payment;
  const { refundId, amountMinor, currency } = refund;
  switch (refund.state) {
    case 'succeeded':
      return payments.recordRefund({ orderId, ordinal, refundId, amountMinor, currency });
    case 'pending':
      throw notNowFailure({ message: `Refund ${refundId} is still pending at the provider`, delayMs: PENDING_POLL_MS });
    case 'failed':
      throw needsOperatorFailure(`Refund ${refundId} of ${amountMinor} ${currency} failed at the provider`);
  }
}
