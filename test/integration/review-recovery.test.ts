// What a recovery of a restored database makes of orders in review.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Database } from '../../src/adapters/postgres/database.ts';
import { createRecoveryRecords } from '../../src/adapters/postgres/recovery.ts';
import type { RecoveryPlan } from '../../src/domain/recovery.ts';
import { acceptOrder, openTestDatabase, stockProduct } from '../support/database.ts';
import { reviewing, type Reviewing } from '../support/reviewing.ts';

let db: Database;
let close: () => Promise<void>;
let reserve: Reviewing['reserve'];
let inReview: Reviewing['inReview'];
let find: Reviewing['find'];

beforeAll(async () => {
  ({ db, close } = await openTestDatabase());
  await stockProduct(db, 'book', 1_000);
  ({ reserve, inReview, find } = reviewing(db));
});
afterAll(() => close());

describe('after a backup was restored', () => {
  const plan = { own: null, ending: null, isReviewed: false, doubt: null };
  async function settle(
    orderId: string,
    how: 'rebuilt' | 'restarted',
    more: Partial<RecoveryPlan> = {},
  ): Promise<void> {
    const records = createRecoveryRecords({ db });
    const { id: recoveryId } = await records.begin();
    await records.settle({
      recoveryId,
      orderId,
      how,
      plan: { ...plan, ...more },
      paymentIds: [],
      tries: [],
      omitted: [],
    });
  }

  test('an order that was not charged waits on, until the same moment', async () => {
    const orderId = await inReview();
    const { waiting, review } = await find(orderId);
    await settle(orderId, 'restarted');
    expect(await find(orderId)).toMatchObject({ waiting, review });
    expect(await reserve(orderId)).toMatchObject({ review: { until: review?.until } });
  });

  test('one that may have been charged goes on: somebody had looked at it', async () => {
    const orderId = await inReview();
    await settle(orderId, 'restarted', { isReviewed: true });
    expect(await find(orderId)).toMatchObject({ waiting: null, review: { state: 'approved', decidedBy: 'recovery' } });
    expect(await reserve(orderId)).toEqual({ reserved: true });

    const lost = await acceptOrder(db);
    await settle(lost, 'rebuilt', { isReviewed: true });
    expect(await reserve(lost)).toEqual({ reserved: true });
  });

  test('one that had ended is not looked at any more', async () => {
    const orderId = await inReview();
    await settle(orderId, 'restarted', { ending: { status: 'cancelled', reason: 'x', actor: 'x' } });
    expect(await find(orderId)).toMatchObject({ waiting: null, review: { state: 'cancelled' } });
  });
});
