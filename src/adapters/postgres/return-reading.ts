// Returns as the contract shows them, by themselves and on their order.
import { sql, type RawBuilder } from 'kysely';
import type { Return } from '../../ports/order.ts';
import { toInstant, type Database, type Tx } from './database.ts';

/** In the form of `Return` but for the form of its instants. */
export type ReturnRow = Return;

/** The order's returns, the first first. */
export async function listReturns(db: Database | Tx, orderId: string): Promise<Return[]> {
  const { rows } = await sql<{ returns: ReturnRow[] }>`
    select ${returnsOf(sql`${orderId}::text`)} as returns`.execute(db);
  return (rows[0]?.returns ?? []).map(withReturnInstants);
}

/** The returns of an order as JSON, the first first. */
export const returnsOf = (orderId: RawBuilder<unknown>) => sql<ReturnRow[]>`(
  select coalesce(json_agg(json_build_object(
    'number', t.number, 'status', t.status, 'wish', t.wish, 'reason', t.reason, 'actor', t.actor, 'requestedAt', t.requested_at,
    'items', (
      select json_agg(json_build_object('sku', sku, 'quantity', quantity, 'reason', reason, 'restocked', restocked,
                                        'writtenOff', written_off, 'warehouse', warehouse) order by sku collate "C")
      from return_lines where order_id = t.order_id and number = t.number
    ),
    'until', case when t.status in ('requested', 'approved') then t.wait_until end,
    'decision', t.decision || jsonb_build_object('at', t.decided_at),
    'receipt', t.receipt || jsonb_build_object('at', t.received_at),
    'refund', (
      select json_build_object('number', number, 'state', state, 'amountMinor', amount_minor)
      from refunds where order_id = t.order_id and number = t.refund_number
    ),
    'noRefund', t.no_refund ->> 'words',
    'exchange', (
      select json_build_object('orderId', id) from orders
      where exchange_of_order = t.order_id and exchange_of_return = t.number and status not in ('rejected', 'cancelled')
    ),
    'closedAt', t.closed_at
  ) order by t.number), '[]') from returns t where t.order_id = ${orderId})`;

/** Instants as the contract writes them. */
export const withReturnInstants = ({ requestedAt, until, decision, receipt, closedAt, ...row }: ReturnRow): Return => ({
  ...row,
  requestedAt: toInstant(requestedAt),
  until: until && toInstant(until),
  decision: decision && { ...decision, at: toInstant(decision.at) },
  receipt: receipt && { ...receipt, at: toInstant(receipt.at) },
  closedAt: closedAt && toInstant(closedAt),
});
