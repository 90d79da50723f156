// Disputes in our books: in whatever order their notices come, and however often, each movement is recorded once, and no sold order
// is without its money unless that is in front of a person.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { createPaymentNotices } from '../../src/adapters/postgres/payment-notices.ts';
import { outcomeOf } from '../../src/domain/payment-notice.ts';
import { openDisputeBooks, sumOf, type DisputeBooks } from '../support/dispute-books.ts';

let books: DisputeBooks;
beforeAll(async () => {
  books = await openDisputeBooks();
});
afterAll(() => books.close());

type Step = 'sale' | 'opened' | 'decision' | 'closed';
const orderings = permutations<Step>(['sale', 'opened', 'decision', 'closed']);
const cases = (['won', 'lost'] as const).flatMap((outcome) =>
  orderings.map((order) => [outcome, order.join(' → '), order] as const),
);

test.each(cases)('a dispute that is %s, in the order %s, and ten times', async (outcome, _name, order) => {
  const { orderId, paymentId } = await books.paid();
  const disputeId = await books.dispute(paymentId);
  let isParked = false;
  let hears = 0;

  /** Through the inbox, to a receiver that does what the workflow does: parked until it gets through. */
  async function hear(...types: string[]): Promise<void> {
    const notices = createPaymentNotices({ db: books.db });
    for (const type of types) {
      const about = { eventId: `evt_${(hears += 1)}_${orderId}`, eventType: `charge.dispute.${type}` };
      await notices.keep({ ...about, paymentId, refundId: null, disputeId, orderId: null });
    }
    await workOff();
  }
  async function workOff(): Promise<void> {
    await sql`update payment_notices set due_at = now() - interval '1 second' where payment_id = ${paymentId} and due_at is not null`.execute(
      books.db,
    );
    for (const notice of await createPaymentNotices({ db: books.db }).claimDue({ limit: 100 })) {
      const due = outcomeOf(notice);
      if (due === 'followed') isParked = await parks(notice.orderId === orderId ? { orderId, paymentId } : null);
      await createPaymentNotices({ db: books.db }).finish({ eventId: notice.eventId, outcome: due });
    }
  }
  const sell = (): Promise<unknown> => books.steps.confirmOrder({ orderId }).catch((error: unknown) => error);

  const perform: Record<Step, () => Promise<unknown>> = {
    sale: sell,
    opened: () => hear('funds_withdrawn', 'created'),
    decision: () => books.decide(disputeId, { outcome }),
    closed: () => hear('closed', 'funds_reinstated', 'updated'),
  };
  for (const step of order) await perform[step]();
  for (let time = 0; time < 10; time += 1) await hear('closed', 'created', 'updated', 'funds_withdrawn');
  // An operator tries the pivot again; what can not be sold is undone.
  if ((await books.statusOf({ orderId })) !== 'confirmed') await sell();
  if ((await books.statusOf({ orderId })) !== 'confirmed') await books.end({ orderId, paymentId });
  await workOff();

  const ledger = await books.ledgerOf({ orderId });
  const status = await books.statusOf({ orderId });
  const moves = ledger.filter(([kind]) => kind === 'disputed' || kind === 'reinstated');
  expect(moves).toEqual([['disputed', -1_000], ...(outcome === 'won' ? [['reinstated', 1_000]] : [])]);
  // Won: the sale stands, with its money. Lost: nothing is left, and a sold order waits for a person.
  const sold = outcome === 'won' ? { taken: 1_000, isParked: false } : { taken: 0, isParked: true };
  expect({ taken: sumOf(ledger), isParked }).toEqual(status === 'confirmed' ? sold : { taken: 0, isParked: false });
  if (outcome === 'won') expect(status).toBe('confirmed');
  expect((await books.eventsOf({ orderId })).filter((type) => type === 'payment.dispute_closed')).toHaveLength(1);
  expect((await books.eventsOf({ orderId })).filter((type) => type === 'payment.disputed').length).toBeLessThanOrEqual(
    1,
  );
  expect((await books.dashboard.refunds.list({ payment_intent: paymentId })).data).toEqual([]);
});

async function parks(order: { orderId: string; paymentId: string } | null): Promise<boolean> {
  if (!order) throw new Error('Expected a notice about the order');
  const failure = await books.follow(order).then(
    () => null,
    (error: unknown) => error,
  );
  if (failure !== null) expect(failure).toMatchObject({ type: 'NeedsOperator' });
  return failure !== null;
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, index) =>
    permutations(items.filter((_, other) => other !== index)).map((rest) => [item, ...rest]),
  );
}
