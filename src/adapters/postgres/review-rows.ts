// The rows of reviews. What must stay true: an order waits for a review exactly while its row is pending (both are changed in one
// transaction, the order's row locked by the caller), and instants are those of the database.
import { sql } from 'kysely';
import type { PendingReview, ReviewStanding } from '../../contracts/review.ts';
import type { Ending } from '../../domain/rejection.ts';
import type { ReviewReason, ReviewState, ReviewTimes } from '../../domain/review.ts';
import type { Tx } from './database.ts';

type Row = PendingReview & { state: ReviewState; ending: Ending | null };

/** How the review of the order stands; null when it was never to be reviewed. */
export async function findReview(tx: Tx, orderId: string): Promise<ReviewStanding | null> {
  const { rows } = await sql<Row>`
    select r.state, o.ending, ${untilText} as until, r.on_expiry as "onExpiry", r.escalated_at is not null as "isEscalated",
           greatest(0, ceil(extract(epoch from r.until - clock_timestamp()) * 1000))::bigint as "endsInMs",
           case when r.escalated_at is null
             then greatest(0, ceil(extract(epoch from r.escalate_at - clock_timestamp()) * 1000))::bigint
           end as "escalatesInMs",
           (select array_agg(reason ->> 'message') from jsonb_array_elements(r.reasons) reason) as reasons
    from reviews r join orders o on o.id = r.order_id where r.order_id = ${orderId}`.execute(tx);
  const [row] = rows;
  if (!row) return null;
  const { state, ending, ...pending } = row;
  return state === 'pending' ? { state, ...pending } : { state, ending };
}

const untilText = sql<string>`to_char(r.until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Has the order reviewed: from now on it waits. */
export async function insertReview(
  tx: Tx,
  { orderId, reasons, times }: { orderId: string; reasons: readonly ReviewReason[]; times: ReviewTimes },
): Promise<void> {
  const { escalateMs, limitMs, onExpiry } = times;
  const escalates = escalateMs < limitMs ? escalateMs : null;
  await sql`
    insert into reviews (order_id, tenant, reasons, requested_at, escalate_at, until, on_expiry)
    select o.id, o.tenant, ${JSON.stringify(reasons)}::jsonb, now, now + ${escalates}::bigint * interval '1 millisecond',
           now + ${limitMs}::bigint * interval '1 millisecond', ${onExpiry}
    from orders o, clock_timestamp() now where o.id = ${orderId}`.execute(tx);
  await showReview(tx, orderId);
}

/** Shows that the order waits for its review, where that is pending. */
export async function showReview(tx: Tx, orderId: string): Promise<void> {
  await sql`
    update orders o set waiting = jsonb_build_object('for', 'review', 'until', ${untilText})
    from reviews r where r.order_id = o.id and r.state = 'pending' and o.id = ${orderId}`.execute(tx);
}

/** The second group has to decide from now on. */
export async function escalateReview(tx: Tx, orderId: string): Promise<void> {
  await sql`
    update reviews set escalated_at = clock_timestamp()
    where order_id = ${orderId} and state = 'pending' and escalated_at is null`.execute(tx);
}

/** The review is over, unless it was before: the order does not wait for it any more. */
export async function endReview(
  tx: Tx,
  request: { orderId: string; state: Exclude<ReviewState, 'pending'>; actor?: string; reason?: string },
): Promise<void> {
  const { orderId, state, actor = null, reason = null } = request;
  const { rows } = await sql`
    update reviews set state = ${state}, decided_at = clock_timestamp(), decided_by = ${actor}, decision_reason = ${reason}
    where order_id = ${orderId} and state = 'pending' returning order_id`.execute(tx);
  if (rows.length > 0)
    await sql`update orders set waiting = null where id = ${orderId} and waiting ->> 'for' = 'review'`.execute(tx);
}
