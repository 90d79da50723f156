// Disputes that were made long ago are compared too: a bounded number in a run, those first that nobody asked about for the longest.
// And what the provider says of one that can not be read stops nobody. Over a real PostgreSQL, with a provider that a test scripts.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { sql } from 'kysely';
import { createComparingActivities, createCopyingActivities } from '../../src/activities/index.ts';
import { createReconciliationBooks } from '../../src/adapters/postgres/reconciliation-books.ts';
import { createReconciliationWork } from '../../src/adapters/postgres/reconciliation.ts';
import type { Span } from '../../src/contracts/reconcile.ts';
import type { ListedDispute, PaymentProvider } from '../../src/ports/payment.ts';
import { openDisputeBooks, type DisputeBooks, type PaidOrder } from '../support/dispute-books.ts';

let books: DisputeBooks;
let order: PaidOrder;
let runs = 0;
beforeAll(async () => {
  books = await openDisputeBooks();
  order = await books.paid();
});
afterAll(() => books.close());
beforeEach(async () => {
  await sql`delete from disputes where dispute_id like 'du_old_%'`.execute(books.db);
});

/** So many disputes of the order that were asked about one minute apart, the first one the longest ago. */
async function oldDisputes(count: number): Promise<void> {
  await sql`
    insert into disputes (dispute_id, tenant, order_id, ordinal, state, reason, amount_minor, currency, compared_at)
    select 'du_old_' || lpad(n::text, 3, '0'), 'local', ${order.orderId}, 1, 'open', 'general', 1, 'EUR',
           now() - interval '1 day' + n * interval '1 minute'
    from generate_series(1, ${count}::int) n`.execute(books.db);
}

const listed = (disputeId: string, dispute: ListedDispute['dispute']): ListedDispute => ({
  ...{ disputeId, paymentId: order.paymentId, createdAt: '2026-01-01T00:00:00.000Z', dispute },
});
const openInquiry = (disputeId: string): ListedDispute =>
  listed(disputeId, {
    ...{
      disputeId,
      amountMinor: 1,
      currency: 'EUR',
      reason: 'general',
      state: 'open',
      evidenceDueAt: null,
      movements: [],
    },
  });

function activitiesWith(over: Partial<PaymentProvider>) {
  const work = createReconciliationWork({ db: books.db });
  const provider = { ...books.provider, ...over };
  const shared = { work, books: createReconciliationBooks({ db: books.db }) };
  const nobody = () => Promise.reject(new Error('Expected nobody to ask Temporal'));
  const workflows = { list: nobody, describe: nobody };
  return {
    begin: (dryRun = false): Promise<Span> =>
      work.begin({ workflowId: `disputes-${(runs += 1)}`, graceMs: 0 }).then((span) => ({ ...span, dryRun })),
    ...createCopyingActivities({ ...shared, provider }),
    ...createComparingActivities({ ...shared, workflows, graceMs: 0 }),
  };
}
const run = <T>(work: () => Promise<T>): Promise<T> => new MockActivityEnvironment().run(work);

test('a run asks about a hundred at most, two by an activity, and the next run about the others first', async () => {
  await oldDisputes(103);
  const asked: string[] = [];
  const activities = activitiesWith({
    findDispute: ({ disputeId }) => (asked.push(disputeId), Promise.resolve({ done: openInquiry(disputeId) })),
  });
  const span = await activities.begin();
  let cursor: string | null = null;
  do {
    const before = asked.length;
    cursor = await run(() => activities.copyUnsettledDisputes({ span, cursor }));
    expect(asked.length - before).toBeLessThanOrEqual(2);
  } while (cursor !== null);
  expect(asked).toEqual(Array.from({ length: 100 }, (_, n) => `du_old_${String(n + 1).padStart(3, '0')}`));

  asked.length = 0;
  const next = await activities.begin();
  const second = await run(() => activities.copyUnsettledDisputes({ span: next, cursor: null }));
  await run(() => activities.copyUnsettledDisputes({ span: next, cursor: second }));
  expect(asked).toEqual(['du_old_101', 'du_old_102', 'du_old_103', 'du_old_001']);
});

test('one that was copied by the list of the run, or by an attempt whose answer was lost, is not asked about again', async () => {
  await oldDisputes(4);
  const asked: string[] = [];
  const activities = activitiesWith({
    listAllDisputes: () => Promise.resolve({ done: { items: [openInquiry('du_old_001')], next: null } }),
    findDispute: ({ disputeId }) => (asked.push(disputeId), Promise.resolve({ done: openInquiry(disputeId) })),
  });
  const span = await activities.begin();
  await run(() => activities.copyDisputes({ span, cursor: null }));
  await run(() => activities.copyUnsettledDisputes({ span, cursor: null }));
  await run(() => activities.copyUnsettledDisputes({ span, cursor: null }));
  expect(asked).toEqual(['du_old_002', 'du_old_003', 'du_old_004']);
});

test('a dry run asks about the same again: it leaves no mark', async () => {
  await oldDisputes(3);
  const asked: string[] = [];
  const activities = activitiesWith({
    findDispute: ({ disputeId }) => (asked.push(disputeId), Promise.resolve({ done: openInquiry(disputeId) })),
  });
  for (let time = 0; time < 2; time += 1) {
    const span = await activities.begin(true);
    await run(() => activities.copyUnsettledDisputes({ span, cursor: null }));
  }
  expect(asked).toEqual(['du_old_001', 'du_old_002', 'du_old_001', 'du_old_002']);
});

test('one that can not be read is put in front of a person, once, and the others of the page are compared', async () => {
  const unclear = listed('du_unclear', { unclear: 'Expected a known status; found reborn' });
  const disputes = [unclear, openInquiry('du_news')];
  const activities = activitiesWith({
    listAllDisputes: () => Promise.resolve({ done: { items: disputes, next: null } }),
    findDispute: ({ disputeId }) =>
      Promise.resolve({ done: disputes.find((dispute) => dispute.disputeId === disputeId) ?? unclear }),
  });
  const outcomes = async (): Promise<unknown[]> => {
    const span = await activities.begin();
    await run(() => activities.copyDisputes({ span, cursor: null }));
    await run(() => activities.compareBook({ span, cursor: null, book: 'disputes' }));
    while (await run(() => activities.settleProviderDrift({ span }))) continue;
    const { rows } = await sql<{ drift: string }>`
      select object || ' ' || name || ' ' || outcome as drift from reconciliation_drifts
      where reconciliation_id = ${span.reconciliationId} order by object`.execute(books.db);
    return rows.map(({ drift }) => drift);
  };
  expect(await outcomes()).toEqual(['du_news dispute-unknown repaired', 'du_unclear dispute-unknown parked']);
  expect(await outcomes()).toEqual(['du_news dispute-unknown repaired', 'du_unclear dispute-unknown waits']);
});

test('is settled once it is lost, or its money is back after a win, and only then asked about no more', async () => {
  const settled = async (decision: object): Promise<boolean[]> => {
    const paid = await books.paid();
    const disputeId = await books.dispute(paid.paymentId);
    const isSettled = async (): Promise<boolean> => {
      await books.follow(paid);
      const { rows } = await sql<{ unsettled: boolean }>`
        select unsettled from disputes where dispute_id = ${disputeId}`.execute(books.db);
      return rows[0]?.unsettled === false;
    };
    const before = await isSettled();
    await books.decide(disputeId, decision);
    return [before, await isSettled()];
  };
  expect(await settled({ outcome: 'won' })).toEqual([false, true]);
  expect(await settled({ outcome: 'lost' })).toEqual([false, true]);
});

test('won, but its money not back yet, is asked about until it is', async () => {
  const paid = await books.paid();
  const disputeId = await books.dispute(paid.paymentId);
  await books.decide(disputeId, { outcome: 'won' });
  const isSettled = async (): Promise<boolean | undefined> => {
    const { rows } = await sql<{ unsettled: boolean }>`
      select unsettled from disputes where dispute_id = ${disputeId}`.execute(books.db);
    return rows[0] && !rows[0].unsettled;
  };
  const withoutMoney: PaymentProvider['listDisputes'] = async (request) => {
    const answer = await books.provider.listDisputes(request);
    if (!('done' in answer)) throw new Error('Expected a list of disputes');
    return { done: answer.done.map((dispute) => ({ ...dispute, movements: dispute.movements.slice(0, 1) })) };
  };
  await books.follow(paid, { listDisputes: withoutMoney });
  expect(await isSettled()).toBe(false);
  await books.follow(paid);
  expect(await isSettled()).toBe(true);
});

test('what an old dispute that is over moved in the span is not suspected; what is missing of a new or an open one is', async () => {
  const movedBy = async (decision: object | null): Promise<{ disputeId: string; paid: PaidOrder }> => {
    const paid = await books.paid();
    const disputeId = await books.dispute(paid.paymentId);
    if (decision) await books.decide(disputeId, decision);
    await books.follow(paid);
    return { disputeId, paid };
  };
  const isOld = (disputeId: string) =>
    sql`update disputes set known_at = now() - interval '30 days' where dispute_id = ${disputeId}`.execute(books.db);
  const [over, news, open] = [
    await movedBy({ outcome: 'won' }),
    await movedBy({ outcome: 'lost' }),
    await movedBy(null),
  ];
  await isOld(over.disputeId);
  await isOld(open.disputeId);
  const activities = activitiesWith({});
  const span = await activities.begin();
  await run(() => activities.compareBook({ span, cursor: null, book: 'ledger' }));
  const { rows } = await sql<{ object: string }>`
    select object from reconciliation_drifts where reconciliation_id = ${span.reconciliationId} and name = 'dispute-missing'`.execute(
    books.db,
  );
  const suspected = rows.map(({ object }) => object);
  expect(suspected).not.toContain(over.disputeId);
  expect(suspected).toEqual(expect.arrayContaining([news.disputeId, open.disputeId]));
});
