// Orders, what they hold, and what waits to be told, for reconciliation. Read-only, but for sums that are carried on; every page by an index.
import { sql, type RawBuilder } from 'kysely';
import type { OrderStatus } from '../../domain/order.ts';
import type { KnownNotice, KnownOrder, Known, ReconciliationBooks } from '../../ports/reconciliation.ts';
import type { StockFacts } from '../../domain/reconciliation.ts';
import type { Page } from '../../ports/payment.ts';
import type { Database } from './database.ts';
import { sinceOf } from './parked-steps.ts';
import { carrySumsOn, movedOf } from './stock-sums.ts';

/** So long, and no longer, are sums carried on before they are compared; what is left then is added up by the comparison. */
const SUMS_MS = 2_000;

type OrderBooks = Pick<
  ReconciliationBooks,
  'openOrders' | 'closedOrders' | 'stock' | 'notices' | 'knownOrders' | 'findOrder' | 'findStock' | 'findNotice'
>;

export const createOrderBooks = ({ db }: { db: Database }): OrderBooks => ({
  openOrders: async ({ span: { until }, cursor, limit }) => {
    // An open order has a mark, and a closed one has none: that is what the index is on.
    const which = sql`
      select id from orders
      where launch_after is not null and id > ${cursor ?? ''} and updated_at < ${until}::timestamptz order by id limit ${limit}`;
    return pageOf(await ordersAmong(db, which, until), limit);
  },

  closedOrders: async ({ span: { until }, cursor, limit }) => {
    const which = sql`
      select id from orders o
      where o.launch_after is null and o.id > ${cursor ?? ''} and o.updated_at < ${until}::timestamptz and o.id in (
        select id from orders where attention is not null
        union all select order_id from reservations where state = 'held' and expires_at < ${until}::timestamptz
      ) order by o.id limit ${limit}`;
    return pageOf(await ordersAmong(db, which, until), limit);
  },

  findOrder: async ({ orderId, until }) =>
    (await ordersAmong(db, sql`select ${orderId}::text as id`, until))[0] ?? null,

  stock: async ({ cursor, limit }) => {
    if (cursor === null) await carrySumsOn(db, { withinMs: SUMS_MS });
    return pageOf(await stockFrom(db, sql`s.id > ${cursor ?? ''}`, limit), limit);
  },
  findStock: async ({ id }) => (await stockFrom(db, sql`s.id = ${id}`, 1))[0] ?? null,

  notices: async ({ span: { until }, cursor, limit }) => {
    const which = sql`n.due_at is not null and n.received_at < ${until}::timestamptz and n.event_id > ${cursor ?? ''}`;
    return pageOf(await noticesFrom(db, which, limit), limit);
  },
  findNotice: async ({ id }) => (await noticesFrom(db, sql`n.due_at is not null and n.event_id = ${id}`, 1))[0] ?? null,

  knownOrders: async ({ orderIds }) => {
    const { rows } = await sql<{ id: string }>`
      select id from orders where id = any(${[...orderIds]}::text[])`.execute(db);
    return rows.map(({ id }) => id);
  },
});

const pageOf = <T extends Known<unknown>>(items: readonly T[], limit: number): Page<T> => ({
  items,
  next: items.length === limit ? (items.at(-1)?.subject.id ?? null) : null,
});

type OrderRow = {
  id: string;
  tenant: string;
  status: OrderStatus;
  isClosed: boolean;
  parked: KnownOrder['facts']['parked'];
  units: number;
  isOverdue: boolean;
};

async function ordersAmong(db: Database, which: RawBuilder<unknown>, until: string): Promise<KnownOrder[]> {
  const { rows } = await sql<OrderRow>`
    with chosen as (${which})
    select o.id, o.tenant, o.status, o.closed_at is not null as "isClosed", h.units, h."isOverdue", coalesce((
             select jsonb_agg(jsonb_build_object('step', p.step, 'workflowId', p.workflow_id, 'since', ${sinceOf('p')},
                                                 'isStory', p.workflow_id = o.id) order by p.since, p.id)
             from parked_steps p where p.order_id = o.id and p.closed_at is null), '[]') as parked
    from chosen join orders o on o.id = chosen.id
    cross join lateral (
      select coalesce(sum(quantity), 0)::bigint as units,
             coalesce(min(expires_at) < ${until}::timestamptz, false) as "isOverdue"
      from reservations h where h.order_id = o.id and h.state = 'held'
        -- What an amendment under way holds is for its own workflow to free, which its launcher sees to.
        and not exists (select 1 from amendments m where m.order_id = h.order_id and m.number = h.amendment and m.state = 'pending')
    ) h
    order by o.id`.execute(db);
  return rows.map(({ id, tenant, status, isClosed, parked, units, isOverdue }) => ({
    subject: { kind: 'order', id, tenant, orderId: id, paymentId: null },
    facts: { kind: 'order', status, isClosed, parked, hold: { units, isOverdue } },
  }));
}

type StockRow = Omit<StockFacts, 'kind'> & { id: string; tenant: string };

/** Each row of stock beside the sums of what is held and of what has moved. */
async function stockFrom(db: Database, which: RawBuilder<unknown>, limit: number): Promise<Known<StockFacts>[]> {
  const { rows } = await sql<StockRow>`
    select s.id, s.tenant, s.on_hand as "onHand", s.reserved, coalesce(h.held, 0)::bigint as held, ${movedOf} as moved
    from (select *, tenant || '/' || warehouse || '/' || sku as id from stock) s
    left join (
      select tenant, warehouse, sku, sum(quantity) as held from reservations where state = 'held' group by 1, 2, 3
    ) h on h.tenant = s.tenant and h.warehouse = s.warehouse and h.sku = s.sku
    where ${which} order by s.id limit ${limit}`.execute(db);
  return rows.map(({ id, tenant, ...facts }) => ({
    subject: { kind: 'stock', id, tenant, orderId: null, paymentId: null },
    facts: { kind: 'stock', ...facts },
  }));
}

type NoticeRow = {
  id: string;
  paymentId: string;
  orderId: string | null;
  tenant: string | null;
  isClosed: boolean;
};

async function noticesFrom(db: Database, which: RawBuilder<unknown>, limit: number): Promise<KnownNotice[]> {
  const { rows } = await sql<NoticeRow>`
    select n.event_id as id, n.payment_id as "paymentId", o.id as "orderId", o.tenant,
           o.closed_at is not null as "isClosed"
    from payment_notices n left join payments p on p.provider_id = n.payment_id
    left join orders o on o.id = coalesce(p.order_id, n.order_id)
    where ${which} order by n.event_id limit ${limit}`.execute(db);
  return rows.map(({ id, tenant, orderId, paymentId, isClosed }) => ({
    subject: { kind: 'notice', id, tenant, orderId, paymentId },
    facts: { kind: 'notice', hasOrder: orderId !== null, isClosed },
  }));
}
