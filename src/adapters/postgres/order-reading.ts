// Orders as the contract shows them, from our tables alone: lists and searches never ask Temporal.
import { sql, type RawBuilder } from 'kysely';
import type { Review } from '../../domain/review.ts';
import type { Order, OrderFilter, OrderPlace, OrderReading } from '../../ports/order.ts';
import { amendmentsOf, withAmendmentInstants } from './amendment-reading.ts';
import { toInstant, type Database, type Tx } from './database.ts';
import { shipmentsOf, toShipment } from './packing.ts';
import { refundsOf, withRefundInstants } from './refund-reading.ts';
import { returnsOf, withReturnInstants, type ReturnRow } from './return-reading.ts';

type OrderRow = Omit<Order, 'payment' | 'refunds' | 'returns' | 'shipments'> & {
  returns: ReturnRow[];
  refunds: Parameters<typeof withRefundInstants>[0][];
  shipments: Order['shipments'] | null;
  paymentState: Order['payment']['state'];
  capturedMinor: number;
  refundedMinor: number;
  disputedMinor: number;
  authorizedMinor: number;
  declineCode: string | null;
};

export const createOrderReading = ({ db }: { db: Database }): OrderReading => ({
  find: ({ tenant, orderId }) => findOrder(db, { tenant, orderId }),

  list: async ({ tenant, filter, after, limit }) => {
    const conditions = [sql`o.tenant = ${tenant}`, ...conditionsOf(filter), ...(after ? [isAfter(after)] : [])];
    // One more than asked for tells whether there is a next page without counting.
    const { rows } = await sql<OrderRow>`
      ${orders} where ${sql.join(conditions, sql` and `)}
      order by o.placed_at desc, o.id desc limit ${limit + 1}`.execute(db);
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    return {
      items: rows.slice(0, limit).map(toOrder),
      next: last ? { placedAt: last.placedAt, id: last.id } : null,
    };
  },

  findSettled: async ({ orderIds }) => {
    const { rows } = await sql<OrderRow>`
      ${orders} where o.id = any(${[...orderIds]}::text[])
        and (o.status not in ('placed', 'reserved') or o.attention is not null
             or o.waiting ->> 'for' in ('review', 'customer'))`.execute(db);
    return rows.map(toOrder);
  },
});

/** The order as the tenant sees it, or null; inside a transaction also one that is not committed yet. */
export async function findOrder(
  db: Database | Tx,
  request: { tenant: string; orderId: string },
): Promise<Order | null> {
  const { rows } = await sql<OrderRow>`
    ${orders} where o.id = ${request.orderId} and o.tenant = ${request.tenant}`.execute(db);
  return rows[0] ? toOrder(rows[0]) : null;
}

/** Of the order under this name, in the form of Totals. */
export function totalsOf(order: string): RawBuilder<unknown> {
  const column = (name: string): RawBuilder<unknown> => sql.ref(`${order}.${name}`);
  return sql`jsonb_build_object(
    'linesMinor', ${column('total_minor')} + ${column('discount_minor')} - ${column('shipping_minor')}
                  - case when ${column('tax_included')} then 0 else ${column('tax_minor')} end,
    'discountMinor', ${column('discount_minor')}, 'shippingMinor', ${column('shipping_minor')},
    'taxMinor', ${column('tax_minor')}, 'taxIncluded', ${column('tax_included')})`;
}

// Of order `o`: what is waited for.
const backordered = sql`(
  select coalesce(json_agg(json_build_object('sku', sku, 'quantity', quantity - filled) order by sku collate "C"), '[]')
  from backorders where order_id = o.id and state = 'waiting')`;

// Of order `o`, in the form of ExchangeOf.
const exchangeOf = sql`
  case when o.exchange_of_order is not null
       then json_build_object('orderId', o.exchange_of_order, 'return', o.exchange_of_return) end`;

/** What of the own payments of the order under this name can still be captured; minor units. */
export const authorizedOf = (order: string): RawBuilder<number> => sql`(
  select coalesce(sum(a.amount_minor - (
    select coalesce(sum(amount_minor), 0) from ledger where order_id = a.order_id and ordinal = a.ordinal and kind = 'captured'
  )), 0)::bigint from payments a where a.order_id = ${sql.ref(`${order}.id`)} and a.state = 'authorized' and not a.stray)`;

// The last try to be paid speaks for the order's payment; the amounts are those of all tries.
const orders = sql`
  select o.id, o.status, o.closed_at is not null as "isClosed", o.attention, o.waiting, o.customer_id as "customerId", o.currency, o.total_minor as "totalMinor", ${totalsOf('o')} as totals,
         o.correlation_id as "correlationId", o.placed_at as "placedAt", o.updated_at as "updatedAt",
         o.ending -> 'rejection' as rejection, l.items, case when o.ships then ${shipmentsOf} end as shipments, p.state as "paymentState",
         p.rejection ->> 'declineCode' as "declineCode", m.captured as "capturedMinor", m.refunded as "refundedMinor",
         m.disputed as "disputedMinor", case when o.capture = 'per-shipment' then ${authorizedOf('o')} else 0 end as "authorizedMinor",
         o.capture, v.review, case when o.on_shortage <> 'reject' then ${backordered} end as backordered,
         ${refundsOf(sql`o.id`)} as refunds, ${returnsOf(sql`o.id`)} as returns, ${exchangeOf} as "exchangeOf",
         o.erased_at as "erasedAt", o.event_count as version, ${amendmentsOf(sql`o.id`)} as amendments
  from orders o
  cross join lateral (
    select json_agg(json_build_object('sku', sku, 'name', name, 'quantity', quantity, 'unitPriceMinor', unit_price_minor)
                    order by sku collate "C") as items
    from order_lines where order_id = o.id
  ) l
  cross join lateral (
    select state, rejection from payments where order_id = o.id and not stray order by ordinal desc limit 1
  ) p
  cross join lateral (
    select coalesce(sum(amount_minor) filter (where kind = 'captured'), 0)::bigint as captured,
           coalesce(-sum(amount_minor) filter (where kind = 'refunded'), 0)::bigint as refunded,
           coalesce(-sum(amount_minor) filter (where kind in ('disputed', 'reinstated')), 0)::bigint as disputed
    from ledger where order_id = o.id
  ) m
  left join lateral (
    select json_build_object('state', state, 'reasons', reasons, 'requestedAt', requested_at, 'until', until,
                             'escalatedAt', escalated_at, 'decidedAt', decided_at, 'decidedBy', decided_by,
                             'reason', decision_reason) as review
    from reviews where order_id = o.id
  ) v on true`;

function conditionsOf(filter: OrderFilter): RawBuilder<unknown>[] {
  return [
    ...(filter.status === undefined ? [] : [sql`o.status = ${filter.status}`]),
    ...(filter.attention === undefined
      ? []
      : [filter.attention ? sql`o.attention is not null` : sql`o.attention is null`]),
    ...(filter.waiting === undefined ? [] : [sql`o.waiting is not null and o.waiting ->> 'for' = ${filter.waiting}`]),
    ...(filter.customerId === undefined ? [] : [sql`o.customer_id = ${filter.customerId}`]),
    ...(filter.correlationId === undefined ? [] : [sql`o.correlation_id = ${filter.correlationId}`]),
    ...(filter.placedAfter === undefined ? [] : [sql`o.placed_at > ${filter.placedAfter}::timestamptz`]),
    ...(filter.placedBefore === undefined ? [] : [sql`o.placed_at < ${filter.placedBefore}::timestamptz`]),
  ];
}

const isAfter = (place: OrderPlace): RawBuilder<unknown> =>
  sql`(o.placed_at, o.id) < (${place.placedAt}::timestamptz, ${place.id})`;

function toOrder({ paymentState, capturedMinor, refundedMinor, disputedMinor, declineCode, ...all }: OrderRow): Order {
  const { authorizedMinor, ...row } = all;
  return {
    ...row,
    shipments: (row.shipments ?? []).map(toShipment),
    // An ending is decided before its undo is carried out; it is not the order's rejection until it is closed.
    rejection: row.status === 'rejected' ? row.rejection : null,
    payment: { state: paymentState, capturedMinor, refundedMinor, disputedMinor, authorizedMinor, declineCode },
    review: row.review && withInstants(row.review),
    refunds: row.refunds.map(withRefundInstants),
    returns: row.returns.map(withReturnInstants),
    amendments: row.amendments.map(withAmendmentInstants),
    erasedAt: row.erasedAt && toInstant(row.erasedAt),
    placedAt: toInstant(row.placedAt),
    updatedAt: toInstant(row.updatedAt),
  };
}

const withInstants = ({ requestedAt, until, escalatedAt, decidedAt, ...review }: Review): Review => ({
  ...review,
  requestedAt: toInstant(requestedAt),
  until: toInstant(until),
  escalatedAt: escalatedAt && toInstant(escalatedAt),
  decidedAt: decidedAt && toInstant(decidedAt),
});
