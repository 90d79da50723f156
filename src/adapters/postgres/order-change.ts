// How an order changes: its row is locked, the change is made, and the event that tells of it is written with the next
// sequence number, all in the caller's transaction. Nothing else writes `orders.status` or `events`.
import { sql, type RawBuilder } from 'kysely';
import { typeidUnboxed } from 'typeid-js';
import { EVENT_SOURCE, EventType } from '../../contracts/events.ts';
import { soldFailure } from '../../contracts/failures.ts';
import type { OnShortage } from '../../domain/backorder.ts';
import type { CapturePolicy } from '../../domain/capture.ts';
import { isSold, type OrderStatus, type Waiting } from '../../domain/order.ts';
import type { Ending } from '../../domain/rejection.ts';
import { causeOf } from '../../events/cause-of.ts';
import type { Candidate, Cause } from '../../events/causes.ts';
import { newestVersion, type DataOf } from '../../events/registry.ts';
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
  /** Whether it is paid at once or as it ships. */
  capture: CapturePolicy;
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
  const { rows } = await sql<LockedOrder>`${rowOf(orderId)} for update`.execute(tx);
  const [order] = rows;
  if (!order) throw new Error(`Expected order ${orderId} in the database; found none`);
  return order;
}

/** The same row for whoever only looks: what it says may be over when it is read. Null when the tenant has none. */
export async function seeOrder(
  tx: Tx,
  { tenant, orderId }: { tenant: string; orderId: string },
): Promise<LockedOrder | null> {
  const { rows } = await sql<LockedOrder>`${rowOf(orderId)} and tenant = ${tenant}`.execute(tx);
  return rows[0] ?? null;
}

const rowOf = (orderId: string): RawBuilder<unknown> => sql`
    select id, tenant, status, ships, on_shortage as "onShortage", capture, closed_at is not null as "isClosed", waiting, ending, reservation_fenced_at is not null as "reservationFenced",
           currency, total_minor as "totalMinor", doubt, recovery_id is not null as "wasRecovered", event_count as version
    from orders where id = ${orderId}`;

/** `cause`: where the event alone does not tell; see events/cause-of.ts. */
type Change<T extends EventType> = { orderId: string; type: T; data: DataOf<T>; status?: OrderStatus; cause?: Cause };

/**
 * Writes one event of a locked order and, with it, its new status. Any change after the placing says that a workflow is
 * at work, so the launcher need not look for a while (it costs no commit of its own); after the last of its own story, which the
 * status tells, it never looks again.
 */
export async function recordChange<T extends EventType, D extends DataOf<T>>(
  tx: Tx,
  change: Change<T> & { data: D & NoOther<D, DataOf<T>> },
): Promise<void> {
  const cause = change.cause ?? causeOf<T>(change);
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
    insert into events (tenant, order_id, sequence, event_id, event_type, event_version, "timestamp", source, data, correlation_id, causation_id)
    select tenant, id, event_count, ${typeidUnboxed('event')}, ${change.type}, ${newestVersion(change.type)}::int, updated_at, ${EVENT_SOURCE},
           ${JSON.stringify(change.data)}::jsonb, correlation_id, ${causationId(cause)}
    from changed
    returning sequence`.execute(tx);
  if (rows.length !== 1) throw new Error(`Expected to change order ${change.orderId}; found ${rows.length} rows`);
}

/** A field that the type does not have is a mistake, also where the data was made before the call. */
type NoOther<D, Known> = Readonly<Partial<Record<Exclude<keyof D, FieldsOf<Known>>, never>>>;
type FieldsOf<T> = T extends unknown ? keyof T : never;

/** Of a row `changed`: the command, or the latest of the order's events that may have led to this. An order has a few dozen at most. */
const causationId = (cause: Cause): RawBuilder<unknown> =>
  'command' in cause
    ? sql`${cause.command}::text`
    : sql`(
      select e.event_id from events e
      where e.order_id = changed.id and (${sql.join([...cause.after, placed].map(isOne), sql` or `)})
      order by e.sequence desc limit 1)`;

const placed: Candidate = { type: EventType.orderPlaced };

const isOne = ({ type, about }: Candidate): RawBuilder<unknown> =>
  about ? sql`(e.event_type = ${type} and e.data @> ${JSON.stringify(about)}::jsonb)` : sql`e.event_type = ${type}`;

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
