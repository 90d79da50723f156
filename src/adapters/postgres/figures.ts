// Where things stand, for monitoring: asked every few seconds for ever. What must stay true: no query reads more because more orders
// were placed; what could grow in an outage is counted up to a limit.
import { sql, type RawBuilder } from 'kysely';
import type { BrokerStanding, Comparison, Figures, Standing, WebhookStanding } from '../../ports/figures.ts';
import type { Database } from './database.ts';
import { lastGivenPosition } from './restore.ts';

/** So many are counted; beyond that it does not matter how many more there are. No alert asks for more. */
const COUNTED = 10_000;
// The worst of so many subscriptions are shown: those that fail, then those furthest behind in the feed.
const SUBSCRIPTIONS = 1_000;
const COUNTED_MESSAGES = 1_000;
// One exchange is in use, as a rule; the places of others are left from before.
const EXCHANGES = 20;

const ageOf = (instant: RawBuilder<unknown>): RawBuilder<number> =>
  sql`greatest(extract(epoch from clock_timestamp() - ${instant}), 0)::float8`;

const brokers = sql<BrokerStanding>`
  select exchange, coalesce((select ${ageOf(sql`"timestamp"`)} from events
                             where position > p.fed_to order by position limit 1), 0) as "lagSeconds"
  from event_publishers p order by exchange limit ${EXCHANGES}`;

/**
 * The queries by name, so that a test can look at the plan of each. `backlogLimit`: beyond so many orders without a workflow new ones are
 * refused, so they are counted up to that, and one more.
 */
export const figureQueries = ({ backlogLimit }: { backlogLimit: number }) => ({
  parked: sql<Standing['parked'][number]>`
    select step, count(*)::int as count, ${ageOf(sql`min(since)`)} as "oldestSeconds"
    from (select step, since from parked_steps where closed_at is null limit ${COUNTED}) open group by step`,

  unlaunched: sql<Standing['unlaunched']>`
    select
      (select count(*)::int from (
        select 1 from orders where event_count = 1 and launch_after is not null limit ${backlogLimit + 1}) w) as count,
      -- By when it was placed: each try puts an order behind younger ones.
      (select ${ageOf(sql`placed_at`)} from orders where event_count = 1 and launch_after is not null
       order by placed_at limit 1) as "oldestSeconds"`,

  feed: sql<Standing['feed']>`
    select ${lastGivenPosition} as position,
      (select count(*)::int from (select 1 from events where position is null limit ${COUNTED}) u) as unnumbered,
      (select ${ageOf(sql`"timestamp"`)} from events where position is null order by id limit 1) as "oldestSeconds"`,

  comparison: sql<Comparison>`
    with newest as materialized (select * from reconciliations order by accepted_at desc, id desc limit 100),
    complete as materialized (
      select id, finished_at, truncated from newest
      where finished_at is not null and failure is null and not dry_run order by finished_at desc limit 1)
    select
      (select failure is not null from newest where finished_at is not null and not dry_run
       order by finished_at desc limit 1) as "hasFailed",
      (select ${ageOf(sql`finished_at`)} from complete) as "completeSeconds",
      coalesce((select truncated from complete), false) as "isTruncated",
      coalesce((
        select json_agg(d) from (
          select name, outcome, count(*)::int as count from reconciliation_drifts
          where reconciliation_id = (select id from complete) and outcome not in ('suspected', 'vanished') group by 1, 2
        ) d), '[]') as drifts,
      (select count(*)::int from reconciliation_drifts
       where reconciliation_id = (select id from complete) and kind = 'stock' and outcome <> 'vanished') as "unsoundProducts",
      (select (every_ms / 1000.0)::float8 from reconciliation_schedule) as "intervalSeconds",
      (select ${ageOf(sql`since`)} from reconciliation_schedule where every_ms is not null) as "scheduledSeconds"`,

  brokers,

  webhooks: sql<WebhookStanding>`
    with last as materialized (select ${lastGivenPosition} as position),
    chosen as materialized (
      select s.id, s.failing_since, f.fed_to, f.fed_to < last.position as "isBehind"
      from webhook_subscriptions s join webhook_feeds f on f.subscription_id = s.id and f.replay = 0 cross join last
      where s.removed_at is null and s.paused_at is null
      order by s.failing_since nulls last, f.fed_to limit ${SUBSCRIPTIONS}
    )
    select * from (select id as "subscriptionId", coalesce(${ageOf(sql`failing_since`)}, 0) as "failingSeconds",
      greatest(
        coalesce((select ${ageOf(sql`created_at`)} from webhook_deliveries
                  where subscription_id = c.id and state = 'pending' order by id limit 1), 0),
        -- Positions are dense: this is the first event that it was not given yet, whosever that is.
        coalesce((select ${ageOf(sql`"timestamp"`)} from events where "isBehind" and position = c.fed_to + 1), 0)
      ) as "lagSeconds",
      (select count(*)::int from (select 1 from webhook_deliveries
        where subscription_id = c.id and state = 'pending' limit ${COUNTED_MESSAGES}) w) as pending,
      (select count(*)::int from (select 1 from webhook_deliveries
        where subscription_id = c.id and state = 'parked' limit ${COUNTED_MESSAGES}) w) as parked
    from chosen c) shown
    -- Who waits for a person first. In whole minutes, then by id: while all are well the same ones come first at every look.
    order by parked > 0 desc, "failingSeconds" > 0 desc, floor("lagSeconds" / 60) desc, "subscriptionId"`,
});

export function createFigures({ db, backlogLimit }: { db: Database; backlogLimit: number }): Figures {
  const { parked, unlaunched, feed, comparison, webhooks } = figureQueries({ backlogLimit });
  return {
    read: async () => {
      // One after the other: monitoring takes one connection, not five.
      const { rows: steps } = await parked.execute(db);
      return {
        parked: steps,
        unlaunched: onlyRow(await unlaunched.execute(db)),
        feed: onlyRow(await feed.execute(db)),
        comparison: onlyRow(await comparison.execute(db)),
        brokers: (await brokers.execute(db)).rows,
      };
    },
    readWebhooks: async () => (await webhooks.execute(db)).rows,
  };
}

function onlyRow<T>({ rows }: { rows: readonly T[] }): T {
  const [row] = rows;
  if (!row) throw new Error('Expected one row of figures; found none');
  return row;
}
