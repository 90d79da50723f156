// Our books of money, stock and orders, beside the copy of the provider's. Read-only. What must stay true: every page is found
// by an index whatever has grown, and a page and a second look read the same facts by the same statement.
import { sql } from 'kysely';
import { orderIdPattern } from '../../contracts/ids.ts';
import type { PaymentFacts, RefundFacts } from '../../domain/payment-drifts.ts';
import type { ListedRefund, ProviderPayment } from '../../ports/payment.ts';
import type {
  Known,
  PaymentAtProvider,
  ReconciliationBooks,
  RefundAtProvider,
  Subject,
} from '../../ports/reconciliation.ts';
import type { Database } from './database.ts';
import { copiesOf, expectOne, nextOf } from './reconciliation-copies.ts';
import { createDisputeBooks, disputeFacts } from './reconciliation-disputes.ts';
import { createOrderBooks } from './reconciliation-orders.ts';
import { isAcknowledged, isAmending } from './stray-payment.ts';

export const createReconciliationBooks = ({ db }: { db: Database }): ReconciliationBooks => ({
  ...createOrderBooks({ db }),
  ...createDisputeBooks({ db }),

  payments: async ({ span, cursor, limit }) => {
    const copies = await copiesOf<ProviderPayment>(db, { ...span, kind: 'payment', cursor, limit });
    const asked = copies.map(({ object, copy }) => ({ paymentId: object, found: copy }));
    return { items: await paymentFacts(db, asked), next: nextOf(copies, limit) };
  },

  refunds: async ({ span, cursor, limit }) => {
    const copies = await copiesOf<ListedRefund>(db, { ...span, kind: 'refund', cursor, limit });
    const asked = copies.map(({ object, copy }) => ({ refundId: object, paymentId: copy.paymentId, found: copy }));
    return { items: await refundFacts(db, asked), next: nextOf(copies, limit) };
  },

  ledgerWithoutCopy: async ({ span, cursor, limit }) => {
    const rows = await ledgerRows(db, { ...span, cursor, limit });
    const missing = rows.filter(({ isCopied }) => !isCopied);
    const captured = missing.filter(({ kind }) => kind === 'captured');
    const refunded = missing.filter(({ kind }) => kind === 'refunded');
    const disputed = missing.filter(({ kind }) => kind === 'disputed' || kind === 'reinstated');
    const items = [
      ...(await paymentFacts(
        db,
        captured.map(({ object }) => ({ paymentId: object, found: null })),
      )),
      ...(await refundFacts(
        db,
        refunded.map(({ object, paymentId }) => ({ refundId: object, paymentId, found: null })),
      )),
      ...(await disputeFacts(
        db,
        disputed.map(({ object, paymentId }) => ({ disputeId: object, paymentId, found: null })),
      )),
    ];
    const last = rows.at(-1);
    return { items, next: last && rows.length === limit ? JSON.stringify([last.at, last.id]) : null };
  },

  findPayment: async (asked) => expectOne(await paymentFacts(db, [asked])),
  findRefund: async (asked) => expectOne(await refundFacts(db, [asked])),
});

type LedgerRow = {
  id: number;
  at: string;
  kind: 'captured' | 'refunded' | 'disputed' | 'reinstated';
  /** What the provider is asked about: the payment, the refund, or the dispute that a movement is of. */
  object: string;
  paymentId: string | null;
  /** The provider's is copied, or it need not be compared. */
  isCopied: boolean;
};

async function ledgerRows(
  db: Database,
  span: { reconciliationId: string; since: string; until: string; cursor: string | null; limit: number },
): Promise<LedgerRow[]> {
  const [at, id] = span.cursor === null ? [span.since, 0] : (JSON.parse(span.cursor) as [string, number]);
  const { rows } = await sql<LedgerRow>`
    select l.id, l.at, l.kind, o.id as object, p.provider_id as "paymentId", c.object is not null or d.dispute_id is not null as "isCopied"
    from ledger l join payments p using (order_id, ordinal)
    -- Of several captures of a payment each is known by what it brought the payment to (authorization.ts).
    cross join lateral (select coalesce(l.dispute_id, split_part(l.provider_object, '#', 1)) as id) o
    -- One by one, so that it is looked up by its key and not by reading all copies.
    left join lateral (
      select object from reconciliation_copies where reconciliation_id = ${span.reconciliationId}
        and kind = case l.kind when 'captured' then 'payment' when 'refunded' then 'refund' else 'dispute' end
        and object = o.id limit 1
    ) c on true
    -- A dispute that was made before the span is not in the provider's list of it. When it is over nobody asks for it by itself
    -- either: that it is not copied says nothing, and would cost a question for every movement.
    left join lateral (
      select dispute_id from disputes
      where dispute_id = l.dispute_id and not unsettled and known_at < ${span.since}::timestamptz limit 1
    ) d on true
    where (l.at, l.id) > (${at}::timestamptz, ${id}::bigint) and l.at < ${span.until}::timestamptz
    order by l.at, l.id limit ${span.limit}`.execute(db);
  return rows;
}

type PaymentRow = {
  paymentId: string;
  orderId: string | null;
  tenant: string | null;
  order: PaymentFacts['order'];
  record: PaymentFacts['record'];
  isClaimable: boolean;
  isAmending: boolean;
};

/**
 * What we know of payments. A payment is found by its id in a try or in the ledger, else by the order that its metadata name. It
 * is claimable while a try of the order that has no payment yet would create it with the same key (or when it names no key: one
 * that code from before keys were told has made).
 */
async function paymentFacts(db: Database, asked: readonly PaymentAtProvider[]): Promise<Known<PaymentFacts>[]> {
  const given = asked.map(({ paymentId, found }) => ({
    paymentId,
    named: found?.orderId ?? null,
    key: found?.key ?? null,
  }));
  const { rows } = await sql<PaymentRow>`
    select g."paymentId", coalesce(o.id, g.named) as "orderId", o.tenant,
           case when o.id is not null then jsonb_build_object(
             'status', o.status, 'isEnding', o.ending is not null, 'isParked', exists (
               select 1 from parked_steps k where k.workflow_id = o.id and k.closed_at is null)) end as "order",
           case when p.order_id is not null then jsonb_build_object(
             'state', p.state, 'amountMinor', p.amount_minor, 'currency', p.currency, 'isStray', p.stray,
             'capturedMinor', case when c.id is not null then (
               select sum(amount_minor) from ledger where order_id = c.order_id and ordinal = c.ordinal and kind = 'captured'
                 and split_part(provider_object, '#', 1) = g."paymentId") end,
             'wasAuthorized', o.capture = 'per-shipment' and p.authorized_at is not null, 'isCapturing', exists (
               select 1 from payment_captures d where d.order_id = p.order_id and d.ordinal = p.ordinal and d.state = 'due'
             ), 'balanceMinor', (
               select coalesce(sum(amount_minor), 0) from ledger where order_id = p.order_id and ordinal = p.ordinal
             ), 'isAcknowledged', ${isAcknowledged}) end as record,
           ${isAmending} or exists (
             select 1 from payments t join amendments m on m.order_id = t.order_id and m.number = t.amendment and m.state = 'pending'
             where t.order_id = o.id and t.provider_id is null and p.order_id is null
           ) as "isAmending",
           exists (
             select 1 from payments t where t.order_id = o.id and not t.stray and t.provider_id is null
               and t.state = 'pending' and t.fenced_at is null
               and coalesce(g.key, '') in ('', t.order_id || ':create:' || t.ordinal
                 || case when t.create_revision > 1 then ':r' || t.create_revision else '' end)
           ) as "isClaimable"
    from jsonb_to_recordset(${JSON.stringify(given)}::jsonb) as g ("paymentId" text, named text, key text)
    left join ledger c on c.provider_object = g."paymentId" and c.kind = 'captured'
    left join lateral (
      select * from payments where provider_id = g."paymentId"
      union all
      select * from payments where order_id = c.order_id and ordinal = c.ordinal and provider_id is distinct from g."paymentId"
      limit 1
    ) p on true
    left join orders o on o.id = coalesce(p.order_id, g.named)`.execute(db);
  const byId = new Map(rows.map((row) => [row.paymentId, row]));
  return asked.flatMap(({ paymentId, found }) => {
    const row = byId.get(paymentId);
    if (!row) return [];
    const { orderId, tenant, order, record, isClaimable, isAmending: amending } = row;
    const subject: Subject = { kind: 'payment', id: paymentId, tenant, orderId, paymentId };
    const known = { order, record, isClaimable, isAmending: amending };
    return [{ subject, facts: { kind: 'payment', paymentId, found: found && asFound(found), ...known } }];
  });
}

/** A payment is ours when its metadata name an order of our kind; an account may serve others too. */
const asFound = ({ state, ...found }: ProviderPayment): PaymentFacts['found'] => ({
  state: state.kind,
  capturedMinor: found.capturedMinor,
  amountMinor: found.amountMinor,
  currency: found.currency,
  isOurs: found.orderId !== null && orderIdPattern.test(found.orderId),
});

type RefundRow = {
  refundId: string;
  paymentId: string | null;
  orderId: string | null;
  tenant: string | null;
  order: RefundFacts['order'];
  ledger: RefundFacts['ledger'];
  isUnderWay: boolean;
};

async function refundFacts(db: Database, asked: readonly RefundAtProvider[]): Promise<Known<RefundFacts>[]> {
  const given = asked.map(({ refundId, paymentId, found }) => ({ refundId, paymentId, key: found?.key ?? '' }));
  const { rows } = await sql<RefundRow>`
    select g."refundId", coalesce(g."paymentId", p.provider_id) as "paymentId", o.id as "orderId", o.tenant,
           case when o.id is not null then jsonb_build_object('status', o.status, 'isEnding', o.ending is not null) end as "order",
           case when l.id is not null then jsonb_build_object('amountMinor', -l.amount_minor, 'currency', l.currency) end as ledger,
           exists (
             select 1 from refund_parts t join refunds r using (order_id, number)
             where t.order_id = p.order_id and t.ordinal = p.ordinal and r.state = 'requested'
               and g.key ~ ('^' || t.order_id || ':refundPart:' || t.number || '[.]' || t.ordinal || '(:r[0-9]+)?$')
           ) as "isUnderWay"
    from jsonb_to_recordset(${JSON.stringify(given)}::jsonb) as g ("refundId" text, "paymentId" text, key text)
    left join ledger l on l.provider_object = g."refundId" and l.kind = 'refunded'
    left join lateral (
      select * from payments where provider_id = g."paymentId"
      union all
      select * from payments where order_id = l.order_id and ordinal = l.ordinal and provider_id is distinct from g."paymentId"
      limit 1
    ) p on true
    left join orders o on o.id = p.order_id`.execute(db);
  const byId = new Map(rows.map((row) => [row.refundId, row]));
  return asked.flatMap(({ refundId, found }) => {
    const row = byId.get(refundId);
    if (!row) return [];
    const { orderId, tenant, paymentId, order, ledger, isUnderWay } = row;
    // A refund that is pending is not done yet, and one that failed was not made.
    const made = found?.state === 'succeeded' ? { amountMinor: found.amountMinor, currency: found.currency } : null;
    const subject: Subject = { kind: 'refund', id: refundId, tenant, orderId, paymentId };
    return [{ subject, facts: { kind: 'refund', refundId, found: made, ledger, order, isUnderWay } }];
  });
}
