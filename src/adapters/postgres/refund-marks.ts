// The marks of refunds that have not come to their end: when to look whether their workflow runs. As with orders (launch.ts) a mark is
// claimed by moving it into the future, so that no lock is held while Temporal is asked, and one whose workflow is gone is found.
import { sql } from 'kysely';
import type { LaunchableRefund, RefundMarks } from '../../ports/refund.ts';
import type { Database } from './database.ts';

// Until another process may try a claimed one again: above a start's own deadline.
const CLAIM = '10 seconds';
// A workflow that runs is not asked for again soon, even if it waits for days.
const RUNNING = '1 hour';

export const createRefundMarks = ({ db }: { db: Database }): RefundMarks => ({
  claimDue: async ({ limit }) => {
    // now(), not clock_timestamp(): what changes within a statement can not bound the scan of an index.
    const { rows } = await sql<LaunchableRefund>`
      with due as (
        select order_id, number from refunds where launch_after < now()
        order by launch_after limit ${limit} for update skip locked
      )
      update refunds r set launch_after = clock_timestamp() + ${CLAIM}::interval
      from due join orders o on o.id = due.order_id where r.order_id = due.order_id and r.number = due.number
      returning r.order_id as "orderId", r.number, r.amount_minor as "amountMinor", r.currency,
                o.ending is not null as "isMoot"`.execute(db);
    return rows;
  },

  noteRunning: ({ orderId, number }) => push(db, { orderId, number, by: RUNNING }),
  markAgain: ({ orderId, number }) => push(db, { orderId, number, by: '0 seconds' }),
});

async function push(
  db: Database,
  { orderId, number, by }: { orderId: string; number: number; by: string },
): Promise<void> {
  await sql`
    update refunds set launch_after = clock_timestamp() + ${by}::interval
    where order_id = ${orderId} and number = ${number} and launch_after is not null`.execute(db);
}
