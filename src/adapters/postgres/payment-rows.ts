// Rows of payments, as several parts of the books about money change them. The caller holds the order's row.
import { sql } from 'kysely';
import type { PaymentState } from '../../domain/payment.ts';
import type { SavedMethod } from '../../ports/payment.ts';
import type { Tx } from './database.ts';

export type Try = { orderId: string; ordinal: number };

export async function setState(tx: Tx, { orderId, ordinal }: Try, state: PaymentState): Promise<void> {
  await sql`
    update payments set state = ${state}, updated_at = clock_timestamp()
    where order_id = ${orderId} and ordinal = ${ordinal}`.execute(tx);
}

/** What the provider keeps of the payment's method, if that was wanted, and for the order's own customer. */
export async function keepSaved(tx: Tx, { orderId, ordinal }: Try, saved: SavedMethod | undefined): Promise<void> {
  if (!saved) return;
  await sql`
    update payments set saved_customer = ${saved.customerId}, saved_method = ${saved.paymentMethod}
    where order_id = ${orderId} and ordinal = ${ordinal} and exists (
      select 1 from orders where id = ${orderId} and save_payment_method and provider_customer = ${saved.customerId}
    )`.execute(tx);
}

/** The payment is decided: whoever was waited for is not any more. A stray one decides nothing about the order's own. */
export async function stopWaiting(tx: Tx, { orderId, ordinal }: Try): Promise<void> {
  await sql`
    update orders set waiting = null where id = ${orderId} and waiting ->> 'for' = 'customer' and exists (
      select 1 from payments where order_id = ${orderId} and ordinal = ${ordinal} and not stray
    )`.execute(tx);
}

/** What was taken by one try, and what of it was not given back by a refund; what a dispute holds back is another matter. */
export async function takenBy(tx: Tx, { orderId, ordinal }: Try): Promise<{ takenMinor: number; leftMinor: number }> {
  const { rows } = await sql<{ takenMinor: number; leftMinor: number }>`
    select coalesce(sum(amount_minor) filter (where kind = 'captured'), 0)::bigint as "takenMinor",
           coalesce(sum(amount_minor), 0)::bigint as "leftMinor"
    from ledger where order_id = ${orderId} and ordinal = ${ordinal} and kind in ('captured', 'refunded')`.execute(tx);
  return rows[0] ?? { takenMinor: 0, leftMinor: 0 };
}
