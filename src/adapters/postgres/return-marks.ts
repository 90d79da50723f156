// The marks of returns: when to look whether their workflow runs, and whether it has to hear of something. What must stay true: news that
// come while its workflow is being told make it due again.
import { sql } from 'kysely';
import type { ReturnRef } from '../../contracts/return-order.ts';
import type { LaunchableReturn, ReturnMarks } from '../../ports/return.ts';
import type { Database, Tx } from './database.ts';

// Until another process may try a claimed one again: above a start's own deadline.
const CLAIM = '10 seconds';
// A workflow that runs is not asked for again soon, even if it waits for days.
const RUNNING = '1 hour';

export const createReturnMarks = ({ db }: { db: Database }): ReturnMarks => ({
  claimDue: async ({ limit }) => {
    // now(), not clock_timestamp(): what changes within a statement can not bound the scan of an index.
    const { rows } = await sql<LaunchableReturn>`
      with due as (
        select order_id, number from returns where launch_after < now()
        order by launch_after limit ${limit} for update skip locked
      )
      update returns r set launch_after = clock_timestamp() + ${CLAIM}::interval
      from due where r.order_id = due.order_id and r.number = due.number
      returning r.order_id as "orderId", r.number, r.has_news as "hasNews", r.launch_after as mark`.execute(db);
    return rows;
  },

  noteRunning: async ({ orderId, number, mark }) => {
    await sql`
      update returns
      set has_news = false, launch_after = case when closed_at is null then clock_timestamp() + ${RUNNING}::interval end
      where order_id = ${orderId} and number = ${number} and launch_after = ${mark}::timestamptz`.execute(db);
  },

  markAgain: async ({ orderId, number }) => {
    await sql`
      update returns set launch_after = clock_timestamp()
      where order_id = ${orderId} and number = ${number} and launch_after is not null`.execute(db);
  },
});

/** Its workflow has to hear of what the caller's transaction has changed. */
export async function leaveNews(tx: Tx, { orderId, number }: ReturnRef): Promise<void> {
  await sql`
    update returns set has_news = true, launch_after = clock_timestamp()
    where order_id = ${orderId} and number = ${number}`.execute(tx);
}

/** A refund has come to its end: the return that waits for it, if one does, has to hear of that. */
export async function tellReturnOf(tx: Tx, refund: { orderId: string; number: number }): Promise<void> {
  await sql`
    update returns set has_news = true, launch_after = clock_timestamp()
    where order_id = ${refund.orderId} and refund_number = ${refund.number} and status = 'received'`.execute(tx);
}
