// The provider's side of reconciliation. What must stay true: an activity makes no more requests than the cap of the payments
// queue counts for one, and a payment is asked for by itself before anything is done about it.
import type { PageRequest, Span } from '../contracts/reconcile.ts';
import { driftOf, type Facts } from '../domain/reconciliation.ts';
import type { PaymentProvider, ProviderAnswer, ProviderPayment } from '../ports/payment.ts';
import type { Known, ReconciliationBooks, ReconciliationWork, Suspect } from '../ports/reconciliation.ts';
import { expectDone } from './payment.ts';

// The most that Stripe gives in a page.
const PAGE = 100;
/** Pages of one activity: the cap of the queue counts an activity as two requests (see workers/order-worker.ts). */
const PAGES = 2;

type Dependencies = { provider: PaymentProvider; work: ReconciliationWork; books: ReconciliationBooks };

export const createReconcileProviderActivities = ({ provider, work, books }: Dependencies) => ({
  /** Copies the next payments of the provider's list; answers from where it goes on, or null at its end. */
  copyPayments: ({ span, cursor }: PageRequest): Promise<string | null> =>
    throughPages(cursor, async (from) => {
      const { reconciliationId, listFrom: createdFrom, until: createdBefore } = span;
      const request = { createdFrom, createdBefore, cursor: from, limit: PAGE };
      const { items, next } = expectDone(await provider.list(request), 'list the payments');
      await work.copyPayments({ reconciliationId, payments: items });
      return next;
    }),

  /** The same for refunds. */
  copyRefunds: ({ span, cursor }: PageRequest): Promise<string | null> =>
    throughPages(cursor, async (from) => {
      const { reconciliationId, since: createdFrom, until: createdBefore } = span;
      const request = { createdFrom, createdBefore, cursor: from, limit: PAGE };
      const { items, next } = expectDone(await provider.listAllRefunds(request), 'list the refunds');
      await work.copyRefunds({ reconciliationId, refunds: items });
      return next;
    }),

  /** Looks again at the next suspect that the provider must be asked about, and acts; answers whether there was one. */
  async settleProviderDrift({ span }: { span: Span }): Promise<boolean> {
    const { reconciliationId, dryRun } = span;
    const [suspect] = await work.nextSuspects({ reconciliationId, atProvider: true, limit: 1 });
    if (!suspect) return false;
    const { facts } = await lookAgain({ provider, books }, suspect);
    await work.settle({ driftId: suspect.driftId, drift: driftOf(facts), dryRun });
    return true;
  },
});

async function throughPages(
  cursor: string | null,
  copyPage: (from: string | null) => Promise<string | null>,
): Promise<string | null> {
  let next = await copyPage(cursor);
  for (let page = 1; page < PAGES && next !== null; page += 1) next = await copyPage(next);
  return next;
}

async function lookAgain(
  { provider, books }: Pick<Dependencies, 'provider' | 'books'>,
  { kind, id, paymentId }: Suspect,
): Promise<Known<Facts>> {
  if (kind === 'payment')
    return books.findPayment({ paymentId: id, found: foundOrNone(await provider.find({ providerId: id })) });
  const refunds =
    paymentId === null ? [] : expectDone(await provider.listRefunds({ providerId: paymentId }), 'list the refunds');
  const found = refunds.find(({ refundId }) => refundId === id) ?? null;
  return books.findRefund({
    refundId: id,
    paymentId,
    found: found && { ...found, paymentId: paymentId ?? '', createdAt: '' },
  });
}

/** A payment that the provider does not know is an answer here. */
const foundOrNone = (answer: ProviderAnswer<ProviderPayment>): ProviderPayment | null =>
  'refused' in answer ? null : expectDone(answer, 'show the payment');
