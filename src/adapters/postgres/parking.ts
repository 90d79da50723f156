// Parking in our tables: the marks, their events, and who decided what. What must stay true: a repeat changes nothing, an attempt
// that lands late changes nothing, and no decision is followed that is not in the audit trail (both are one transaction).
import { sql } from 'kysely';
import { EventType } from '../../contracts/events.ts';
import type { ParkingRef, ParkRequest, Reminded } from '../../contracts/parking.ts';
import { type Attention, type OrderStep } from '../../domain/order.ts';
import { withLastWords } from '../../domain/parking.ts';
import { command } from '../../events/causes.ts';
import type { OrderDecision, OrderSteps } from '../../ports/order.ts';
import { inTransaction, type Database, type Tx } from './database.ts';
import { lockOrder, recordChange, type LockedOrder } from './order-change.ts';
import {
  closeParked,
  findLastWords,
  findOpenParking,
  findParking,
  insertParking,
  isOvertaken,
  showAttention,
  type KnownParking,
} from './parked-steps.ts';

export const createParkingSteps = ({
  db,
}: {
  db: Database;
}): Pick<OrderSteps, 'park' | 'resume' | 'remind' | 'clearParked'> => ({
  park: (request) => inTransaction(db, (tx) => park(tx, request)),
  resume: (decision) => inTransaction(db, (tx) => resume(tx, decision)),
  remind: (request) => inTransaction(db, (tx) => remind(tx, request)),
  clearParked: (request) => inTransaction(db, (tx) => clearParked(tx, request)),
});

export async function park(tx: Tx, request: ParkRequest): Promise<Attention | null> {
  const order = await lockOrder(tx, request.orderId);
  if (isStoryOver(order, request)) return null;
  const known = await findParking(tx, request);
  if (known) return known.isOpen ? known.attention : null;
  if (await isOvertaken(tx, request)) return null;
  return (await openParking(tx, request)).attention;
}

/** Business after the end (money that comes late) parks beside a closed order; the order's own story has nothing left to do. */
const isStoryOver = ({ isClosed }: LockedOrder, { orderId, workflowId }: ParkingRef): boolean =>
  isClosed && workflowId === orderId;

async function openParking(tx: Tx, request: ParkRequest): Promise<KnownParking> {
  const { orderId, workflowId, parking, step } = request;
  const reason = withLastWords(request.reason, await findLastWords(tx, request));
  // What another run left, or one that a cancellation ended: the workflow is at one step at a time.
  await closeParked(tx, { workflowId, parking });
  const opened = await insertParking(tx, { ...request, reason, isOpen: true });
  await showAttention(tx, orderId);
  await recordThatItDidNotHelp(tx, { ...request, reason });
  const { since } = opened.attention;
  await recordChange(tx, { orderId, type: EventType.orderParked, data: { step, reason, since, workflowId } });
  return opened;
}

/**
 * When the last thing that this run was told was a decision about the same step, and nothing came of it since, this is what came
 * of it. Only an order's own story is seen to get on between two parkings: by the order's events.
 */
async function recordThatItDidNotHelp(
  tx: Tx,
  { orderId, workflowId, parking, step, reason }: ParkRequest,
): Promise<void> {
  await sql`
    insert into resolution_audit (tenant, order_id, workflow_id, parked_step_id, resolution_id, bulk_id, step, action, value, actor,
                                  reason, since, outcome, detail)
    select a.tenant, a.order_id, a.workflow_id, a.parked_step_id, a.resolution_id, a.bulk_id, a.step, a.action, a.value, a.actor,
           a.reason, a.since, 'parked-again', ${reason}
    from (select * from resolution_audit where order_id = ${orderId} and workflow_id = ${workflowId} order by id desc limit 1) a
    join parked_steps p on p.id = a.parked_step_id and p.run_id in (${parking.runId}, 'not recorded')
    where a.step = ${step} and a.outcome = 'followed' and not exists (
      select 1 from events e where e.order_id = ${orderId} and e.order_id = a.workflow_id and e."timestamp" > a.at
        and e.event_type not in (${EventType.orderResumed}, ${EventType.orderParked}, ${EventType.orderParkedReminder})
    )
    on conflict do nothing`.execute(tx);
}

/** `settlesDoubt`: a person has decided; what a recovery left in doubt is nobody else's to settle. */
export async function resume(tx: Tx, decision: OrderDecision, { settlesDoubt = true } = {}): Promise<void> {
  const { orderId, workflowId, action, actor, reason, value = null, about } = decision;
  const { tenant } = await lockOrder(tx, orderId);
  const decided = await findDecided(tx, decision);
  if (!decided) return;
  await closeParked(tx, { workflowId, parking: decision.parking ?? null });
  await showAttention(tx, orderId);
  // Who wants it undone has not said that it is well: should it be sold after all, it is asked again.
  if (settlesDoubt && action !== 'compensate') await settleDoubt(tx, { orderId, workflowId, step: decided.step });
  const { rows } = await sql`
    insert into resolution_audit (tenant, order_id, workflow_id, parked_step_id, resolution_id, bulk_id, step, action, value, actor,
                                  reason, since, outcome)
    values (${tenant}, ${orderId}, ${workflowId}, ${decided.id}, ${decision.resolutionId ?? null}, ${decision.bulkId ?? null},
            ${decided.step}, ${action}, ${value}, ${actor}, ${reason}, ${about?.since ?? null}::timestamptz, 'followed')
    on conflict do nothing returning id`.execute(tx);
  if (rows.length === 0) return;
  const data = { step: decided.step, action, actor, reason, workflowId, ...(value === null ? {} : { value }) };
  const { resolutionId } = decision;
  const cause = resolutionId === undefined ? {} : { cause: command('resolve', resolutionId) };
  await recordChange(tx, { orderId, type: EventType.orderResumed, data, ...cause });
}

const doubtedSteps: readonly OrderStep[] = ['charge-payment', 'confirm-order', 'ship-order'];

/** Where a doubt that a recovery left has parked the order's own story, the decision settles it. */
async function settleDoubt(
  tx: Tx,
  { orderId, workflowId, step }: { orderId: string; workflowId: string; step: OrderStep },
): Promise<void> {
  if (workflowId !== orderId || !doubtedSteps.includes(step)) return;
  await sql`update orders set doubt = null where id = ${orderId} and doubt is not null`.execute(tx);
}

/**
 * What is decided about, with a row whatever happened, so that it stays closed for good; null when that has been done. A run that
 * was reset believes in parkings that only the run before it has recorded.
 */
async function findDecided(
  tx: Tx,
  { orderId, workflowId, parking, step, reason }: OrderDecision,
): Promise<{ id: number; step: OrderStep } | null> {
  if (!parking || !step) {
    const open = await findOpenParking(tx, workflowId);
    return open && { id: open.id, step: open.attention.step };
  }
  const ref = { orderId, workflowId, parking };
  const known = await findParking(tx, ref);
  if (!known) return { id: (await insertParking(tx, { ...ref, step, reason, isOpen: false })).id, step };
  const { rows } = await sql`
    select 1 from resolution_audit where parked_step_id = ${known.id} and outcome = 'followed'`.execute(tx);
  return rows.length > 0 ? null : { id: known.id, step };
}

/** The workflow waits: whatever the rows say, so does the order. Unless it is closed, or this attempt comes too late. */
async function remind(tx: Tx, request: ParkRequest): Promise<Reminded> {
  const { orderId, workflowId } = request;
  const order = await lockOrder(tx, orderId);
  if (isStoryOver(order, request)) return { isOver: true };
  const open = await findOpenParking(tx, workflowId);
  const known = await findParking(tx, request);
  const isOverdue = await isOvertaken(tx, request);
  if (open && (open.id === known?.id || isOverdue)) {
    const data = { ...open.attention, workflowId };
    await recordChange(tx, { orderId, type: EventType.orderParkedReminder, data });
    return { isOver: false };
  }
  // Closed without a decision that this run has heard: nobody would ever see that it waits, so it tries again, and parks anew.
  if (known) return { isOver: true };
  // A run that was reset waits for a decision that the run before it has followed: nobody would see it. Or the rows, restored from a
  // backup, show an older parking: every decision about that would be refused.
  if (!isOverdue) await openParking(tx, request);
  return { isOver: false };
}

async function clearParked(tx: Tx, { orderId, workflowId, parking }: ParkingRef): Promise<void> {
  await lockOrder(tx, orderId);
  if (await closeParked(tx, { workflowId, parking })) await showAttention(tx, orderId);
}
