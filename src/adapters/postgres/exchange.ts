// The order that is placed in the place of what comes back. What must stay true: one for each return, unless it came to nothing; who asks
// is the customer whose return it is; and the return's order tells of it in the same commit.
import { sql } from 'kysely';
import { EventType } from '../../contracts/events.ts';
import { isExchangeable, type ReturnStatus } from '../../domain/return.ts';
import type { ExchangeRefusal } from '../../ports/acceptance.ts';
import type { ExchangeOf } from '../../ports/order.ts';
import type { Tx } from './database.ts';
import { lockOrder, recordChange } from './order-change.ts';

type Asked = { tenant: string; customerId: string; exchangeOf: ExchangeOf };

/** Whether an order may be placed in exchange now; its return stays as it is until the transaction ends. */
export async function expectExchangeable(
  tx: Tx,
  { tenant, customerId, exchangeOf }: Asked,
): Promise<ExchangeRefusal | null> {
  const { orderId, return: number } = exchangeOf;
  const { rows: own } = await sql`
    select 1 from orders where id = ${orderId} and tenant = ${tenant} and customer_id = ${customerId}`.execute(tx);
  if (own.length === 0) return { refused: 'unknown' };
  await lockOrder(tx, orderId);
  const { rows } = await sql<{ status: ReturnStatus; exchangedBy: string | null }>`
    select t.status, (
      select id from orders where exchange_of_order = t.order_id and exchange_of_return = t.number
        and status not in ('rejected', 'cancelled')
    ) as "exchangedBy"
    from returns t where t.order_id = ${orderId} and t.number = ${number}`.execute(tx);
  const [found] = rows;
  if (!found) return { refused: 'unknown' };
  if (found.exchangedBy !== null) return { refused: 'exchanged', orderId: found.exchangedBy };
  return isExchangeable(found.status) ? null : { refused: 'standing', status: found.status };
}

/** Links the new order with the return, on both sides. */
export async function linkExchange(tx: Tx, newOrderId: string, exchangeOf: ExchangeOf): Promise<void> {
  await writeExchange(tx, newOrderId, exchangeOf);
  const { orderId, return: number } = exchangeOf;
  await recordChange(tx, { orderId, type: EventType.returnExchanged, data: { number, orderId: newOrderId } });
}

/** Of an order that is written once more: the link, if this database knows the return, and nobody has taken its place. */
export async function restoreExchange(tx: Tx, newOrderId: string, exchangeOf: ExchangeOf): Promise<void> {
  const { rows } = await sql`
    select 1 from returns t where t.order_id = ${exchangeOf.orderId} and t.number = ${exchangeOf.return} and not exists (
      select 1 from orders where exchange_of_order = t.order_id and exchange_of_return = t.number
        and status not in ('rejected', 'cancelled')
    )`.execute(tx);
  if (rows.length > 0) await writeExchange(tx, newOrderId, exchangeOf);
}

async function writeExchange(tx: Tx, newOrderId: string, { orderId, return: number }: ExchangeOf): Promise<void> {
  await sql`
    update orders set exchange_of_order = ${orderId}, exchange_of_return = ${number} where id = ${newOrderId}`.execute(
    tx,
  );
}
