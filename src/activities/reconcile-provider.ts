// The provider's side of reconciliation. What must stay true: an activity makes no more requests than the cap of the payments
// queue counts for one, and a payment is asked for by itself before anything is done about it.
import type { PageRequest, Span } from '../contracts/reconcile.ts';
import { driftOf, type Facts } from '../domain/reconciliation.ts';
import type { ListedDispute, PaymentProvider, ProviderAnswer } from '../ports/payment.ts';
import type {
  DisputeAtProvider,
  Known,
  ReconciliationBooks,
  ReconciliationWork,
  Suspect,
} from '../ports/reconciliation.ts';
import { expectDone } from './payment.ts';

// The most that Stripe gives in a page.
const PAGE = 100;
/** Requests of one activity: the cap of the queue counts an activity as two (see workers/order-worker.ts). */
const REQUESTS = 2;
/**
 * Disputes that are asked for one by one in one run, beside those of its span: four seconds at the provider's ceiling. Where more are
 * unsettled each has its turn in one of the next runs.
 */
const UNSETTLED_IN_ONE_RUN = 100;

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

  /** The same for disputes. */
  copyDisputes: ({ span, cursor }: PageRequest): Promise<string | null> =>
    throughPages(cursor, async (from) => {
      const { reconciliationId, since: createdFrom, until: createdBefore, dryRun } = span;
      const request = { createdFrom, createdBefore, cursor: from, limit: PAGE };
      const { items, next } = expectDone(await provider.listAllDisputes(request), 'list the disputes');
      const disputes = items.map((found) => ({ disputeId: found.disputeId, paymentId: found.paymentId, found }));
      await work.copyDisputes({ reconciliationId, dryRun, disputes });
      return next;
    }),

  /**
   * Copies disputes of ours that were made before the span and may have changed since; answers from where it goes on, or null when
   * there are no more, or the most that one run asks for are copied.
   */
  async copyUnsettledDisputes({ span, cursor }: PageRequest): Promise<string | null> {
    const { reconciliationId, dryRun } = span;
    const { asked, from } = cursor === null ? { asked: 0, from: null } : (JSON.parse(cursor) as Asked);
    const { items, next } = await books.unsettledDisputes({ span, cursor: from, limit: REQUESTS });
    const disputes: DisputeAtProvider[] = [];
    for (const dispute of items) disputes.push({ ...dispute, found: await findDispute(provider, dispute) });
    await work.copyDisputes({ reconciliationId, dryRun, disputes });
    const copied: Asked = { asked: asked + items.length, from: next };
    return next === null || copied.asked >= UNSETTLED_IN_ONE_RUN ? null : JSON.stringify(copied);
  },

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

/** How many were asked for in this run, and from where on the next are read. */
type Asked = { asked: number; from: string | null };

async function throughPages(
  cursor: string | null,
  copyPage: (from: string | null) => Promise<string | null>,
): Promise<string | null> {
  let next = await copyPage(cursor);
  for (let page = 1; page < REQUESTS && next !== null; page += 1) next = await copyPage(next);
  return next;
}

async function lookAgain(
  { provider, books }: Pick<Dependencies, 'provider' | 'books'>,
  { kind, id, paymentId }: Suspect,
): Promise<Known<Facts>> {
  if (kind === 'payment')
    return books.findPayment({
      paymentId: id,
      found: foundOrNone(await provider.find({ providerId: id }), 'show the payment'),
    });
  if (kind === 'dispute')
    return books.findDispute({ disputeId: id, paymentId, found: await findDispute(provider, { disputeId: id }) });
  const refunds =
    paymentId === null ? [] : expectDone(await provider.listRefunds({ providerId: paymentId }), 'list the refunds');
  const found = refunds.find(({ refundId }) => refundId === id) ?? null;
  return books.findRefund({
    refundId: id,
    paymentId,
    found: found && { ...found, paymentId: paymentId ?? '', createdAt: '' },
  });
}

const findDispute = async (provider: PaymentProvider, request: { disputeId: string }): Promise<ListedDispute | null> =>
  foundOrNone(await provider.findDispute(request), 'show the dispute');

/** That the provider does not know it is an answer here. */
const foundOrNone = <T>(answer: ProviderAnswer<T>, what: string): T | null =>
  'refused' in answer ? null : expectDone(answer, what);
