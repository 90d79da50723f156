// Where things stand, for monitoring: asked every few seconds for ever. What must stay true: no query reads more because more orders
// were placed; what could grow in an outage is counted up to a limit.
import { sql, type RawBuilder } from 'kysely';
import type { Comparison, Figures, Standing, WebhookStanding } from '../../ports/figures.ts';
import type { Database } from './database.ts';
import { lastGivenPosition } from './restore.ts';

/** So many are counted; beyond that it does not matter how many more there are. */
const COUNTED = 10_000;
// The oldest is among those that are to be tried next: each try puts an order behind the others.
const LOOKED_AT = 100;
// The worst of so many subscriptions are shown: those that fail, then those furthest behind in the feed.
const SUBSCRIPTIONS = 1_000;
const COUNTED_MESSAGES = 1_000;

const ageOf = (instant: RawBuilder<unknown>): RawBuilder<number> =>
  sql`greatest(extract(epoch from clock_timestamp() - ${instant}), 0)::float8`;

/** The queries by name, so that a test can look at the plan of each. */
export const figureQueries = {
  parked: sql<Standing['parked'][number]>`
    select step, count(*)::int as count, ${ageOf(sql`min(since)`)} as "oldestSeconds"
    from (select step, since from parked_steps where closed_at is null limit ${COUNTED}) open group by step`,

  unlaunched: sql<Standing['unlaunched']>`
    select
      (select count(*)::int from (
        select 1 from orders where event_count = 1 and launch_after is not null limit ${COUNTED}) w) as count,
      (select ${ageOf(sql`min(placed_at)`)} from (
        select placed_at from orders where event_count = 1 and launch_after is not null
        order by launch_after limit ${LOOKED_AT}) w having count(*) > 0) as "oldestSeconds"`,

  feed: sql<Standing['feed']>`
    select ${lastGivenPosition} as position,
      (select count(*)::int from (select 1 from events where position is null limit ${COUNTED}) u) as unnumbered,
      (select ${ageOf(sql`"timestamp"`)} from events where position is null order by id limit 1) as "oldestSeconds"`,

  comparison: sql<Comparison>`
    with newest as materialized (select * from reconciliations order by accepted_at desc, id desc limit 100),
    complete as materialized (
      select id, finished_at from newest
      where finished_at is not null and failure is null and not dry_run order by finished_at desc limit 1)
    select
      (select failure is not null from newest where finished_at is not null and not dry_run
       order by finished_at desc limit 1) as "hasFailed",
      (select ${ageOf(sql`finished_at`)} from complete) as "completeSeconds",
      coalesce((
        select json_agg(d) from (
          select name, outcome, count(*)::int as count from reconciliation_drifts
          where reconciliation_id = (select id from complete) and outcome not in ('suspected', 'vanished') group by 1, 2
        ) d), '[]') as drifts,
      (select count(*)::int from reconciliation_drifts
       where reconciliation_id = (select id from complete) and kind = 'stock' and outcome <> 'vanished') as "unsoundProducts"
    where exists (select 1 from newest where finished_at is not null and not dry_run)`,

  webhooks: sql<WebhookStanding>`
    with last as materialized (select ${lastGivenPosition} as position),
    chosen as materialized (
      select s.id, s.failing_since, f.fed_to, f.fed_to < last.position as "isBehind"
      from webhook_subscriptions s join webhook_feeds f on f.subscription_id = s.id and f.replay = 0 cross join last
      where s.removed_at is null and s.paused_at is null
      order by s.failing_since nulls last, f.fed_to limit ${SUBSCRIPTIONS}
    )
    select id as "subscriptionId", coalesce(${ageOf(sql`failing_since`)}, 0) as "failingSeconds",
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
    from chosen c order by "lagSeconds" desc`,
};

export const createFigures = ({ db }: { db: Database }): Figures => ({
  read: async () => {
    const { parked, unlaunched, feed, comparison, webhooks } = figureQueries;
    // One after the other: monitoring takes one connection, not five.
    const { rows: steps } = await parked.execute(db);
    return {
      parked: steps,
      unlaunched: onlyRow(await unlaunched.execute(db)),
      feed: onlyRow(await feed.execute(db)),
      comparison: (await comparison.execute(db)).rows[0] ?? null,
      webhooks: (await webhooks.execute(db)).rows,
    };
  },
});

function onlyRow<T>({ rows }: { rows: readonly T[] }): T {
  const [row] = rows;
  if (!row) throw new Error('Expected one row of figures; found none');
  return row;
}
