// Who decided what about a parked order: read here, written with the decision itself (see parking.ts).
import { sql } from 'kysely';
import type { DecidedStep, ResolutionAudit } from '../../ports/resolution.ts';
import type { Database } from './database.ts';
import { sinceOf } from './parked-steps.ts';

type AuditRow = Omit<DecidedStep, 'value' | 'since'> & { value: string | null; since: string | null };

export const createResolutionAudit = ({ db }: { db: Database }): ResolutionAudit => ({
  find: async ({ orderId, resolutionId }) => {
    const { rows } = await sql<AuditRow>`
      select step, action, value, ${sinceOf('resolution_audit')} as since, actor, reason, workflow_id as "workflowId"
      from resolution_audit
      where order_id = ${orderId} and resolution_id = ${resolutionId} and outcome = 'followed'`.execute(db);
    if (!rows[0]) return null;
    const { value, since, ...rest } = rows[0];
    return { ...rest, ...(value === null ? {} : { value }), ...(since === null ? {} : { since }) };
  },
});
