// The marks of authorized payments: when somebody is to look what is to be captured. As with orders (launch.ts) a mark is claimed by
// moving it into the future; who then looks says when it is to be looked again (capture.ts).
import { sql } from 'kysely';
import type { CaptureMarks, LaunchableCapture } from '../../ports/capture.ts';
import type { Database, Tx } from './database.ts';

// Until another process may try a claimed one again: above a start's own deadline.
const CLAIM = '10 seconds';

export const createCaptureMarks = ({ db }: { db: Database }): CaptureMarks => ({
  claimDue: async ({ limit }) => {
    // now(), not clock_timestamp(): what changes within a statement can not bound the scan of an index.
    const { rows } = await sql<LaunchableCapture>`
      with due as (
        select order_id, ordinal from payments where capture_after < now()
        order by capture_after limit ${limit} for update skip locked
      )
      update payments p set capture_after = clock_timestamp() + ${CLAIM}::interval
      from due where p.order_id = due.order_id and p.ordinal = due.ordinal
      returning p.order_id as "orderId", p.ordinal, p.currency`.execute(db);
    return rows;
  },
});

/** Somebody is to look what is to be captured of the order, or released. */
export async function leaveCaptureMark(tx: Tx, orderId: string): Promise<void> {
  await sql`
    update payments set capture_after = clock_timestamp()
    where order_id = ${orderId} and authorized_at is not null and not stray`.execute(tx);
}
