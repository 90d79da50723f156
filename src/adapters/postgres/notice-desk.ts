// Notices as an operator sees them, and has them sent again. No address stands in any of this.
import { sql, type RawBuilder } from 'kysely';
import type { Notice, NoticeDesk, ResendAnswer } from '../../ports/customer-notice.ts';
import { inTransaction, toInstant, type Database, type Tx } from './database.ts';

/** How long one is tried that a person wants sent. */
const RESENT_WITHIN = '2 days';

export const createNoticeDesk = ({ db }: { db: Database }): NoticeDesk => ({
  list: async ({ tenant, orderId }) => {
    const { rows: known } = await sql`select 1 from orders where tenant = ${tenant} and id = ${orderId}`.execute(db);
    if (known.length === 0) return null;
    const { rows } = await sql<Notice>`
      select ${columns} from customer_notices where tenant = ${tenant} and order_id = ${orderId} order by created_at, name`.execute(
      db,
    );
    return rows.map(toNotice);
  },

  replaceContact: ({ tenant, orderId, contact: { email, name, locale } }) =>
    inTransaction(db, async (tx) => {
      if (!(await lockForWords(tx, { tenant, orderId }))) return false;
      await sql`
        insert into order_contacts (order_id, tenant, email, name, locale) values (${orderId}, ${tenant}, ${email}, ${name}, ${locale})
        on conflict (order_id) do update set email = excluded.email, name = excluded.name, locale = excluded.locale`.execute(
        tx,
      );
      return true;
    }),

  resend: ({ tenant, orderId, name, actor, reason }) =>
    inTransaction(db, async (tx): Promise<ResendAnswer> => {
      await lockForWords(tx, { tenant, orderId });
      const named = sql`tenant = ${tenant} and order_id = ${orderId} and name = ${name}`;
      const { rows } = await sql<Pick<Notice, 'state'>>`
        select state from customer_notices where ${named} for update`.execute(tx);
      const [row] = rows;
      if (!row) return { refused: 'unknown' };
      if (row.state === 'waiting' || row.state === 'sending') return { refused: 'open', state: row.state };
      const { rows: again } = await sql<Notice>`
        update customer_notices set state = 'waiting', round = round + 1, attempts = 0, unknowns = 0, failure = null, attempted_at = null,
          settled_at = null, expires_at = clock_timestamp() + ${RESENT_WITHIN}::interval, due_since = clock_timestamp(),
          launch_after = clock_timestamp(), decided_by = ${actor}, reason = ${reason}
        where ${named} returning ${columns}`.execute(tx);
      const [notice] = again;
      if (!notice) throw new Error(`Expected notice ${name} of order ${orderId} to be there; found none`);
      return { notice: toNotice(notice) };
    }),
});

/**
 * Before something of a person is written to an order: an erasure that is under way is over then, and of an order that was erased it is something
 * new, which a retention period takes away once more. False where there is no such order.
 */
async function lockForWords(tx: Tx, { tenant, orderId }: { tenant: string; orderId: string }): Promise<boolean> {
  const { rows } = await sql<{ isErased: boolean }>`
    select erased_at is not null as "isErased" from orders where tenant = ${tenant} and id = ${orderId} for no key update`.execute(
    tx,
  );
  if (rows[0]?.isErased) await sql`update orders set updated_at = clock_timestamp() where id = ${orderId}`.execute(tx);
  return rows.length > 0;
}

const columns: RawBuilder<unknown> = sql`
  kind, number, name, state, round, attempts, failure, attempted_at as "attemptedAt", settled_at as "settledAt", expires_at as "expiresAt",
  decided_by as "decidedBy", reason, created_at as "createdAt"`;

const toNotice = (row: Notice): Notice => ({
  ...row,
  attemptedAt: row.attemptedAt && toInstant(row.attemptedAt),
  settledAt: row.settledAt && toInstant(row.settledAt),
  expiresAt: toInstant(row.expiresAt),
  createdAt: toInstant(row.createdAt),
});
