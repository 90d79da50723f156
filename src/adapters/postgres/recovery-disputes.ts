// Payments of orders that were closed when a backup was made, whose disputes a recovery has looked at. What must stay true: a notice is
// left once for each payment and recovery, and none for an order that is open: its end leaves one.
import { sql } from 'kysely';
import { PAYMENT_TO_FOLLOW } from '../../domain/payment-notice.ts';
import type { ClosedPayment, RecoveryRecords } from '../../ports/recovery.ts';
import type { Database } from './database.ts';

type ClosedPayments = Pick<RecoveryRecords, 'findClosedPayments' | 'listDisputed' | 'haveFollowed'>;

/** The part of a recovery's records that is about closed orders. An open order has a launch mark, and a closed one has none. */
export const createClosedPayments = ({ db }: { db: Database }): ClosedPayments => ({
  findClosedPayments: async ({ paymentIds }) => {
    const { rows } = await sql<ClosedPayment>`
      select p.order_id as "orderId", p.provider_id as "paymentId"
      from payments p join orders o on o.id = p.order_id
      where p.provider_id = any(${[...new Set(paymentIds)]}::text[]) and o.launch_after is null`.execute(db);
    return rows;
  },

  listDisputed: async ({ after, limit }) => {
    const { rows } = await sql<ClosedPayment>`
      select distinct p.order_id as "orderId", p.provider_id as "paymentId"
      from disputes d join payments p using (order_id, ordinal) join orders o on o.id = p.order_id
      where d.unsettled and p.provider_id > ${after} and o.launch_after is null
      order by p.provider_id limit ${limit}`.execute(db);
    return rows;
  },

  haveFollowed: async ({ recoveryId, payments }) => {
    await sql`
      insert into payment_notices (event_id, event_type, payment_id, order_id, due_at)
      select 'recovery_' || ${recoveryId}::int || '_' || p."paymentId", ${PAYMENT_TO_FOLLOW}, p."paymentId", p."orderId", clock_timestamp()
      from jsonb_to_recordset(${JSON.stringify(payments)}::jsonb) as p ("orderId" text, "paymentId" text)
      on conflict (event_id) do nothing`.execute(db);
  },
});
