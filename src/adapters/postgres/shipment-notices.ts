// The inbox of what happens to shipments. What must stay true: a notice is kept once, and stays due until somebody knows of it.
import { sql } from 'kysely';
import type { DueShipmentNotice, ShipmentNotices } from '../../ports/shipment-notice.ts';
import type { Database } from './database.ts';
import { isCancelledForGood, isCurrent } from './shipment-change.ts';

// Until another process may try a claimed one again.
const CLAIM = '15 seconds';

export const createShipmentNotices = ({ db }: { db: Database }): ShipmentNotices => ({
  keep: async ({ eventId, eventType, parcelId, reference }) => {
    const { rows } = await sql`
      insert into shipment_notices (event_id, event_type, parcel_id, reference, due_at)
      values (${eventId}, ${eventType}, ${parcelId}, ${reference}, clock_timestamp())
      on conflict (event_id) do nothing returning event_id`.execute(db);
    return rows.length > 0;
  },

  claimDue: async ({ limit }) => {
    const { rows } = await sql<DueShipmentNotice>`
      with due as (
        select event_id from shipment_notices where due_at < now() order by due_at limit ${limit} for update skip locked
      ), claimed as (
        update shipment_notices n set due_at = clock_timestamp() + ${CLAIM}::interval
        from due where n.event_id = due.event_id returning n.*
      )
      select c.event_id as "eventId", c.event_type as "eventType", case when s.order_id is not null then jsonb_build_object(
               'orderId', s.order_id, 'number', s.number, 'isOpen', o.closed_at is null, 'isDelivered', s.status = 'delivered',
               -- An order that ends looks after what it has cancelled itself.
               'isLookedAfter', o.closed_at is null and (
                 o.ending is not null or not ${isCancelledForGood} and s.accepted_at is null and ${isCurrent})
             ) end as shipment
      from claimed c
      left join shipments s on s.order_id || ':shipment:' || s.number = c.reference
        and s.order_id = split_part(c.reference, ':shipment:', 1)
      left join orders o on o.id = s.order_id`.execute(db);
    return rows;
  },

  finish: async ({ eventId, outcome }) => {
    await sql`
      update shipment_notices set due_at = null, outcome = ${outcome} where event_id = ${eventId}`.execute(db);
  },
});
