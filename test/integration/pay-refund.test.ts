// Paying a refund at a provider that loses answers, stores failures and lets refunds fail: what was asked for goes back once, or
// nothing of it has moved.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRefundActivities } from '../../src/activities/refund.ts';
import type { Ending } from '../../src/domain/rejection.ts';
import { sql } from 'kysely';
import { acceptedIn, after, startRefunding, type Refunding } from '../support/refunding.ts';

let shop: Refunding;
beforeAll(async () => {
  shop = await startRefunding();
});
afterAll(() => shop.close());

const parks = { type: 'NeedsOperator' };
const later = { type: 'NotNow' };
const giveUp = { actor: 'operator-1', reason: 'it was a mistake' };

describe('a refund', () => {
  test('goes back once, however often it is tried, and the order is worth less', async () => {
    const refund = await shop.ask({ amountMinor: 300 });
    const { orderId, providerId } = refund;
    expect(await shop.activities().payRefund(after(0, refund))).toEqual({ status: 'completed' });
    expect(await shop.activities().payRefund(after(0, refund))).toEqual({ status: 'completed' });
    expect(await shop.refundsAt(providerId)).toEqual([300]);
    expect(await shop.ledgerOf(orderId)).toEqual([1_000, -300]);
    expect(await shop.find(orderId)).toMatchObject({ state: 'completed', settledAt: expect.any(String) });
    expect((await shop.eventsOf(orderId)).slice(-3)).toEqual([
      'refund.requested',
      'payment.refunded',
      'refund.completed',
    ]);
    await shop.follow(refund);
  });

  test.each([
    ['an answer that was lost', { mode: 'drop_after_effect' }],
    ['half an answer', { mode: 'half_body' }],
    ['a failure that hid the effect, for ever', { mode: 'error_500_after_effect', cached: true }],
  ])('goes back once in spite of %s', async (_name, fault) => {
    const refund = await shop.ask({ amountMinor: 300 });
    await shop.inject({ operation: 'refund', match: { orderId: refund.orderId }, ...fault });
    await expect(shop.activities().payRefund(after(0, refund))).rejects.toThrow();
    expect(await shop.activities().payRefund(after(0, refund))).toEqual({ status: 'completed' });
    expect(await shop.refundsAt(refund.providerId)).toEqual([300]);
  });

  test('goes on under the next revision of a key under which the provider has stored a failure', async () => {
    const refund = await shop.ask({ amountMinor: 300 });
    await shop.inject({ operation: 'refund', mode: 'error_500', cached: true, match: { orderId: refund.orderId } });
    await expect(shop.activities().payRefund(after(0, refund))).rejects.toThrow();
    await expect(shop.activities().payRefund(after(0, refund))).rejects.toMatchObject(later);
    expect(await shop.activities().payRefund(after(0, refund))).toEqual({ status: 'completed' });
    expect(await shop.refundsAt(refund.providerId)).toEqual([300]);
  });

  test('that is pending is not done: it is asked for again, and never sent twice', async () => {
    const refund = await shop.ask({ amountMinor: 300 }, { paymentMethod: 'pm_card_pendingRefund' });
    await expect(shop.activities().payRefund(after(0, refund))).rejects.toMatchObject(later);
    await expect(shop.activities().payRefund(after(0, refund))).rejects.toMatchObject(later);
    expect((await shop.dashboard.refunds.list({ payment_intent: refund.providerId })).data).toHaveLength(1);
    await expect(shop.activities().abandonRefund({ ...after(1, refund), ...giveUp })).rejects.toMatchObject(later);
    expect((await shop.find(refund.orderId)).state).toBe('requested');
  });

  test('that was made by others under way is a fact beside it: no more than is left goes back', async () => {
    const refund = await shop.ask({ amountMinor: 800 });
    await shop.dashboard.refunds.create({ payment_intent: refund.providerId, amount: 300 });
    const told = { ...parks, message: expect.stringContaining('700 are left') };
    await expect(shop.activities().payRefund(after(0, refund))).rejects.toMatchObject(told);
    expect(await shop.ledgerOf(refund.orderId)).toEqual([1_000, -300]);
    expect(await shop.refundsAt(refund.providerId)).toEqual([300]);
    // It is in the ledger by now, so the provider's own notice of it says nothing new: somebody is told all the same, once.
    await expect(shop.activities().payRefund(after(0, refund))).rejects.toMatchObject(told);
    const { rows } = await sql`
      select event_type, due_at is not null as due from payment_notices
      where order_id = ${refund.orderId} and event_id like '%:beside-refund:%'`.execute(shop.db);
    expect(rows).toEqual([{ event_type: 'reconciliation.follow', due: true }]);
  });
});

describe('a refund that failed', () => {
  const fails = { paymentMethod: 'pm_card_refundFail' };

  test('parks, is not sent anew by anybody but an operator, and then under a new key', async () => {
    const refund = await shop.ask({ amountMinor: 300 }, fails);
    const made = async () => (await shop.dashboard.refunds.list({ payment_intent: refund.providerId })).data;
    await expect(shop.activities().payRefund(after(0, refund))).rejects.toMatchObject(parks);
    await expect(shop.activities().payRefund(after(0, refund))).rejects.toMatchObject(parks);
    // Another run of the workflow, which nobody has told anything.
    await expect(shop.activities().payRefund(after(0, refund, 'run-2'))).rejects.toMatchObject(parks);
    expect(await made()).toHaveLength(1);
    await expect(shop.activities().payRefund(after(1, refund))).rejects.toMatchObject(parks);
    // A repeat of the same decision, whose answer was lost: it is not tried once more.
    await expect(shop.activities().payRefund(after(1, refund))).rejects.toMatchObject(parks);
    const keys = (await made()).map(({ metadata }) => metadata?.['idempotencyKey']);
    expect(keys).toEqual([`${refund.orderId}:refundPart:1.1:r2`, `${refund.orderId}:refundPart:1.1`]);
  });

  test('is given up at once: its key moves nothing any more', async () => {
    const refund = await shop.ask({ amountMinor: 300 }, fails);
    await expect(shop.activities().payRefund(after(0, refund))).rejects.toMatchObject(parks);
    expect(await shop.activities().abandonRefund({ ...after(1, refund), ...giveUp })).toEqual({ status: 'abandoned' });
    expect(await shop.find(refund.orderId)).toMatchObject({ state: 'abandoned', abandoned: giveUp });
    expect((await shop.eventsOf(refund.orderId)).at(-1)).toBe('refund.abandoned');
    expect(acceptedIn(await shop.request(refund.orderId)).amountMinor).toBe(1_000);
  });

  test('is replaced by one that was made by hand, of the same amount, which counts once', async () => {
    const refund = await shop.ask({ amountMinor: 300 }, fails);
    const { orderId, providerId } = refund;
    await expect(shop.activities().payRefund(after(0, refund))).rejects.toMatchObject(parks);
    const byHand = (amountMinor: number, refundId: string) => ({
      listRefunds: async (request: { providerId: string }) => {
        const listed = await shop.provider.listRefunds(request);
        const made = { refundId, amountMinor, currency: 'EUR', key: null, state: 'succeeded' } as const;
        return 'done' in listed ? { done: [...listed.done, made] } : listed;
      },
    });
    const adopt = async (amountMinor: number, refundId: string, id = refundId, parkings = 1) =>
      shop
        .activities({ provider: byHand(amountMinor, refundId) })
        .adoptPaidRefund({ ...after(parkings, refund), refundId: id });
    await expect(adopt(300, `re_${orderId}`, 're_unheard_of')).rejects.toMatchObject(parks);
    await expect(adopt(299, `re_299_${orderId}`)).rejects.toMatchObject(parks);
    expect(await adopt(300, `re_${orderId}`)).toEqual({ status: 'completed' });
    expect((await shop.find(orderId)).refundIds).toEqual([`re_${orderId}`]);
    const { rows } = await sql`
      select 1 from payment_notices where payment_id = ${providerId} and refund_id = ${`re_${orderId}`} and due_at is not null`.execute(
      shop.db,
    );
    expect(rows).toHaveLength(1);
    const second = acceptedIn(await shop.request(orderId, { amountMinor: 300 }));
    const again = shop
      .activities({ provider: byHand(300, `re_${orderId}`) })
      .adoptPaidRefund({ ...after(1, { orderId, number: second.number }), refundId: `re_${orderId}` });
    await expect(again).rejects.toMatchObject(parks);
  });
});

describe('giving up', () => {
  test('waits while what was sent may still arrive, and finds what did', async () => {
    const refund = await shop.ask({ amountMinor: 300 });
    const lost = { provider: { refund: () => Promise.reject(new Error('no answer')) } };
    await expect(shop.activities(lost).payRefund(after(0, refund))).rejects.toThrow('no answer');
    await expect(shop.activities().abandonRefund({ ...after(1, refund), ...giveUp })).rejects.toMatchObject(later);
    await shop.age(refund.orderId);
    expect(await shop.activities().abandonRefund({ ...after(1, refund), ...giveUp })).toEqual({ status: 'abandoned' });
    expect(await shop.refundsAt(refund.providerId)).toEqual([]);
  });

  test('is too late for a refund that was made without our knowing', async () => {
    const refund = await shop.ask({ amountMinor: 300 });
    await shop.inject({ operation: 'refund', mode: 'drop_after_effect', match: { orderId: refund.orderId } });
    await expect(shop.activities().payRefund(after(0, refund))).rejects.toThrow();
    expect(await shop.activities().abandonRefund({ ...after(1, refund), ...giveUp })).toEqual({ status: 'completed' });
    expect(await shop.ledgerOf(refund.orderId)).toEqual([1_000, -300]);
  });

  test('makes an attempt lose that had read all and not sent yet', async () => {
    const refund = await shop.ask({ amountMinor: 300 });
    const { orderId } = refund;
    // The zombie has asked the provider what is; before it is allowed to send, somebody gives the refund up.
    const zombie = shop.activities({
      refunds: {
        allowSending: async (request) => {
          await shop.activities().abandonRefund({ ...after(1, refund), ...giveUp });
          return shop.records.allowSending(request);
        },
      },
    });
    await expect(zombie.payRefund(after(0, refund))).rejects.toThrow('may not be sent');
    expect(await shop.refundsAt(refund.providerId)).toEqual([]);
    expect((await shop.find(orderId)).state).toBe('abandoned');
  });

  test('is taken back by a later decision to pay, while it was not done', async () => {
    const refund = await shop.ask({ amountMinor: 300 });
    const lost = { provider: { refund: () => Promise.reject(new Error('no answer')) } };
    await expect(shop.activities(lost).payRefund(after(0, refund))).rejects.toThrow('no answer');
    await expect(shop.activities().abandonRefund({ ...after(1, refund), ...giveUp })).rejects.toMatchObject(later);
    // An attempt of before, and a new run that knows of no decision.
    await expect(shop.activities().payRefund(after(1, refund))).rejects.toMatchObject(parks);
    await expect(shop.activities().payRefund(after(0, refund, 'run-2'))).rejects.toMatchObject(parks);
    expect(await shop.activities().payRefund(after(2, refund))).toEqual({ status: 'completed' });
    await expect(
      shop.records.abandon({ ...after(1, refund), parking: after(1, refund).parked.parking, ...giveUp }),
    ).resolves.toBe('completed');
  });

  test('when money moved after all, somebody is told: it is in the ledger, and the order lacks it', async () => {
    const refund = await shop.ask({ amountMinor: 300 });
    const { orderId, providerId } = refund;
    const frozen = shop.activities({
      provider: {
        // Frozen between its permission and its request, for longer than anybody waits.
        refund: async (request) => {
          await shop.age(orderId);
          await shop.activities().abandonRefund({ ...after(1, refund), ...giveUp });
          return shop.provider.refund(request);
        },
      },
    });
    expect(await frozen.payRefund(after(0, refund))).toEqual({ status: 'abandoned' });
    expect(await shop.ledgerOf(orderId)).toEqual([1_000, -300]);
    const { rows } = await sql`
      select 1 from payment_notices where payment_id = ${providerId} and due_at is not null`.execute(shop.db);
    expect(rows).toHaveLength(1);
    await expect(shop.follow(refund)).rejects.toMatchObject(parks);
  });
});

describe('beside the undo of its order', () => {
  const ending: Ending = { status: 'cancelled', reason: 'test', actor: 'tester' };
  const end = ({ orderId }: { orderId: string }) =>
    sql`update orders set status = 'cancelled', ending = ${JSON.stringify(ending)}::jsonb where id = ${orderId}`.execute(
      shop.db,
    );
  /** As a cancellation of a sold order would leave it; the table of transitions has none yet. */
  const unsell = async (refund: { orderId: string }): Promise<void> => {
    await sql`alter table orders disable trigger orders_legal_transitions`.execute(shop.db);
    await end(refund);
    await sql`alter table orders enable trigger orders_legal_transitions`.execute(shop.db);
  };
  const undo = (orderId: string, over: Partial<Refunding['provider']> = {}): Promise<void> =>
    createRefundActivities({ provider: { ...shop.provider, ...over }, payments: shop.payments }).refundPayment({
      ...{ orderId, ordinal: 1, ending },
    });

  test('the undo gives back only what is left', async () => {
    const refund = await shop.ask({ amountMinor: 300 });
    await shop.activities().payRefund(after(0, refund));
    await unsell(refund);
    await undo(refund.orderId);
    expect(await shop.refundsAt(refund.providerId)).toEqual([700, 300]);
  });

  test('a refund that comes between the undo’s look and its request makes it ask again, and not park', async () => {
    const refund = await shop.ask({ amountMinor: 300 });
    await unsell(refund);
    const between = {
      refund: async (request: Parameters<Refunding['provider']['refund']>[0]) => {
        const key = `${refund.orderId}:refundPart:1.1`;
        await shop.provider.refund({ key, providerId: refund.providerId, amountMinor: 300 });
        return shop.provider.refund(request);
      },
    };
    await expect(undo(refund.orderId, between)).rejects.toMatchObject(later);
    // Another amount under the same key is refused for good: it goes on under the next.
    await expect(undo(refund.orderId)).rejects.toMatchObject(later);
    await undo(refund.orderId);
    expect(await shop.refundsAt(refund.providerId)).toEqual([700, 300]);
    expect(await shop.activities().payRefund(after(0, refund))).toEqual({ status: 'completed' });
  });

  test('what the undo gave back, the refund gives up', async () => {
    const refund = await shop.ask({ amountMinor: 300 });
    const undone = shop.activities({
      provider: {
        refund: async (request) => {
          await unsell(refund);
          await undo(refund.orderId);
          return shop.provider.refund(request);
        },
      },
    });
    await expect(undone.payRefund(after(0, refund))).rejects.toMatchObject(later);
    await shop.age(refund.orderId);
    expect(await shop.activities().payRefund(after(0, refund))).toEqual({ status: 'abandoned' });
    expect(await shop.refundsAt(refund.providerId)).toEqual([1_000]);
    expect(await shop.ledgerOf(refund.orderId)).toEqual([1_000, -1_000]);
  });
});
