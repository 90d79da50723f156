// Which notices there are, and which of them have no workflow yet. What must stay true: a notice and the place in the feed are written in
// one transaction, by one process at a time, so that none is left out and none comes twice, whoever dies; and nothing waits for an order.
import { sql } from 'kysely';
import { isAboutPayment, noticeName, noticeOf } from '../../domain/customer-notice.ts';
import type { FeedRequest, LaunchableNotice, NoticeFeed, NoticeMarks } from '../../ports/customer-notice.ts';
import type { NoticeId } from '../../contracts/send-notice.ts';
import { inTransaction, type Database, type Tx } from './database.ts';
import { followEvents } from './events.ts';
import { lastGivenPosition } from './restore.ts';

/** So many are counted; beyond that it does not matter how many more there are. */
const COUNTED = 10_000;
// Until another process may try a claimed one again: above a start's own deadline.
const CLAIM = '10 seconds';
// A workflow that runs is not asked for again soon.
const RUNNING = '1 hour';

export const createNoticeFeed = ({ db }: { db: Database }): NoticeFeed => ({
  begin: async () => {
    await sql`insert into notice_feed (fed_to) values (${lastGivenPosition}) on conflict do nothing`.execute(db);
  },

  feed: async (request) => {
    // Most of the time there is nothing: then nothing is locked, and nothing written. Not by `exists`: see tally.ts.
    const { rows } = await sql`
      select 1 from notice_feed f where f.fed_to < (select max(position) from events)`.execute(db);
    return rows.length === 0 ? { isMore: false, tooLate: 0 } : inTransaction(db, (tx) => feedNext(tx, request));
  },

  read: async () => {
    const { rows } = await sql<{ waiting: number; oldestSeconds: number }>`
      select (select count(*)::int from (select 1 from customer_notices where settled_at is null limit ${COUNTED}) w) as waiting,
        coalesce((select greatest(extract(epoch from clock_timestamp() - due_since), 0)::float8
                  from customer_notices where settled_at is null order by due_since limit 1), 0) as "oldestSeconds"`.execute(
      db,
    );
    return rows[0] ?? { waiting: 0, oldestSeconds: 0 };
  },
});

type Row = {
  order_id: string;
  name: string;
  tenant: string;
  kind: string;
  number: number | null;
  event_id: string;
  at: string;
  delay_ms: number;
};

async function feedNext(tx: Tx, request: FeedRequest): Promise<{ isMore: boolean; tooLate: number }> {
  const { limit, maxAgeMs } = request;
  const { rows } = await sql<{ fedTo: number }>`
    select fed_to as "fedTo" from notice_feed for update skip locked`.execute(tx);
  const [place] = rows;
  if (!place) return { isMore: false, tooLate: 0 };
  const found = await followEvents(tx, { after: place.fedTo, limit });
  const last = found.at(-1)?.event.position;
  if (typeof last !== 'number') return { isMore: false, tooLate: 0 };
  const told = found.flatMap((one) => rowOf(one, request));
  // Of those that have somebody to be told; a restored database may tell again of what has its notice already.
  const { rows: written } = await sql<{ isLate: boolean }>`
    with told as (
      select t.*, clock_timestamp() - t.at > ${maxAgeMs} * interval '1 millisecond' as is_late
      from jsonb_to_recordset(${JSON.stringify(told)}::jsonb)
        as t (order_id text, name text, tenant text, kind text, number integer, event_id text, at timestamptz, delay_ms bigint)
      join order_contacts c on c.order_id = t.order_id
    ), written as (
      insert into customer_notices (order_id, name, tenant, kind, number, event_id, expires_at, due_since, launch_after)
      select order_id, name, tenant, kind, number, event_id, at + ${maxAgeMs} * interval '1 millisecond',
             clock_timestamp() + delay_ms * interval '1 millisecond', clock_timestamp() + delay_ms * interval '1 millisecond'
      from told where not is_late
      on conflict (order_id, name) do nothing
    )
    select is_late as "isLate" from told`.execute(tx);
  await sql`update notice_feed set fed_to = ${last}`.execute(tx);
  return { isMore: found.length === limit, tooLate: written.filter(({ isLate }) => isLate).length };
}

function rowOf(
  { tenant, event }: Awaited<ReturnType<typeof followEvents>>[number],
  { kinds, paymentDelayMs }: FeedRequest,
): Row[] {
  const notice = noticeOf({ type: event.eventType, data: event.data });
  if (!notice || !kinds.includes(notice.kind)) return [];
  return [
    {
      ...{ order_id: event.orderId, name: noticeName(notice), tenant, ...notice },
      ...{ event_id: event.eventId, at: event.timestamp },
      delay_ms: isAboutPayment(notice.kind) ? paymentDelayMs : 0,
    },
  ];
}

export const createNoticeMarks = ({ db }: { db: Database }): NoticeMarks => ({
  claimDue: async ({ limit }) => {
    // now(), not clock_timestamp(): what changes within a statement can not bound the scan of an index.
    const { rows } = await sql<LaunchableNotice>`
      with due as (
        select order_id, name from customer_notices where launch_after < now()
        order by launch_after limit ${limit} for update skip locked
      )
      update customer_notices n set launch_after = clock_timestamp() + ${CLAIM}::interval
      from due where n.order_id = due.order_id and n.name = due.name
      returning n.order_id as "orderId", n.name, n.round,
                greatest(extract(epoch from n.expires_at - clock_timestamp()) * 1000, 0)::bigint as "withinMs"`.execute(
      db,
    );
    return rows;
  },

  noteRunning: (notice) => push(db, notice),

  noteOver: async ({ orderId, name, round }) => {
    await sql`
      update customer_notices set state = 'skipped', failure = 'its workflow ended before the database was restored: Temporal says how',
        settled_at = clock_timestamp(), launch_after = null, held_until = null
      where order_id = ${orderId} and name = ${name} and round = ${round} and settled_at is null`.execute(db);
  },
});

const push = async (db: Database, { orderId, name, round }: NoticeId): Promise<void> =>
  void (await sql`
    update customer_notices set launch_after = clock_timestamp() + ${RUNNING}::interval
    where order_id = ${orderId} and name = ${name} and round = ${round} and launch_after is not null`.execute(db));
