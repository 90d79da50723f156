// The end of a run: everything is made well, and every order comes to its end.
import { setTimeout as sleep } from 'node:timers/promises';
import { waitsForPerson } from './checker.ts';
import { clearFaults } from './provider-faults.ts';
import type { VerifyStack } from './stack.ts';
import type { OrderRow } from './witnesses.ts';

// Above the longest pause between two tries (five minutes) it would wait for nothing any more.
const LIMIT_MS = 330_000;
const POLL_MS = 1_000;

/** Sees to it that every process runs and the provider is healthy. */
export async function heal({ slots, simulatorUrl }: VerifyStack): Promise<void> {
  const servers = [slots.postgres, slots.temporal, slots.simulator, slots.carrier];
  await Promise.all(servers.map((slot) => slot.start()));
  await clearFaults(simulatorUrl);
  await Promise.all([slots.api, slots.workerA, slots.workerB].map((slot) => slot.start()));
}

/**
 * Waits until no order is open but those that wait for a person by design, every event has its position, the provider has told
 * all that it had to tell, every refund, return and amendment has come to its end, and somebody has decided about every payment that is followed. Answers how long that took (seconds); what is open after five and a half minutes is left for the checker to find.
 */
export async function waitUntilSettled({ db, simulatorUrl }: VerifyStack): Promise<number> {
  const begun = Date.now();
  for (; Date.now() - begun < LIMIT_MS; await sleep(POLL_MS)) {
    const { rows } = await db.query<Pick<OrderRow, 'attention' | 'waiting' | 'paymentMethod'>>(`
      select o.attention, o.waiting, p.payment_method as "paymentMethod" from orders o join payments p on p.order_id = o.id and not p.stray
      where o.closed_at is null`);
    const { rows: left } = await db.query(`
      (select 1 from events where position is null limit 1) union all
      (select 1 from payment_notices where due_at is not null limit 1) union all
      (select 1 from refunds where state = 'requested' limit 1) union all
      (select 1 from returns where closed_at is null limit 1) union all
      (select 1 from amendments where state = 'pending' limit 1) union all
      (select 1 from reviews where state = 'pending' limit 1) union all
      (select 1 from webhook_feeds where fed_to < coalesce(ends_at, (select max(position) from events)) limit 1) union all
      (select 1 from webhook_deliveries where state = 'pending' limit 1) union all
      (select 1 from payment_captures where state = 'due' limit 1) union all
      (select 1 from payments p join orders o on o.id = p.order_id
       where p.state = 'authorized' and not p.stray and o.closed_at is not null limit 1) union all
      -- What is told of an order that is still being undone is heard once it is over.
      (select 1 from shipment_notices n join orders o on o.id = split_part(n.reference, ':shipment:', 1)
       where n.due_at is not null and o.closed_at is not null limit 1) union all
      (select 1 from parked_steps where step = 'follow-payment' and closed_at is null limit 1)`);
    if (rows.every(waitsForPerson) && left.length === 0 && (await countOwed(simulatorUrl)) === 0) break;
  }
  return Math.round((Date.now() - begun) / 1_000);
}

/** Waits until the workflows of closed orders have ended too: their last task comes after their last transaction. */
export async function waitForWorkflows({ temporal, db }: VerifyStack, withinMs = 30_000): Promise<void> {
  const { rows } = await db.query<{ running: number }>(`
    select (select count(*) from orders where closed_at is null)
         + (select count(*) from parked_steps where closed_at is null and workflow_id <> order_id) as running`);
  const running = rows[0]?.running ?? 0;
  for (const until = Date.now() + withinMs; Date.now() < until; await sleep(POLL_MS)) {
    const { count } = await temporal.workflow.count(`ExecutionStatus = 'Running'`);
    if (count <= running) return;
  }
}

/** How many of its events the provider has still to tell. */
async function countOwed(simulatorUrl: string): Promise<number> {
  const answer = await fetch(`${simulatorUrl}/_simulator/webhook_endpoints`);
  const { items } = (await answer.json()) as { items: { owed: number }[] };
  return items.reduce((sum, { owed }) => sum + owed, 0);
}

/** How many orders are open just now. */
export async function countOpen({ db }: Pick<VerifyStack, 'db'>): Promise<number> {
  const { rows } = await db.query<{ open: number }>('select count(*)::int as open from orders where closed_at is null');
  return rows[0]?.open ?? Number.NaN;
}
