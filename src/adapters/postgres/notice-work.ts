// A notice while it is sent. What must stay true: who sends it has it alone, for a while; that it was sent is kept whoever comes with it; and
// of a try that was not heard of again nobody knows whether its mail was taken.
import { sql, type RawBuilder } from 'kysely';
import type { NoticeId, NoticeOutcome } from '../../contracts/send-notice.ts';
import { isMoot, MAX_UNKNOWN, type NoticeRef, type NoticeState, type NoticeTry } from '../../domain/customer-notice.ts';
import type { Contact, NoticeClaim, NoticeMatter, NoticeRecords } from '../../ports/customer-notice.ts';
import { inTransaction, type Database, type Tx } from './database.ts';
import { readEvents } from './events.ts';
import { findOrder } from './order-reading.ts';

const LOST = `${MAX_UNKNOWN} times nobody knows whether the mail was taken`;

export const createNoticeRecords = ({ db }: { db: Database }): NoticeRecords => ({
  claim: (request) => inTransaction(db, (tx) => claim(tx, request)),
  settle: ({ attempt, result, ...notice }) => inTransaction(db, (tx) => settle(tx, notice, { attempt, result })),
});

type Row = NoticeRef & {
  tenant: string;
  eventId: string;
  state: NoticeState;
  round: number;
  attempts: number;
  unknowns: number;
  heldForMs: number | null;
  isLate: boolean;
  failure: string | null;
};

async function claim(tx: Tx, request: NoticeId & { leaseMs: number }): Promise<NoticeClaim> {
  const row = await lock(tx, request);
  if (!row) return { gone: true };
  // Somebody had it sent again since: that is another mail.
  if (row.round !== request.round) return { over: 'skipped' };
  const { state, heldForMs } = row;
  if (isOver(state)) return { over: state };
  if (state === 'sending' && heldForMs !== null && heldForMs > 0) return { busyForMs: heldForMs };
  const unknowns = row.unknowns + (state === 'sending' ? 1 : 0);
  const endClaim = async (as: 'failed' | 'skipped', failure: string): Promise<NoticeClaim> => ({
    ...(await end(tx, request, { state: as, failure, unknowns })),
    ended: row.kind,
  });
  if (unknowns >= MAX_UNKNOWN) return endClaim('failed', LOST);
  if (row.isLate) return endClaim('failed', row.failure ?? 'not sent in time');
  const matter = await findMatter(tx, request, row);
  if (typeof matter === 'string') return endClaim('skipped', matter);
  await sql`
    update customer_notices set state = 'sending', attempts = attempts + 1, unknowns = ${unknowns}, attempted_at = clock_timestamp(),
      held_until = clock_timestamp() + ${request.leaseMs} * interval '1 millisecond'
    where ${named(request)}`.execute(tx);
  return { matter, attempt: row.attempts + 1 };
}

const isOver = (state: NoticeState): state is NoticeOutcome['state'] => state !== 'waiting' && state !== 'sending';

/** What it is written from, or why there is nothing to be sent. */
async function findMatter(tx: Tx, { orderId }: NoticeId, row: Row): Promise<NoticeMatter | string> {
  const { kind, number, tenant, eventId } = row;
  const { rows } = await sql<Contact>`
    select email, name, locale from order_contacts where order_id = ${orderId}`.execute(tx);
  const [contact] = rows;
  if (!contact) return 'there is no address (any more)';
  const order = await findOrder(tx, { tenant, orderId });
  const event = (await readEvents(tx, [eventId])).get(eventId);
  if (!order || !event) return 'what it is about is not in the books';
  if (isMoot(kind, { waiting: order.waiting, until: event.data['until'] })) return 'it is no longer so';
  return { kind, number, order, event, contact };
}

async function settle(
  tx: Tx,
  notice: NoticeId,
  { attempt, result }: { attempt: number; result: NoticeTry },
): Promise<NoticeState> {
  const row = await lock(tx, notice);
  if (!row || row.round !== notice.round) return 'skipped';
  if (result.outcome === 'sent') {
    if (row.state !== 'sent') await end(tx, notice, { state: 'sent', failure: null, unknowns: row.unknowns });
    return 'sent';
  }
  // Another try has begun since, or has ended it: that one says what becomes of it.
  if (row.state !== 'sending' || row.attempts !== attempt) return row.state;
  const unknowns = row.unknowns + (result.outcome === 'unknown' ? 1 : 0);
  if (result.outcome === 'refused')
    return (await end(tx, notice, { state: 'refused', failure: result.why, unknowns })).over;
  if (unknowns >= MAX_UNKNOWN) return (await end(tx, notice, { state: 'failed', failure: LOST, unknowns })).over;
  await sql`
    update customer_notices set state = 'waiting', failure = ${result.why}, unknowns = ${unknowns}, held_until = null
    where ${named(notice)}`.execute(tx);
  return 'waiting';
}

async function end(
  tx: Tx,
  notice: NoticeId,
  { state, failure, unknowns }: { state: NoticeOutcome['state']; failure: string | null; unknowns: number },
): Promise<{ over: NoticeOutcome['state'] }> {
  await sql`
    update customer_notices set state = ${state}, failure = ${failure}, unknowns = ${unknowns}, settled_at = clock_timestamp(),
      held_until = null, launch_after = null
    where ${named(notice)}`.execute(tx);
  return { over: state };
}

async function lock(tx: Tx, notice: NoticeId): Promise<Row | null> {
  const { rows } = await sql<Row>`
    select tenant, kind, number, event_id as "eventId", state, round, attempts, unknowns, failure,
           (extract(epoch from held_until - clock_timestamp()) * 1000)::float8 as "heldForMs",
           expires_at <= clock_timestamp() as "isLate"
    from customer_notices where ${named(notice)} for update`.execute(tx);
  return rows[0] ?? null;
}

const named = ({ orderId, name }: NoticeId): RawBuilder<unknown> => sql`order_id = ${orderId} and name = ${name}`;
