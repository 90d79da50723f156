// Refunds as the contract shows them, by themselves and on their order.
import { sql } from 'kysely';
import type { Refund } from '../../ports/order.ts';
import { toInstant, type Database, type Tx } from './database.ts';

type RefundRow = Omit<Refund, 'refundIds'> & { refundIds: string[] };

/** The order's refunds, the first first. */
export async function listRefunds(db: Database | Tx, orderId: string): Promise<Refund[]> {
  const { rows } = await sql<{ refunds: RefundRow[] }>`
    select ${refundsOf(sql`${orderId}::text`)} as refunds`.execute(db);
  return (rows[0]?.refunds ?? []).map(withRefundInstants);
}

/** The refunds of an order as JSON, the first first, in the form of `Refund` but for the form of its instants. */
export const refundsOf = (orderId: ReturnType<typeof sql>) => sql<RefundRow[]>`(
  select coalesce(json_agg(json_build_object(
    'number', r.number, 'amountMinor', r.amount_minor, 'currency', r.currency, 'state', r.state, 'reason', r.reason,
    'actor', r.actor, 'requestedAt', r.requested_at, 'settledAt', r.settled_at, 'abandoned', r.outcome,
    'items', (
      select json_agg(json_build_object('sku', sku, 'quantity', quantity) order by sku collate "C")
      from refund_lines where order_id = r.order_id and number = r.number
    ),
    'refundIds', (
      select coalesce(json_agg(refund_id order by ordinal) filter (where refund_id is not null), '[]')
      from refund_parts where order_id = r.order_id and number = r.number
    )
  ) order by r.number), '[]') from refunds r where r.order_id = ${orderId})`;

/** Instants as the contract writes them. */
export const withRefundInstants = (row: RefundRow): Refund => ({
  ...row,
  requestedAt: toInstant(row.requestedAt),
  settledAt: row.settledAt && toInstant(row.settledAt),
});
