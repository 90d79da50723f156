// The undo of a charge: void before the money moved, refund after. What must stay true: the fence is set before the
// provider is asked, a capture that is found is recorded before it is given back, and nothing is given back twice, be it by a refund or by a dispute.
import { needsOperatorFailure, notNowFailure } from '../contracts/failures.ts';
import { idempotencyKey, isKeyOrRevision } from '../contracts/ids.ts';
import type { UndoChargeRequest } from '../contracts/process-order.ts';
import type {
  PaymentProvider,
  PaymentRecord,
  PaymentRecords,
  ProviderPayment,
  ProviderRefund,
} from '../ports/payment.ts';
import { expectDone } from './payment.ts';
import { recordFacts, type PaymentFacts } from './payment-facts.ts';

// A payment or refund that the provider is still working on is asked for at this pace.
const PENDING_POLL_MS = 15_000;

// A refund that was made just now is in the provider's list by then.
const LISTED_AFTER_MS = 5_000;

type Dependencies = { provider: PaymentProvider; payments: PaymentRecords };

export const createRefundActivities = (dependencies: Dependencies) => ({
  /** Undo of chargePayment: afterwards nothing of this try is or can be taken. Harmless when nothing was, and twice. */
  async refundPayment({ orderId, ordinal, ending }: UndoChargeRequest): Promise<void> {
    const payment = await dependencies.payments.fence({ orderId, ordinal, ending });
    const captured = await voidUnlessCaptured(dependencies, payment);
    if (!captured) return;
    const { failed } = await refundCapture(dependencies, payment, captured);
    if (failed) throw needsOperatorFailure(describeFailed(failed));
  },
});

/** Makes a fenced try impossible to be paid. Answers with it when it was paid already; then that is recorded. */
export async function voidUnlessCaptured(
  dependencies: Dependencies,
  payment: PaymentRecord,
): Promise<ProviderPayment | null> {
  const { provider, payments } = dependencies;
  const { orderId, ordinal, providerId } = payment;
  if (providerId === null) {
    // Whatever a zombie creates from now on is refused by the fence, hence never confirmed.
    await payments.recordVoid({ orderId, ordinal });
    return null;
  }
  const found = expectDone(await provider.find({ providerId }), 'ask for the payment');
  switch (found.state.kind) {
    case 'captured':
      await recordWhatWasTaken(payments, payment, found);
      return found;
    case 'cancelled':
      await payments.recordVoid({ orderId, ordinal });
      return null;
    case 'processing':
      // It can not be cancelled, and nobody knows yet whether there will be money to give back.
      throw notNowFailure({
        message: `The provider is still processing ${found.providerId}`,
        delayMs: PENDING_POLL_MS,
      });
    case 'authorized':
      if (found.capturedMinor > 0) return releaseRest(dependencies, payment, found);
      await voidPayment(dependencies, payment, found.providerId);
      return null;
    case 'unconfirmed':
    case 'needs-customer':
    case 'declined':
      await voidPayment(dependencies, payment, found.providerId);
      return null;
  }
}

/** A fact before it is undone, whatever the amount: it need not be what we had asked for. */
async function recordWhatWasTaken(
  payments: PaymentRecords,
  { orderId, ordinal, capture }: PaymentRecord,
  { providerId, orderId: itsOrder, capturedMinor: amountMinor, currency }: ProviderPayment,
): Promise<void> {
  // A payment made by hand may name no order; it is the order's because its id is on record.
  if (itsOrder !== null && itsOrder !== orderId)
    throw needsOperatorFailure(`Expected ${providerId} to be paid for ${orderId}; found it paid for ${itsOrder}`);
  const taken = { orderId, ordinal, providerId, currency };
  if (capture === 'at-confirm') return payments.recordCapture({ ...taken, amountMinor });
  // By as many captures as it took.
  return payments.recordReceived({ ...taken, receivedMinor: amountMinor, isOver: true });
}

/** A part of it is captured: the rest is the customer's again, and the payment is over. Answers with it as it is then. */
async function releaseRest(
  { provider, payments }: Dependencies,
  payment: PaymentRecord,
  { providerId }: ProviderPayment,
): Promise<ProviderPayment> {
  const { orderId, ordinal, releaseRevision } = payment;
  const key = idempotencyKey({ orderId, operation: 'release', ordinal, revision: releaseRevision });
  const released = await provider.capture({ key, providerId, amountMinor: 0, isFinal: true });
  if ('stuck' in released) {
    // What the payment is was asked just before: one that is over would have been adopted. Releasing twice does nothing twice.
    await payments.raiseRevision({ orderId, ordinal, operation: 'release', from: releaseRevision });
    throw new Error(`Releasing ${providerId} must go on under a new key: ${released.stuck}`);
  }
  // It moved on between our question and our request: the next attempt asks again.
  if (!('done' in released) || released.done.state.kind !== 'captured')
    throw new Error(`The provider did not release the rest of ${providerId}`);
  await recordWhatWasTaken(payments, payment, released.done);
  return released.done;
}

async function voidPayment(
  { provider, payments }: Dependencies,
  payment: PaymentRecord,
  providerId: string,
): Promise<void> {
  const { orderId, ordinal, voidRevision } = payment;
  const key = idempotencyKey({ orderId, operation: 'void', ordinal, revision: voidRevision });
  const cancelled = await provider.cancel({ key, providerId });
  if ('stuck' in cancelled) {
    // What the payment is was asked just before, and a cancelled one would have been adopted: a new key does nothing twice.
    await payments.raiseRevision({ orderId, ordinal, operation: 'void', from: voidRevision });
    throw new Error(`Cancelling ${providerId} must go on under a new key: ${cancelled.stuck}`);
  }
  if (!('done' in cancelled)) {
    // It moved on between our question and our cancel, most likely to captured: the next attempt asks again.
    const why = 'refused' in cancelled ? cancelled.refused : cancelled.rejection.message;
    throw new Error(`The provider did not cancel ${providerId}: ${why}`);
  }
  // A part was captured between our question and our cancel: the next attempt gives that back.
  if (cancelled.done.state.kind !== 'cancelled')
    throw new Error(`Expected ${providerId} to be cancelled; found it ${cancelled.done.state.kind}`);
  await payments.recordVoid({ orderId, ordinal });
}

/**
 * Gives back what is still taken of the payment: all of it, unless somebody else has given back a part already, or a dispute has
 * taken it. Answers with what has become of the payment; `failed`: our refund, when the provider could not carry it out. The caller
 * must see to it that a person hears of that.
 */
export async function refundCapture(
  { provider, payments }: Dependencies,
  payment: PaymentRecord,
  captured: ProviderPayment,
): Promise<PaymentFacts & { failed: ProviderRefund | null }> {
  const { orderId, ordinal, refundRevision } = payment;
  const { providerId } = captured;
  // Keys die after a day and a cached failure answers for ever: the provider's own lists are what says what was given back.
  const facts = await recordFacts({ provider, payments }, payment, captured);
  const { refunds, leftMinor } = facts;
  if (leftMinor <= 0) return { ...facts, failed: null };

  const pending = refunds.find(({ state }) => state === 'pending');
  if (pending) throw refundPending(pending);
  const firstKey = idempotencyKey({ orderId, operation: 'refund', ordinal });
  const failed = refunds.find(({ key, state }) => state === 'failed' && isKeyOrRevision(key, firstKey));
  // The same refund would fail again. Somebody has to give the money back in another way; then the list says so.
  if (failed) return { ...facts, failed };

  const key = idempotencyKey({ orderId, operation: 'refund', ordinal, revision: refundRevision });
  const refunded = await provider.refund({ key, providerId, amountMinor: leftMinor });
  if ('stuck' in refunded) {
    // The list, read just before, holds no refund under this key: it was not made. If it was made since, the next look finds it.
    await payments.raiseRevision({ orderId, ordinal, operation: 'refund', from: refundRevision });
    const message = `Refunding ${providerId} must go on under a new key: ${refunded.stuck}`;
    throw notNowFailure({ message, delayMs: LISTED_AFTER_MS });
  }
  if (!('done' in refunded)) await expectUnmoved({ provider, payments }, payment, { captured, facts });
  const refund = expectDone(refunded, 'refund the payment');
  if (refund.state === 'pending') throw refundPending(refund);
  if (refund.state === 'failed') return { ...facts, failed: refund };
  await recordRefund(payments, payment, refund);
  return { ...facts, leftMinor: 0, failed: null };
}

/** The provider refuses: when a refund that was asked for was under way at the same time, it is asked again what is left. */
async function expectUnmoved(
  dependencies: Dependencies,
  payment: PaymentRecord,
  { captured, facts }: { captured: ProviderPayment; facts: PaymentFacts },
): Promise<void> {
  const now = await recordFacts(dependencies, payment, captured);
  if (now.leftMinor === facts.leftMinor && !now.refunds.some(({ state }) => state === 'pending')) return;
  const message = `Others gave back a part of ${captured.providerId} meanwhile: ${now.leftMinor} are left`;
  throw notNowFailure({ message, delayMs: LISTED_AFTER_MS });
}

const recordRefund = (
  payments: PaymentRecords,
  { orderId, ordinal }: PaymentRecord,
  { refundId, amountMinor, currency }: ProviderRefund,
): Promise<void> => payments.recordRefund({ orderId, ordinal, refundId, amountMinor, currency });

const refundPending = ({ refundId }: ProviderRefund) =>
  notNowFailure({ message: `Refund ${refundId} is still pending at the provider`, delayMs: PENDING_POLL_MS });

/** What a person reads. The same words every time: by them it is known what somebody has decided about (see taken.ts). */
export const describeFailed = ({ refundId, amountMinor, currency }: ProviderRefund): string =>
  `Refund ${refundId} of ${amountMinor} ${currency} failed at the provider`;
