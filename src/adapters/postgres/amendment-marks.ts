// The marks of amendments that have not come to their end: when to look whether their workflow runs, as with refunds (refund-marks.ts).
import { sql } from 'kysely';
import type { AmendmentRef } from '../../contracts/amend-order.ts';
import type { AmendmentMarks, LaunchableAmendment } from '../../ports/amendment.ts';
import type { Database } from './database.ts';

// Until another process may try a claimed one again: above a start's own deadline.
const CLAIM = '10 seconds';
// A workflow that runs is not asked for again soon, even if it waits for days.
const RUNNING = '1 hour';

export const createAmendmentMarks = ({ db }: { db: Database }): AmendmentMarks => ({
  claimDue: async ({ limit }) => {
    // now(), not clock_timestamp(): what changes within a statement can not bound the scan of an index.
    const { rows } = await sql<LaunchableAmendment>`
      with due as (
        select order_id, number from amendments where launch_after < now()
        order by launch_after limit ${limit} for update skip locked
      )
      update amendments m set launch_after = clock_timestamp() + ${CLAIM}::interval
      from due join orders o on o.id = due.order_id where m.order_id = due.order_id and m.number = due.number
      returning m.order_id as "orderId", m.number, o.currency, case when m.ordinal is not null then
                  jsonb_build_object('ordinal', m.ordinal, 'amountMinor', m.charge_minor) end as charge,
                exists (
                  select 1 from jsonb_to_recordset(m.after -> 'items') a (sku text, quantity integer)
                  left join jsonb_to_recordset(m.before -> 'items') b (sku text, quantity integer) using (sku)
                  where a.quantity > coalesce(b.quantity, 0)
                ) as holds`.execute(db);
    return rows;
  },

  noteRunning: (ref) => push(db, ref, RUNNING),
  markAgain: (ref) => push(db, ref, '0 seconds'),
});

async function push(db: Database, { orderId, number }: AmendmentRef, by: string): Promise<void> {
  await sql`
    update amendments set launch_after = clock_timestamp() + ${by}::interval
    where order_id = ${orderId} and number = ${number} and launch_after is not null`.execute(db);
}
