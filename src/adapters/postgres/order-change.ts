// How an order changes: its row is locked, the change is made, and the event that tells of it is written with the next
// sequence number, all in the caller's transaction. Nothing else writes `orders.status` or `events`.
import { sql } from 'kysely';
import { typeidUnboxed } from 'typeid-js';
import { EVENT_SOURCE, EventType } from '../../contracts/events.ts';
import { soldFailure } from '../../contracts/failures.ts';
import type { OnShortage } from '../../domain/backorder.ts';
import { isSold, type OrderStatus, type Waiting } from '../../domain/order.ts';
import type { Ending } from '../../domain/rejection.ts';
import type { Tx } from './database.ts';
import { endReview } from './review-rows.ts';

export type LockedOrder = {
  id: string;
  tenant: string;
  status: OrderStatus;
  /** Something is to be shipped: it goes on after the sale. */
  ships: boolean;
  /** What it wants where there is too little stock. */
  onShortage: OnShortage;
  /** Its own story is over. */
  isClosed: boolean;
  waiting: Waiting | null;
  ending: Ending | null;
  reservationFenced: boolean;
  currency: string;
  totalMinor: number;
  /** Why it must not be sold before an operator has decided. */
  doubt: string | null;
  /** It went through a recovery: what it was promised is not taken back because stock was rewound. */
  wasRecovered: boolean;
  /** The sequence of its last event. */
  version: number;
};

// Above every pause between two tries of a step whose order is well; nothing depends on it being exact.
const LOOK_AFTER = '15 minutes';

/** Locks the order's row until the transaction ends: one step or undo of an order at a time. Throws when it is absent. */
export async function lockOrder(tx: Tx, orderId: string): Promise<LockedOrder> {
  const { rows } = await sql<LockedOrder>`
    select id, tenant, status, ships, on_shortage as "onShortage", closed_at is not null as "isClosed", waiting, ending, reservation_fenced_at is not null as "reservationFenced",
           currency, total_minor as "totalMinor", doubt, recovery_id is not null as "wasRecovered", event_count as version
    from orders where id = ${orderId} for update`.execute(tx);
  const [order] = rows;
  if (!order) throw new Error(`Expected order ${orderId} in the database; found none`);
  return order;
}

/**
 * Writes one event of a locked order and, with it, its new status. Any change after the placing says that a workflow is
 * at work, so the launcher need not look for a while (it costs no commit of its own); after the last of its own story, which the
 * status tells, it never looks again.
 */
export async function recordChange(
  tx: Tx,
  change: { orderId: string; type: EventType; data: Record<string, unknown>; status?: OrderStatus },
): Promise<void> {
  const { rows } = await sql`
    with changed as (
      update orders
      set event_count = event_count + 1, status = coalesce(${change.status ?? null}, status), updated_at = clock_timestamp(),
          closed_at = case when ${closesStory(change.status)} then coalesce(closed_at, clock_timestamp()) else closed_at end,
          launch_after = case
            when ${change.type} = ${EventType.orderPlaced} then launch_after
            when closed_at is not null or ${closesStory(change.status)} then null
            when event_count > 1 and launch_after > clock_timestamp() then launch_after
            else clock_timestamp() + ${LOOK_AFTER}::interval end
      where id = ${change.orderId}
      returning id, tenant, event_count, correlation_id, updated_at
    )
    insert into events (tenant, order_id, sequence, event_id, event_type, "timestamp", source, data, correlation_id, causation_id)
    select tenant, id, event_count, ${typeidUnboxed('event')}, ${change.type}, updated_at, ${EVENT_SOURCE},
           ${JSON.stringify(change.data)}::jsonb, correlation_id,
           (select e.event_id from events e where e.order_id = changed.id order by e.sequence desc limit 1)
    from changed
    returning sequence`.execute(tx);
  if (rows.length !== 1) throw new Error(`Expected to change order ${change.orderId}; found ${rows.length} rows`);
}

/** Nothing comes after these, nor after a sale where nothing is to be shipped. */
const closesStory = (status: OrderStatus | undefined) => sql`
  (${status ?? null}::text in ('delivered', 'rejected', 'cancelled') or (${status ?? null}::text = 'confirmed' and not ships))`;

/** Fixes how the order will end, unless that is fixed already; answers with what stands. */
export async function fixEnding(tx: Tx, order: LockedOrder, ending: Ending): Promise<Ending> {
  if (order.ending) return order.ending;
  if (isSold(order.status)) throw soldFailure(order.id);
  await writeEnding(tx, order.id, ending);
  // Nobody need look any more; unless it is the review that ends it, which is over by then.
  if (order.waiting?.for === 'review') await endReview(tx, { orderId: order.id, state: 'cancelled' });
  return ending;
}

/** For a locked order that has none yet, by whoever may decide that it ends. */
export async function writeEnding(tx: Tx, orderId: string, ending: Ending): Promise<void> {
  await sql`update orders set ending = ${JSON.stringify(ending)}::jsonb where id = ${orderId}`.execute(tx);
}
