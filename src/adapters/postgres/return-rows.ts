// A return's row under its order's lock, and what is known of the order that it belongs to.
import { sql } from 'kysely';
import type { ReturnRef, ReturnStanding } from '../../contracts/return-order.ts';
import type { Returnable } from '../../domain/return.ts';
import { carrierNews } from '../../domain/shipment.ts';
import type { Database, Tx } from './database.ts';
import { lockOrder, type LockedOrder } from './order-change.ts';
import { isCurrent } from './shipment-change.ts';

export type StandingRow = ReturnStanding & { isOwed: boolean };

/** How the return stands; in a transaction that has locked its order, how it stays. Null when there is none. */
export async function findReturn(db: Database | Tx, { orderId, number }: ReturnRef): Promise<StandingRow | null> {
  const { rows } = await sql<StandingRow>`
    select t.status, case when f.number is not null then jsonb_build_object('number', f.number, 'state', f.state) end as refund,
           case when t.no_refund ->> 'isFinal' = 'false' then t.no_refund ->> 'words' end as problem,
           coalesce(t.no_refund ->> 'isFinal' = 'false', true) as "isOwed"
    from returns t left join refunds f on f.order_id = t.order_id and f.number = t.refund_number
    where t.order_id = ${orderId} and t.number = ${number}`.execute(db);
  return rows[0] ?? null;
}

/** Locks its order; throws when there is no such return. */
export async function lockReturn(tx: Tx, ref: ReturnRef): Promise<{ order: LockedOrder; standing: StandingRow }> {
  const order = await lockOrder(tx, ref.orderId);
  return { order, standing: await expectReturn(tx, ref) };
}

export async function expectReturn(db: Database | Tx, ref: ReturnRef): Promise<StandingRow> {
  const standing = await findReturn(db, ref);
  if (!standing) throw new Error(`Expected return ${ref.number} of order ${ref.orderId} in the database; found none`);
  return standing;
}

export type Shipped = { sku: string; quantity: number; warehouse: string };

/** What carriers have taken over, the first shipment first; of an order that ships nothing, what was sold. */
export async function shippedOf(tx: Tx, { id, ships }: LockedOrder): Promise<readonly Shipped[]> {
  const { rows } = ships
    ? await sql<Shipped>`
        select l.sku, l.quantity, s.warehouse from shipments s join shipment_lines l using (order_id, number)
        where s.order_id = ${id} and s.status = any(${[...carrierNews]}::text[]) and ${isCurrent}
          -- What the carrier lost or brought back may be sent once more, until a person has taken it as it is.
          and (s.status not in ('lost', 'returned') or s.accepted_at is not null)
        order by s.number`.execute(tx)
    : await sql<Shipped>`
        select sku, quantity, warehouse from reservations where order_id = ${id} and state = 'sold'
        order by warehouse collate "C"`.execute(tx);
  return rows;
}

/** What of the locked order may come back. */
export async function findReturnable(tx: Tx, order: LockedOrder): Promise<Returnable> {
  const { rows } = await sql<Omit<Returnable, 'shipped'>>`
    select (
      select coalesce(jsonb_agg(jsonb_build_object('sku', sku, 'quantity', quantity)), '[]')
      from order_lines where order_id = ${order.id}
    ) as sold, (
      select coalesce(jsonb_agg(jsonb_build_object('sku', l.sku, 'quantity',
               case when t.received_at is null then l.quantity else l.restocked + l.written_off end)), '[]')
      from return_lines l join returns t using (order_id, number)
      where l.order_id = ${order.id} and t.status not in ('rejected', 'expired')
    ) as returned, (
      select coalesce(jsonb_agg(jsonb_build_object('sku', l.sku, 'quantity', l.quantity)), '[]')
      from refund_lines l join refunds f using (order_id, number)
      where l.order_id = ${order.id} and f.state <> 'abandoned'
        and not exists (select 1 from returns t where t.order_id = f.order_id and t.refund_number = f.number)
    ) as refunded`.execute(tx);
  const [known] = rows;
  if (!known) throw new Error(`Expected what may come back of order ${order.id}; found nothing`);
  return { ...known, shipped: await shippedOf(tx, order) };
}
