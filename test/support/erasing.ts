// An order in whose every place something of a person stands, and what is left of it in the whole database.
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Database } from '../../src/adapters/postgres/database.ts';
import { createErasureWork } from '../../src/adapters/postgres/erasure-work.ts';
import { createErasures } from '../../src/adapters/postgres/erasure.ts';
import { personalData } from '../../src/adapters/postgres/personal-data.ts';
import { recordChange } from '../../src/adapters/postgres/order-change.ts';
import { EventType } from '../../src/contracts/events.ts';
import type { AcceptErasure, Erasure, ErasureWork } from '../../src/ports/erasure.ts';
import { startRefunding } from './refunding.ts';

/** Begins every canary; what follows says where it was planted. */
const CANARY = 'canary';
const canary = (place: string): string => `${CANARY}.${place}`;

/** Every row of every table, as text, by the table. */
export async function dumpOf(db: Database): Promise<Map<string, string[]>> {
  const { rows: tables } = await sql<{ name: string }>`
    select tablename as name from pg_tables where schemaname = 'public' order by 1`.execute(db);
  const dump = new Map<string, string[]>();
  for (const { name } of tables) {
    const { rows } = await sql<{
      row: string;
    }>`select to_jsonb(t)::text as row from ${sql.table(name)} t order by 1`.execute(db);
    dump.set(
      name,
      rows.map(({ row }) => row),
    );
  }
  return dump;
}

/** The places whose canary stands somewhere, and the tables where. */
export const canariesIn = (dump: ReadonlyMap<string, string[]>): string[] =>
  [...dump].flatMap(([table, rows]) =>
    [...rows.join('\n').matchAll(/canary[.\w-]*/g)].map(([found]) => `${table}: ${found}`),
  );

/** Of every table all that an erasure must leave as it is. */
export async function untouchedOf(db: Database): Promise<Record<string, unknown[]>> {
  const besides: Record<string, string[]> = {
    orders: ['erased_at', 'updated_at', 'event_count'],
    erasures: ['counts', 'due_at', 'finished_at', 'seen_at', 'seen_id', 'walked'],
  };
  const left: Record<string, unknown[]> = {};
  for (const [table, { erased = {} }] of Object.entries(personalData)) {
    const isDeleted = Object.values(erased).some(({ fate }) => fate === 'row');
    if (isDeleted || table === 'erasure_orders') continue;
    const without = [...Object.keys(erased), ...(besides[table] ?? [])];
    const old = table === 'events' ? sql`where event_type <> 'order.personal_data_erased'` : sql``;
    const { rows } = await sql<{ row: unknown }>`
      select to_jsonb(t) - ${without}::text[] as row from ${sql.table(table)} t ${old} order by 1`.execute(db);
    left[table] = rows.map(({ row }) => row);
  }
  return left;
}

/** Plants a canary in every column that an erasure is to reach: in rows of this closed order. */
export async function plantCanaries(db: Database, orderId: string): Promise<void> {
  const word = (table: string, column: string): string => canary(`${table}.${column}`);
  const told = (table: string, column: string, field = 'reason'): string =>
    JSON.stringify({ actor: 'operator-1', [field]: word(table, column) });
  const shipping = JSON.stringify({ name: word('orders', 'shipping'), line1: word('orders', 'street'), country: 'DE' });
  const statements = [
    sql`update orders set shipping = ${shipping}::jsonb, metadata = ${JSON.stringify({ [word('orders', 'metadata')]: 'x' })}::jsonb,
          save_payment_method = true, provider_customer = 'cus_1' where id = ${orderId}`,
    sql`update payments set payment_method = ${word('payments', 'payment_method')}, rejection = ${told('payments', 'rejection', 'message')}::jsonb,
          saved_customer = ${word('payments', 'saved_customer')}, saved_method = ${word('payments', 'saved_method')} where order_id = ${orderId}`,
    sql`insert into payment_captures (order_id, number, tenant, ordinal, is_rest, amount_minor, state, outcome, settled_at)
        values (${orderId}, 1, 'local', 1, true, 0, 'given_up', ${told('payment_captures', 'outcome')}::jsonb, now())`,
    sql`insert into refunds (order_id, number, tenant, amount_minor, currency, state, reason, actor, outcome, launch_after, settled_at)
        values (${orderId}, 1, 'local', 1, 'EUR', 'abandoned', ${word('refunds', 'reason')}, 'operator-1', ${told('refunds', 'outcome')}::jsonb, null, now())`,
    sql`insert into refund_parts (order_id, number, ordinal, amount_minor, failure) values (${orderId}, 1, 1, 1, ${told('refund_parts', 'failure', 'words')}::jsonb)`,
    sql`insert into returns (order_id, number, tenant, status, wish, reason, actor, decision, receipt, received_at, no_refund, launch_after, closed_at)
        values (${orderId}, 1, 'local', 'completed', 'refund', ${word('returns', 'reason')}, 'customer-1', ${told('returns', 'decision')}::jsonb,
                ${told('returns', 'receipt')}::jsonb, now(), ${told('returns', 'no_refund', 'words')}::jsonb, null, now())`,
    sql`insert into return_lines (order_id, number, sku, quantity, reason) values (${orderId}, 1, 'book', 1, ${word('return_lines', 'reason')})`,
    sql`insert into amendments (order_id, number, tenant, state, reason, actor, before, after, changes_address, refusal, launch_after, settled_at)
        values (${orderId}, 1, 'local', 'refused', ${word('amendments', 'reason')}, 'customer-1', '{}', '{}', true,
                ${told('amendments', 'refusal', 'message')}::jsonb, null, now())`,
    sql`insert into reviews (order_id, tenant, state, reasons, until, on_expiry, decided_at, decided_by, decision_reason)
        values (${orderId}, 'local', 'approved', '[{"rule":"amount","message":"m"}]', now(), 'reject', now(), 'operator-1', ${word('reviews', 'decision_reason')})`,
    sql`insert into shipments (order_id, number, tenant, warehouse, tracking_number, parcel_id)
        values (${orderId}, 1, 'local', 'main', ${word('shipments', 'tracking_number')}, ${`parcel ${orderId}`})`,
    sql`insert into parked_steps (tenant, order_id, workflow_id, run_id, run_started_at, number, step, reason, closed_at)
        values ('local', ${orderId}, ${orderId}, 'run', now(), 1, 'charge-payment', ${word('parked_steps', 'reason')}, now())`,
    sql`insert into step_attempts (tenant, order_id, step, attempt, message) values ('local', ${orderId}, 'charge-payment', 1, ${word('step_attempts', 'message')})`,
    sql`insert into resolution_audit (tenant, order_id, step, action, actor, reason, outcome, detail)
        values ('local', ${orderId}, 'charge-payment', 'retry', 'operator-1', ${word('resolution_audit', 'reason')}, 'followed', ${word('resolution_audit', 'detail')})`,
    sql`insert into resolutions (id, tenant, actor, action, reason, filter) values (${`resolution ${orderId}`}, 'local', 'operator-1', 'retry', 'an outage', '{}')`,
    sql`insert into resolution_orders (resolution_id, order_id, tenant, workflow_id, outcome, detail, at)
        values (${`resolution ${orderId}`}, ${orderId}, 'local', ${orderId}, 'refused', ${word('resolution_orders', 'detail')}, now())`,
    sql`insert into idempotency_keys (tenant, key, request_hash, answer_status, answer_body, answer_location)
        values ('local', ${`return of ${orderId}`}, 'hash', 202, ${told('idempotency_keys', 'answer_body')}, ${`/orders/${orderId}/returns/1`})`,
    sql`insert into order_contacts (order_id, tenant, email, name, locale)
        values (${orderId}, 'local', ${word('order_contacts', 'email')}, ${word('order_contacts', 'name')}, ${word('order_contacts', 'locale')})`,
    sql`insert into customer_notices (order_id, name, tenant, kind, event_id, state, settled_at, expires_at, due_since, decided_by, reason)
        values (${orderId}, 'confirmed', 'local', 'confirmed', 'evt', 'sent', now(), now(), now(), 'operator-1', ${word('customer_notices', 'reason')})`,
    sql`insert into webhook_subscriptions (id, tenant, url, secrets) values (${`sub ${orderId}`}, 'local', 'https://shop.example/', '[{"secret":"s","until":null}]')`,
  ];
  for (const statement of statements) await statement.execute(db);
  await db.transaction().execute(async (tx) => {
    const [actor, reason] = ['operator-1', word('events', 'data')];
    await recordChange(tx, {
      orderId,
      type: EventType.refundAbandoned,
      data: { number: 1, amountMinor: 1, currency: 'EUR', actor, reason },
    });
    await recordChange(tx, {
      orderId,
      type: EventType.shipmentCreated,
      data: { number: 1, trackingNumber: word('events', 'tracking') },
    });
    const items = [{ sku: 'book', quantity: 1, reason: word('events', 'line') }];
    await recordChange(tx, {
      orderId,
      type: EventType.returnRequested,
      data: { number: 1, wish: 'refund', reason, actor, items },
    });
  });
  await sql`
    insert into webhook_deliveries (subscription_id, order_id, event_id, state, settled_at, decided_by, reason)
    select ${`sub ${orderId}`}, order_id, event_id, 'skipped', now(), 'operator-1', ${word('webhook_deliveries', 'reason')}
    from events where order_id = ${orderId} and sequence = 1`.execute(db);
}

/** A shop over a real database, whose customers are erased. */
export async function startErasing() {
  const shop = await startRefunding();
  const { db } = shop;
  const customerOf = async (orderId: string): Promise<string> => {
    const customerId = `c-${randomUUID()}`;
    await sql`update orders set customer_id = ${customerId} where id = ${orderId}`.execute(db);
    return customerId;
  };
  const sellTo = async (customerId: string): Promise<string> => {
    const { orderId } = await shop.sell();
    await sql`update orders set customer_id = ${customerId} where id = ${orderId}`.execute(db);
    return orderId;
  };
  const work = (settleMs = 0): ErasureWork => createErasureWork({ db, settleMs });
  return {
    ...shop,
    /** A customer of its own for this order. */
    customerOf,
    /** One more order of the customer, sold and closed. */
    sellTo,
    /** Several sold orders of one customer. */
    sellMany: async (count: number) => {
      const { orderId } = await shop.sell();
      const customerId = await customerOf(orderId);
      const more = await Promise.all(Array.from({ length: count - 1 }, () => sellTo(customerId)));
      return { customerId, orderId, orders: [orderId, ...more] };
    },
    ask: async (customerId: string, more: Partial<AcceptErasure> = {}): Promise<Erasure> => {
      const accepting = await createErasures({ db }).accept(
        {
          ...{ tenant: 'local', actor: 'operator-1', reason: 'case 1', customerId, placedBefore: null },
          ...{ idempotencyKey: randomUUID(), requestHash: 'hash' },
          ...more,
        },
        (accepted) => ({ status: 202, body: JSON.stringify(accepted), location: `/erasures/${accepted.id}` }),
      );
      if (!('answer' in accepting)) throw new Error('Expected an erasure; found none');
      return JSON.parse(accepting.answer.body) as Erasure;
    },
    find: async (id: string): Promise<Erasure> => {
      const found = await createErasures({ db }).find({ tenant: 'local', id });
      if (!found) throw new Error('Expected an erasure; found none');
      return found;
    },
    work,
    /** Until nothing is due. */
    workOff: async (limit = 20): Promise<void> => {
      while (await work().advance({ limit }));
    },
    /** As if it were time to look again. */
    lookNow: async (id: string): Promise<void> => {
      await sql`update erasure_orders set look_at = now() where erasure_id = ${id}`.execute(db);
      await sql`update erasures set due_at = now() where id = ${id} and due_at is not null`.execute(db);
    },
    erasedAt: async (orderId: string): Promise<string | null> => {
      const { rows } = await sql<{
        at: string | null;
      }>`select erased_at as at from orders where id = ${orderId}`.execute(db);
      return rows[0]?.at ?? null;
    },
  };
}
export type Erasing = Awaited<ReturnType<typeof startErasing>>;
