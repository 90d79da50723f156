// Deliveries, made. What must stay true: every event of a feed becomes one delivery of it, whoever dies meanwhile; those of an order
// are made one after the other; and of two that are at the same lane only the later one says what comes next.
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { EventEnvelope } from '../../contracts/events.ts';
import { ILL_AFTER_FAILURES, type WebhookFormat } from '../../domain/webhook.ts';
import type { SettledLane, WebhookLane, WebhookWork } from '../../ports/webhook.ts';
import { inTransaction, toInstant, type Database, type Tx } from './database.ts';
import { readEvents } from './events.ts';
import { lastGivenPosition } from './restore.ts';
import { validSecrets, wakeLane, wakeLanes } from './webhook-rows.ts';

export const createWebhookWork = ({ db }: { db: Database }): WebhookWork => ({
  hasWork: async () => {
    const { rows } = await sql`
      select 1 from webhook_subscriptions where removed_at is null and paused_at is null limit 1`.execute(db);
    return rows.length > 0;
  },

  feed: async ({ limit }) => {
    const feed = await inTransaction(db, takeTurn);
    if (!feed) return false;
    await inTransaction(db, (tx) => feedNext(tx, feed, limit));
    return true;
  },

  claim: (request) => inTransaction(db, (tx) => claim(tx, request)),
  settle: (request) => inTransaction(db, (tx) => settle(tx, request)),

  forget: async ({ olderThanMs, limit }) => {
    const { rows: old } = await sql`
      delete from webhook_deliveries where id in (
        select id from webhook_deliveries where settled_at < statement_timestamp() - ${olderThanMs} * interval '1 millisecond' limit ${limit}
      ) returning id`.execute(db);
    return (await forgetRemoved(db, limit)) || old.length === limit;
  },
});

/** What removed subscriptions have left. Nothing is added to it any more, but by what was under way. */
async function forgetRemoved(db: Database, limit: number): Promise<boolean> {
  const { rows: removed } = await sql<{ id: string }>`
    select id from webhook_subscriptions where removed_at < statement_timestamp() - interval '10 minutes' limit 1`.execute(
    db,
  );
  const [subscription] = removed;
  if (!subscription) return false;
  const { id } = subscription;
  const { rows } = await sql`
    delete from webhook_deliveries where id in (
      select id from webhook_deliveries where subscription_id = ${id} limit ${limit}) returning id`.execute(db);
  if (rows.length === limit) return true;
  await inTransaction(db, async (tx) => {
    await sql`delete from webhook_lanes where subscription_id = ${id}`.execute(tx);
    await sql`delete from webhook_feeds where subscription_id = ${id}`.execute(tx);
    await sql`delete from webhook_subscriptions where id = ${id}`.execute(tx);
  });
  return true;
}

// So many positions are looked through at most in one turn: a type that was never told would be looked for in the whole feed.
const WINDOW = 5_000;
type Feed = { subscriptionId: string; replay: number };

/** Each in its turn, which is over before its events are read: one that fails comes last again, like any other. */
const takeTurn = async (tx: Tx): Promise<Feed | null> => {
  const { rows } = await sql<Feed>`
    update webhook_feeds w set turn_at = clock_timestamp() from (
      select f.subscription_id, f.replay from webhook_feeds f join webhook_subscriptions s on s.id = f.subscription_id
      where s.paused_at is null and s.removed_at is null and f.fed_to < coalesce(f.ends_at, ${lastGivenPosition})
      order by f.turn_at nulls first limit 1 for update of f skip locked
    ) f where w.subscription_id = f.subscription_id and w.replay = f.replay
    returning w.subscription_id as "subscriptionId", w.replay`.execute(tx);
  return rows[0] ?? null;
};

/** One statement reads the events and says how far that was: nothing between the two can appear behind it. */
async function feedNext(tx: Tx, { subscriptionId, replay }: Feed, limit: number): Promise<void> {
  await sql`
    with feed as materialized (
      select f.*, s.tenant, s.event_types, least(coalesce(f.ends_at, ${lastGivenPosition}), f.fed_to + ${WINDOW}) as upto
      from webhook_feeds f join webhook_subscriptions s on s.id = f.subscription_id
      where f.subscription_id = ${subscriptionId} and f.replay = ${replay} and s.paused_at is null and s.removed_at is null
      for update of f
    ), found as materialized (
      select e.event_id, e.order_id, e.position from feed f cross join lateral (
        select event_id, order_id, position from events
        where position > f.fed_to and position <= f.upto and tenant = f.tenant
          and (f.event_types is null or event_type = any(f.event_types))
        order by position limit ${limit}
      ) e
    ), told as (
      insert into webhook_deliveries (subscription_id, order_id, event_id, replay)
      select f.subscription_id, e.order_id, e.event_id, f.replay from feed f cross join found e order by e.position
      on conflict do nothing returning order_id
    ), lanes as (
      insert into webhook_lanes as l (subscription_id, order_id, due_at)
      select f.subscription_id, o.order_id, clock_timestamp()
      from feed f cross join (select distinct order_id from told order by order_id) o order by o.order_id
      -- One that is under way, waits for its next try or for a person, stays as it is. But it is locked: whoever takes a lane away
      -- that has nothing left is waited for, or sees what comes into it here.
      on conflict (subscription_id, order_id) do update set due_at = case when not l.is_parked then coalesce(l.due_at, excluded.due_at) end
    )
    update webhook_feeds w set fed_to = greatest(w.fed_to, case
      when (select count(*) from found) = ${limit} then (select max(position) from found) else f.upto end)
    from feed f where w.subscription_id = f.subscription_id and w.replay = f.replay`.execute(tx);
}

type Claimed = {
  subscriptionId: string;
  orderId: string;
  url: string;
  secrets: string[];
  traceparent: string | null;
  format: WebhookFormat;
  claimedAt: string;
};

async function claim(
  tx: Tx,
  { perSubscription, atMost, perLane, leaseMs, probeMs, underWay }: Parameters<WebhookWork['claim']>[0],
): Promise<WebhookLane[]> {
  const token = randomUUID();
  const { rows: lanes } = await sql<Claimed>`
    with chosen as materialized (
      select s.id, s.url, s.format, ${validSecrets} as secrets, s.failures, l.order_id from webhook_subscriptions s cross join lateral (
        select order_id from webhook_lanes
        where subscription_id = s.id and due_at <= statement_timestamp()
        order by due_at
        -- One that is ill is asked with one order at a time.
        limit case when s.failures >= ${ILL_AFTER_FAILURES} then 1
              else greatest(0, ${perSubscription}::int - coalesce((${JSON.stringify(underWay)}::jsonb ->> s.id)::int, 0)) end
        for update skip locked
      ) l
      where s.paused_at is null and s.removed_at is null
        and (s.failures < ${ILL_AFTER_FAILURES} or coalesce(s.probe_at <= statement_timestamp(), true))
      -- Where not all of them find room, each has the same chance.
      order by random() limit ${atMost}
    ), claimed as (
      update webhook_lanes l set claim = ${token}, due_at = clock_timestamp() + ${leaseMs} * interval '1 millisecond'
      from chosen c where l.subscription_id = c.id and l.order_id = c.order_id
    ), probing as (
      update webhook_subscriptions s set probe_at = clock_timestamp() + ${probeMs} * interval '1 millisecond'
      where s.id in (select id from chosen where failures >= ${ILL_AFTER_FAILURES})
    )
    select id as "subscriptionId", order_id as "orderId", url, secrets, format, clock_timestamp() as "claimedAt",
      (select traceparent from orders where id = chosen.order_id) as traceparent
    from chosen`.execute(tx);
  if (lanes.length === 0) return [];
  return readLanes(tx, { lanes, token, perLane });
}

/** A statement of its own, with a snapshot from after the lanes were had: what was fed before that is seen. */
async function readLanes(
  tx: Tx,
  { lanes, token, perLane }: { lanes: readonly Claimed[]; token: string; perLane: number },
): Promise<WebhookLane[]> {
  const named = JSON.stringify(lanes.map(({ subscriptionId, orderId }) => ({ subscriptionId, orderId })));
  type Row = { subscriptionId: string; orderId: string; id: number; attempts: number; eventId: string };
  const { rows } = await sql<Row>`
    select d.* from jsonb_to_recordset(${named}::jsonb) as l ("subscriptionId" text, "orderId" text)
    cross join lateral (
      select l.*, id, attempts, event_id as "eventId" from webhook_deliveries
      where subscription_id = l."subscriptionId" and order_id = l."orderId" and state in ('pending', 'parked')
      order by id limit ${perLane}
    ) d order by d.id`.execute(tx);
  const events = await readEvents(tx, [...new Set(rows.map(({ eventId }) => eventId))]);
  return lanes.map(({ subscriptionId, orderId, traceparent, url, secrets, format, claimedAt }) => ({
    ...{ subscriptionId, orderId, traceparent, format, claim: token, claimedAt: toInstant(claimedAt) },
    target: { url, secrets },
    deliveries: rows
      .filter((row) => row.subscriptionId === subscriptionId && row.orderId === orderId)
      .map(({ id, attempts, eventId }) => ({ id, attempts, event: eventOf(events, eventId) })),
  }));
}

function eventOf(events: ReadonlyMap<string, EventEnvelope>, eventId: string): EventEnvelope {
  const event = events.get(eventId);
  if (!event) throw new Error(`Expected event ${eventId} of a delivery; found none`);
  return event;
}

async function settle(tx: Tx, { lane, answers, retryInMs }: SettledLane): Promise<void> {
  const { subscriptionId, orderId, claim: token } = lane;
  // First of all: what is fed meanwhile waits for it, and then finds how it was left.
  const { rows: mine } = await sql<{ isMine: boolean }>`
    select claim = ${token} as "isMine" from webhook_lanes
    where subscription_id = ${subscriptionId} and order_id = ${orderId} for update`.execute(tx);
  const isMine = mine[0]?.isMine === true;
  const delivered = answers.filter(({ answer }) => answer.isDelivered);
  const failed = answers.find(({ answer }) => !answer.isDelivered);
  await noteDelivered(tx, delivered);
  if (isMine && failed && !failed.answer.isDelivered)
    await sql`
      update webhook_deliveries set attempts = attempts + 1, attempted_at = clock_timestamp(), status = ${failed.answer.status},
        failure = ${failed.answer.failure}, state = ${retryInMs === null ? 'parked' : 'pending'}
      where id = ${failed.id} and state in ('pending', 'parked')`.execute(tx);
  await noteHealth(tx, { subscriptionId, hasAnswered: delivered.length > 0, hasFailed: failed !== undefined });
  if (isMine) await moveOn(tx, { subscriptionId, orderId, retryInMs: failed ? retryInMs : 0 });
  // What it has told may be what a person was to decide about.
  else if (delivered.length > 0) await wakeLane(tx, { subscriptionId, orderId });
}

async function noteDelivered(tx: Tx, delivered: SettledLane['answers']): Promise<void> {
  if (delivered.length === 0) return;
  const named = JSON.stringify(delivered.map(({ id, answer }) => ({ id, status: answer.status })));
  await sql`
    update webhook_deliveries d set state = 'delivered', attempts = attempts + 1, attempted_at = clock_timestamp(),
      settled_at = clock_timestamp(), status = n.status, failure = null
    from jsonb_to_recordset(${named}::jsonb) as n (id bigint, status int)
    where d.id = n.id and d.state in ('pending', 'parked')`.execute(tx);
}

/** Only where it changes something: the row of a subscription that is well is not written for each delivery. */
async function noteHealth(
  tx: Tx,
  { subscriptionId, hasAnswered, hasFailed }: { subscriptionId: string; hasAnswered: boolean; hasFailed: boolean },
): Promise<void> {
  if (!hasAnswered) {
    if (hasFailed)
      await sql`
        update webhook_subscriptions set failures = failures + 1, failing_since = coalesce(failing_since, clock_timestamp())
        where id = ${subscriptionId}`.execute(tx);
    return;
  }
  const { rows } = await sql<{ wasIll: boolean }>`
    update webhook_subscriptions s set failures = ${hasFailed ? 1 : 0}, failing_since = ${hasFailed ? sql`clock_timestamp()` : null}, probe_at = null
    from (select failures from webhook_subscriptions where id = ${subscriptionId} for update) b
    where s.id = ${subscriptionId} and (b.failures > 0 or ${hasFailed})
    returning b.failures >= ${ILL_AFTER_FAILURES} as "wasIll"`.execute(tx);
  // It is back: what waits for hours because it was away need not.
  if (rows[0]?.wasIll) await wakeLanes(tx, subscriptionId);
}

/** A person decides about what is parked by now. A statement of its own, after the lane is locked: it sees all that was fed before. */
async function moveOn(
  tx: Tx,
  { subscriptionId, orderId, retryInMs }: { subscriptionId: string; orderId: string; retryInMs: number | null },
): Promise<void> {
  const ofLane = sql`subscription_id = ${subscriptionId} and order_id = ${orderId}`;
  const { rows } = await sql<{ state: string }>`
    select state from webhook_deliveries where ${ofLane} and state in ('pending', 'parked') order by id limit 1`.execute(
    tx,
  );
  const [first] = rows;
  if (!first) await sql`delete from webhook_lanes where ${ofLane}`.execute(tx);
  else
    await sql`
      update webhook_lanes set claim = null, is_parked = ${first.state === 'parked'}, due_at = case
        when ${first.state === 'pending'} then clock_timestamp() + ${retryInMs ?? 0}::float8 * interval '1 millisecond' end
      where ${ofLane}`.execute(tx);
}
