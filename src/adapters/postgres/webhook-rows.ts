// What both subscriptions and their deliveries ask of the rows.
import { sql, type RawBuilder } from 'kysely';
import type { Tx } from './database.ts';

/** Of a row of webhook_subscriptions: what messages are signed with now, the newest first. */
export const validSecrets: RawBuilder<unknown> = sql`(
  select jsonb_agg(x ->> 'secret' order by place) from jsonb_array_elements(secrets) with ordinality as t (x, place)
  where x ->> 'until' is null or (x ->> 'until')::timestamptz > clock_timestamp())`;

/** The number of the next repeat; null where there is no such subscription. Locks its row. */
export async function nextReplay(tx: Tx, id: string): Promise<number | null> {
  const { rows } = await sql<{ replay: number }>`
    update webhook_subscriptions set replays = replays + 1 where id = ${id} and removed_at is null
    returning replays as replay`.execute(tx);
  return rows[0]?.replay ?? null;
}

/** The next delivery of the lane is due, or waits for a person; unless somebody is at it. The caller holds the lane. */
export const wakeLane = async (tx: Tx, lane: { subscriptionId: string; orderId: string }): Promise<void> =>
  void (await sql`
    with first as (
      select state from webhook_deliveries
      where subscription_id = ${lane.subscriptionId} and order_id = ${lane.orderId} and state in ('pending', 'parked')
      order by id limit 1
    )
    update webhook_lanes set is_parked = coalesce((select state = 'parked' from first), false),
      due_at = case when (select state = 'parked' from first) then null else clock_timestamp() end
    where subscription_id = ${lane.subscriptionId} and order_id = ${lane.orderId} and claim is null`.execute(tx));

// So many orders at most are tried at once; the others when their time comes.
const WOKEN = 1_000;

/** What waits for its next try is tried at once; what waits for a person, and what is under way, is not. */
export const wakeLanes = async (tx: Tx, subscriptionId: string): Promise<void> =>
  void (await sql`
    update webhook_lanes set due_at = clock_timestamp() where subscription_id = ${subscriptionId} and order_id in (
      select order_id from webhook_lanes
      where subscription_id = ${subscriptionId} and due_at > statement_timestamp() and claim is null
      order by due_at limit ${WOKEN} for update skip locked)`.execute(tx));
