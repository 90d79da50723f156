// Reports of reconciliations, as a caller may see them, and the marks of those that are to be started. What must stay true:
// nobody sees a drift, or a count of drifts, of another tenant.
import { sql, type RawBuilder } from 'kysely';
import { typeidUnboxed } from 'typeid-js';
import type {
  DriftReport,
  Reader,
  ReconciliationMarks,
  ReconciliationReport,
  ReconciliationReports,
} from '../../ports/reconciliation.ts';
import { inTransaction, toInstant, type Database, type Tx } from './database.ts';
import { claimKey, findKey, recordAnswer } from './idempotency.ts';

// Until another process may try a claimed one again: above a start's own deadline.
const CLAIM = '10 seconds';

export const createReconciliationReports = ({ db }: { db: Database }): ReconciliationReports => ({
  accept: (request, answerFor) =>
    inTransaction(db, async (tx) => {
      if (!(await claimKey(tx, { ...request, orderId: null }))) {
        const bound = await findKey(tx, request);
        const same = bound?.requestHash === request.requestHash ? bound.answer : null;
        return same ? { answer: same, repeated: true } : { keyReused: true };
      }
      const id = typeidUnboxed('reconciliation');
      const { tenant, actor, dryRun, since } = request;
      await sql`
        insert into reconciliations (id, tenant, requested_by, dry_run, since, launch_after, workflow_id)
        values (${id}, ${tenant}, ${actor}, ${dryRun}, ${since}::timestamptz, clock_timestamp(), ${id})`.execute(tx);
      const [accepted] = await reports(tx, request, sql`r.id = ${id}`, 1);
      if (!accepted) throw new Error(`Expected to read back reconciliation ${id}; found none`);
      const answer = answerFor(toReport(accepted));
      await recordAnswer(tx, request, answer);
      return { answer, repeated: false };
    }),

  list: async ({ after, limit, ...reader }) => {
    const which = after ? sql`(r.accepted_at, r.id) < (${after.acceptedAt}::timestamptz, ${after.id})` : sql`true`;
    const rows = await reports(db, reader, which, limit + 1);
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    // The place has microseconds, as the row has.
    const next = last && rows.length > limit ? { acceptedAt: last.acceptedAt, id: last.id } : null;
    return { items: shown.map(toReport), next };
  },

  find: async ({ id, ...reader }) => {
    const [row] = await reports(db, reader, sql`r.id = ${id}`, 1);
    if (!row) return null;
    const { rows } = await sql<DriftReport>`
      select name, kind, object, order_id as "orderId", payment_id as "paymentId", found, remedy, outcome, seen_at as "seenAt"
      from reconciliation_drifts d where reconciliation_id = ${id} and ${visible(reader)} order by d.id`.execute(db);
    return { ...toReport(row), drifts: rows.map((drift) => ({ ...drift, seenAt: toInstant(drift.seenAt) })) };
  },

  findLast: async () => {
    const { rows } = await sql<NonNullable<Awaited<ReturnType<ReconciliationReports['findLast']>>>>`
      select r.finished_at as "finishedAt", r.failure,
             (select count(*)::int from reconciliation_drifts where reconciliation_id = r.id and outcome = 'repaired') as repaired,
             (select count(*)::int from reconciliation_drifts
              where reconciliation_id = r.id and outcome in ('parked', 'waits', 'reported')) as "needPerson"
      from (
        select * from (select * from reconciliations order by accepted_at desc, id desc limit 100) newest
        where finished_at is not null and not dry_run order by finished_at desc limit 1
      ) r`.execute(db);
    return rows[0] ? { ...rows[0], finishedAt: toInstant(rows[0].finishedAt) } : null;
  },
});

export const createReconciliationMarks = ({ db }: { db: Database }): ReconciliationMarks => ({
  claimDue: async ({ limit }) => {
    const { rows } = await sql<{ reconciliationId: string }>`
      with due as (
        select id from reconciliations where launch_after < clock_timestamp()
        order by launch_after limit ${limit} for update skip locked
      )
      update reconciliations r set launch_after = clock_timestamp() + ${CLAIM}::interval
      from due where r.id = due.id returning r.id as "reconciliationId"`.execute(db);
    return rows;
  },

  clear: async ({ reconciliationId }) => {
    await sql`update reconciliations set launch_after = null where id = ${reconciliationId}`.execute(db);
  },

  keepInterval: async ({ everyMs }) => {
    await sql`
      insert into reconciliation_schedule as s (every_ms) values (nullif(${everyMs}::bigint, 0))
      on conflict (only_row) do update set every_ms = excluded.every_ms, since = excluded.since
      where s.every_ms is distinct from excluded.every_ms`.execute(db);
  },
});

/** The drifts that a reader may see. */
const visible = ({ tenant, seesNobodys }: Reader): RawBuilder<unknown> => sql`
  d.outcome not in ('suspected', 'vanished') and (d.tenant = ${tenant} or (d.tenant is null and ${seesNobodys}))`;

type Row = Omit<ReconciliationReport, 'counts'> & ReconciliationReport['counts'];

async function reports(db: Database | Tx, reader: Reader, which: RawBuilder<unknown>, limit: number): Promise<Row[]> {
  const { rows } = await sql<Row>`
    select r.id, r.dry_run as "dryRun", to_json(r.accepted_at) #>> '{}' as "acceptedAt", r.finished_at as "finishedAt", r.since, r.until,
           r.failure, r.truncated, case when coalesce(r.tenant, ${reader.tenant}) = ${reader.tenant} then r.requested_by end as "requestedBy",
           case when r.failure is not null then 'failed' when r.finished_at is not null then 'finished'
                when r.until is not null then 'running' else 'accepted' end as state,
           c.*
    from (select * from reconciliations r where ${which} order by r.accepted_at desc, r.id desc limit ${limit}) r
    cross join lateral (
      select count(*) filter (where outcome = 'found')::int as found,
             count(*) filter (where outcome = 'repaired')::int as repaired,
             count(*) filter (where outcome = 'parked')::int as parked,
             count(*) filter (where outcome = 'waits')::int as waits,
             count(*) filter (where outcome = 'acknowledged')::int as acknowledged,
             count(*) filter (where outcome = 'reported')::int as reported
      from reconciliation_drifts d where d.reconciliation_id = r.id and ${visible(reader)}
    ) c
    order by r.accepted_at desc, r.id desc`.execute(db);
  return rows;
}

function toReport(row: Row): ReconciliationReport {
  const { found, repaired, parked, waits, acknowledged, reported, ...rest } = row;
  return {
    ...rest,
    acceptedAt: toInstant(row.acceptedAt),
    finishedAt: row.finishedAt && toInstant(row.finishedAt),
    since: row.since && toInstant(row.since),
    until: row.until && toInstant(row.until),
    counts: { found, repaired, parked, waits, acknowledged, reported },
  };
}
