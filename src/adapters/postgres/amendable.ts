// Whether an order can be changed now. What must stay true: it is asked under the order's lock, by the door and by the pivot alike.
import { sql } from 'kysely';
import { isSold, isUnsold } from '../../domain/order.ts';
import type { Tx } from './database.ts';
import type { LockedOrder } from './order-change.ts';

type Beside = {
  packed: number | null;
  withdrawn: number | null;
  open: number | null;
  byUnits: number | null;
  amendment: number | null;
};

/** Why the locked order can not be changed, with what to do instead; null when it can. `number`: the amendment that asks, not counted. */
export async function whyNotAmendable(tx: Tx, order: LockedOrder, number: number | null): Promise<string | null> {
  const { status, ships, isClosed, ending, doubt, onShortage, capture } = order;
  if (isUnsold(status)) return `The order is ${status}: there is nothing to change`;
  if (ending) return 'The order is being taken back: there is nothing to change';
  if (!isSold(status)) return `The order is ${status}: try again once it is confirmed`;
  if (!ships || isClosed) return 'Nothing of the order is to be shipped any more: refund it, and place another one';
  if (status !== 'confirmed') return `The order is ${status}: it is too late to change it`;
  if (doubt !== null) return `An operator has to decide about the order first: ${doubt}`;
  // What it waits for, and in which parcels it comes, is settled as the stock comes.
  if (onShortage !== 'reject')
    return 'The order takes its stock as it comes: cancel it as long as nothing has left, and place another one';
  // What is authorized can be neither raised nor lowered.
  if (capture === 'per-shipment')
    return 'The order is paid as it ships: cancel it as long as nothing has left, and place another one';
  const { packed, withdrawn, open, byUnits, amendment } = await findBeside(tx, order.id, number);
  if (packed !== null) return `Shipment ${packed} is packed: it is too late to change the order`;
  if (withdrawn !== null) return `Shipment ${withdrawn} was taken out of the order: it can not be changed any more`;
  if (amendment !== null) return `Amendment ${amendment} is under way: try again when it is done`;
  if (open !== null) return `Refund ${open} is under way: try again when it is done`;
  // Their amounts are shares of the lines as they were.
  if (byUnits !== null) return `Refund ${byUnits} gave back units of its lines: they can not be changed any more`;
  return null;
}

async function findBeside(tx: Tx, orderId: string, number: number | null): Promise<Beside> {
  const { rows } = await sql<Beside>`
    select (select min(number) from shipments where order_id = ${orderId} and status not in ('pending', 'cancelled')) as packed,
           (select min(number) from shipments where order_id = ${orderId} and withdrawn_at is not null) as withdrawn,
           (select min(number) from refunds where order_id = ${orderId} and state = 'requested') as open,
           (select min(number) from refunds join refund_lines using (order_id, number)
            where order_id = ${orderId} and state <> 'abandoned') as "byUnits",
           (select min(number) from amendments
            where order_id = ${orderId} and state = 'pending' and number is distinct from ${number}::int) as amendment`.execute(
    tx,
  );
  const [beside] = rows;
  if (!beside) throw new Error(`Expected what stands beside order ${orderId}; found nothing`);
  return beside;
}
