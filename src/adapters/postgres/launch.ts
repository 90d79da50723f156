// The marks of open orders: when to look whether their workflow runs. A mark is claimed by moving it into the future, so that
// no lock is held while Temporal is asked.
import { sql } from 'kysely';
import type { LaunchableOrder, LaunchMarks } from '../../ports/launch.ts';
import { toInstant, type Database } from './database.ts';
import { totalsOf } from './order-reading.ts';

// Until another process may try a claimed order again: above a start's own deadline. An order that has been worked on before
// waits longer: if its run ends at once (a defect), starting it again and again in a hurry helps nobody.
const CLAIM_NEW = '10 seconds';
const CLAIM_AGAIN = '5 minutes';
// A workflow that runs is not asked for again soon, even if it waits for days.
const RUNNING = '1 hour';

export const createLaunchMarks = ({ db }: { db: Database }): LaunchMarks => ({
  claimDue: async ({ limit }) => {
    // now(), not clock_timestamp(): what changes within a statement can not bound the scan of an index.
    const { rows } = await sql<LaunchableOrder>`
      with due as (
        select id from orders where launch_after < now()
        order by launch_after limit ${limit} for update skip locked
      )
      update orders o set launch_after = clock_timestamp()
        + case when o.event_count = 1 then ${CLAIM_NEW}::interval else ${CLAIM_AGAIN}::interval end
      from due where o.id = due.id
      returning ${launchable}`.execute(db);
    return rows.map(withInstants);
  },

  findOpen: async ({ orderId }) => {
    const { rows } = await sql<LaunchableOrder>`
      select ${launchable} from orders o where o.id = ${orderId} and o.launch_after is not null`.execute(db);
    return rows.map(withInstants)[0] ?? null;
  },

  noteRunning: async ({ orderId }) => {
    await sql`
      update orders set launch_after = clock_timestamp() + ${RUNNING}::interval
      where id = ${orderId} and launch_after is not null`.execute(db);
  },

  markAgain: async ({ orderId }) => {
    await sql`
      update orders set launch_after = clock_timestamp() where id = ${orderId} and launch_after is not null`.execute(
      db,
    );
  },

  countWaiting: async ({ atMost }) => {
    const { rows } = await sql<{ waiting: number }>`
      select count(*)::int as waiting
      from (select 1 from orders where event_count = 1 and launch_after is not null limit ${atMost}) as counted`.execute(
      db,
    );
    return rows[0]?.waiting ?? 0;
  },
});

// Of order `o`, in the form of PlacedRecord.
const placedRecord = sql`
  jsonb_build_object(
    'tenant', o.tenant, 'customerId', o.customer_id, 'correlationId', o.correlation_id, 'placedAt', o.placed_at,
    'paymentRetryMinutes', o.payment_retry_minutes,
    'paymentMethod', (select payment_method from payments where order_id = o.id and ordinal = 1),
    'recordedAt', (select "timestamp" from events where order_id = o.id and sequence = 1),
    'lines', (select jsonb_agg(jsonb_build_object('sku', sku, 'name', name, 'quantity', quantity, 'unitPriceMinor', unit_price_minor)
                               order by sku collate "C") from order_lines where order_id = o.id),
    'totals', ${totalsOf('o')},
    'omitted', (case when o.shipping is null then '[]' else '["shipping"]' end)::jsonb
            || (case when o.metadata = '{}' then '[]' else '["metadata"]' end)::jsonb
            || (case when exists (select 1 from order_contacts where order_id = o.id) then '["contact"]' else '[]' end)::jsonb
  ) || case when o.on_shortage = 'reject' then '{}' else jsonb_build_object('onShortage', o.on_shortage) end
  || case when o.save_payment_method then jsonb_build_object('savePaymentMethod', true) else '{}' end
  || case when o.capture = 'at-confirm' then '{}' else jsonb_build_object('capture', o.capture) end || (
    select jsonb_build_object('idempotencyKey', key, 'requestHash', request_hash, 'answeredAtOnce', answer_due_at is null)
    from idempotency_keys where order_id = o.id
  ) || case when o.exchange_of_order is null then '{}' else jsonb_build_object(
    'exchangeOf', jsonb_build_object('orderId', o.exchange_of_order, 'return', o.exchange_of_return)) end`;

// Of order `o`, in the form of LaunchableOrder.
const launchable = sql`
  o.id as "orderId", o.total_minor as "totalMinor", o.currency, o.customer_id as "customerId",
  o.payment_retry_minutes as "paymentRetryMinutes", o.ships, o.on_shortage as "onShortage", o.capture, o.traceparent,
  (select sum(quantity) from order_lines where order_id = o.id)::int as "itemCount", ${placedRecord} as record`;

const withInstants = ({ record, ...order }: LaunchableOrder): LaunchableOrder => ({
  ...order,
  record: record && {
    ...record,
    placedAt: toInstant(record.placedAt),
    recordedAt: toInstant(record.recordedAt),
  },
});
