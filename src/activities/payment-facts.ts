// What others did to a captured payment: refunds, whoever made them, and disputes. What must stay true: every fact is recorded
// before anything is decided, and what a dispute holds back counts as given back, so that it is never given back twice.
import type {
  PaymentProvider,
  PaymentRecord,
  PaymentRecords,
  ProviderDispute,
  ProviderPayment,
  ProviderRefund,
} from '../ports/payment.ts';
import { expectDone } from './payment.ts';

type Dependencies = { provider: PaymentProvider; payments: PaymentRecords };

export type PaymentFacts = {
  refunds: readonly ProviderRefund[];
  disputes: readonly ProviderDispute[];
  /** What of the captured amount is still ours; negative when refund and dispute both took it. */
  leftMinor: number;
};

/**
 * Records what has become of the payment, and answers with it. Refunds are asked for first: one that is made after a dispute is won
 * must not be seen without the win.
 */
export async function recordFacts(
  { provider, payments }: Dependencies,
  { orderId, ordinal }: Pick<PaymentRecord, 'orderId' | 'ordinal'>,
  { providerId, capturedMinor }: Pick<ProviderPayment, 'providerId' | 'capturedMinor'>,
): Promise<PaymentFacts> {
  const refunds = expectDone(await provider.listRefunds({ providerId }), 'list the refunds');
  const disputes = expectDone(await provider.listDisputes({ providerId }), 'list the disputes');
  // In the order in which they are possible at the provider: a charge is refunded before a dispute, or after one was won.
  for (const dispute of disputes.filter(({ state }) => state === 'won'))
    await payments.recordDispute({ orderId, ordinal, dispute });
  const succeeded = refunds.filter(({ state }) => state === 'succeeded');
  for (const { refundId, amountMinor, currency } of succeeded)
    await payments.recordRefund({ orderId, ordinal, refundId, amountMinor, currency });
  for (const dispute of disputes.filter(({ state }) => state !== 'won'))
    await payments.recordDispute({ orderId, ordinal, dispute });
  const refundedMinor = succeeded.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  return { refunds, disputes, leftMinor: capturedMinor - refundedMinor - disputedMinor(disputes) };
}

/** What disputes hold back now: taken, and not given again. */
export const disputedMinor = (disputes: readonly ProviderDispute[]): number =>
  disputes.flatMap(({ movements }) => movements).reduce((sum, { amountMinor }) => sum - amountMinor, 0);

/** The disputes that somebody has to know of, in sentences; none for those that were won. */
export function describeDisputes(disputes: readonly ProviderDispute[]): string {
  const told = disputes.filter(({ state }) => state !== 'won');
  return told.map((dispute) => ` Dispute ${describe(dispute)}.`).join('');
}

function describe({
  disputeId,
  amountMinor,
  currency,
  reason,
  state,
  evidenceDueAt,
  movements,
}: ProviderDispute): string {
  const what = `${disputeId} of ${amountMinor} ${currency} (${reason})`;
  if (state === 'lost') return `${what} is lost`;
  const due = evidenceDueAt === null ? 'it takes no evidence' : `evidence is due by ${evidenceDueAt}`;
  return `${what} is open${movements.length === 0 ? ' as an inquiry that took nothing' : ''}; ${due}`;
}
