// What a person has decided about a payment is not asked again, and nothing else hides behind it: over a real PostgreSQL and the
// simulator, whose refunds fail where a test says so.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createReconciliationBooks } from '../../src/adapters/postgres/reconciliation-books.ts';
import { driftOf } from '../../src/domain/reconciliation.ts';
import type { PaymentProvider } from '../../src/ports/payment.ts';
import { openDisputeBooks, type DisputeBooks, type PaidOrder } from '../support/dispute-books.ts';

let books: DisputeBooks;
let parkings = 0;
beforeAll(async () => {
  books = await openDisputeBooks();
});
afterAll(() => books.close());

type Over = Partial<PaymentProvider>;
type Parked = Awaited<ReturnType<typeof parks>>;

/** As the workflow does it: looks, and parks for what the look fails with. */
async function parks(order: PaidOrder, over: Over = {}) {
  const failure = await books.follow(order, over).then(
    () => Promise.reject(new Error('Expected the look to fail; it got through')),
    (error: unknown) => error,
  );
  expect(failure).toMatchObject({ type: 'NeedsOperator' });
  const { message: reason } = failure as Error;
  const parking = { runId: 'run', runStartedAt: '2026-01-01T00:00:00.000Z', number: (parkings += 1) };
  const parked = { orderId: order.orderId, workflowId: `${order.orderId}:payment:${order.paymentId}`, parking };
  await books.steps.parkOrder({ ...parked, step: 'follow-payment', reason });
  return { reason, parked };
}
const skip = (order: PaidOrder, { parked }: Parked) => books.steps.acknowledgePayment({ ...order, parked });

/** What a comparison would say of the payment. */
async function driftOfPayment({ paymentId }: PaidOrder): Promise<string | undefined> {
  const answer = await books.provider.find({ providerId: paymentId });
  if (!('done' in answer)) throw new Error('Expected to find the payment');
  const { facts } = await createReconciliationBooks({ db: books.db }).findPayment({ paymentId, found: answer.done });
  return driftOf(facts)?.name;
}

/** Refunds of these ids have failed, whatever the simulator says. */
const failing = (...refundIds: string[]): Over => ({
  listRefunds: async (request) => {
    const answer = await books.provider.listRefunds(request);
    if (!('done' in answer)) throw new Error('Expected a list of refunds');
    return {
      done: answer.done.map((refund) =>
        refundIds.includes(refund.refundId) ? { ...refund, state: 'failed' } : refund,
      ),
    };
  },
});
const refund = async ({ paymentId }: PaidOrder, amount: number): Promise<string> =>
  (await books.dashboard.refunds.create({ payment_intent: paymentId, amount })).id;

describe('a payment that is to be given back, whose refund has failed', () => {
  /** Others' refunds are the simulator's; ours, of the whole, has failed. */
  const failed = ({ orderId }: PaidOrder): Over => ({
    listRefunds: async (request) => {
      const answer = await books.provider.listRefunds(request);
      const [key, refundId] = [`${orderId}:refund:2`, `re_${orderId}`];
      const ours = { refundId, amountMinor: 1_000, currency: 'EUR', key, state: 'failed' } as const;
      return { done: [ours, ...('done' in answer ? answer.done : [])] };
    },
  });
  /** The order's own payment is another one, so that this is to be given back. */
  async function stray(): Promise<PaidOrder> {
    const { orderId } = await books.paid();
    await books.steps.confirmOrder({ orderId });
    const wanted = { amount: 1_000, currency: 'eur', payment_method: 'pm_card_visa', confirm: true };
    const { id } = await books.dashboard.paymentIntents.create({ ...wanted, metadata: { orderId } });
    return { orderId, paymentId: id };
  }

  test('is not put in front of a person again who has given the money back in another way', async () => {
    const order = await stray();
    const parked = await parks(order, failed(order));
    expect(await driftOfPayment(order)).toBe('payment-left-open');
    await skip(order, parked);
    await books.follow(order, failed(order));
    expect(await driftOfPayment(order)).toBeUndefined();
  });

  test('is put in front of a person again once its money moves', async () => {
    const order = await stray();
    await skip(order, await parks(order, failed(order)));
    await refund(order, 300);
    const { reason } = await parks(order, failed(order));
    expect(reason).toContain('failed at the provider');
    expect(await driftOfPayment(order)).toBe('payment-left-open');
  });

  test('is not taken by whoever decided about something else: that the provider refused it', async () => {
    const order = await stray();
    const refused: Over = { refund: () => Promise.resolve({ refused: 'Not today' }) };
    await skip(order, await parks(order, refused));
    await parks(order, refused);
    await skip(order, await parks(order, refused));
    await parks(order, failed(order));
  });
});

describe('a refund in our ledger that fails after all', () => {
  async function soldAndFailed() {
    const order = await books.paid();
    await books.steps.confirmOrder(order);
    const first = await refund(order, 400);
    await skip(order, await parks(order));
    await books.follow(order);
    return { order, first, failed: failing(first) };
  }
  const withFirst: [string, number][] = [
    ['captured', 1_000],
    ['refunded', -400],
  ];
  const withSecond = [...withFirst, ['refunded', -300]];

  test('is put in front of a person, also when somebody had taken the money as it stood before, and once', async () => {
    const { order, first, failed } = await soldAndFailed();
    const parked = await parks(order, failed);
    expect(parked.reason).toContain(`that the provider has not: ${first}.`);
    await skip(order, parked);
    await books.follow(order, failed);
    expect(await books.ledgerOf(order)).toEqual(withFirst);
  });

  test('made good after the decision: that comes into the ledger and needs one decision more', async () => {
    const { order, failed } = await soldAndFailed();
    await skip(order, await parks(order, failed));
    await refund(order, 300);
    const again = await parks(order, failed);
    expect(again.reason).toContain('700 EUR are left');
    expect(await books.ledgerOf(order)).toEqual(withSecond);
    expect(await skip(order, again)).toEqual({ hasMovedSince: false });
    await books.follow(order, failed);
    expect(await books.ledgerOf(order)).toEqual(withSecond);
  });

  test('made good before the decision, and nobody told us: the same', async () => {
    const { order, failed } = await soldAndFailed();
    const parked = await parks(order, failed);
    await refund(order, 300);
    expect(await skip(order, parked)).toEqual({ hasMovedSince: false });
    await skip(order, await parks(order, failed));
    await books.follow(order, failed);
    expect(await books.ledgerOf(order)).toEqual(withSecond);
  });

  test('made good before the decision, and we were told: it parks anew for that, and one decision is enough', async () => {
    const { order, failed } = await soldAndFailed();
    const parked = await parks(order, failed);
    await refund(order, 300);
    const anew = await parks(order, failed);
    expect(anew.reason).not.toBe(parked.reason);
    expect(await skip(order, anew)).toEqual({ hasMovedSince: false });
    await books.follow(order, failed);
    expect(await books.ledgerOf(order)).toEqual(withSecond);
  });

  test('and another one that fails later, or one behind a contradiction that somebody has taken, hides behind nothing', async () => {
    const { order, first, failed } = await soldAndFailed();
    const otherAmount: Over = {
      find: async (request) => {
        const answer = await books.provider.find(request);
        return 'done' in answer ? { done: { ...answer.done, amountMinor: 900 } } : answer;
      },
    };
    await skip(order, await parks(order, otherAmount));
    await books.follow(order, otherAmount);
    await skip(order, await parks(order, { ...otherAmount, ...failed }));
    await books.follow(order, { ...otherAmount, ...failed });
    const second = await refund(order, 300);
    await skip(order, await parks(order, failed));
    await books.follow(order, failed);
    const { reason } = await parks(order, failing(first, second));
    expect(reason).toContain(second);
  });
});
