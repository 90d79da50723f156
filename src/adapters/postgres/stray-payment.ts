// Payments that name an order without being one of its tries. What must stay true: each has one row, under a number that no try
// gets, and never counts for the order.
import { sql, type RawBuilder } from 'kysely';
import { isLastCapture } from '../../domain/capture.ts';
import { PAYMENT_TO_FOLLOW } from '../../domain/payment-notice.ts';
import type { PaymentRecords, Standing } from '../../ports/payment.ts';
import { findCapturable } from './capture-rows.ts';
import { inTransaction, type Database, type Tx } from './database.ts';
import { lockOrder } from './order-change.ts';

/** Of a row `p` of payments: a person has taken its money as it stands, and nothing of it has moved since. */
export const isAcknowledged: RawBuilder<boolean> = sql`
  coalesce(p.acknowledged_at >= greatest(
    (select max(at) from ledger l where l.order_id = p.order_id and l.ordinal = p.ordinal),
    (select max(known_at) from disputes d where d.order_id = p.order_id and d.ordinal = p.ordinal)
  ), p.acknowledged_at is not null)`;

/** Of a row `p` of payments: the further charge of an amendment under way, whose workflow looks after it. */
export const isAmending: RawBuilder<boolean> = sql`
  exists (select 1 from amendments m where m.order_id = p.order_id and m.number = p.amendment and m.state = 'pending')`;

/** The part of the payment records that is about strays. */
export const createStrayPayments = ({
  db,
}: {
  db: Database;
}): Pick<PaymentRecords, 'findStanding' | 'keepStray' | 'findFurther'> => ({
  findStanding: async ({ orderId, providerId }) => {
    const { rows } = await sql<Omit<Standing, 'isMoreToCome'>>`
      select p.ordinal, coalesce(not p.stray, false) as "isOwn", coalesce(${isAmending}, false) as "isAmending", o.capture = 'per-shipment' and p.authorized_at is not null as "wasAuthorized",
             o.closed_at is null or exists (
               select 1 from payment_captures c where c.order_id = p.order_id and c.ordinal = p.ordinal and c.state = 'due'
             ) as "isToBeCaptured", (
               select coalesce(sum(amount_minor), 0)::bigint from payment_captures c
               where c.order_id = p.order_id and c.ordinal = p.ordinal and c.state <> 'given_up'
             ) as "askedMinor", o.status, o.ending is not null as "isEnding", o.total_minor as "totalMinor",
             case when p.ordinal is not null then jsonb_build_object(
               'amountMinor', p.amount_minor, 'currency', p.currency,
               'capturedMinor', (
                 -- As its order ships, a payment is captured by several.
                 select sum(amount_minor) from ledger where order_id = p.order_id and ordinal = p.ordinal and kind = 'captured'
                   and split_part(provider_object, '#', 1) = p.provider_id
               ),
               'refundIds', (
                 select coalesce(jsonb_agg(provider_object), '[]') from ledger
                 where order_id = p.order_id and ordinal = p.ordinal and kind = 'refunded'
               ),
               'disputeIds', (
                 select coalesce(jsonb_agg(dispute_id order by dispute_id), '[]') from disputes
                 where order_id = p.order_id and ordinal = p.ordinal
               ),
               'movements', (
                 select coalesce(jsonb_agg(jsonb_build_object('movementId', provider_object, 'amountMinor', amount_minor) order by id), '[]')
                 from ledger where order_id = p.order_id and ordinal = p.ordinal and dispute_id is not null
               )) end as booked,
             (
               select coalesce(jsonb_agg(jsonb_build_object('number', t.number, 'ordinal', t.ordinal, 'refundId', t.refund_id)), '[]')
               from refund_parts t join refunds r using (order_id, number)
               where t.order_id = p.order_id and t.ordinal = p.ordinal and r.state <> 'abandoned'
             ) as "refundParts",
             ${isAcknowledged} as "isAcknowledged", (
               -- It is acknowledged as of when it was parked, so that is the parking that was decided about.
               select reason from parked_steps
               where workflow_id = p.order_id || ':payment:' || p.provider_id and since = p.acknowledged_at limit 1
             ) as "acknowledgedReason"
      from orders o left join payments p on p.order_id = o.id and p.provider_id = ${providerId}
      where o.id = ${orderId}`.execute(db);
    const [standing] = rows;
    if (!standing) return null;
    const isMoreToCome = standing.wasAuthorized && !isLastCapture(await findCapturable(db, orderId));
    return { ...standing, isMoreToCome };
  },

  keepStray: (request) => inTransaction(db, (tx) => keepStray(tx, request)),

  findFurther: async ({ orderId }) => {
    const { rows } = await sql<{ ordinal: number }>`
      select ordinal from payments where order_id = ${orderId} and provider_id is not null and not stray order by ordinal`.execute(
      db,
    );
    return rows.map(({ ordinal }) => ordinal);
  },
});

type Stray = Parameters<PaymentRecords['keepStray']>[0];

/** Keeps a payment that was made for an order which has to give it back, with a notice of our own that has it followed. */
export async function keepToGiveBack(tx: Tx, stray: Stray): Promise<void> {
  await keepStray(tx, stray);
  const { orderId, providerId } = stray;
  await sql`
    insert into payment_notices (event_id, event_type, payment_id, order_id, due_at)
    values (${`adoption:${providerId}`}, ${PAYMENT_TO_FOLLOW}, ${providerId}, ${orderId}, clock_timestamp())
    on conflict (event_id) do nothing`.execute(tx);
}

async function keepStray(tx: Tx, { orderId, providerId, amountMinor, currency }: Stray): Promise<number> {
  const { tenant } = await lockOrder(tx, orderId);
  const { rows } = await sql<{ ordinal: number }>`
    insert into payments (order_id, ordinal, tenant, amount_minor, currency, payment_method, provider_id, stray, fenced_at)
    select ${orderId}, max(ordinal) + 1, ${tenant}, ${amountMinor}, ${currency}, 'unknown', ${providerId}, true, clock_timestamp()
    from payments where order_id = ${orderId}
    on conflict (provider_id) do update set stray = payments.stray
    returning ordinal`.execute(tx);
  const [kept] = rows;
  if (!kept) throw new Error(`Expected a row for payment ${providerId} of order ${orderId}; found none`);
  return kept.ordinal;
}
