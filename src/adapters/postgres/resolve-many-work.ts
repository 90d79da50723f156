// Working off a decision about many orders. What must stay true: whoever takes over after a crash goes on with the orders
// that have no outcome, and an order that was resolved meanwhile is known by the audit trail.
import { sql } from 'kysely';
import type { ManyResolutionWork, Turn } from '../../ports/resolve-many.ts';
import type { Database } from './database.ts';

type Decision = Awaited<ReturnType<ManyResolutionWork['next']>>['decision'] & { isOver: boolean };

export const createManyResolutionWork = ({ db }: { db: Database }): ManyResolutionWork => ({
  next: async ({ resolutionId, limit, except }) => {
    const { rows } = await sql<Decision>`
      select action, actor, reason, cancel_requested_at is not null or finished_at is not null as "isOver"
      from resolutions where id = ${resolutionId}`.execute(db);
    const [found] = rows;
    if (!found) throw new Error(`Expected resolution ${resolutionId} in the database; found none`);
    const { isOver, ...decision } = found;
    if (isOver) return { decision, turns: [] };
    const { rows: turns } = await sql<Turn>`
      select r.order_id as "orderId", coalesce(o.attention ->> 'workflowId', r.order_id) as "workflowId",
             coalesce(o.attention ->> 'since' = r.parked_since, false) as "stillParked",
             exists (select 1 from resolution_audit where order_id = r.order_id and resolution_id = ${resolutionId}) as "isResolved"
      from resolution_orders r join orders o on o.id = r.order_id
      where r.resolution_id = ${resolutionId} and r.outcome is null and r.order_id <> all(${[...except]}::text[])
      order by r.order_id limit ${limit}`.execute(db);
    return { decision, turns };
  },

  record: async ({ resolutionId, orderId, outcome, detail }) => {
    await sql`
      update resolution_orders set outcome = ${outcome}, detail = ${detail}, at = clock_timestamp()
      where resolution_id = ${resolutionId} and order_id = ${orderId} and outcome is null`.execute(db);
  },

  finish: async ({ resolutionId, cancelledBy }) => {
    // Told just before a cancellation, and not written down any more: the audit trail knows.
    await sql`
      update resolution_orders r set outcome = 'resolved', at = clock_timestamp()
      where resolution_id = ${resolutionId} and outcome is null and exists (
        select 1 from resolution_audit where order_id = r.order_id and resolution_id = ${resolutionId}
      )`.execute(db);
    await sql`
      update resolutions
      set finished_at = clock_timestamp(), launch_after = null, cancelled_by = coalesce(cancelled_by, ${cancelledBy}::text),
          cancel_requested_at = coalesce(cancel_requested_at, case when ${cancelledBy}::text is not null then clock_timestamp() end)
      where id = ${resolutionId} and finished_at is null`.execute(db);
  },
});
