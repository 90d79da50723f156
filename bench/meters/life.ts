// From placed to confirmed, as our own events have it: both instants are the database's.
import type { Ground } from '../cells/ground.ts';
import type { Followed } from '../load/loops.ts';

/** Milliseconds of each of the orders. An empty workflow has no events: there it is from the request to its seen end. */
export async function lifeTimes(
  { variant, db }: Pick<Ground, 'variant' | 'db'>,
  orders: readonly Followed[],
): Promise<number[]> {
  if (variant === 'accept') return [];
  if (variant === 'empty')
    return orders.flatMap(({ intendedAt, endedAt }) => (endedAt === null ? [] : [endedAt - intendedAt]));
  const { rows } = await db.query<{ ms: number }>(
    `select (extract(epoch from c."timestamp" - p."timestamp") * 1000)::float8 as ms
     from events p join events c on c.order_id = p.order_id and c.event_type = 'order.confirmed'
     where p.event_type = 'order.placed' and p.order_id = any($1)`,
    [orders.map(({ orderId }) => orderId)],
  );
  return rows.map(({ ms }) => ms);
}

/** Events in the histories of the workflows; null where there are none. */
export async function historyLengths(
  { temporal }: Pick<Ground, 'temporal'>,
  ids: readonly string[],
): Promise<number[]> {
  const wanted = new Set(ids);
  const lengths: number[] = [];
  for await (const { workflowId, historyLength } of temporal.workflow.list({
    query: `ExecutionStatus = 'Completed'`,
    pageSize: 1_000,
  }))
    if (wanted.has(workflowId)) lengths.push(historyLength);
  return lengths;
}
