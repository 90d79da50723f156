// The inbox of payment notices, and the one notice that is ours: a customer who gives another payment method. What must stay
// true: a notice is kept once, and stays due until somebody knows of it.
import { sql } from 'kysely';
import { typeidUnboxed } from 'typeid-js';
import { EventType } from '../../contracts/events.ts';
import { METHOD_PROVIDED } from '../../domain/payment-notice.ts';
import { command } from '../../events/causes.ts';
import type { RecordedAnswer } from '../../ports/acceptance.ts';
import type { Order } from '../../ports/order.ts';
import type { DueNotice, PaymentMethodChange, PaymentMethods, PaymentNotices } from '../../ports/payment-notice.ts';
import { inTransaction, type Database, type Tx } from './database.ts';
import { claimKey, findKey, recordAnswer } from './idempotency.ts';
import { lockOrder, recordChange, type LockedOrder } from './order-change.ts';
import { findOrder } from './order-reading.ts';

// Most notices tell of what we are just about to record ourselves: a moment later there is nothing new in them.
const DELAY = '3 seconds';
// Until another process may try a claimed one again.
const CLAIM = '15 seconds';

export const createPaymentNotices = ({ db }: { db: Database }): PaymentNotices => ({
  keep: async ({ eventId, eventType, paymentId, refundId, disputeId, orderId }) => {
    const { rows } = await sql`
      insert into payment_notices (event_id, event_type, payment_id, refund_id, dispute_id, order_id, due_at)
      values (${eventId}, ${eventType}, ${paymentId}, ${refundId}, ${disputeId}, ${orderId}, clock_timestamp() + ${dueAfter(paymentId)})
      on conflict (event_id) do nothing returning event_id`.execute(db);
    return rows.length > 0;
  },

  claimDue: async ({ limit }) => {
    const { rows } = await sql<DueNotice>`
      with due as (
        select event_id from payment_notices where due_at < now() order by due_at limit ${limit} for update skip locked
      ), claimed as (
        update payment_notices n set due_at = clock_timestamp() + ${CLAIM}::interval
        from due where n.event_id = due.event_id returning n.*
      )
      select c.event_id as "eventId", c.event_type as "eventType", c.payment_id as "paymentId", o.id as "orderId",
             case when o.id is not null then jsonb_build_object('status', o.status, 'isEnding', o.ending is not null) end as "order",
             case when p.order_id is not null then jsonb_build_object('state', p.state) end as payment,
             case when c.refund_id is not null
                  then exists (select 1 from ledger l where l.provider_object = c.refund_id) end as "isRefundKnown",
             case when c.dispute_id is not null then jsonb_build_object(
               'state', (select d.state from disputes d where d.dispute_id = c.dispute_id),
               'isWithdrawn', exists (select 1 from ledger l where l.dispute_id = c.dispute_id and l.kind = 'disputed'),
               'isReinstated', exists (select 1 from ledger l where l.dispute_id = c.dispute_id and l.kind = 'reinstated')
             ) end as dispute
      from claimed c
      left join payments p on p.provider_id = c.payment_id
      left join orders o on o.id = coalesce(p.order_id, c.order_id)`.execute(db);
    return rows;
  },

  finish: async ({ eventId, outcome }) => {
    await sql`
      update payment_notices set due_at = null, outcome = ${outcome} where event_id = ${eventId}`.execute(db);
  },
});

export const createPaymentMethods = ({ db }: { db: Database }): PaymentMethods => ({
  provide: (request, render) => inTransaction(db, (tx) => provideMethod(tx, request, render)),
  findPaymentToFinish: async ({ orderId }) => {
    const { rows } = await sql<{ providerId: string | null }>`
      select provider_id as "providerId" from payments
      where order_id = ${orderId} and not stray and state = 'pending' order by ordinal desc limit 1`.execute(db);
    return rows[0]?.providerId ?? null;
  },
});

/** A customer who has just authenticated waits in front of a screen: then it is looked into at once. */
const dueAfter = (paymentId: string) => sql`
  case when exists (
    select 1 from payments p join orders o on o.id = p.order_id where p.provider_id = ${paymentId} and o.waiting is not null
  ) then interval '0' else ${DELAY}::interval end`;

type Provided = Parameters<PaymentMethods['provide']>[0];

async function provideMethod(
  tx: Tx,
  request: Provided,
  render: (order: Order) => RecordedAnswer,
): Promise<PaymentMethodChange | null> {
  const { orderId, paymentMethod } = request;
  if (!(await findOrder(tx, request))) return null;
  const order = await lockOrder(tx, orderId);
  const bound = await findKey(tx, request);
  if (bound) {
    return bound.requestHash === request.requestHash && bound.answer
      ? { answer: bound.answer, repeated: true }
      : { keyReused: true };
  }

  const last = await findReplaceableTry(tx, order);
  if (!last) return { notWaiting: { status: order.status } };

  if (!(await claimKey(tx, { ...request, orderId: null })))
    throw new Error('Expected the key to be free; found it bound');
  const ordinal = await addTry(tx, request, last.amountMinor);
  await sql`update orders set waiting = null where id = ${orderId}`.execute(tx);
  const cause = command('provide-payment-method', orderId, ordinal);
  await recordChange(tx, { orderId, type: EventType.paymentMethodProvided, data: { paymentMethod }, cause });
  await sql`
    insert into payment_notices (event_id, event_type, payment_id, order_id, due_at)
    values (${typeidUnboxed('notice')}, ${METHOD_PROVIDED}, ${orderId}, ${orderId}, clock_timestamp())`.execute(tx);
  const changed = await findOrder(tx, request);
  if (!changed) throw new Error(`Expected to read back order ${orderId}; found none`);
  const answer = render(changed);
  await recordAnswer(tx, request, answer);
  return { answer, repeated: false };
}

/** The try in whose place another method may be given now; null: the order waits for none. */
export async function findReplaceableTry(
  tx: Tx,
  { id, waiting, ending }: LockedOrder,
): Promise<{ amountMinor: number } | null> {
  if (!waiting || ending) return null;
  // The last try must be declined and given up (fenced): never two that can still be paid.
  const { rows } = await sql<{ amountMinor: number }>`
    select amount_minor as "amountMinor" from payments
    where order_id = ${id} and not stray and state = 'declined' and fenced_at is not null
      and ordinal = (select max(ordinal) from payments where order_id = ${id} and not stray)`.execute(tx);
  return rows[0] ?? null;
}

/** The next try, whose number no stray payment has taken; answers with that. */
async function addTry(tx: Tx, { orderId, tenant, paymentMethod }: Provided, amountMinor: number): Promise<number> {
  const { rows } = await sql<{ ordinal: number }>`
    insert into payments (order_id, ordinal, tenant, amount_minor, currency, payment_method)
    select ${orderId}, max(ordinal) + 1, ${tenant}, ${amountMinor}, max(currency), ${paymentMethod}
    from payments where order_id = ${orderId} returning ordinal`.execute(tx);
  const [added] = rows;
  if (!added) throw new Error(`Expected a further try of order ${orderId}; found none`);
  return added.ordinal;
}
