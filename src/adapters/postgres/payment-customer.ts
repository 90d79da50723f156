// Customers at the provider, for whom payment methods are saved. What must stay true: an order has one at most, and it is stored before
// anything at the provider names it; a saved method is what the provider itself said it keeps.
import { sql, type RawBuilder } from 'kysely';
import { needsOperatorFailure } from '../../contracts/failures.ts';
import type { PaymentRecord, PaymentRecords, SavedMethod } from '../../ports/payment.ts';
import { inTransaction, type Database, type Tx } from './database.ts';
import { lockOrder } from './order-change.ts';
import type { Try } from './payment-rows.ts';

/** Of row `p` of payments. Whoever disputes a payment of an order has not agreed to another one. */
const isDisputed = sql`exists (select 1 from disputes d where d.order_id = p.order_id and d.state <> 'won')`;

/** Of row `p` of payments and its order `o`. Only the order's own tries save a method, not the further charge of an amendment. */
export const customerOf: RawBuilder<PaymentRecord['customer']> = sql`
  case when p.off_session_customer is not null
       then jsonb_build_object('use', 'off-session', 'customerId', p.off_session_customer, 'isDisputed', ${isDisputed})
       when o.save_payment_method and p.amendment is null
       then jsonb_build_object('use', 'save', 'customerId', o.provider_customer) end`;

type FindPayment = (db: Database | Tx, request: Try) => Promise<PaymentRecord>;

/** The part of the payment records that is about customers; `findPayment` reads a try. */
export const createPaymentCustomers = ({
  db,
  findPayment,
}: {
  db: Database;
  findPayment: FindPayment;
}): Pick<PaymentRecords, 'keepCustomer'> => ({
  keepCustomer: ({ orderId, ordinal, customerId }) =>
    inTransaction(db, async (tx) => {
      await lockOrder(tx, orderId);
      const payment = await findPayment(tx, { orderId, ordinal });
      if (payment.ending) return { ending: payment.ending };
      if (payment.fenced) throw needsOperatorFailure(`Payment ${ordinal} of ${orderId} was given up`);
      if (payment.customer && payment.customer.customerId !== null) return { customerId: payment.customer.customerId };
      const { rows } = await sql`
        update orders set provider_customer = ${customerId}
        where id = ${orderId} and save_payment_method and provider_customer is null returning id`.execute(tx);
      if (rows.length !== 1) throw new Error(`Expected order ${orderId} to save its payment method; it does not`);
      return { customerId };
    }),
});

/**
 * The method that was saved with the locked order and can be charged again: that of its own try that was paid. Not while a bank has taken
 * back a payment of the order, or asks for it.
 */
export async function findSavedMethod(tx: Tx, orderId: string): Promise<SavedMethod | null> {
  const { rows } = await sql<SavedMethod>`
    select saved_customer as "customerId", saved_method as "paymentMethod" from payments p
    where order_id = ${orderId} and saved_method is not null and state = 'captured' and not stray and amendment is null
      and not ${isDisputed}
    order by ordinal desc limit 1`.execute(tx);
  return rows[0] ?? null;
}
