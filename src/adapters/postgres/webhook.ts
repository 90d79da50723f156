// Subscriptions to events over HTTP. What must stay true: what was to be sent when one is changed is sent as it says now, and a secret
// that was rotated is good for as long as was promised.
import { sql, type RawBuilder } from 'kysely';
import { typeid } from 'typeid-js';
import { MAX_SUBSCRIPTIONS } from '../../domain/webhook.ts';
import type { WebhookSecret, WebhookSubscription, WebhookSubscriptions } from '../../ports/webhook.ts';
import { inTransaction, toInstant, type Database, type Tx } from './database.ts';
import { lastGivenPosition } from './restore.ts';
import { createWebhookDeliveries } from './webhook-deliveries.ts';
import { nextReplay, validSecrets, wakeLanes } from './webhook-rows.ts';

const MAX_SECRETS = 4;

export const createWebhookSubscriptions = ({ db }: { db: Database }): WebhookSubscriptions => ({
  ...createWebhookDeliveries({ db }),

  create: (request) =>
    inTransaction(db, async (tx) => {
      const { tenant, url, eventTypes, format, description, isPaused, secret, after } = request;
      // One at a time for a shop: two that add the last that is possible must not both find room.
      await sql`select pg_advisory_xact_lock(hashtextextended('webhook subscriptions of ' || ${tenant}, 0))`.execute(
        tx,
      );
      const { rows } = await sql<{ count: number }>`
        select count(*)::int as count from webhook_subscriptions where tenant = ${tenant} and removed_at is null`.execute(
        tx,
      );
      if ((rows[0]?.count ?? 0) >= MAX_SUBSCRIPTIONS) return { tooMany: MAX_SUBSCRIPTIONS };
      const id = typeid('whsub').toString();
      const secrets: WebhookSecret[] = [{ secret, until: null }];
      await sql`
        insert into webhook_subscriptions (id, tenant, url, event_types, format, description, secrets, paused_at)
        values (${id}, ${tenant}, ${url}, ${eventTypes && [...eventTypes]}::text[], ${format}, ${description}, ${JSON.stringify(secrets)}::jsonb,
                ${isPaused ? sql`clock_timestamp()` : null})`.execute(tx);
      await sql`
        insert into webhook_feeds (subscription_id, replay, fed_to)
        values (${id}, 0, least(coalesce(${after}::bigint, ${lastGivenPosition}), ${lastGivenPosition}))`.execute(tx);
      return found(await find(tx, { tenant, id }), id);
    }),

  list: async ({ tenant }) => {
    const { rows } = await sql<Row>`${subscriptions} and s.tenant = ${tenant} order by s.created_at, s.id`.execute(db);
    return rows.map(toSubscription);
  },

  find: (request) => find(db, request),

  replace: (request) => inTransaction(db, (tx) => replace(tx, request)),

  remove: async (request) => {
    const { rows } = await sql`
      update webhook_subscriptions set removed_at = clock_timestamp() where ${named(request)} returning id`.execute(db);
    return rows.length > 0;
  },

  rotateSecret: (request) => inTransaction(db, (tx) => rotateSecret(tx, request)),

  findTarget: async (request) => {
    const { rows } = await sql<{ url: string; secrets: string[]; now: string }>`
      select url, ${validSecrets} as secrets, clock_timestamp() as now from webhook_subscriptions where ${named(request)}`.execute(
      db,
    );
    const [row] = rows;
    return row ? { ...row, now: toInstant(row.now) } : null;
  },

  replay: (request) => inTransaction(db, (tx) => addReplay(tx, request)),
});

type Named = { tenant: string; id: string };
const named = ({ tenant, id }: Named): RawBuilder<unknown> =>
  sql`tenant = ${tenant} and id = ${id} and removed_at is null`;
type Row = Omit<WebhookSubscription, 'failingSince' | 'createdAt' | 'updatedAt'> & {
  failingSince: string | null;
  createdAt: string;
  updatedAt: string;
};

// After an outage of days there are millions: whoever looks at them must still be able to look.
const COUNTED = 10_000;
const countOf = (state: string): RawBuilder<unknown> => sql`(
  select count(*)::int from (
    select 1 from webhook_deliveries d where d.subscription_id = s.id and d.state = ${sql.lit(state)} and d.state in ('pending', 'parked')
    limit ${sql.lit(COUNTED)}) counted)`;

const subscriptions = sql`
  select s.id, s.url, s.event_types as "eventTypes", s.format, s.description, s.paused_at is not null as "isPaused", f.fed_to as position,
         ${countOf('pending')} as pending, ${countOf('parked')} as parked,
         s.failing_since as "failingSince", s.created_at as "createdAt", s.updated_at as "updatedAt"
  from webhook_subscriptions s join webhook_feeds f on f.subscription_id = s.id and f.replay = 0
  where s.removed_at is null`;

async function find(db: Database | Tx, { tenant, id }: Named): Promise<WebhookSubscription | null> {
  const { rows } = await sql<Row>`${subscriptions} and s.tenant = ${tenant} and s.id = ${id}`.execute(db);
  const [row] = rows;
  return row ? toSubscription(row) : null;
}

const toSubscription = ({ failingSince, createdAt, updatedAt, ...row }: Row): WebhookSubscription => ({
  ...row,
  failingSince: failingSince && toInstant(failingSince),
  createdAt: toInstant(createdAt),
  updatedAt: toInstant(updatedAt),
});

function found(subscription: WebhookSubscription | null, id: string): WebhookSubscription {
  if (!subscription) throw new Error(`Expected subscription ${id}; found none`);
  return subscription;
}

async function replace(
  tx: Tx,
  request: Parameters<WebhookSubscriptions['replace']>[0],
): Promise<WebhookSubscription | null> {
  const { tenant, id, url, eventTypes, format, description, isPaused } = request;
  const { rows } = await sql`
        update webhook_subscriptions set url = ${url}, event_types = ${eventTypes && [...eventTypes]}::text[], format = ${format}, description = ${description},
          paused_at = case when ${isPaused} then coalesce(paused_at, clock_timestamp()) end,
          -- Whoever changes it wants to see at once whether it is well now.
          failures = 0, failing_since = null, probe_at = null, updated_at = clock_timestamp()
        where ${named(request)} returning id`.execute(tx);
  if (rows.length === 0) return null;
  await wakeLanes(tx, id);
  return find(tx, { tenant, id });
}

async function rotateSecret(
  tx: Tx,
  { tenant, id, secret, overlapMs }: Parameters<WebhookSubscriptions['rotateSecret']>[0],
): ReturnType<WebhookSubscriptions['rotateSecret']> {
  const { rows } = await sql<{ secrets: WebhookSecret[]; now: string; until: string }>`
    select secrets, clock_timestamp() as now, clock_timestamp() + ${overlapMs} * interval '1 millisecond' as until from webhook_subscriptions
    where ${named({ tenant, id })} for update`.execute(tx);
  const [row] = rows;
  if (!row) return null;
  const previousUntil = toInstant(row.until);
  // Those that were promised a while stay, also when a rotation is asked for once more because its answer got lost; but not ever more of
  // them: a message with many signatures is refused by some.
  const [previous, ...older] = row.secrets;
  const secrets: WebhookSecret[] = [
    { secret, until: null },
    ...(previous && overlapMs > 0 ? [{ secret: previous.secret, until: previousUntil }] : []),
    ...older.filter(({ until }) => until !== null && until > toInstant(row.now)),
  ].slice(0, MAX_SECRETS);
  await sql`
    update webhook_subscriptions set secrets = ${JSON.stringify(secrets)}::jsonb, updated_at = clock_timestamp()
    where id = ${id}`.execute(tx);
  return { previousUntil };
}

async function addReplay(
  tx: Tx,
  { tenant, id, after, through }: Parameters<WebhookSubscriptions['replay']>[0],
): ReturnType<WebhookSubscriptions['replay']> {
  const { rows } = await sql`select 1 from webhook_subscriptions where ${named({ tenant, id })} for update`.execute(tx);
  const replay = rows.length === 0 ? null : await nextReplay(tx, id);
  if (replay === null) return null;
  await sql`
    insert into webhook_feeds (subscription_id, replay, fed_to, ends_at)
    select ${id}, ${replay}, ${after}, greatest(${after}::bigint, least(${through}::bigint, ${lastGivenPosition}))`.execute(
    tx,
  );
  return { replay };
}
