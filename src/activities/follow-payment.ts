// A payment at the provider that changed without us. What must stay true: the provider's object is asked for, checked against
// the order it names, and every fact of it is recorded before anything is done about it.
import { needsOperatorFailure } from '../contracts/failures.ts';
import type { FollowPaymentRequest } from '../contracts/follow-payment.ts';
import { isKeyOrRevision, refundPartKey } from '../contracts/ids.ts';
import { isDecided, isSold, isUnsold } from '../domain/order.ts';
import type { OrderSteps } from '../ports/order.ts';
import type { PaymentProvider, PaymentRecords, ProviderDispute, ProviderPayment, Standing } from '../ports/payment.ts';
import { contradictionsOf } from './contradictions.ts';
import { expectDone } from './payment.ts';
import { describeDisputes, recordFacts, type PaymentFacts } from './payment-facts.ts';
import { describeFailed, refundCapture, voidUnlessCaptured } from './refund.ts';
import { isTaken } from './taken.ts';

type Dependencies = {
  provider: PaymentProvider;
  payments: PaymentRecords;
  orders: Pick<OrderSteps, 'clearParked'>;
};

export const createFollowPaymentActivities = (dependencies: Dependencies) => ({
  /**
   * Brings our books and the payment together: what is not the order's is voided or given back, what others gave back or a bank took
   * is recorded. Fails for an operator when that leaves a sold order without its money, or a dispute that somebody has to answer;
   * unless a person has taken the money as it stands.
   */
  async followPayment({ parked, ...request }: FollowPaymentRequest): Promise<void> {
    await follow(dependencies, request);
    // A run before this one may have been ended while it was parked: nobody else takes its mark away.
    if (parked) await dependencies.orders.clearParked(parked);
  },
});

/** Touches only our own tables. */
export const createAcknowledgeActivities = ({ payments }: Pick<Dependencies, 'payments'>) => ({
  /**
   * A person takes the payment's money as it stood when it was parked: only what moves afterwards is put in front of somebody
   * again. Answers whether something has moved since already.
   */
  async acknowledgePayment({
    orderId,
    paymentId,
    parked,
  }: FollowPaymentRequest): Promise<{ hasMovedSince: boolean } | undefined> {
    return payments.acknowledge({ orderId, providerId: paymentId, parked: parked ?? null });
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
  const { ordinal, isOwn, status, booked } = standing;
  // Its amendment looks for itself, and has it followed once it has come to its end.
  if (standing.isAmending) return;
  const { wasAuthorized } = standing;
  const contradictions = booked ? await contradictionsOf(provider, found, { booked, wasAuthorized }) : [];
  if (ordinal !== null && contradictions.length > 0)
    return reviewContradicted(dependencies, { orderId, ordinal, found, contradictions });
  if (!isOwn || ordinal === null || isUnsold(status)) return giveBack(dependencies, { orderId, found, ordinal });
  if (wasAuthorized) await followAuthorized(dependencies, { orderId, ordinal, found, standing });
  const facts = await recordFacts(dependencies, { orderId, ordinal }, found);
  // Asked again: the order may have ended since, before there was anything in the ledger for its pivot to see.
  const now = await payments.findStanding({ orderId, providerId: paymentId });
  if (!now) throw new Error(`Expected to find order ${orderId} again; found none`);
  // A sale that is being taken back is not worth its total any more: its undo looks for itself.
  if (isSold(now.status)) return now.isEnding ? undefined : reviewSold({ found, facts, orderId, ...now });
  // The order's own story looks for itself, and its end leaves a mark for what is disputed.
  if (isDecided(now.status)) await giveBack(dependencies, { orderId, found, ordinal });
}

/** What was captured of it, whoever did that, is recorded. Fails for an operator when what is still to be captured can not be any more. */
async function followAuthorized(
  { payments }: Dependencies,
  {
    orderId,
    ordinal,
    found,
    standing,
  }: { orderId: string; ordinal: number; found: ProviderPayment; standing: Standing },
): Promise<void> {
  const { providerId, capturedMinor: receivedMinor, currency, state } = found;
  const isOver = state.kind === 'captured';
  if (receivedMinor > 0)
    await payments.recordReceived({ orderId, ordinal, providerId, receivedMinor, currency, isOver });
  if (!isSold(standing.status) || standing.isEnding) return;
  if (receivedMinor > standing.askedMinor && !standing.isAcknowledged)
    throw needsOperatorFailure(
      `${receivedMinor} ${currency} of ${providerId} were captured at the provider; ${standing.askedMinor} of it is of what was ` +
        'handed over. What still ships counts as paid by the rest',
    );
  if (state.kind === 'cancelled') await payments.recordVoid({ orderId, ordinal });
  // One of which a part was captured ends as captured; we let it end with the last capture only, when nothing more is to come.
  const hasEnded = state.kind === 'cancelled' ? standing.isToBeCaptured : isOver && standing.isMoreToCome;
  if (!hasEnded || standing.isAcknowledged) return;
  throw needsOperatorFailure(
    `The authorization of ${providerId} ended at the provider, and the order is not paid in full: ${receivedMinor} ${currency} were captured. ` +
      'What ships from now on parks until it is paid for by hand',
  );
}

/**
 * Our books say otherwise, and are never taken back. What else has become of the payment is recorded all the same, also for a person
 * who has decided: it is then put in front of somebody again, together with the contradiction that stays.
 */
async function reviewContradicted(dependencies: Dependencies, { contradictions, ...at }: Contradicted): Promise<void> {
  const { orderId, ordinal, found } = at;
  const { leftMinor, disputes } = await recordFacts(dependencies, { orderId, ordinal }, found);
  const standing = await dependencies.payments.findStanding({ orderId, providerId: found.providerId });
  if (contradictions.every((contradiction) => isTaken(standing, contradiction))) return;
  throw needsOperatorFailure(
    `${contradictions.join(' ')} After what was given back or disputed at the provider ${leftMinor} ${found.currency} ` +
      `are left.${describeDisputes(disputes)}`,
  );
}
type Contradicted = { orderId: string; ordinal: number; found: ProviderPayment; contradictions: readonly string[] };

/** The order's own payment, and the order is sold: what others did is a fact, and somebody must say what it means. */
function reviewSold(sold: Sold): void {
  const { found, facts, isAcknowledged } = sold;
  const { leftMinor, disputes } = facts;
  // One of several, where the order was amended: each is looked at by itself.
  const { capturedMinor: totalMinor } = found;
  const dueMinor = totalMinor - askedForMinor(sold);
  if (isAcknowledged || (leftMinor === dueMinor && !disputes.some(isOpen))) return;
  const refunded = dueMinor === totalMinor ? '' : ` and worth ${dueMinor} after refunds that were asked for`;
  throw needsOperatorFailure(
    `The order is sold for ${totalMinor} ${found.currency}${refunded}; after what was given back or disputed at the provider ` +
      `${leftMinor} are left.${describeDisputes(disputes)}`,
  );
}
type Sold = Pick<Standing, 'isAcknowledged' | 'refundParts'> & {
  orderId: string;
  found: ProviderPayment;
  facts: PaymentFacts;
};

/** What went back because operators asked for it here; known by their keys, also before our books have it, and by what they adopted. */
function askedForMinor({ orderId, facts, refundParts }: Sold): number {
  const asked = facts.refunds.filter(({ state, key, refundId }) => {
    if (state !== 'succeeded') return false;
    return refundParts.some(
      (part) => part.refundId === refundId || isKeyOrRevision(key, refundPartKey({ orderId, ...part })),
    );
  });
  return asked.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
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
  if (!captured) return;
  const { leftMinor, disputes, failed } = await refundCapture(dependencies, payment, captured);
  if (leftMinor === 0 && !disputes.some(isOpen)) return;
  const standing = await payments.findStanding({ orderId, providerId });
  if (failed) {
    const why = describeFailed(failed);
    // Our refund can not be made again. Whoever was told just this, and skipped, has given the money back in another way.
    if (isTaken(standing, why)) return;
    throw needsOperatorFailure(`${why}.${describeDisputes(disputes)}`);
  }
  if (standing?.isAcknowledged) return;
  const twice = leftMinor < 0 ? ` ${-leftMinor} ${currency} more went back than was taken.` : '';
  throw needsOperatorFailure(
    `The payment ${providerId} is none that the order may keep, and it is disputed.${twice}${describeDisputes(disputes)}`,
  );
}

const isOpen = ({ state }: ProviderDispute): boolean => state === 'open';
