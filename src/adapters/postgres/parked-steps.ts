// The parkings of an order's workflows. What must stay true: `orders.attention` is the oldest open one, changed in the same
// transaction (the order's row is locked by the caller), and one that is closed stays closed.
import { sql, type RawBuilder } from 'kysely';
import type { ParkingId, ParkingRef, ParkRequest } from '../../contracts/parking.ts';
import { shippingSteps, storySteps, type Attention } from '../../domain/order.ts';
import type { IdentifiedStep, ParkedSteps } from '../../ports/resolution.ts';
import type { Database, Tx } from './database.ts';

/** The instant of a parking as the contract writes it, cut to milliseconds: the one text by which it is shown and compared. */
export const sinceOf = (table: string): RawBuilder<string> =>
  sql`to_char(${sql.ref(`${table}.since`)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const since = sinceOf('parked_steps');

/** Whether the row is of a newer parking of its workflow: a higher number of the same run, or any of a run that began later. */
const isNewerThan = ({ runId, runStartedAt, number }: ParkingId): RawBuilder<boolean> => sql`
  (case when run_id = ${runId} then number > ${number}::int else run_started_at > ${runStartedAt}::timestamptz end)`;

export const createParkedSteps = ({ db }: { db: Database }): ParkedSteps => ({
  list: async ({ orderId }) => {
    const { rows } = await sql<IdentifiedStep>`
      select step, reason, ${since} as since, workflow_id as "workflowId", run_id as "runId", number
      from parked_steps where order_id = ${orderId} and closed_at is null order by parked_steps.since, id`.execute(db);
    return rows;
  },
});

export type KnownParking = { id: number; isOpen: boolean; attention: Attention };

const known = sql`
  id, closed_at is null as "isOpen", jsonb_build_object('step', step, 'reason', reason, 'since', ${since}) as attention`;

/** What is recorded of this very parking, or null. */
export async function findParking(tx: Tx, { workflowId, parking }: ParkingRef): Promise<KnownParking | null> {
  const { rows } = await sql<KnownParking>`
    select ${known} from parked_steps
    where workflow_id = ${workflowId} and run_id = ${parking.runId} and number = ${parking.number}`.execute(tx);
  return rows[0] ?? null;
}

/** What the workflow is parked at by the rows, or null. */
export async function findOpenParking(tx: Tx, workflowId: string): Promise<KnownParking | null> {
  const { rows } = await sql<KnownParking>`
    select ${known} from parked_steps where workflow_id = ${workflowId} and closed_at is null`.execute(tx);
  return rows[0] ?? null;
}

/** Whether a newer parking of the workflow is known, open or closed: then this one comes too late. */
export async function isOvertaken(tx: Tx, { workflowId, parking }: ParkingRef): Promise<boolean> {
  const { rows } = await sql`
    select 1 from parked_steps where workflow_id = ${workflowId} and ${isNewerThan(parking)} limit 1`.execute(tx);
  return rows.length > 0;
}

/** Records a parking; `isOpen` false for one that is over before it was ever shown. */
export async function insertParking(
  tx: Tx,
  { orderId, workflowId, parking, step, reason, isOpen }: ParkRequest & { isOpen: boolean },
): Promise<KnownParking> {
  const { rows } = await sql<KnownParking>`
    insert into parked_steps (tenant, order_id, workflow_id, run_id, run_started_at, number, step, reason, closed_at)
    select tenant, id, ${workflowId}, ${parking.runId}, ${parking.runStartedAt}::timestamptz, ${parking.number}::int, ${step},
           ${reason}, case when not ${isOpen}::boolean then clock_timestamp() end
    from orders where id = ${orderId}
    returning ${known}`.execute(tx);
  const [inserted] = rows;
  if (!inserted) throw new Error(`Expected to record a parking of order ${orderId}; found no order`);
  return inserted;
}

/** Closes what the workflow has open, unless that is newer than `parking` (null: whatever it is). Whether there was anything. */
export async function closeParked(
  tx: Tx,
  { workflowId, parking }: { workflowId: string; parking: ParkingId | null },
): Promise<boolean> {
  const { rows } = await sql`
    update parked_steps set closed_at = clock_timestamp()
    where workflow_id = ${workflowId} and closed_at is null and ${parking ? sql`not ${isNewerThan(parking)}` : sql`true`}
    returning id`.execute(tx);
  return rows.length > 0;
}

/** Shows the oldest open parking as the order's mark. */
export async function showAttention(tx: Tx, orderId: string): Promise<void> {
  await sql`
    update orders set attention = (
      select jsonb_build_object('step', step, 'reason', reason, 'since', ${since})
      from parked_steps where order_id = orders.id and closed_at is null order by since, id limit 1
    ) where id = ${orderId}`.execute(tx);
}

/** A closed order waits for nobody: what its story left parked is over. Business of its own beside it may stay parked. */
export async function closeStory(tx: Tx, orderId: string): Promise<void> {
  await sql`
    with closed as (
      update parked_steps set closed_at = clock_timestamp() where workflow_id = ${orderId} and closed_at is null
    )
    update orders set waiting = null, attention = (
      select jsonb_build_object('step', step, 'reason', reason, 'since', ${since})
      from parked_steps
      where order_id = orders.id and workflow_id <> orders.id and closed_at is null order by since, id limit 1
    ) where id = ${orderId} and (attention is not null or waiting is not null)`.execute(tx);
}

/** What the order's story has parked of its steps is over: the order is being cancelled. What is parked of its undo is not. */
export async function closeStorySteps(tx: Tx, orderId: string): Promise<void> {
  const steps = [...storySteps, ...shippingSteps];
  const { rows } = await sql`
    update parked_steps set closed_at = clock_timestamp()
    where order_id = ${orderId} and closed_at is null and step = any(${steps}::text[]) returning id`.execute(tx);
  if (rows.length > 0) await showAttention(tx, orderId);
}

/** What the last failed try of the step said, if that was after the workflow's last parking was over. */
export async function findLastWords(tx: Tx, { orderId, workflowId, step }: ParkRequest): Promise<string | null> {
  const { rows } = await sql<{ message: string }>`
    select message from step_attempts
    where order_id = ${orderId} and step = ${step} and coalesce(workflow_id, ${workflowId}) = ${workflowId}
      and at > coalesce((select max(closed_at) from parked_steps where workflow_id = ${workflowId}), '-infinity')
    order by id desc limit 1`.execute(tx);
  return rows[0]?.message ?? null;
}
