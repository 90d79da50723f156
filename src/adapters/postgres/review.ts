// Orders that a person looks at before they are charged. What must stay true: the row decides, under the order's lock, whether a
// decision, the end of the time or a cancellation came first; that stands, and whoever comes later is told so.
import { sql } from 'kysely';
import { EventType } from '../../contracts/events.ts';
import type { PendingReview, ReviewAnswer, ReviewStanding } from '../../contracts/review.ts';
import { RejectionCode, type Rejection } from '../../domain/rejection.ts';
import {
  asksFor,
  DEFAULT_REVIEW_TIMES,
  reasonsToReview,
  type ReviewFacts,
  type ReviewRules,
  type ReviewTimes,
} from '../../domain/review.ts';
import type { OrderSteps } from '../../ports/order.ts';
import { inTransaction, type Database, type Tx } from './database.ts';
import { fixEnding, lockOrder, recordChange, type LockedOrder } from './order-change.ts';
import { endReview, escalateReview, findReview, insertReview } from './review-rows.ts';

// Who has had a thousand orders and none of the newest thousand confirmed is looked at as a new customer is.
const MAX_EARLIER_ORDERS = 1_000;

export const createReviewSteps = ({ db }: { db: Database }): Pick<OrderSteps, 'decideReview' | 'advanceReview'> => ({
  decideReview: (request) => inTransaction(db, (tx) => decide(tx, request)),
  advanceReview: ({ orderId }) => inTransaction(db, (tx) => advance(tx, orderId)),
});

type Requesting = { units: number; rules: ReviewRules; times: ReviewTimes | undefined };

/** Has the locked order reviewed where a rule asks for it; null: nobody has to look at it. */
export async function requestReview(
  tx: Tx,
  order: LockedOrder,
  { units, rules, times = DEFAULT_REVIEW_TIMES }: Requesting,
): Promise<PendingReview | null> {
  // In the world that is lost it was charged, or sold, or about to be: whoever had to look at it first has done so.
  if (order.wasRecovered && (await wasReviewed(tx, order.id))) return null;
  const { currency, totalMinor } = order;
  const facts = { currency, totalMinor, units, ...(await factsOfCustomer(tx, order, rules)) };
  const reasons = reasonsToReview(facts, rules);
  if (reasons.length === 0) return null;
  await insertReview(tx, { orderId: order.id, reasons, times });
  const pending = await findPending(tx, order.id);
  if (!pending) throw new Error(`Expected order ${order.id} to wait for its review; found that it does not`);
  await recordChange(tx, {
    orderId: order.id,
    type: EventType.reviewRequested,
    data: { reasons, until: pending.until, onExpiry: pending.onExpiry },
  });
  return pending;
}

/** The review that the order waits for, or null. */
export async function findPending(tx: Tx, orderId: string): Promise<PendingReview | null> {
  const standing = await findReview(tx, orderId);
  if (standing?.state !== 'pending') return null;
  const { state: _state, ...pending } = standing;
  return pending;
}

async function wasReviewed(tx: Tx, orderId: string): Promise<boolean> {
  const { rows } = await sql`
    select 1 from recovered_orders where order_id = ${orderId} and was_reviewed limit 1`.execute(tx);
  return rows.length > 0;
}

/** Asked only where a rule needs it: by the index on the customer's orders, and bounded. */
async function factsOfCustomer(
  tx: Tx,
  { id, currency, totalMinor }: LockedOrder,
  rules: ReviewRules,
): Promise<Pick<ReviewFacts, 'isFirst' | 'recentOrders'>> {
  const { isFirst, recentWithinMs } = asksFor(rules, { currency, totalMinor });
  const facts: Pick<ReviewFacts, 'isFirst' | 'recentOrders'> = { isFirst: null, recentOrders: null };
  if (isFirst) {
    const { rows } = await sql<{ isFirst: boolean }>`
      select not exists (
        select 1 from (${ordersOfCustomer(id)} order by e.placed_at desc, e.id desc limit ${MAX_EARLIER_ORDERS}) earlier
        where status in ('confirmed', 'shipped', 'delivered')
      ) as "isFirst"`.execute(tx);
    facts.isFirst = rows[0]?.isFirst ?? null;
  }
  if (rules.velocity && recentWithinMs !== null) {
    const { rows } = await sql<{ count: number }>`
      select count(*) as count from (
        ${ordersOfCustomer(id)} and e.placed_at > o.placed_at - ${recentWithinMs}::bigint * interval '1 millisecond'
        limit ${rules.velocity.orders + 1}
      ) recent`.execute(tx);
    facts.recentOrders = rows[0]?.count ?? null;
  }
  return facts;
}

/** The orders of the order's customer up to it, itself among them. */
const ordersOfCustomer = (orderId: string) => sql`
  select e.status from orders o join orders e on e.tenant = o.tenant and e.customer_id = o.customer_id and e.placed_at <= o.placed_at
  where o.id = ${orderId}`;

async function decide(tx: Tx, request: Parameters<OrderSteps['decideReview']>[0]): Promise<ReviewAnswer> {
  const { orderId, decision, actor, reason, mayDecideEscalated } = request;
  const order = await lockOrder(tx, orderId);
  const standing = await findReview(tx, orderId);
  if (!standing) return { state: 'none' };
  if (standing.state !== 'pending') return standing;
  // The second group has it: who belongs to the first is told that it waits on.
  if (standing.isEscalated && !mayDecideEscalated) return standing;
  const state = decision === 'approve' ? 'approved' : 'rejected';
  await endReview(tx, { orderId, state, actor, reason });
  const type = decision === 'approve' ? EventType.reviewApproved : EventType.reviewRejected;
  await recordChange(tx, { orderId, type, data: { actor, reason } });
  if (decision === 'approve') return { state, ending: null };
  return { state, ending: await fixEnding(tx, order, { status: 'rejected', rejection: saidNo }) };
}

/** By the clock of the database: whoever calls too early is told how long it still takes. */
async function advance(tx: Tx, orderId: string): Promise<ReviewStanding> {
  const order = await lockOrder(tx, orderId);
  const standing = await findReview(tx, orderId);
  if (!standing) throw new Error(`Expected a review of order ${orderId}; found none`);
  if (standing.state !== 'pending') return standing;
  if (standing.endsInMs === 0) {
    await endReview(tx, { orderId, state: 'expired' });
    const outcome = standing.onExpiry;
    await recordChange(tx, { orderId, type: EventType.reviewExpired, data: { outcome } });
    if (outcome === 'approve') return { state: 'expired', ending: null };
    return { state: 'expired', ending: await fixEnding(tx, order, { status: 'rejected', rejection: saidNothing }) };
  }
  if (standing.escalatesInMs !== 0) return standing;
  await escalateReview(tx, orderId);
  await recordChange(tx, { orderId, type: EventType.reviewEscalated, data: { until: standing.until } });
  return { ...standing, isEscalated: true, escalatesInMs: null };
}

// What a reviewer thinks of a customer is for the shop: it stands in the review, and not in what the customer may be shown.
const saidNo: Rejection = { code: RejectionCode.reviewRejected, message: 'A review of the order said no' };
const saidNothing: Rejection = { code: RejectionCode.reviewExpired, message: 'Nobody reviewed the order in time' };
