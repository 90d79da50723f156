// A reconciliation as it is worked on. What must stay true: a remedy and what is said of it are one commit, so that a crash
// repairs nothing twice and hides nothing; every remedy is a mark that the loops and workflows which exist work off; and
// nothing is compared for a report that is not there (any more).
import { sql } from 'kysely';
import { typeidUnboxed } from 'typeid-js';
import type { Span } from '../../contracts/reconcile.ts';
import type { Drift, DriftOutcome } from '../../domain/drift.ts';
import { LOOK_AGAIN, PAYMENT_TO_FOLLOW, PAYMENT_TO_TELL } from '../../domain/payment-notice.ts';
import type { Finding, ReconciliationWork, Suspect } from '../../ports/reconciliation.ts';
import { inTransaction, toInstant, type Database, type Tx } from './database.ts';
import { extendHold } from './inventory.ts';
import { lockOrder } from './order-change.ts';
import { findOpenParking } from './parked-steps.ts';
import { park, resume } from './parking.ts';
import { createCopies } from './reconciliation-copies.ts';
import { expectUnderWay, finish, MAX_DRIFTS } from './reconciliation-end.ts';

/** Whoever reads an audit row or an event sees who it was. */
const ACTOR = 'reconciliation';

// The whole of a week once a day: long enough for what nobody noticed over a weekend and a holiday.
const EVERYTHING = '7 days';
const EVERYTHING_EVERY = '1 day';
// In between only what is new since the last one, and a little more: the provider's clock is not ours.
const OVERLAP = '5 minutes';
// A payment is taken at most this long after it was made: its keys die after a day, its customer is waited for less than that.
const PAYMENT_LIFE = '25 hours';

export const createReconciliationWork = ({ db }: { db: Database }): ReconciliationWork => ({
  begin: (request) => inTransaction(db, (tx) => begin(tx, request)),

  ...createCopies({ db }),

  suspect: (request) => inTransaction(db, (tx) => suspect(tx, request)),

  nextSuspects: async ({ reconciliationId, atProvider, limit }) => {
    await expectUnderWay(db, reconciliationId);
    const { rows } = await sql<Suspect>`
      select id as "driftId", kind, object as id, tenant, order_id as "orderId", payment_id as "paymentId"
      from reconciliation_drifts
      where reconciliation_id = ${reconciliationId} and outcome = 'suspected'
        and (kind in ('payment', 'refund', 'dispute')) = ${atProvider}
      order by id limit ${limit}`.execute(db);
    return rows;
  },

  settle: (finding) => inTransaction(db, (tx) => settle(tx, finding)),

  finish: (request) => inTransaction(db, (tx) => finish(tx, request)),
});

async function begin(tx: Tx, { workflowId, graceMs }: { workflowId: string; graceMs: number }): Promise<Span> {
  // Accepted ones are there; one that the schedule started has no row yet.
  await sql`
    insert into reconciliations (id, requested_by, workflow_id)
    values (${typeidUnboxed('reconciliation')}, 'schedule', ${workflowId}) on conflict (workflow_id) do nothing`.execute(
    tx,
  );
  const { rows } = await sql<Span>`
    update reconciliations r set launch_after = null,
      until = coalesce(r.until, clock_timestamp() - ${graceMs} * interval '1 millisecond'),
      since = coalesce(r.since, case
        when exists (
          select 1 from reconciliations w where w.finished_at > clock_timestamp() - ${EVERYTHING_EVERY}::interval
            and w.failure is null and not w.dry_run and w.until - w.since >= ${EVERYTHING}::interval
        ) then (
          select max(l.until) - ${OVERLAP}::interval from reconciliations l
          where l.failure is null and not l.dry_run and l.finished_at is not null
        )
        else clock_timestamp() - ${graceMs} * interval '1 millisecond' - ${EVERYTHING}::interval end)
    where workflow_id = ${workflowId}
    returning id as "reconciliationId", dry_run as "dryRun", since, until,
              since - ${PAYMENT_LIFE}::interval as "listFrom"`.execute(tx);
  const [span] = rows;
  if (!span) throw new Error(`Expected a reconciliation of workflow ${workflowId}; found none`);
  const { since, until, listFrom } = span;
  return { ...span, since: toInstant(since), until: toInstant(until), listFrom: toInstant(listFrom) };
}

async function suspect(
  tx: Tx,
  { reconciliationId, suspects }: Parameters<ReconciliationWork['suspect']>[0],
): Promise<void> {
  await expectUnderWay(tx, reconciliationId);
  if (suspects.length === 0) return;
  const rows = suspects.map(({ drift, ...subject }) => ({ ...subject, ...drift }));
  await sql`
    insert into reconciliation_drifts (reconciliation_id, tenant, name, kind, object, order_id, payment_id, found, remedy)
    select ${reconciliationId}, s.tenant, s.name, s.kind, s.id, s."orderId", s."paymentId", s.found, s.remedy
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as s (
      tenant text, name text, kind text, id text, "orderId" text, "paymentId" text, found text, remedy text
    )
    where (select count(*) from reconciliation_drifts where reconciliation_id = ${reconciliationId}) < ${MAX_DRIFTS}
    on conflict do nothing`.execute(tx);
}

type DriftRow = { id: number; orderId: string | null; paymentId: string | null; kind: string; object: string };

async function settle(tx: Tx, finding: Finding): Promise<void> {
  const { driftId, drift } = finding;
  const { rows } = await sql<DriftRow>`
    select id, order_id as "orderId", payment_id as "paymentId", kind, object from reconciliation_drifts
    where id = ${driftId} and outcome = 'suspected' for update`.execute(tx);
  const [row] = rows;
  // Settled by an attempt that did not live to say so.
  if (!row) return;
  const outcome = drift ? await act(tx, row, { ...finding, drift }) : 'vanished';
  const { name = null, found = null, remedy = null } = drift ?? {};
  await sql`
    update reconciliation_drifts
    set outcome = ${outcome}, settled_at = clock_timestamp(), name = coalesce(${name}, name),
        found = coalesce(${found}, found), remedy = coalesce(${remedy}, remedy)
    where id = ${driftId}`.execute(tx);
}

async function act(tx: Tx, row: DriftRow, finding: Finding & { drift: Drift }): Promise<DriftOutcome> {
  const { drift, dryRun } = finding;
  if (drift.remedy === 'park') {
    const before = await parkedBefore(tx, row, drift);
    if (before) return before;
  }
  if (drift.remedy === 'report') return 'reported';
  if (dryRun) return 'found';
  if (!(await repair(tx, row, finding))) return 'reported';
  return drift.remedy === 'park' ? 'parked' : 'repaired';
}

/** The same drift was put in front of a person by an earlier run: it still waits, or somebody has taken it as it is. */
async function parkedBefore(tx: Tx, row: DriftRow, { name, found }: Drift): Promise<DriftOutcome | null> {
  const { rows } = await sql<{ stands: boolean; isTaken: boolean }>`
    select exists (
             select 1 from parked_steps p
             where p.workflow_id = d.order_id || ':payment:' || d.payment_id and p.closed_at is null
           ) as stands, exists (
             select 1 from resolution_audit a
             where a.workflow_id = d.order_id || ':payment:' || d.payment_id and a.action = 'skip' and a.at > d.settled_at
           ) as "isTaken"
    from reconciliation_drifts d
    where d.object = ${row.object} and d.name = ${name} and d.outcome = 'parked' and d.found = ${found} and d.id <> ${row.id}
    limit 1`.execute(tx);
  if (!rows[0]) return null;
  if (rows[0].stands) return 'waits';
  // Its workflow may not have come to park yet.
  const { rows: onTheWay } = await sql`
    select 1 from payment_notices where payment_id = ${row.paymentId} and due_at is not null limit 1`.execute(tx);
  if (onTheWay.length > 0) return 'waits';
  // It got through by itself, and now it is there again: another case.
  return rows[0].isTaken ? 'acknowledged' : null;
}

/** Whether anything could be done about it. */
async function repair(tx: Tx, row: DriftRow, finding: Finding & { drift: Drift }): Promise<boolean> {
  const { orderId } = row;
  if (orderId === null) throw new Error(`Expected drift ${row.id} to be of an order; found none`);
  const { stale, waits } = finding;
  const why = finding.drift.found;
  switch (finding.drift.remedy) {
    case 'restart':
      await markAgain(tx, orderId);
      return true;
    case 'wake':
      await extendHold(tx, { orderId, byMs: 0 });
      await markAgain(tx, orderId);
      await leaveNotice(tx, row, LOOK_AGAIN);
      return true;
    case 'tell':
      await leaveNotice(tx, row, PAYMENT_TO_TELL);
      return true;
    case 'follow':
    case 'park':
      await leaveNotice(tx, row, PAYMENT_TO_FOLLOW);
      return true;
    case 'unpark':
      if (stale) await unpark(tx, row, { orderId, stale, why });
      return true;
    case 'mark-parked':
      return waits ? markParked(tx, orderId, { ...waits, why }) : false;
    case 'report':
      return false;
  }
}

/** The launcher looks at once whether the order has a running workflow, and starts one where it has not. */
async function markAgain(tx: Tx, orderId: string): Promise<void> {
  await sql`
    update orders set launch_after = clock_timestamp() where id = ${orderId} and launch_after is not null`.execute(tx);
}

/** A notice of our own in the inbox: it is passed on until somebody has heard of it. */
async function leaveNotice(tx: Tx, { id, orderId, paymentId }: DriftRow, type: string): Promise<void> {
  await sql`
    insert into payment_notices (event_id, event_type, payment_id, order_id, due_at)
    values (${`reconciliation:${id}`}, ${type}, ${paymentId ?? orderId}, ${orderId}, clock_timestamp())
    on conflict (event_id) do nothing`.execute(tx);
}

/** The run waits and does not know that nobody sees it. Before its first own parking, so that its next closes this one. */
async function markParked(
  tx: Tx,
  orderId: string,
  { runId, startedAt, step, why }: NonNullable<Finding['waits']> & { why: string },
): Promise<boolean> {
  const parking = { runId, runStartedAt: startedAt, number: 0 };
  // Not when a parking of its own was closed: then its next reminder finds that out, and it parks anew.
  return (await park(tx, { orderId, workflowId: orderId, parking, step, reason: why })) !== null;
}

/** Nobody waits for a decision about it, so nobody must be asked for one. What it was about is looked at again. */
async function unpark(
  tx: Tx,
  row: DriftRow,
  { orderId, stale, why }: { orderId: string; stale: NonNullable<Finding['stale']>; why: string },
): Promise<void> {
  const { workflowId, since } = stale;
  await lockOrder(tx, orderId);
  const open = await findOpenParking(tx, workflowId);
  // Parked anew meanwhile: that is another case.
  if (open?.attention.since !== since) return;
  const decision = {
    orderId,
    workflowId,
    action: 'retry',
    actor: ACTOR,
    reason: why,
    resolutionId: `reconciliation:${row.id}`,
  } as const;
  await resume(tx, decision, { settlesDoubt: false });
  const [, paymentId] = workflowId.split(':payment:');
  if (paymentId !== undefined) await leaveNotice(tx, { ...row, paymentId }, PAYMENT_TO_FOLLOW);
}
