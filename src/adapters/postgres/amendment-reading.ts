// Amendments as the contract shows them, by themselves and on their order.
import { sql } from 'kysely';
import type { Amendment } from '../../ports/order.ts';
import { toInstant, type Database, type Tx } from './database.ts';

/** The order's amendments, the first first. */
export async function listAmendments(db: Database | Tx, orderId: string): Promise<Amendment[]> {
  const { rows } = await sql<{ amendments: Amendment[] }>`
    select ${amendmentsOf(sql`${orderId}::text`)} as amendments`.execute(db);
  return (rows[0]?.amendments ?? []).map(withAmendmentInstants);
}

/** The amendments of an order as JSON, the first first, in the form of `Amendment` but for the form of its instants. */
export const amendmentsOf = (orderId: ReturnType<typeof sql>) => sql<Amendment[]>`(
  select coalesce(json_agg(json_build_object(
    'number', m.number, 'state', m.state, 'reason', m.reason, 'actor', m.actor, 'currency', c.currency, 'before', m.before, 'after', m.after,
    'changesAddress', m.changes_address, 'chargeMinor', m.charge_minor, 'refundNumber', m.refund_number,
    -- Fixed before its undo is carried out; it is not refused until that is done.
    'refusal', case when m.state = 'refused' then m.refusal end,
    'requestedAt', m.requested_at, 'settledAt', m.settled_at
  ) order by m.number), '[]') from amendments m join orders c on c.id = m.order_id where m.order_id = ${orderId})`;

/** Instants as the contract writes them. */
export const withAmendmentInstants = (row: Amendment): Amendment => ({
  ...row,
  requestedAt: toInstant(row.requestedAt),
  settledAt: row.settledAt && toInstant(row.settledAt),
});
