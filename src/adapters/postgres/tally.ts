// Events, counted. What must stay true: counts and cursor change in one transaction, and one process at a time counts, so that
// an event is in the numbers once, whoever dies; positions are dense and nothing appears behind the cursor.
import { sql } from 'kysely';
import { EventType } from '../../contracts/events.ts';
import type { ConfirmationCount, EventCount, Tally } from '../../ports/tally.ts';
import { inTransaction, type Database, type Tx } from './database.ts';

export const createTally = ({ db }: { db: Database }): Tally => ({
  count: async ({ limit }) => {
    // Most of the time there is nothing: then nothing is locked, and nothing written. Not by `exists`: for any event beyond a place that it does
    // not know the planner would read them from the first on.
    const { rows } = await sql`
      select 1 from tally_cursor c
      where c.caught_up_at is null or c.counted_to < (select max(position) from events)`.execute(db);
    if (rows.length === 0) return false;
    return inTransaction(db, (tx) => countNext(tx, limit));
  },

  read: async () => {
    // One statement, one snapshot: what is counted belongs to the position that is told.
    const { rows } = await sql<{
      isCaughtUp: boolean;
      waitingEvents: number;
      waitingSeconds: number;
      events: EventCount[] | null;
      confirmations: { upToSeconds: string; times: number; seconds: number }[] | null;
    }>`
      select caught_up_at is not null as "isCaughtUp",
        -- Of the events that there are: a recovery leaves a gap behind the feed.
        greatest((select coalesce(max(position), 0) from events) - counted_to, 0) as "waitingEvents",
        coalesce((select greatest(extract(epoch from clock_timestamp() - "timestamp"), 0)::float8
                  from events where position > counted_to order by position limit 1), 0) as "waitingSeconds",
        (select json_agg(json_build_object('eventType', event_type, 'code', code, 'currency', currency, 'times', times, 'amountMinor', amount_minor))
         from event_tally) as events,
        -- As text: JSON has no infinity.
        (select json_agg(json_build_object('upToSeconds', up_to_seconds::text, 'times', times, 'seconds', seconds) order by up_to_seconds)
         from confirmation_tally) as confirmations
      from tally_cursor`.execute(db);
    const [row] = rows;
    if (!row) throw new Error('Expected a row that says how far events are counted; found none');
    const { isCaughtUp, waitingEvents, waitingSeconds, events } = row;
    if (!isCaughtUp || waitingSeconds > STANDS_STILL_S) return { waitingEvents, waitingSeconds, counts: null };
    const taken = new Map((row.confirmations ?? []).map((step) => [Number(step.upToSeconds), step]));
    // Also the steps that nobody was in: one that appears later would make the numbers before it look like another distribution.
    const confirmations = [...STEPS, Infinity].map((upToSeconds): ConfirmationCount => ({
      upToSeconds,
      times: taken.get(upToSeconds)?.times ?? 0,
      seconds: taken.get(upToSeconds)?.seconds ?? 0,
    }));
    return { waitingEvents, waitingSeconds, counts: { events: events ?? [], confirmations } };
  },
});

/** Counted every two seconds. When an event has waited for so long, nobody counts, or far too slowly. */
const STANDS_STILL_S = 60;

/** Where the histogram of times has its steps, in seconds; orders that wait for a person take hours. */
const STEPS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200, 43_200];

// Which amount an event tells of.
const amounts: Readonly<Partial<Record<EventType, string>>> = {
  [EventType.orderConfirmed]: 'totalMinor',
  [EventType.paymentCaptured]: 'amountMinor',
  [EventType.paymentRefunded]: 'amountMinor',
};

// Orders that had to wait for a person say nothing of how fast we are.
const waits: string[] = [EventType.reviewRequested, EventType.paymentActionRequired, EventType.paymentMethodRequested];

async function countNext(tx: Tx, limit: number): Promise<boolean> {
  const { rows: cursors } = await sql<{ countedTo: number }>`
    select counted_to as "countedTo" from tally_cursor for update skip locked`.execute(tx);
  const [cursor] = cursors;
  if (!cursor) return false;
  // A statement of its own, begun after the cursor was had: its snapshot sees what the last one has counted.
  const { rows } = await sql<{ found: number }>`
    with next as materialized (
      select order_id, event_type, "timestamp", position, data, ${JSON.stringify(amounts)}::jsonb ->> event_type as amount
      from events where position > ${cursor.countedTo} order by position limit ${limit}
    ), counted as (
      insert into event_tally as t (event_type, code, currency, times, amount_minor)
      select event_type, code, currency, count(*), sum(amount_minor) from (
        select event_type,
          case when event_type = ${EventType.orderRejected} then coalesce(data -> 'rejection' ->> 'code', '') else '' end as code,
          case when amount is null then '' else coalesce(data ->> 'currency', '') end as currency,
          coalesce((data ->> amount)::bigint, 0) as amount_minor
        from next
      ) n group by 1, 2, 3 order by 1, 2, 3
      on conflict (event_type, code, currency) do update
        set times = t.times + excluded.times, amount_minor = t.amount_minor + excluded.amount_minor
    ), took as (
      -- Order by order: as a join the planner would rather read all events than look for those of a few hundred orders.
      select greatest(extract(epoch from n."timestamp" - (
               select p."timestamp" from events p where p.order_id = n.order_id and p.sequence = 1)), 0)::float8 as seconds
      from next n
      where n.event_type = ${EventType.orderConfirmed} and (
        select true from events w where w.order_id = n.order_id and w.event_type = any(${waits}::text[]) limit 1) is null
    ), timed as (
      insert into confirmation_tally as t (up_to_seconds, times, seconds)
      select coalesce((select min(step) from unnest(${STEPS}::float8[]) step where step >= seconds), 'infinity') as up_to,
             count(*), sum(seconds)
      from took group by 1 order by 1
      on conflict (up_to_seconds) do update set times = t.times + excluded.times, seconds = t.seconds + excluded.seconds
    )
    update tally_cursor set
      counted_to = coalesce((select max(position) from next), counted_to),
      caught_up_at = coalesce(caught_up_at, case when (select count(*) from next) < ${limit} then clock_timestamp() end)
    returning (select count(*)::int from next) as found`.execute(tx);
  return rows[0]?.found === limit;
}
