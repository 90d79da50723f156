// Payments that wait for somebody: for a customer who authenticates, for another card. What must stay true: the wait has an
// end by the database's clock, what the order holds outlives it, and a try is only ever added to an order that waits for one.
import { sql } from 'kysely';
import { EventType } from '../../contracts/events.ts';
import type { Waiting } from '../../domain/order.ts';
import type { PaymentRecord, PaymentRecords } from '../../ports/payment.ts';
import { inTransaction, type Database, type Tx } from './database.ts';
import { extendHold } from './inventory.ts';
import { lockOrder, recordChange, type LockedOrder } from './order-change.ts';

type Try = { orderId: string; ordinal: number };
type FindPayment = (db: Database | Tx, request: Try) => Promise<PaymentRecord>;

/** The part of the payment records that is about waiting; `findPayment` reads a try. */
export const createPaymentWaiting = ({
  db,
  findPayment,
}: {
  db: Database;
  findPayment: FindPayment;
}): Pick<PaymentRecords, 'awaitCustomer' | 'fenceTry' | 'requestMethod' | 'findTryAfter'> => ({
  awaitCustomer: ({ orderId, ordinal, withinMs }) =>
    inTransaction(db, async (tx) => {
      const order = await lockOrder(tx, orderId);
      const payment = await findPayment(tx, { orderId, ordinal });
      // Decided meanwhile, or being undone: there is nobody to wait for.
      if (order.waiting || order.ending || payment.fenced || payment.state !== 'pending') return;
      const waiting = await wait(tx, order, withinMs);
      await recordChange(tx, {
        orderId,
        type: EventType.paymentActionRequired,
        data: { ordinal, until: waiting.until },
      });
    }),

  fenceTry: ({ orderId, ordinal }) =>
    inTransaction(db, async (tx) => {
      await lockOrder(tx, orderId);
      await sql`
        update payments set fenced_at = coalesce(fenced_at, clock_timestamp())
        where order_id = ${orderId} and ordinal = ${ordinal}`.execute(tx);
      return findPayment(tx, { orderId, ordinal });
    }),

  requestMethod: ({ orderId, ordinal, withinMs }) =>
    inTransaction(db, async (tx) => {
      const order = await lockOrder(tx, orderId);
      // Also when it was waited for before: a run that was started anew must not wait until the end of it.
      if (order.ending) return { ending: order.ending };
      if (order.waiting || (await findTryAfter(tx, { orderId, ordinal })) !== null) return { requested: true };
      const waiting = await wait(tx, order, withinMs);
      await recordChange(tx, {
        orderId,
        type: EventType.paymentMethodRequested,
        data: { ordinal, until: waiting.until },
      });
      return { requested: true };
    }),

  findTryAfter: (request) => findTryAfter(db, request),
});

/** Marks the locked order as waiting for its customer, and keeps what it holds until that is over. */
async function wait(tx: Tx, order: LockedOrder, withinMs: number): Promise<Waiting> {
  const { rows } = await sql<{ waiting: Waiting }>`
    update orders set waiting = jsonb_build_object('for', 'customer', 'until', to_char(
      (clock_timestamp() + ${withinMs} * interval '1 millisecond') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
    where id = ${order.id} returning waiting`.execute(tx);
  const [row] = rows;
  if (!row) throw new Error(`Expected order ${order.id} to wait; found no row`);
  await extendHold(tx, { orderId: order.id, byMs: withinMs });
  return row.waiting;
}

async function findTryAfter(db: Database | Tx, { orderId, ordinal }: Try): Promise<number | null> {
  const { rows } = await sql<{ ordinal: number }>`
    select ordinal from payments where order_id = ${orderId} and ordinal > ${ordinal} and not stray order by ordinal limit 1`.execute(
    db,
  );
  return rows[0]?.ordinal ?? null;
}
