// Customers that are to be erased, as operators ask for it and look at it. What must stay true: what was accepted is carried out, and it names
// nobody but by an opaque id.
import { sql, type RawBuilder } from 'kysely';
import { typeidUnboxed } from 'typeid-js';
import type { AcceptErasure, Erasure, Erasures } from '../../ports/erasure.ts';
import { toInstant, type Database, type Tx } from './database.ts';
import { holdOf } from './erasing.ts';
import { acceptOnce } from './keyed.ts';

const MAX_SHOWN = 100;

export const createErasures = ({ db }: { db: Database }): Erasures => ({
  accept: (request, answerFor) =>
    acceptOnce<never>(db, request, async (tx) => {
      const id = await insertErasure(tx, request);
      const accepted = await findErasure(tx, { tenant: request.tenant, id });
      if (!accepted) throw new Error(`Expected to read back erasure ${id}; found none`);
      return answerFor(accepted);
    }),

  find: (request) => findErasure(db, request),

  list: async ({ tenant, after, limit }) => {
    const later = after ? sql`and (e.requested_at, e.id) > (${after.requestedAt}::timestamptz, ${after.id})` : sql``;
    const { rows } = await sql<Row>`
      ${erasures(sql``)} where e.tenant = ${tenant} ${later} order by e.requested_at, e.id limit ${limit + 1}`.execute(
      db,
    );
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    return {
      items: rows.slice(0, limit).map(toErasure),
      next: last ? { requestedAt: last.requestedAt, id: last.id } : null,
    };
  },
});

async function insertErasure(
  tx: Tx,
  { tenant, customerId, actor, reason, placedBefore }: AcceptErasure,
): Promise<string> {
  const id = typeidUnboxed('erasure');
  // The beginning of the transaction, as with orders: what begins later is placed later.
  await sql`
    insert into erasures (id, tenant, customer_id, placed_before, requested_by, reason, requested_at)
    values (${id}, ${tenant}, ${customerId}, least(now(), ${placedBefore}::timestamptz), ${actor}, ${reason}, now())`.execute(
    tx,
  );
  return id;
}

type Listed = Omit<Erasure, 'waiting' | 'providerCustomers'>;
type Row = Listed & Partial<Erasure>;

async function findErasure(db: Database | Tx, { tenant, id }: { tenant: string; id: string }): Promise<Erasure | null> {
  const more = sql`, (
    select coalesce(json_agg(json_build_object('orderId', f.order_id, 'because', f.because, 'lookAt', f.look_at) order by f.look_at, f.order_id), '[]')
    from (
      select w.order_id, w.look_at, coalesce(${holdOf}, 'busy') as because
      from erasure_orders w join orders o on o.id = w.order_id where w.erasure_id = e.id
      order by w.look_at, w.order_id limit ${MAX_SHOWN}
    ) f
  ) as waiting, array(
    select o.provider_customer from orders o
    where o.tenant = e.tenant and o.customer_id = e.customer_id and o.placed_at < e.placed_before and o.provider_customer is not null
    order by o.placed_at desc, o.id desc limit ${MAX_SHOWN}
  ) as "providerCustomers"`;
  const { rows } = await sql<Row>`${erasures(more)} where e.id = ${id} and e.tenant = ${tenant}`.execute(db);
  const [row] = rows;
  if (!row) return null;
  const { waiting = [], providerCustomers = [] } = row;
  return {
    ...toErasure(row),
    waiting: waiting.map(({ lookAt, ...order }) => ({ ...order, lookAt: toInstant(lookAt) })),
    providerCustomers,
  };
}

const erasures = (more: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  select e.id, case when e.finished_at is not null then 'finished' when e.walked then 'waiting' else 'running' end as state,
         e.customer_id as "customerId", e.placed_before as "placedBefore", e.requested_by as "requestedBy", e.reason,
         e.requested_at as "requestedAt", e.finished_at as "finishedAt", e.counts as erased,
         (select count(*)::int from erasure_orders where erasure_id = e.id) as "waitingOrders"${more}
  from erasures e`;

const toErasure = ({ id, state, customerId, requestedBy, reason, erased, waitingOrders, ...row }: Row): Listed => ({
  ...{ id, state, customerId, requestedBy, reason, erased, waitingOrders },
  placedBefore: toInstant(row.placedBefore),
  requestedAt: toInstant(row.requestedAt),
  finishedAt: row.finishedAt && toInstant(row.finishedAt),
});
