// The end of a reconciliation, and what must not go on behind it. What must stay true: whoever works for a report that is not
// there (any more) is told so at once, and a report that is over keeps only what was looked at twice.
import { sql } from 'kysely';
import { reconciliationOverFailure } from '../../contracts/failures.ts';
import type { ReconciliationWork } from '../../ports/reconciliation.ts';
import type { Database, Tx } from './database.ts';

// More than a person reads. Something is wrong with a whole book then, and the report says that there is more.
export const MAX_DRIFTS = 1_000;

// Reports are for people. What was parked is remembered for longer than anything is compared.
const KEEP_REPORTS = '90 days';

/**
 * Throws a failure that is not retried when there is no such report, or when it is over: in a database that was restored from a
 * backup a comparison of the world before would be tried again until its time is over, and the schedule would wait for it.
 */
export async function expectUnderWay(db: Database | Tx, reconciliationId: string): Promise<void> {
  const { rows } = await sql<{ isOver: boolean }>`
    select finished_at is not null as "isOver" from reconciliations where id = ${reconciliationId}`.execute(db);
  const [row] = rows;
  if (!row || row.isOver) throw reconciliationOverFailure({ reconciliationId, isKnown: row !== undefined });
}

/** It is over. A repeat changes nothing; throws as `expectUnderWay` does when there is no such report. */
export async function finish(
  tx: Tx,
  { reconciliationId, failure }: Parameters<ReconciliationWork['finish']>[0],
): Promise<void> {
  const { rows } = await sql`select 1 from reconciliations where id = ${reconciliationId}`.execute(tx);
  if (rows.length === 0) throw reconciliationOverFailure({ reconciliationId, isKnown: false });
  await end(tx, [reconciliationId], failure);
  await sql`delete from reconciliations where accepted_at < clock_timestamp() - ${KEEP_REPORTS}::interval`.execute(tx);
}

/** Every one that is under way, or accepted, is over: the world that it compared with is. */
export async function endUnfinished(tx: Tx, failure: string): Promise<void> {
  const { rows } = await sql<{ id: string }>`select id from reconciliations where finished_at is null`.execute(tx);
  await end(
    tx,
    rows.map(({ id }) => id),
    failure,
  );
}

async function end(tx: Tx, ids: string[], failure: string | null): Promise<void> {
  await sql`
    update reconciliations r
    set finished_at = clock_timestamp(), failure = ${failure}, launch_after = null, truncated = ${MAX_DRIFTS} <= (
      select count(*) from reconciliation_drifts where reconciliation_id = r.id
    )
    where id = any(${ids}::text[]) and finished_at is null`.execute(tx);
  await sql`delete from reconciliation_copies where reconciliation_id = any(${ids}::text[])`.execute(tx);
  // What agreed when it was looked at again was never a drift; what was not looked at again is not known to be one.
  await sql`
    delete from reconciliation_drifts
    where reconciliation_id = any(${ids}::text[]) and outcome in ('suspected', 'vanished')`.execute(tx);
}
