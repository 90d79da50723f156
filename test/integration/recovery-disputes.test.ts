// Which payments a recovery has looked at for their disputes: those of closed orders, while more is to come.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createRecoveryRecords } from '../../src/adapters/postgres/recovery.ts';
import { openDisputeBooks, type DisputeBooks } from '../support/dispute-books.ts';

let books: DisputeBooks;
beforeAll(async () => {
  books = await openDisputeBooks();
});
afterAll(() => books.close());

test('a payment of a closed order is looked at until its dispute is over; one of an open order is not', async () => {
  const records = createRecoveryRecords({ db: books.db });
  const [closed, open] = [await books.paid(), await books.paid()];
  await books.end(closed);
  const disputeId = await books.dispute(closed.paymentId);
  await books.dispute(open.paymentId);
  for (const order of [closed, open]) await books.follow(order).catch(() => undefined);
  expect(await records.listDisputed({ after: '', limit: 10 })).toEqual([closed]);
  expect(await records.listDisputed({ after: closed.paymentId, limit: 10 })).toEqual([]);
  const paymentIds = [closed.paymentId, open.paymentId, 'pi_of_nobody'];
  expect(await records.findClosedPayments({ paymentIds })).toEqual([closed]);

  await books.decide(disputeId, { outcome: 'lost' });
  await books.follow(closed).catch(() => undefined);
  expect(await records.listDisputed({ after: '', limit: 10 })).toEqual([]);
});
