// The provider's book while it is compared: copied page by page, and read beside ours. What must stay true: a page that is copied
// again changes nothing, and whatever is copied can be found by its key.
import { sql } from 'kysely';
import type { Page } from '../../ports/payment.ts';
import type { DisputeAtProvider, ReconciliationWork } from '../../ports/reconciliation.ts';
import { inTransaction, type Database, type Tx } from './database.ts';
import { expectUnderWay } from './reconciliation-end.ts';

type Kind = 'payment' | 'refund' | 'dispute';
type Copies = Pick<ReconciliationWork, 'copyPayments' | 'copyRefunds' | 'copyDisputes'>;

/** The part of the work on a reconciliation that copies. */
export const createCopies = ({ db }: { db: Database }): Copies => ({
  copyPayments: ({ reconciliationId, payments }) =>
    copy(
      db,
      { reconciliationId, kind: 'payment' },
      payments.map((payment) => ({ object: payment.providerId, copy: payment })),
    ),

  copyRefunds: ({ reconciliationId, refunds }) =>
    copy(
      db,
      { reconciliationId, kind: 'refund' },
      refunds.map((refund) => ({ object: refund.refundId, copy: refund })),
    ),

  copyDisputes: ({ reconciliationId, dryRun, disputes }) =>
    inTransaction(db, async (tx) => {
      await copy(
        tx,
        { reconciliationId, kind: 'dispute' },
        disputes.map((dispute) => ({ object: dispute.disputeId, copy: dispute })),
      );
      if (!dryRun) await markCompared(tx, disputes);
    }),
});

async function copy(
  db: Database | Tx,
  { reconciliationId, kind }: { reconciliationId: string; kind: Kind },
  rows: readonly { object: string; copy: object }[],
): Promise<void> {
  await expectUnderWay(db, reconciliationId);
  await sql`
    insert into reconciliation_copies (reconciliation_id, kind, object, copy)
    select ${reconciliationId}, ${kind}, c.object, c.copy
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as c (object text, copy jsonb)
    on conflict (reconciliation_id, kind, object) do update set copy = excluded.copy`.execute(db);
}

/** Others come before them the next time. Locked in one order, as two comparisons may be at it. */
async function markCompared(tx: Tx, disputes: readonly DisputeAtProvider[]): Promise<void> {
  const ids = disputes.map(({ disputeId }) => disputeId);
  await sql`
    with compared as (
      select dispute_id from disputes where dispute_id = any(${ids}::text[]) order by dispute_id for update
    )
    update disputes d set compared_at = clock_timestamp() from compared c where d.dispute_id = c.dispute_id`.execute(
    tx,
  );
}

type Copy<T> = { object: string; copy: T };

/** The next copies of a kind, behind `cursor`, in the order of their ids. */
export async function copiesOf<T>(
  db: Database,
  {
    reconciliationId,
    kind,
    cursor,
    limit,
  }: { reconciliationId: string; kind: Kind; cursor: string | null; limit: number },
): Promise<Copy<T>[]> {
  const { rows } = await sql<Copy<T>>`
    select object, copy from reconciliation_copies
    where reconciliation_id = ${reconciliationId} and kind = ${kind} and object > ${cursor ?? ''}
    order by object limit ${limit}`.execute(db);
  return rows;
}

export const nextOf = (copies: readonly { object: string }[], limit: number): Page<unknown>['next'] =>
  copies.length === limit ? (copies.at(-1)?.object ?? null) : null;

/** The facts of the one thing that was asked for. */
export function expectOne<T>(items: readonly T[]): T {
  const [item] = items;
  if (item === undefined) throw new Error('Expected the facts of what was asked for; found none');
  return item;
}
