// What the warehouse says and sees. What must stay true: what is cancelled is never packed, and a shipment that was packed leaves a
// notice in the same commit, so that its workflow hears of it.
import { sql } from 'kysely';
import { EventType } from '../../contracts/events.ts';
import { shipmentId } from '../../contracts/shipment.ts';
import { mayBePacked, type ShipmentLine } from '../../domain/shipment.ts';
import type { Packing, Shipment } from '../../ports/shipment.ts';
import { inTransaction, toInstant, type Database, type Tx } from './database.ts';
import { lockOrder, recordChange } from './order-change.ts';
import { showWaiting } from './shipment-change.ts';

/** Ours: the warehouse has packed it. */
const PACKED = 'shipment.packed';

export const createPacking = ({ db }: { db: Database }): Packing => ({
  pack: (request) => inTransaction(db, (tx) => pack(tx, request)),
  list: async ({ tenant, orderId }) => {
    const { rows } = await sql`select 1 from orders where id = ${orderId} and tenant = ${tenant}`.execute(db);
    return rows.length === 0 ? null : listShipments(db, orderId);
  },
});

async function pack(
  tx: Tx,
  { tenant, actor, items, ...ref }: Parameters<Packing['pack']>[0],
): ReturnType<Packing['pack']> {
  const { orderId, number } = ref;
  const { rows: own } = await sql`select 1 from orders where id = ${orderId} and tenant = ${tenant}`.execute(tx);
  if (own.length === 0) return null;
  const { ending } = await lockOrder(tx, orderId);
  const before = (await listShipments(tx, orderId)).find((shipment) => shipment.number === number);
  if (!before) return null;
  if (!mayBePacked(before.status, { isEnding: ending !== null })) return { notPackable: 'cancelled' };
  // An amendment may have changed it since the warehouse has read what to pack.
  if (items && !hasSameUnits(items, before.items)) return { differs: before };
  if (before.status !== 'pending') return { packed: before };
  await sql`
    update shipments set status = 'packed', packed_at = clock_timestamp(), waiting = null
    where order_id = ${orderId} and number = ${number} and status = 'pending'`.execute(tx);
  await sql`
    insert into shipment_notices (event_id, event_type, reference, due_at)
    values (${`packed:${shipmentId(ref)}`}, ${PACKED}, ${shipmentId(ref)}, clock_timestamp()) on conflict do nothing`.execute(
    tx,
  );
  await showWaiting(tx, orderId);
  await recordChange(tx, { orderId, type: EventType.shipmentPacked, data: { number, actor } });
  const packed = (await listShipments(tx, orderId)).find((shipment) => shipment.number === number);
  if (!packed) throw new Error(`Expected to read back shipment ${number} of order ${orderId}; found none`);
  return { packed };
}

/** Whatever their order, and however they are divided into lines. */
function hasSameUnits(some: readonly ShipmentLine[], others: readonly ShipmentLine[]): boolean {
  const skus = new Set([...some, ...others].map(({ sku }) => sku));
  const unitsOf = (lines: readonly ShipmentLine[], sku: string): number =>
    lines.reduce((sum, line) => sum + (line.sku === sku ? line.quantity : 0), 0);
  return [...skus].every((sku) => unitsOf(some, sku) === unitsOf(others, sku));
}

/** Of order `o`, in the form of Shipment, as a JSON list in the order of the numbers. */
export const shipmentsOf = sql`(
  select coalesce(json_agg(json_build_object(
    'number', s.number, 'warehouse', s.warehouse, 'status', s.status, 'carrier', case when s.parcel_id is not null then 'generic' end,
    'trackingNumber', s.tracking_number, 'replaces', s.replaces, 'waiting', s.waiting, 'packedAt', s.packed_at,
    'dispatchedAt', s.dispatched_at, 'deliveredAt', s.delivered_at, 'lostAt', s.lost_at, 'returnedAt', s.returned_at,
    'cancelledAt', s.cancelled_at, 'withdrawnAt', s.withdrawn_at, 'givenBackAt', s.given_back_at, 'acceptedAt', s.accepted_at,
    'items', (select json_agg(json_build_object('sku', sku, 'quantity', quantity) order by sku collate "C")
              from shipment_lines l where l.order_id = s.order_id and l.number = s.number)
  ) order by s.number), '[]') from shipments s where s.order_id = o.id)`;

const instants = [
  'packedAt',
  'dispatchedAt',
  'deliveredAt',
  'lostAt',
  'returnedAt',
  'cancelledAt',
  'withdrawnAt',
  'givenBackAt',
  'acceptedAt',
] as const;

/** With its instants as the contract writes them. */
export const toShipment = (shipment: Shipment): Shipment => ({
  ...shipment,
  ...Object.fromEntries(
    instants.map((name) => {
      const instant = shipment[name];
      return [name, instant === null ? null : toInstant(instant)];
    }),
  ),
});

async function listShipments(db: Database | Tx, orderId: string): Promise<Shipment[]> {
  const { rows } = await sql<{ shipments: Shipment[] }>`
    select ${shipmentsOf} as shipments from orders o where o.id = ${orderId}`.execute(db);
  return (rows[0]?.shipments ?? []).map(toShipment);
}
