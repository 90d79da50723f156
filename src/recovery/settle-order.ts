import { planRecovery, type RecoveryPlan } from '../domain/recovery.ts';
import type { OpenOrder, OrderHistory } from '../ports/recovery.ts';
import type { IndexedPayment, PaymentIndex } from './payment-index.ts';
import type { Run } from './run.ts';

/** Decides what becomes of an open order, and writes it. */
export async function settleOrder(
  run: Run,
  { order, history, index }: { order: OpenOrder; history: OrderHistory | null; index: PaymentIndex },
): Promise<{ plan: RecoveryPlan; omitted: readonly string[] }> {
  const { orderId, totalMinor, ships, lastTry, isRebuilt } = order;
  const payments = await index.of({ orderId, stored: lastTry.providerId });
  const plan = planRecovery({ totalMinor, ships, lastTry, payments, outcome: history?.outcome ?? null });
  const omitted = isRebuilt ? (history?.record?.omitted ?? []) : [];
  if (run.dryRun) return { plan, omitted };

  await recordWhatWasGivenBack(run, { order, plan, payments });
  const { doubt } = await run.records.settle({
    recoveryId: run.recovery.id,
    orderId,
    how: isRebuilt ? 'rebuilt' : 'restarted',
    plan,
    paymentIds: payments.map(({ providerId }) => providerId),
    tries: payments.flatMap(({ providerId, ordinal }) => (ordinal === null ? [] : [{ providerId, ordinal }])),
    omitted,
  });
  return { plan: { ...plan, doubt }, omitted };
}

/**
 * Money that moved to and fro for a reason nobody knows is in the ledger before an operator looks: however that ends, the order is
 * not sold for money that is not there. What is only taken is left to the steps, which ask for themselves.
 */
async function recordWhatWasGivenBack(
  { payments: books }: Run,
  { order, plan, payments }: { order: OpenOrder; plan: RecoveryPlan; payments: readonly IndexedPayment[] },
): Promise<void> {
  const own = payments.find(({ providerId }) => providerId === plan.own?.providerId);
  if (plan.doubt === null || !own || own.refundedMinor === 0 || plan.own?.ordinal !== order.lastTry.ordinal) return;
  const entry = { orderId: order.orderId, ordinal: order.lastTry.ordinal, currency: own.currency };
  await books.recordCapture({ ...entry, providerId: own.providerId, amountMinor: own.capturedMinor });
  for (const { refundId, amountMinor, state } of own.refunds)
    if (state === 'succeeded') await books.recordRefund({ ...entry, refundId, amountMinor });
}
