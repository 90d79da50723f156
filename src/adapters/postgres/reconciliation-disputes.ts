// Our books of disputes, beside the copy of the provider's. Read-only; every page by an index, and a page and a second look read
// the same facts by the same statement.
import { sql } from 'kysely';
import type { DisputeFacts } from '../../domain/dispute-drifts.ts';
import type { ListedDispute } from '../../ports/payment.ts';
import type { DisputeAtProvider, Known, ReconciliationBooks, Subject } from '../../ports/reconciliation.ts';
import type { Database } from './database.ts';
import { copiesOf, expectOne, nextOf } from './reconciliation-copies.ts';

type DisputeBooks = Pick<ReconciliationBooks, 'disputes' | 'unsettledDisputes' | 'findDispute'>;
type Unsettled = { disputeId: string; paymentId: string; comparedAt: string };

export const createDisputeBooks = ({ db }: { db: Database }): DisputeBooks => ({
  disputes: async ({ span, cursor, limit }) => {
    const copies = await copiesOf<DisputeAtProvider>(db, { ...span, kind: 'dispute', cursor, limit });
    const asked = copies.map(({ copy }) => copy);
    return { items: await disputeFacts(db, asked), next: nextOf(copies, limit) };
  },

  unsettledDisputes: async ({ span, cursor, limit }) => {
    const [at, id] = cursor === null ? ['-infinity', ''] : (JSON.parse(cursor) as [string, string]);
    // Those that are compared meanwhile fall behind the span's end: the book comes to an end.
    const { rows } = await sql<Unsettled>`
      select d.dispute_id as "disputeId", p.provider_id as "paymentId", to_json(d.compared_at) #>> '{}' as "comparedAt"
      from disputes d join payments p using (order_id, ordinal)
      where d.unsettled and (d.compared_at, d.dispute_id) > (${at}::timestamptz, ${id})
        and d.compared_at < ${span.until}::timestamptz and not exists (
          select 1 from reconciliation_copies c
          where c.reconciliation_id = ${span.reconciliationId} and c.kind = 'dispute' and c.object = d.dispute_id
        )
      order by d.compared_at, d.dispute_id limit ${limit}`.execute(db);
    const last = rows.at(-1);
    const next = last && rows.length === limit ? JSON.stringify([last.comparedAt, last.disputeId]) : null;
    return { items: rows.map(({ disputeId, paymentId }) => ({ disputeId, paymentId })), next };
  },

  findDispute: async (asked) => expectOne(await disputeFacts(db, [asked])),
});

type DisputeRow = {
  paymentId: string | null;
  orderId: string | null;
  tenant: string | null;
  record: DisputeFacts['record'];
  ledger: DisputeFacts['ledger'];
};

/** What we know of disputes: each is found by its id, else by its payment. */
export async function disputeFacts(db: Database, asked: readonly DisputeAtProvider[]): Promise<Known<DisputeFacts>[]> {
  const given = asked.map(({ disputeId, paymentId }) => ({ disputeId, paymentId }));
  const { rows } = await sql<DisputeRow & { disputeId: string }>`
    select g."disputeId", coalesce(p.provider_id, g."paymentId") as "paymentId", p.order_id as "orderId", p.tenant,
           case when d.dispute_id is not null then jsonb_build_object('state', d.state) end as record, (
             select coalesce(jsonb_agg(jsonb_build_object('movementId', l.provider_object, 'amountMinor', l.amount_minor,
                                                          'currency', l.currency) order by l.id), '[]')
             from ledger l where l.dispute_id = g."disputeId"
           ) as ledger
    from jsonb_to_recordset(${JSON.stringify(given)}::jsonb) as g ("disputeId" text, "paymentId" text)
    left join disputes d on d.dispute_id = g."disputeId"
    left join lateral (
      select * from payments where order_id = d.order_id and ordinal = d.ordinal
      union all
      select * from payments where d.dispute_id is null and provider_id = g."paymentId"
      limit 1
    ) p on true`.execute(db);
  const byId = new Map(rows.map((row) => [row.disputeId, row]));
  return asked.flatMap(({ disputeId, found }) => {
    const row = byId.get(disputeId);
    if (!row) return [];
    const { orderId, tenant, paymentId, record, ledger } = row;
    const subject: Subject = { kind: 'dispute', id: disputeId, tenant, orderId, paymentId };
    const atProvider = found && asFound(found);
    return [
      { subject, facts: { kind: 'dispute', disputeId, found: atProvider, record, ledger, hasOrder: orderId !== null } },
    ];
  });
}

function asFound({ dispute }: ListedDispute): DisputeFacts['found'] {
  if ('unclear' in dispute) return dispute;
  const { state, currency, movements } = dispute;
  return { state, movements: movements.map((movement) => ({ ...movement, currency })) };
}
