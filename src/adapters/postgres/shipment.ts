// Shipments, as the steps of an order change them. What must stay true: the order's row is locked around every change, and nothing is
// prepared for an order that ends.
import { sql } from 'kysely';
import { EventType } from '../../contracts/events.ts';
import { needsOperatorFailure } from '../../contracts/failures.ts';
import type { AwaitShipmentRequest, Awaited, ShipmentRef, ShipmentWait } from '../../contracts/shipment.ts';
import { type Waiting } from '../../domain/order.ts';
import type { Ending } from '../../domain/rejection.ts';
import { isFailed, type ShipmentStatus } from '../../domain/shipment.ts';
import type { CancelledShipment, Label, ShipmentRecords } from '../../ports/shipment.ts';
import { inTransaction, type Database, type Tx } from './database.ts';
import { takeReplacement } from './restocking.ts';
import { lockOrder, recordChange } from './order-change.ts';
import { cancelShipments, findShipment, settleShipping, showWaiting, toStanding } from './shipment-change.ts';
import { recordFacts } from './shipment-facts.ts';
import { insertShipment, plan } from './shipment-plan.ts';
import { giveBack, withdraw } from './shipment-withdrawal.ts';

export const createShipmentRecords = ({ db }: { db: Database }): ShipmentRecords => ({
  plan: ({ orderId }) => inTransaction(db, (tx) => plan(tx, orderId)),
  findStanding: async (ref) => {
    const row = await findShipment(db, ref);
    return { ...toStanding(row), parcelId: row.parcelId };
  },
  await: (request) => inTransaction(db, (tx) => beginWait(tx, request)),
  noteDelay: (ref) => inTransaction(db, (tx) => noteDelay(tx, ref)),
  askLabel: (ref) => inTransaction(db, (tx) => askLabel(tx, ref)),
  keepParcel: (request) => inTransaction(db, (tx) => keepParcel(tx, request)),
  recordFacts: (request) => inTransaction(db, (tx) => recordFacts(tx, request)),
  replace: (ref) => inTransaction(db, (tx) => replace(tx, ref)),
  accept: (ref) => inTransaction(db, (tx) => accept(tx, ref)),
  withdraw: (ref) => inTransaction(db, (tx) => withdraw(tx, ref)),
  giveBack: (request) => inTransaction(db, (tx) => giveBack(tx, request)),

  findCancelled: ({ orderId }) => inTransaction(db, (tx) => findCancelled(tx, orderId)),

  finish: ({ orderId }) =>
    inTransaction(db, async (tx) => {
      const status = await settleShipping(tx, await lockOrder(tx, orderId));
      const { isClosed } = await lockOrder(tx, orderId);
      if (!isClosed) throw needsOperatorFailure(`Expected nothing of order ${orderId} to be on its way; something is`);
      return { status };
    }),
});

/** A recovery that found the order cancelled has written its ending alone: its shipments are kept back here at the latest. */
async function findCancelled(tx: Tx, orderId: string): Promise<readonly CancelledShipment[]> {
  const order = await lockOrder(tx, orderId);
  if (order.ending) await cancelShipments(tx, orderId);
  const { rows } = await sql<CancelledShipment>`
    select order_id as "orderId", number, parcel_id as "parcelId",
           (extract(epoch from clock_timestamp() - label_asked_at) * 1000)::int8 as "askedAgoMs" from shipments
    where order_id = ${orderId} and status = 'cancelled' and label_asked_at is not null order by number`.execute(tx);
  return rows;
}

const waitsFor: Record<ShipmentWait, Waiting['for']> = {
  packing: 'warehouse',
  dispatch: 'warehouse',
  delivery: 'carrier',
};

async function beginWait(tx: Tx, { renew, ...request }: AwaitShipmentRequest): Promise<Awaited> {
  const { orderId, number, what, withinMs } = request;
  const order = await lockOrder(tx, orderId);
  if (!order.ending)
    await sql`
      update shipments set wait_what = ${what}, delayed_at = null, waiting = jsonb_build_object('for', ${waitsFor[what]}::text, 'until', to_char(
        (clock_timestamp() + ${withinMs} * interval '1 millisecond') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
      where order_id = ${orderId} and number = ${number} and status not in ('cancelled', 'delivered') and accepted_at is null
        and (${renew} or wait_what is distinct from ${what} or waiting is null)`.execute(tx);
  await showWaiting(tx, orderId);
  const { rows } = await sql<{ leftMs: number }>`
    select coalesce(ceil(extract(epoch from (waiting ->> 'until')::timestamptz - clock_timestamp()) * 1000), 0)::int8 as "leftMs"
    from shipments where order_id = ${orderId} and number = ${number}`.execute(tx);
  return { leftMs: Math.max(0, rows[0]?.leftMs ?? 0) };
}

async function noteDelay(tx: Tx, { orderId, number }: ShipmentRef): Promise<void> {
  await lockOrder(tx, orderId);
  const { rows } = await sql<{ what: ShipmentWait; waiting: Waiting }>`
    update shipments set delayed_at = clock_timestamp()
    where order_id = ${orderId} and number = ${number} and waiting is not null and delayed_at is null
    returning wait_what as what, waiting`.execute(tx);
  for (const { what, waiting } of rows)
    await recordChange(tx, { orderId, type: EventType.shipmentDelayed, data: { number, what, ...waiting } });
}

async function askLabel(tx: Tx, { orderId, number }: ShipmentRef): Promise<Label | { ending: Ending }> {
  const order = await lockOrder(tx, orderId);
  const { status, parcelId } = await findShipment(tx, { orderId, number });
  if (order.ending) return { ending: order.ending };
  if (status === 'pending' || status === 'cancelled')
    throw needsOperatorFailure(`Expected shipment ${number} to be packed; it is ${status}`);
  const { rows } = await sql<Omit<Label, 'parcelId'>>`
    with before as (
      select label_asked_at is not null as asked from shipments where order_id = ${orderId} and number = ${number}
    ), asked as (
      update shipments set label_asked_at = clock_timestamp()
      where order_id = ${orderId} and number = ${number}
    )
    select before.asked as "wasAsked", o.shipping as recipient, (
      select json_agg(json_build_object('sku', sku, 'quantity', quantity) order by sku collate "C")
      from shipment_lines where order_id = ${orderId} and number = ${number}
    ) as items
    from orders o, before where o.id = ${orderId}`.execute(tx);
  const [label] = rows;
  if (!label) throw new Error(`Expected shipment ${number} of order ${orderId}; found none`);
  return { ...label, parcelId };
}

async function keepParcel(
  tx: Tx,
  { orderId, number, parcelId, trackingNumber }: Parameters<ShipmentRecords['keepParcel']>[0],
): ReturnType<ShipmentRecords['keepParcel']> {
  const order = await lockOrder(tx, orderId);
  const { rows } = await sql`
    update shipments set parcel_id = ${parcelId}, tracking_number = ${trackingNumber}
    where order_id = ${orderId} and number = ${number} and parcel_id is null returning number`.execute(tx);
  // A fact, also where it comes too late: whoever cancels finds it here.
  if (rows.length > 0)
    await recordChange(tx, { orderId, type: EventType.shipmentCreated, data: { number, trackingNumber } });
  if (order.ending) return { ending: order.ending };
  const { status } = await findShipment(tx, { orderId, number });
  return status === 'cancelled' ? { cancelled: true } : { kept: true };
}

async function replace(tx: Tx, ref: ShipmentRef): ReturnType<ShipmentRecords['replace']> {
  const { orderId, number } = ref;
  const order = await lockOrder(tx, orderId);
  const { status, replacedBy, warehouse: before } = await findShipment(tx, ref);
  if (replacedBy !== null) return { replacedBy };
  if (!isFailed(status) || order.isClosed)
    throw needsOperatorFailure(`Expected shipment ${number} to be lost or returned; found it ${status}`);
  // What came back is there to be sent again; what is lost has to be taken from the stock once more.
  const source = status === 'lost' ? await takeReplacement(tx, order, ref) : { warehouse: before };
  if ('shortage' in source) return source;
  const { warehouse } = source;
  const { rows } = await sql<{ next: number }>`
    select max(number) + 1 as next from shipments where order_id = ${orderId}`.execute(tx);
  const next = rows[0]?.next ?? 1;
  await insertShipment(tx, { orderId, number: next, warehouse, replaces: number });
  const { rows: items } = await sql<{ sku: string; quantity: number }>`
    insert into shipment_lines (order_id, number, tenant, sku, quantity)
    select order_id, ${next}, tenant, sku, quantity from shipment_lines
    where order_id = ${orderId} and number = ${number} returning sku, quantity`.execute(tx);
  await sql`update shipments set waiting = null where order_id = ${orderId} and number = ${number}`.execute(tx);
  await recordChange(tx, {
    orderId,
    type: EventType.shipmentPlanned,
    data: { number: next, warehouse, items, replaces: number },
  });
  await showWaiting(tx, orderId);
  return { replacedBy: next };
}

async function accept(tx: Tx, { orderId, number }: ShipmentRef): Promise<void> {
  const order = await lockOrder(tx, orderId);
  const { rows } = await sql<{ status: ShipmentStatus }>`
    update shipments set accepted_at = clock_timestamp(), waiting = null
    where order_id = ${orderId} and number = ${number} and accepted_at is null
      and status not in ('pending', 'packed', 'delivered')
      -- What was kept back, or came back, is not gone, whatever a person thinks of another parcel of the order.
      and (status <> 'cancelled' or dispatched_at is not null and returned_at is null) returning status`.execute(tx);
  for (const { status } of rows)
    await recordChange(tx, { orderId, type: EventType.shipmentAccepted, data: { number, status } });
  await showWaiting(tx, orderId);
  await settleShipping(tx, order);
}
