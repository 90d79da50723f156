// Parking in our tables: the order's mark, its events, and who decided what. What must stay true: a repeat changes nothing,
// and no decision is followed that is not in the audit trail (both are one transaction).
import { sql } from 'kysely';
import { EventType } from '../../contracts/events.ts';
import { isClosed, type Attention } from '../../domain/order.ts';
import type { OrderDecision, OrderSteps } from '../../ports/order.ts';
import { inTransaction, type Database, type Tx } from './database.ts';
import { lockOrder, recordChange } from './order-change.ts';

export const createParkingSteps = ({ db }: { db: Database }): Pick<OrderSteps, 'park' | 'resume' | 'remind'> => ({
  park: (request) => inTransaction(db, (tx) => park(tx, request)),
  resume: (decision) => inTransaction(db, (tx) => resume(tx, decision)),

  remind: ({ orderId }) =>
    inTransaction(db, async (tx) => {
      const { attention } = await lockOrder(tx, orderId);
      if (!attention) return;
      await recordChange(tx, { orderId, type: EventType.orderParkedReminder, data: attention });
    }),
});

async function park(tx: Tx, request: Parameters<OrderSteps['park']>[0]): Promise<Attention | null> {
  const { attention, status } = await lockOrder(tx, request.orderId);
  // Business after the end (money that comes late) parks beside a closed order.
  if (isClosed(status) && request.step !== 'follow-payment') return null;
  if (attention?.step === request.step) return attention;
  const { rows } = await sql<{ attention: Attention }>`
    update orders
    set attention = jsonb_build_object('step', ${request.step}::text, 'reason', ${request.reason}::text, 'since',
      to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
      || jsonb_strip_nulls(jsonb_build_object('workflowId', ${request.workflowId ?? null}::text))
    where id = ${request.orderId} returning attention`.execute(tx);
  const [parked] = rows;
  if (!parked) throw new Error(`Expected to park order ${request.orderId}; found no row`);
  await recordThatItDidNotHelp(tx, request);
  await recordChange(tx, {
    orderId: request.orderId,
    type: EventType.orderParked,
    data: { step: parked.attention.step, reason: parked.attention.reason, since: parked.attention.since },
  });
  return parked.attention;
}

/** When the last thing that happened to the order was a decision about the same step, this is what came of it. */
async function recordThatItDidNotHelp(
  tx: Tx,
  { orderId, step, reason }: { orderId: string; step: string; reason: string },
): Promise<void> {
  await sql`
    insert into resolution_audit (tenant, order_id, resolution_id, bulk_id, step, action, value, actor, reason, outcome, detail)
    select a.tenant, a.order_id, a.resolution_id, a.bulk_id, a.step, a.action, a.value, a.actor, a.reason, 'parked-again', ${reason}
    from (select * from resolution_audit where order_id = ${orderId} order by id desc limit 1) a
    where a.step = ${step} and a.outcome = 'followed'
      and ${EventType.orderResumed} = (select event_type from events where order_id = ${orderId} order by sequence desc limit 1)
    on conflict do nothing`.execute(tx);
}

async function resume(tx: Tx, decision: OrderDecision): Promise<void> {
  const { orderId, action, actor, reason, value = null, resolutionId = null, bulkId = null } = decision;
  const { attention, tenant } = await lockOrder(tx, orderId);
  if (!attention) return;
  // Where a doubt that a recovery left has parked it, the decision settles it.
  await sql`
    update orders set attention = null,
      doubt = case when attention ->> 'step' not in ('charge-payment', 'confirm-order') then doubt end
    where id = ${orderId}`.execute(tx);
  await sql`
    insert into resolution_audit (tenant, order_id, resolution_id, bulk_id, step, action, value, actor, reason, outcome)
    values (${tenant}, ${orderId}, ${resolutionId}, ${bulkId}, ${attention.step}, ${action}, ${value}, ${actor}, ${reason},
            'followed')
    on conflict do nothing`.execute(tx);
  await recordChange(tx, {
    orderId,
    type: EventType.orderResumed,
    data: { step: attention.step, action, actor, reason, ...(value === null ? {} : { value }) },
  });
}
