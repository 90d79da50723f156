// What a dispute means for an order: nothing is ever given back twice; no sold order is without its money, and no dispute open, unless
// it is in front of a person.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { PaymentProvider } from '../../src/ports/payment.ts';
import { needsOperator, openDisputeBooks, sumOf, type DisputeBooks } from '../support/dispute-books.ts';

let books: DisputeBooks;
beforeAll(async () => {
  books = await openDisputeBooks();
});
afterAll(() => books.close());

describe('a sold order', () => {
  async function soldAndDisputed(opening: object = {}) {
    const order = await books.paid();
    await books.steps.confirmOrder(order);
    return { ...order, disputeId: await books.dispute(order.paymentId, opening) };
  }

  test('that is disputed waits for a person, who is told why and until when', async () => {
    const order = await soldAndDisputed({ reason: 'product_not_received' });
    await expect(books.follow(order)).rejects.toMatchObject(needsOperator('0 are left'));
    await expect(books.follow(order)).rejects.toMatchObject(
      needsOperator(`${order.disputeId} of 1000 EUR (product_not_received)`),
    );
    await expect(books.follow(order)).rejects.toMatchObject(needsOperator('evidence is due by 20'));
    expect(await books.eventsOf(order)).toEqual(['payment.disputed']);
    await books.decide(order.disputeId, { outcome: 'won' });
    await books.follow(order);
    expect(await books.eventsOf(order)).toEqual(['payment.disputed', 'payment.dispute_closed']);
  });

  test('is acknowledged until money moves again', async () => {
    const order = await soldAndDisputed({ inquiry: true });
    await expect(books.follow(order)).rejects.toMatchObject(needsOperator('an inquiry that took nothing'));
    await books.steps.acknowledgePayment(order);
    await books.follow(order);
    await books.decide(order.disputeId, { outcome: 'chargeback' });
    await expect(books.follow(order)).rejects.toMatchObject(needsOperator('0 are left'));
    await books.steps.acknowledgePayment(order);
    await books.decide(order.disputeId, { outcome: 'lost' });
    await books.follow(order);
    expect(await books.broken('a closed order is worth exactly what was taken')).not.toContainEqual(
      expect.objectContaining({ id: order.orderId }),
    );
    expect(await books.eventsOf(order)).toEqual(['payment.disputed', 'payment.disputed', 'payment.dispute_closed']);
  });

  test('is acknowledged as of when it was parked: what came to light since, nobody has seen', async () => {
    const order = await soldAndDisputed({ inquiry: true });
    await expect(books.follow(order)).rejects.toMatchObject(needsOperator('an inquiry that took nothing'));
    const parking = { runId: 'run', runStartedAt: '2026-01-01T00:00:00.000Z', number: 1 };
    const parked = { orderId: order.orderId, workflowId: `${order.orderId}:payment:${order.paymentId}`, parking };
    await books.steps.parkOrder({ ...parked, step: 'follow-payment', reason: 'an inquiry' });
    await books.decide(order.disputeId, { outcome: 'chargeback' });
    await expect(books.follow(order)).rejects.toMatchObject(needsOperator('0 are left'));
    expect(await books.steps.acknowledgePayment({ ...order, parked })).toEqual({ hasMovedSince: true });
    await expect(books.follow(order)).rejects.toMatchObject(needsOperator('0 are left'));
  });

  test('gets again what a dispute that is lost in part gives again, and the rest is for a person', async () => {
    const order = await soldAndDisputed();
    await books.decide(order.disputeId, { outcome: 'lost', reinstated: 300 });
    await expect(books.follow(order)).rejects.toMatchObject(needsOperator('300 are left'));
    expect(await books.ledgerOf(order)).toEqual([
      ['captured', 1_000],
      ['disputed', -1_000],
      ['reinstated', 300],
    ]);
  });

  test('that was disputed while it was open is looked at once it is sold', async () => {
    const order = await books.paid();
    await books.dispute(order.paymentId, { inquiry: true });
    await books.follow(order);
    await books.steps.confirmOrder(order);
    const { rows } = await sql<{ type: string; isDue: boolean }>`
      select event_type as type, due_at is not null as "isDue" from payment_notices where payment_id = ${order.paymentId}`.execute(
      books.db,
    );
    expect(rows).toEqual([{ type: 'order.ended', isDue: true }]);
    await expect(books.follow(order)).rejects.toMatchObject(needsOperator('is open as an inquiry'));
  });

  test('is not taken for open by a look that began before the sale', async () => {
    const order = await books.paid();
    await books.dispute(order.paymentId);
    // The sale comes between the question how the order stands and the record of what was found.
    const listDisputes: PaymentProvider['listDisputes'] = async (request) => {
      await books.steps.confirmOrder(order);
      return books.provider.listDisputes(request);
    };
    await expect(books.follow(order, { listDisputes })).rejects.toMatchObject(needsOperator('0 are left'));
  });
});

test('an order whose payment is disputed already is not sold', async () => {
  const order = await books.paid();
  await books.dispute(order.paymentId);
  await books.follow(order);
  await expect(books.steps.confirmOrder(order)).rejects.toMatchObject(needsOperator('1000 are held back by a dispute'));
  expect(await books.statusOf(order)).toBe('reserved');
});

describe('the undo of a disputed charge', () => {
  test('counts what the dispute has taken as given back; what a win gives again goes back, too', async () => {
    const order = await books.paid();
    const disputeId = await books.dispute(order.paymentId);
    await books.end(order);
    expect(await books.statusOf(order)).toBe('cancelled');
    expect(sumOf(await books.ledgerOf(order))).toBe(0);
    await expect(books.follow(order)).rejects.toMatchObject(needsOperator('none that the order may keep'));
    await books.decide(disputeId, { outcome: 'won' });
    await books.follow(order);
    await books.follow(order);
    expect(await books.ledgerOf(order)).toEqual([
      ['captured', 1_000],
      ['disputed', -1_000],
      ['reinstated', 1_000],
      ['refunded', -1_000],
    ]);
  });

  test('never gives back what a dispute took, also where the provider would', async () => {
    const order = await books.paid();
    await books.dispute(order.paymentId, { amount: 400 });
    const asked: number[] = [];
    const refund: PaymentProvider['refund'] = ({ amountMinor }) => {
      asked.push(amountMinor);
      const done = {
        refundId: `re_${order.orderId}`,
        amountMinor,
        currency: 'EUR',
        key: null,
        state: 'succeeded',
      } as const;
      return Promise.resolve({ done });
    };
    await books.undo(order, { refund });
    expect(asked).toEqual([600]);
    expect(sumOf(await books.ledgerOf(order))).toBe(0);
  });

  test('parks over what is left while the provider refuses it, and goes on under a new key when the dispute is won', async () => {
    const order = await books.paid();
    const disputeId = await books.dispute(order.paymentId, { amount: 400 });
    await expect(books.undo(order)).rejects.toMatchObject(needsOperator('charged back'));
    await books.decide(disputeId, { outcome: 'won' });
    await expect(books.undo(order)).rejects.toThrow('a new key');
    await books.undo(order);
    expect(sumOf(await books.ledgerOf(order))).toBe(0);
    expect(
      (await books.dashboard.refunds.list({ payment_intent: order.paymentId })).data.map(({ amount }) => amount),
    ).toEqual([1_000]);
  });

  test('does not hold up an order that is refunded and then disputed all the same: a person has to look', async () => {
    const order = await books.paid();
    await books.undo(order);
    const disputeId = await books.dispute(order.paymentId);
    await books.follow(order);
    await books.closeOrder(order);
    await expect(books.follow(order)).rejects.toMatchObject(needsOperator('1000 EUR more went back than was taken'));
    expect(await books.ledgerOf(order)).toEqual([
      ['captured', 1_000],
      ['refunded', -1_000],
      ['disputed', -1_000],
    ]);
    await books.decide(disputeId, { outcome: 'won' });
    await books.follow(order);
    expect(sumOf(await books.ledgerOf(order))).toBe(0);
  });
});

test('no ledger of these orders shows a refund of what a dispute held', async () => {
  expect(await books.broken('nothing is refunded beyond what was left, and a dispute leaves less')).toEqual([]);
});
