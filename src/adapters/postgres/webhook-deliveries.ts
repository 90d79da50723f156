// Deliveries as an operator sees them, and decides about them. What must stay true: a decision is about a delivery as it is, under its
// lane's lock, and is on record.
import { sql, type RawBuilder } from 'kysely';
import type { DeliveryDecision, WebhookDelivery, WebhookSubscriptions } from '../../ports/webhook.ts';
import { inTransaction, toInstant, type Database, type Tx } from './database.ts';
import { orRefusal, Refused } from './keyed.ts';
import { nextReplay, wakeLane } from './webhook-rows.ts';

type Deliveries = Pick<WebhookSubscriptions, 'listDeliveries' | 'resend' | 'skip'>;
type Decision = Parameters<WebhookSubscriptions['skip']>[0];

export const createWebhookDeliveries = ({ db }: { db: Database }): Deliveries => ({
  listDeliveries: async ({ tenant, id, state, orderId, before, limit }) => {
    const { rows: known } = await sql`
      select 1 from webhook_subscriptions where tenant = ${tenant} and id = ${id} and removed_at is null`.execute(db);
    if (known.length === 0) return null;
    const { rows } = await sql<WebhookDelivery>`
      ${deliveries} where d.subscription_id = ${id} and ${state === null ? sql`true` : sql`d.state = ${sql.lit(state)}`}
        and (${orderId}::text is null or d.order_id = ${orderId}) and (${before}::bigint is null or d.id < ${before})
      order by d.id desc limit ${limit}`.execute(db);
    return rows.map(toDelivery);
  },

  resend: (decision) => decide(db, decision, resend),
  skip: (decision) => decide(db, decision, skip),
});

type Locked = { id: number; subscriptionId: string; orderId: string; state: WebhookDelivery['state']; eventId: string };

const decide = (
  db: Database,
  decision: Decision,
  act: (tx: Tx, row: Locked, decision: Decision) => Promise<number>,
): Promise<DeliveryDecision> =>
  orRefusal<DeliveryDecision, Refusal>(() =>
    inTransaction(db, async (tx) => {
      const row = await lock(tx, decision);
      const id = await act(tx, row, decision);
      await wakeLane(tx, row);
      return read(tx, id);
    }),
  );
type Refusal = Extract<DeliveryDecision, { refused: string }>;

/** What is under way is settled under the lane's lock; as it is then, it is decided about. */
async function lock(tx: Tx, { tenant, id, delivery }: Decision): Promise<Locked> {
  const { rows } = await sql<Omit<Locked, 'state'>>`
    select d.id, s.id as "subscriptionId", d.order_id as "orderId", d.event_id as "eventId"
    from webhook_subscriptions s join webhook_deliveries d on d.subscription_id = s.id
    where s.tenant = ${tenant} and s.id = ${id} and d.id = ${delivery} and s.removed_at is null`.execute(tx);
  const [named] = rows;
  if (!named) throw new Refused<Refusal>({ refused: 'unknown' });
  await sql`
    insert into webhook_lanes (subscription_id, order_id) values (${id}, ${named.orderId})
    on conflict (subscription_id, order_id) do update set order_id = excluded.order_id`.execute(tx);
  const { rows: now } = await sql<Pick<Locked, 'state'>>`
    select state from webhook_deliveries where id = ${delivery}`.execute(tx);
  const state = now[0]?.state;
  if (!state) throw new Refused<Refusal>({ refused: 'unknown' });
  return { ...named, state };
}

async function skip(tx: Tx, row: Locked, decision: Decision): Promise<number> {
  if (row.state !== 'parked') throw new Refused<Refusal>({ refused: 'state', state: row.state });
  await sql`
    update webhook_deliveries set state = 'skipped', settled_at = clock_timestamp(), ${decidedBy(decision)}
    where id = ${row.id}`.execute(tx);
  return row.id;
}

/** One that is over is told once more, behind what waits. */
async function resend(tx: Tx, row: Locked, decision: Decision): Promise<number> {
  if (row.state === 'parked' || row.state === 'pending') {
    // Its tries begin anew.
    await sql`
      update webhook_deliveries set state = 'pending', attempts = 0, ${decidedBy(decision)} where id = ${row.id}`.execute(
      tx,
    );
    return row.id;
  }
  const replay = await nextReplay(tx, row.subscriptionId);
  if (replay === null) throw new Refused<Refusal>({ refused: 'unknown' });
  const { rows } = await sql<{ id: number }>`
    insert into webhook_deliveries (subscription_id, order_id, event_id, replay, decided_by, reason)
    values (${row.subscriptionId}, ${row.orderId}, ${row.eventId}, ${replay}, ${decision.actor}, ${decision.reason})
    returning id`.execute(tx);
  const id = rows[0]?.id;
  if (id === undefined) throw new Error(`Expected a delivery in the place of ${row.id}; found none`);
  return id;
}

const decidedBy = ({ actor, reason }: Decision): RawBuilder<unknown> => sql`decided_by = ${actor}, reason = ${reason}`;

async function read(tx: Tx, id: number): Promise<DeliveryDecision> {
  const { rows } = await sql<WebhookDelivery>`${deliveries} where d.id = ${id}`.execute(tx);
  const [row] = rows;
  if (!row) throw new Error(`Expected delivery ${id}; found none`);
  return { delivery: toDelivery(row) };
}

const deliveries = sql`
  select d.id, d.event_id as "eventId", e.event_type as "eventType", d.order_id as "orderId", e.position, d.replay, d.state, d.attempts,
         d.status, d.failure, d.attempted_at as "attemptedAt", d.settled_at as "settledAt", d.decided_by as "decidedBy", d.reason,
         d.created_at as "createdAt"
  from webhook_deliveries d join events e using (event_id)`;

const toDelivery = ({ attemptedAt, settledAt, createdAt, ...row }: WebhookDelivery): WebhookDelivery => ({
  ...row,
  attemptedAt: attemptedAt && toInstant(attemptedAt),
  settledAt: settledAt && toInstant(settledAt),
  createdAt: toInstant(createdAt),
});
