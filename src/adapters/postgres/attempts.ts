// The last failed tries of an order. Best effort: nothing is decided by them, so they may be lost, and old ones go.
import { sql } from 'kysely';
import type { AttemptLog } from '../../ports/attempts.ts';
import type { Database } from './database.ts';

// Half a day of an outage is some eighty tries; the newest tell the story.
const KEPT_PER_ORDER = 50;

export const createAttemptLog = ({ db }: { db: Database }): AttemptLog => ({
  add: async ({ orderId, workflowId, step, attempt, message, nextTryInMs }) => {
    await sql`
      with added as (
        insert into step_attempts (tenant, order_id, workflow_id, step, attempt, message, next_try_at)
        select tenant, id, ${workflowId}, ${step}, ${attempt}::int, ${message},
               clock_timestamp() + ${nextTryInMs}::double precision * interval '1 millisecond'
        from orders where id = ${orderId}
      )
      delete from step_attempts where order_id = ${orderId} and id <= (
        select id from step_attempts where order_id = ${orderId} order by id desc offset ${KEPT_PER_ORDER - 1} limit 1
      )`.execute(db);
  },
});
