// Notices as an operator sees them, and has them sent again. No address stands in any of this.
import { sql, type RawBuilder } from 'kysely';
import type { Notice, NoticeDesk, ResendAnswer } from '../../ports/customer-notice.ts';
import { inTransaction, toInstant, type Database } from './database.ts';

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

  replaceContact: async ({ tenant, orderId, contact: { email, name, locale } }) => {
    // Of an order that was erased it is something new: a retention period takes it away once more.
    const { rows } = await sql`
      with touched as (
        update orders set updated_at = clock_timestamp() where tenant = ${tenant} and id = ${orderId} and erased_at is not null
      )
      insert into order_contacts (order_id, tenant, email, name, locale)
      select id, tenant, ${email}, ${name}, ${locale} from orders where tenant = ${tenant} and id = ${orderId}
      on conflict (order_id) do update set email = excluded.email, name = excluded.name, locale = excluded.locale
      returning order_id`.execute(db);
    return rows.length > 0;
  },

  resend: ({ tenant, orderId, name, actor, reason }) =>
    inTransaction(db, async (tx): Promise<ResendAnswer> => {
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
