// Reviews in the rows: which orders get one, who decides, what it holds, and what a run that begins anew finds.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { Database } from '../../src/adapters/postgres/database.ts';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createPaymentActivities } from '../../src/activities/payment.ts';
import { createOrderRecords } from '../../src/adapters/postgres/explanation.ts';
import { createInventory } from '../../src/adapters/postgres/inventory.ts';
import { createOrderSteps } from '../../src/adapters/postgres/order.ts';
import { createPaymentRecords } from '../../src/adapters/postgres/payment.ts';
import { FailureName } from '../../src/contracts/failures.ts';
import type { ReviewWord } from '../../src/contracts/review.ts';
import type { OrderSteps } from '../../src/ports/order.ts';
import type { PaymentProvider } from '../../src/ports/payment.ts';
import { rowRules } from '../../src/verify/invariants.ts';
import { acceptOrder, openTestDatabase, stockProduct } from '../support/database.ts';
import { everyOrder, HOUR, none, reviewing, times, type Reviewing } from '../support/reviewing.ts';

const approve: ReviewWord = { decision: 'approve', actor: 'key-1', reason: 'known to us', mayDecideEscalated: false };
const reject: ReviewWord = { ...approve, decision: 'reject', actor: 'key-2', reason: 'looks stolen' };
const cancellation = { actor: 'customer-1', reason: 'changed my mind' };

let db: Database;
let close: () => Promise<void>;
let orders: OrderSteps;
let reserve: Reviewing['reserve'];
let inReview: Reviewing['inReview'];
let find: Reviewing['find'];
let eventsOf: Reviewing['eventsOf'];
let pass: Reviewing['pass'];

beforeAll(async () => {
  ({ db, close } = await openTestDatabase());
  orders = createOrderSteps({ db });
  ({ reserve, inReview, find, eventsOf, pass } = reviewing(db));
  await stockProduct(db, 'book', 10_000);
});
afterAll(async () => {
  const name = 'an order waits for a review exactly while one is pending, and no charge has begun by then';
  const { rows } = await sql`${sql.raw(rowRules[name] ?? 'select')}`.execute(db);
  await close();
  expect(rows).toEqual([]);
});

/** A provider that nobody may ask. */
const neverAsked = new Proxy({} as PaymentProvider, {
  get: () => () => Promise.reject(new Error('the provider was asked')),
});
const logger = new DefaultLogger('ERROR', () => undefined);

describe('an order', () => {
  test('that no rule asks about is reserved as ever: no row, no wait, no event', async () => {
    for (const rules of [null, { ...none, aboveMinor: { EUR: 1_000, USD: 1 } }]) {
      const orderId = await acceptOrder(db);
      expect(await reserve(orderId, { rules })).toEqual({ reserved: true });
      expect(await find(orderId)).toMatchObject({ status: 'reserved', waiting: null, review: null });
      expect(await eventsOf(orderId)).toEqual(['order.placed', 'inventory.reserved']);
    }
  });

  test('that a rule asks about waits for its review with its stock held until then, told in the same commit', async () => {
    const orderId = await acceptOrder(db);
    const reserving = await reserve(orderId, { rules: { ...everyOrder, aboveMinor: { EUR: 999 } } });
    const { review, waiting } = await find(orderId);
    expect(review).toEqual({
      state: 'pending',
      reasons: [
        { rule: 'amount', message: '1000 EUR (minor units) is more than 999 EUR (minor units)' },
        { rule: 'units', message: '1 unit are more than 0' },
      ],
      requestedAt: expect.stringMatching(/Z$/),
      until: expect.stringMatching(/Z$/),
      ...{ escalatedAt: null, decidedAt: null, decidedBy: null, reason: null },
    });
    expect(waiting).toEqual({ for: 'review', until: review?.until });
    expect(reserving).toMatchObject({ review: { until: review?.until, onExpiry: 'reject' } });
    expect(Date.parse(review?.until ?? '') - Date.parse(review?.requestedAt ?? '')).toBe(2 * HOUR);
    expect(await eventsOf(orderId)).toEqual(['order.placed', 'inventory.reserved', 'order.review_requested']);
    const { rows } = await sql<{ beyondMs: number }>`
      select (extract(epoch from h.expires_at - r.until) * 1000)::bigint as "beyondMs"
      from reservations h join reviews r using (order_id) where order_id = ${orderId}`.execute(db);
    // The usual time of a hold, and no more.
    expect(rows[0]?.beyondMs).toBeGreaterThan(0);
    expect(rows[0]?.beyondMs).toBeLessThanOrEqual(15 * 60_000 + 1_000);
  });

  test('is the first of its customer until one was sold, and so it stays when that is shipped and delivered', async () => {
    const customer = `customer-${Date.now()}`;
    const first = { ...none, firstOrder: 'any' } as const;
    const place = async (): Promise<string> => {
      const orderId = await acceptOrder(db);
      await sql`update orders set customer_id = ${customer} where id = ${orderId}`.execute(db);
      return orderId;
    };
    const one = await place();
    expect(await reserve(await place(), { rules: first })).toHaveProperty('review');
    expect(await reserve(one, { rules: first })).toHaveProperty('review');
    await orders.decideReview({ orderId: one, ...approve });
    const capture = { providerId: `pi_${one}`, amountMinor: 1_000, currency: 'EUR' };
    await createPaymentRecords({ db }).recordCapture({ orderId: one, ordinal: 1, ...capture });
    await orders.confirm({ orderId: one });
    const delivered = sql`status = 'delivered', closed_at = clock_timestamp(), launch_after = null`;
    for (const further of [sql`ships = true`, sql`status = 'shipped'`, delivered]) {
      await sql`update orders set ${further} where id = ${one}`.execute(db);
      expect(await reserve(await place(), { rules: first })).not.toHaveProperty('review');
    }
  });

  test('of a customer who orders too often within the window is reviewed', async () => {
    const customer = `often-${Date.now()}`;
    const rules = { ...none, velocity: { orders: 2, windowMs: HOUR } };
    const seen: boolean[] = [];
    for (let turn = 0; turn < 4; turn += 1) {
      const orderId = await acceptOrder(db);
      await sql`update orders set customer_id = ${customer} where id = ${orderId}`.execute(db);
      seen.push('review' in (await reserve(orderId, { rules })));
      // The third is the last within the hour: what lies longer back counts no more.
      if (turn === 2)
        await sql`update orders set placed_at = placed_at - interval '2 hours' where customer_id = ${customer}`.execute(
          db,
        );
    }
    expect(seen).toEqual([false, false, true, false]);
  });
});

describe('a review', () => {
  test('is approved once: a repeat and another word change nothing, and each is told what stands', async () => {
    const orderId = await inReview();
    expect(await orders.decideReview({ orderId, ...approve })).toEqual({ state: 'approved', ending: null });
    expect(await orders.decideReview({ orderId, ...reject })).toEqual({ state: 'approved', ending: null });
    expect(await orders.advanceReview({ orderId })).toEqual({ state: 'approved', ending: null });
    expect(await find(orderId)).toMatchObject({
      status: 'reserved',
      waiting: null,
      review: { state: 'approved', decidedBy: 'key-1', reason: 'known to us' },
    });
    expect((await eventsOf(orderId)).slice(-1)).toEqual(['order.review_approved']);
    // A run that begins anew goes on.
    expect(await reserve(orderId)).toEqual({ reserved: true });
  });

  test('that is rejected fixes the end: nothing goes forward, and what the reviewer thinks is not told as the rejection', async () => {
    const orderId = await inReview();
    const ending = {
      status: 'rejected',
      rejection: { code: 'review.rejected', message: 'A review of the order said no' },
    };
    expect(await orders.decideReview({ orderId, ...reject })).toEqual({ state: 'rejected', ending });
    expect(await orders.cancel({ orderId, ...cancellation })).toEqual({ ending });
    expect(await orders.confirm({ orderId })).toEqual({ ending });
    const kept = { providerId: `pi_${orderId}`, orderId, ordinal: 1 };
    expect(await createPaymentRecords({ db }).keepProviderId(kept)).toEqual({ ending });
    await createInventory({ db }).release({ orderId, ending: { status: 'cancelled', reason: 'x', actor: 'x' } });
    await orders.close({ orderId, ending: { status: 'cancelled', reason: 'x', actor: 'x' } });
    expect(await find(orderId)).toMatchObject({ status: 'rejected', review: { state: 'rejected' } });
  });

  test('is escalated when its time has come, once, and is for the second group from then on', async () => {
    const orderId = await inReview();
    expect(await orders.advanceReview({ orderId })).toMatchObject({ state: 'pending', isEscalated: false });
    await pass(orderId, HOUR);
    const escalated = { state: 'pending', isEscalated: true, escalatesInMs: null };
    expect(await orders.advanceReview({ orderId })).toMatchObject(escalated);
    expect(await orders.advanceReview({ orderId })).toMatchObject(escalated);
    expect(await orders.decideReview({ orderId, ...approve })).toMatchObject(escalated);
    expect((await find(orderId)).review).toMatchObject({ state: 'pending', escalatedAt: expect.stringMatching(/Z$/) });
    expect((await eventsOf(orderId)).filter((type) => type === 'order.review_escalated')).toHaveLength(1);
    const second = { ...approve, mayDecideEscalated: true };
    expect(await orders.decideReview({ orderId, ...second })).toMatchObject({ state: 'approved' });
  });

  test.each([
    ['approve', null],
    [
      'reject',
      { status: 'rejected', rejection: { code: 'review.expired', message: 'Nobody reviewed the order in time' } },
    ],
  ] as const)(
    'that nobody decided comes to %s, where that is configured; a word after it is too late',
    async (onExpiry, ending) => {
      const orderId = await inReview({ ...times, onExpiry });
      await pass(orderId, 2 * HOUR);
      expect(await orders.advanceReview({ orderId })).toEqual({ state: 'expired', ending });
      expect(await orders.decideReview({ orderId, ...reject })).toEqual({ state: 'expired', ending });
      expect(await find(orderId)).toMatchObject({ waiting: null, review: { state: 'expired', decidedBy: null } });
      expect((await eventsOf(orderId)).slice(-1)).toEqual(['order.review_expired']);
    },
  );

  test('is over when the order is cancelled, and nobody can decide any more', async () => {
    const orderId = await inReview();
    await orders.cancel({ orderId, ...cancellation });
    const ending = { status: 'cancelled', ...cancellation };
    expect(await orders.decideReview({ orderId, ...approve })).toEqual({ state: 'cancelled', ending });
    expect(await find(orderId)).toMatchObject({ waiting: null, review: { state: 'cancelled' } });
  });

  test('is the same for a run that begins anew, whatever is configured by then', async () => {
    const orderId = await inReview();
    const { review } = await find(orderId);
    await pass(orderId, HOUR / 2);
    const again = await reserve(orderId, { rules: null, review: { ...times, limitMs: 9 * HOUR } });
    expect(again).toMatchObject({
      review: { until: new Date(Date.parse(review?.until ?? '') - HOUR / 2).toISOString() },
    });
    expect('review' in again && again.review.endsInMs).toBeLessThanOrEqual(1.5 * HOUR);
    expect(await eventsOf(orderId)).toHaveLength(3);
  });

  test('keeps the order from being charged or sold, whoever tries', async () => {
    const orderId = await inReview();
    expect(await createPaymentRecords({ db }).find({ orderId, ordinal: 1 })).toMatchObject({ isInReview: true });
    await expect(orders.confirm({ orderId })).rejects.toThrow('waits for its review');
    const charging = createPaymentActivities({
      payments: createPaymentRecords({ db }),
      inventory: createInventory({ db }),
      provider: neverAsked,
    });
    const charge = () =>
      new MockActivityEnvironment({}, { logger }).run(() => charging.chargePayment({ orderId, ordinal: 1 }));
    await expect(charge()).rejects.toMatchObject({ type: FailureName.notNow });
    await orders.decideReview({ orderId, ...approve });
    await expect(charge()).rejects.toThrow('the provider was asked');
  });

  test('is not over because money has come, which nobody asked for: it is not sold before somebody has looked', async () => {
    const orderId = await inReview();
    const paid = { providerId: `pi_${orderId}`, amountMinor: 1_000, currency: 'EUR' };
    await createPaymentRecords({ db }).recordCapture({ orderId, ordinal: 1, ...paid });
    expect(await find(orderId)).toMatchObject({ waiting: { for: 'review' }, review: { state: 'pending' } });
    await expect(orders.confirm({ orderId })).rejects.toThrow('waits for its review');
    await orders.decideReview({ orderId, ...approve });
    expect(await orders.confirm({ orderId })).toEqual({ confirmed: true });
  });

  test('says in the explanation who must act, until when, and what happens then', async () => {
    const orderId = await inReview();
    const { review } = await find(orderId);
    const facts = await createOrderRecords({ db }).find({ tenant: 'local', orderId });
    expect(facts?.review).toEqual({
      reasons: ['1 unit are more than 0'],
      until: review?.until,
      escalatesAt: new Date(Date.parse(review?.until ?? '') - HOUR).toISOString(),
      isEscalated: false,
      onExpiry: 'reject',
    });
  });

  test('gets one end whoever comes first: a yes, a no, the time, a cancellation, all at once', async () => {
    for (let turn = 0; turn < 8; turn += 1) {
      const orderId = await inReview();
      await pass(orderId, 2 * HOUR);
      const answers = await Promise.all([
        orders.decideReview({ orderId, ...approve }),
        orders.decideReview({ orderId, ...reject }),
        orders.advanceReview({ orderId }),
        orders.decideReview({ orderId, ...approve }),
      ]);
      await orders.cancel({ orderId, ...cancellation });
      const { review } = await find(orderId);
      expect(new Set(answers.map(({ state }) => state))).toEqual(new Set([review?.state]));
      const decisions = (await eventsOf(orderId)).filter((type) => /review_(approved|rejected|expired)/.test(type));
      expect(decisions).toHaveLength(1);
    }
  });

  test('once decided can not be changed by anybody', async () => {
    const orderId = await inReview();
    await orders.decideReview({ orderId, ...approve });
    await expect(sql`update reviews set state = 'rejected' where order_id = ${orderId}`.execute(db)).rejects.toThrow(
      'refused',
    );
    await expect(sql`delete from reviews where order_id = ${orderId}`.execute(db)).rejects.toThrow('refused');
  });
});
