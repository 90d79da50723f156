// The marks of accepted orders whose workflow is to be started. A mark is claimed by moving it into the future, so that
// no lock is held while Temporal is asked.
import { sql } from 'kysely';
import type { LaunchableOrder, LaunchMarks } from '../../ports/launch.ts';
import type { Database } from './database.ts';

// Until another process may try a claimed order again: above a start's own deadline.
const CLAIM = '10 seconds';

export const createLaunchMarks = ({ db }: { db: Database }): LaunchMarks => ({
  claimDue: async ({ limit }) => {
    const { rows } = await sql<LaunchableOrder>`
      with due as (
        select id from orders where launch_after < clock_timestamp()
        order by launch_after limit ${limit} for update skip locked
      )
      update orders o set launch_after = clock_timestamp() + ${CLAIM}::interval
      from due where o.id = due.id
      returning o.id as "orderId", o.total_minor as "totalMinor", o.currency, o.customer_id as "customerId",
                (select sum(quantity) from order_lines where order_id = o.id)::int as "itemCount"`.execute(db);
    return rows;
  },

  clear: async ({ orderId }) => {
    await sql`update orders set launch_after = null where id = ${orderId}`.execute(db);
  },

  countWaiting: async ({ atMost }) => {
    const { rows } = await sql<{ waiting: number }>`
      select count(*)::int as waiting
      from (select 1 from orders where launch_after is not null limit ${atMost}) as counted`.execute(db);
    return rows[0]?.waiting ?? 0;
  },
});
