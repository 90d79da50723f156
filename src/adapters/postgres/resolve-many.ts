// Decisions about many parked steps. What must stay true: they are those that matched in the accepting transaction, each
// gets one outcome, and a decision that is not accepted leaves nothing behind.
import { sql, type RawBuilder } from 'kysely';
import { typeidUnboxed } from 'typeid-js';
import type {
  AcceptingMany,
  AcceptMany,
  ManyResolution,
  ManyResolutionMarks,
  ManyResolutions,
  MatchingStep,
  ParkedFilter,
} from '../../ports/resolve-many.ts';
import type { RecordedAnswer } from '../../ports/acceptance.ts';
import { inTransaction, toInstant, type Database, type Tx } from './database.ts';
import { claimKey, findKey, recordAnswer } from './idempotency.ts';
import { sinceOf } from './parked-steps.ts';

// One decision fits into one transaction and one look of a person; whoever has more parked steps decides in parts.
const MAX_STEPS = 10_000;
const SAMPLE = 20;
const MAX_UNRESOLVED_SHOWN = 100;
// Until another process may try a claimed one again: above a start's own deadline.
const CLAIM = '10 seconds';

export const createManyResolutions = ({ db }: { db: Database }): ManyResolutions => ({
  preview: async (request) => {
    const { rows: counted } = await sql<{ count: number }>`
      select count(*)::int as count from (select 1 ${matching(request)} limit ${MAX_STEPS + 1}) matched`.execute(db);
    const { rows: sample } = await sql<MatchingStep>`
      select p.order_id as "orderId", p.workflow_id as "workflowId", p.step, p.reason, ${sinceOf('p')} as since
      ${matching(request)} order by p.since, p.id limit ${SAMPLE}`.execute(db);
    return { count: counted[0]?.count ?? 0, sample };
  },

  accept: async (request, answer) => {
    try {
      return await inTransaction(db, (tx) => accept(tx, request, answer));
    } catch (error) {
      // Rolled back: neither key nor decision is there.
      if (error instanceof NotAccepted) return error.why;
      throw error;
    }
  },

  find: (request) => find(db, request),

  cancel: async ({ tenant, id, actor }) => {
    await sql`
      update resolutions set cancel_requested_at = clock_timestamp(), cancelled_by = ${actor}
      where id = ${id} and tenant = ${tenant} and cancel_requested_at is null and finished_at is null`.execute(db);
    return find(db, { tenant, id });
  },
});

export const createManyResolutionMarks = ({ db }: { db: Database }): ManyResolutionMarks => ({
  claimDue: async ({ limit }) => {
    const { rows } = await sql<Awaited<ReturnType<ManyResolutionMarks['claimDue']>>[number]>`
      with due as (
        select id from resolutions where launch_after < clock_timestamp()
        order by launch_after limit ${limit} for update skip locked
      )
      update resolutions r set launch_after = clock_timestamp() + ${CLAIM}::interval
      from due where r.id = due.id
      returning r.id as "resolutionId", r.action,
                (select count(*) from resolution_orders where resolution_id = r.id)::int as count`.execute(db);
    return rows;
  },

  clear: async ({ resolutionId }) => {
    await sql`update resolutions set launch_after = null where id = ${resolutionId}`.execute(db);
  },
});

/** Carries a refusal out of the transaction, which must be rolled back. */
class NotAccepted extends Error {
  readonly why: AcceptingMany;

  constructor(why: AcceptingMany) {
    super('not accepted');
    this.why = why;
  }
}

async function accept(
  tx: Tx,
  request: AcceptMany,
  answerFor: (accepted: ManyResolution) => RecordedAnswer,
): Promise<AcceptingMany> {
  const { tenant, actor, action, reason, filter, expectedCount } = request;
  if (!(await claimKey(tx, { ...request, orderId: null }))) {
    const bound = await findKey(tx, request);
    const same = bound?.requestHash === request.requestHash ? bound.answer : null;
    return same ? { answer: same, repeated: true } : { keyReused: true };
  }
  const id = typeidUnboxed('resolution');
  await sql`
    insert into resolutions (id, tenant, actor, action, reason, filter)
    values (${id}, ${tenant}, ${actor}, ${action}, ${reason}, ${JSON.stringify(filter)}::jsonb)`.execute(tx);
  const { rows } = await sql`
    insert into resolution_orders (resolution_id, order_id, tenant, workflow_id, parked_step_id)
    select ${id}, p.order_id, p.tenant, p.workflow_id, p.id ${matching({ tenant, filter })} limit ${MAX_STEPS + 1}
    returning order_id`.execute(tx);
  const found = rows.length;
  if (expectedCount !== null && found !== expectedCount) throw new NotAccepted({ found, expected: expectedCount });
  if (found === 0 || found > MAX_STEPS) throw new NotAccepted({ found, atMost: MAX_STEPS });

  const accepted = await find(tx, { tenant, id });
  if (!accepted) throw new Error(`Expected to read back resolution ${id}; found none`);
  const answer = answerFor(accepted);
  await recordAnswer(tx, request, answer);
  return { answer, repeated: false };
}

const matching = ({ tenant, filter }: { tenant: string; filter: ParkedFilter }): RawBuilder<unknown> => sql`
  from parked_steps p join orders o on o.id = p.order_id where ${sql.join(
    [
      sql`p.tenant = ${tenant}`,
      sql`p.closed_at is null`,
      ...(filter.step === undefined ? [] : [sql`p.step = ${filter.step}`]),
      ...(filter.status === undefined ? [] : [sql`o.status = ${filter.status}`]),
      ...(filter.customerId === undefined ? [] : [sql`o.customer_id = ${filter.customerId}`]),
      ...(filter.parkedBefore === undefined ? [] : [sql`p.since < ${filter.parkedBefore}::timestamptz`]),
    ],
    sql` and `,
  )}`;

type Row = Omit<ManyResolution, 'counts'> & ManyResolution['counts'];

async function find(db: Database | Tx, { tenant, id }: { tenant: string; id: string }): Promise<ManyResolution | null> {
  const { rows } = await sql<Row>`
    select r.id, r.filter, r.action, r.actor, r.reason, r.accepted_at as "acceptedAt", r.finished_at as "finishedAt",
           case when r.finished_at is not null and r.cancel_requested_at is not null and o."left" > 0 then 'cancelled'
                when r.finished_at is not null then 'finished'
                when r.cancel_requested_at is not null then 'cancelling'
                when r.launch_after is not null then 'accepted'
                else 'running' end as state,
           o.*, u.unresolved
    from resolutions r
    cross join lateral (
      select count(*)::int as total, count(*) filter (where outcome = 'resolved')::int as resolved,
             count(*) filter (where outcome = 'refused')::int as refused,
             count(*) filter (where outcome = 'unanswered')::int as unanswered,
             count(*) filter (where outcome is null)::int as "left"
      from resolution_orders where resolution_id = r.id
    ) o
    cross join lateral (
      select coalesce(json_agg(json_build_object('orderId', order_id, 'workflowId', workflow_id, 'outcome', outcome, 'detail', detail)), '[]') as unresolved
      from (
        select * from resolution_orders where resolution_id = r.id and outcome <> 'resolved'
        order by workflow_id limit ${MAX_UNRESOLVED_SHOWN}
      ) first
    ) u
    where r.id = ${id} and r.tenant = ${tenant}`.execute(db);
  const [row] = rows;
  if (!row) return null;
  const { total, resolved, refused, unanswered, left, ...rest } = row;
  return {
    ...rest,
    acceptedAt: toInstant(row.acceptedAt),
    finishedAt: row.finishedAt && toInstant(row.finishedAt),
    counts: { total, resolved, refused, unanswered, left },
  };
}
