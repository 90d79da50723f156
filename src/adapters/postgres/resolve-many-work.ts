// Working off a decision about many orders. What must stay true: whoever takes over after a crash goes on with the steps
// that have no outcome, and what was resolved meanwhile is known by the audit trail.
import { sql } from 'kysely';
import type { ManyResolutionWork, Turn } from '../../ports/resolve-many.ts';
import type { Database } from './database.ts';
import { sinceOf } from './parked-steps.ts';

type Decision = Awaited<ReturnType<ManyResolutionWork['next']>>['decision'] & { isOver: boolean };

/** Whether the audit trail has this decision; of one from before that was recorded it does not say for which workflow. */
const isResolved = sql`exists (
  select 1 from resolution_audit a where a.order_id = r.order_id and a.resolution_id = r.resolution_id
    and coalesce(a.workflow_id, r.workflow_id) = r.workflow_id)`;

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
      select r.order_id as "orderId", r.workflow_id as "workflowId",
             case when p.id is not null then jsonb_build_object('since', ${sinceOf('p')}, 'runId', p.run_id, 'number', p.number) end
               as about,
             case when n.id is not null then jsonb_build_object('step', n.step, 'reason', n.reason, 'since', ${sinceOf('n')}) end
               as "parkedAnew", ${isResolved} as "isResolved"
      from resolution_orders r left join parked_steps p on p.id = r.parked_step_id and p.closed_at is null
      left join parked_steps n on n.workflow_id = r.workflow_id and n.closed_at is null and n.id is distinct from r.parked_step_id
      where r.resolution_id = ${resolutionId} and r.outcome is null and r.workflow_id <> all(${[...except]}::text[])
      order by r.workflow_id limit ${limit}`.execute(db);
    return { decision, turns };
  },

  record: async ({ resolutionId, workflowId, outcome, detail }) => {
    await sql`
      update resolution_orders set outcome = ${outcome}, detail = ${detail}, at = clock_timestamp()
      where resolution_id = ${resolutionId} and workflow_id = ${workflowId} and outcome is null`.execute(db);
  },

  finish: async ({ resolutionId, cancelledBy }) => {
    // Told just before a cancellation, and not written down any more: the audit trail knows.
    await sql`
      update resolution_orders r set outcome = 'resolved', at = clock_timestamp()
      where resolution_id = ${resolutionId} and outcome is null and ${isResolved}`.execute(db);
    await sql`
      update resolutions
      set finished_at = clock_timestamp(), launch_after = null, cancelled_by = coalesce(cancelled_by, ${cancelledBy}::text),
          cancel_requested_at = coalesce(cancel_requested_at, case when ${cancelledBy}::text is not null then clock_timestamp() end)
      where id = ${resolutionId} and finished_at is null`.execute(db);
  },
});
