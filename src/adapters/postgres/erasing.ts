// Orders, erased. What must stay true: an order is erased whole or not at all, only while nothing of it is open, and money and stock are not
// touched; what is erased, and how, stands in personal-data.ts alone.
import { sql, type RawBuilder } from 'kysely';
import { EventType } from '../../contracts/events.ts';
import type { ErasureCause, ErasureHold } from '../../domain/erasure.ts';
import type { ErasingFailure } from '../../ports/erasure.ts';
import type { Tx } from './database.ts';
import { recordChange } from './order-change.ts';
import { personalData, type Fate, type PersonalTable } from './personal-data.ts';

/** How many rows of which table were changed; `orders`: how many orders were erased. */
export type ErasedRows = Record<string, number>;

/**
 * Of order `o`: why it still needs what it holds, in the form of ErasureHold; null where it does not. Not by `exists`: for many orders the planner
 * would read the whole tables instead, to look orders up in them.
 */
export const holdOf = sql<ErasureHold | null>`(case
  when o.closed_at is null then 'open'
  when o.attention is not null or (select true from parked_steps where order_id = o.id and closed_at is null limit 1) then 'parked'
  when (select true from refunds where order_id = o.id and state = 'requested' limit 1) then 'refund'
  when (select true from returns where order_id = o.id and closed_at is null limit 1) then 'return'
  when (select true from amendments where order_id = o.id and state = 'pending' limit 1) then 'amendment'
  when (select true from payment_captures where order_id = o.id and state = 'due' limit 1) then 'capture'
  when (select true from disputes where order_id = o.id and unsettled limit 1) then 'dispute'
  when (
    select true from idempotency_keys where order_id = o.id and answer_body is null and answer_due_at > statement_timestamp() limit 1
  ) then 'answer'
end)`;

/**
 * Locks these orders, erases those that hold nothing back any more, and answers with their ids. Those that somebody is at, or that still need
 * what they hold, stay as they are; so do those that can not be erased, with why. `erasureId`: what was asked for; null: their time is over.
 */
export async function eraseRestingOrders(
  tx: Tx,
  orderIds: readonly string[],
  { erasureId }: { erasureId: string | null },
): Promise<{ erased: string[]; rows: ErasedRows; failures: ErasingFailure[] }> {
  // Nobody is waited for: whoever is at one of them holds up no other, and two of us never wait for each other.
  const { rows: locked } = await sql<{ id: string }>`
    select id from orders where id = any(${[...orderIds]}::text[]) order by id for update skip locked`.execute(tx);
  // A statement of its own: it sees what was committed before they were locked.
  const { rows: resting } = await sql<{ id: string }>`
    select o.id from orders o where o.id = any(${locked.map(({ id }) => id)}::text[]) and ${holdOf} is null order by o.id`.execute(
    tx,
  );
  const found = resting.map(({ id }) => id);
  if (found.length === 0) return { erased: [], rows: {}, failures: [] };
  const together = await attempt(tx, () => eraseOrders(tx, found, erasureId));
  if ('rows' in together) return { erased: found, rows: together.rows, failures: [] };
  return eraseEach(tx, found, erasureId);
}

/** One by one, where they could not be erased together: one that can not be holds up no other. */
async function eraseEach(tx: Tx, orderIds: readonly string[], erasureId: string | null) {
  const erased: string[] = [];
  const failures: ErasingFailure[] = [];
  let rows: ErasedRows = {};
  for (const orderId of orderIds) {
    const alone = await attempt(tx, () => eraseOrders(tx, [orderId], erasureId));
    if ('error' in alone) failures.push({ orderId, error: alone.error });
    else {
      erased.push(orderId);
      rows = addRows(rows, alone.rows);
    }
  }
  return { erased, rows, failures };
}

/** What failed has changed nothing, and the transaction goes on. A connection that is lost throws at the way back. */
async function attempt(tx: Tx, work: () => Promise<ErasedRows>): Promise<{ rows: ErasedRows } | { error: unknown }> {
  await sql`savepoint erasing`.execute(tx);
  try {
    const rows = await work();
    await sql`release savepoint erasing`.execute(tx);
    return { rows };
  } catch (error) {
    await sql`rollback to savepoint erasing`.execute(tx);
    return { error };
  }
}

export function addRows(before: ErasedRows, more: ErasedRows): ErasedRows {
  const sum = { ...before };
  for (const [table, count] of Object.entries(more)) sum[table] = (sum[table] ?? 0) + count;
  return sum;
}

async function eraseOrders(tx: Tx, orderIds: string[], erasureId: string | null): Promise<ErasedRows> {
  const { rows: first } = await sql<{ id: string }>`
    select id from orders where id = any(${orderIds}::text[]) and erased_at is null`.execute(tx);
  // Before anything else: what is append-only lets nothing else be erased.
  await sql`update orders set erased_at = clock_timestamp() where id = any(${orderIds}::text[])`.execute(tx);
  const touched = new Set(first.map(({ id }) => id));
  const counts: ErasedRows = { orders: orderIds.length };
  for (const [table, about] of Object.entries(personalData)) {
    const statement = statementOf(table, about, orderIds);
    if (!statement) continue;
    const { rows } = await statement.execute(tx);
    for (const { orderId } of rows) touched.add(orderId);
    if (table !== 'orders' && rows.length > 0) counts[table] = rows.length;
  }
  // One that was erased before and has nothing new has nothing to tell.
  const because: ErasureCause = erasureId === null ? 'retention' : 'request';
  const data = { because, ...(erasureId === null ? {} : { erasure: erasureId }) };
  for (const orderId of touched) await recordChange(tx, { orderId, type: EventType.orderPersonalDataErased, data });
  // Its own event is no news of the order: what comes later is.
  await sql`
    update orders set erased_at = greatest(updated_at, clock_timestamp()) where id = any(${orderIds}::text[])`.execute(
    tx,
  );
  return counts;
}

/** Null where the table holds nothing of a person. */
function statementOf(
  table: string,
  { of = 'order_id', where, erased = {} }: PersonalTable,
  orderIds: string[],
): RawBuilder<{ orderId: string }> | null {
  const columns = Object.entries(erased);
  if (columns.length === 0) return null;
  const rows = sql`${sql.raw(of)} = any(${orderIds}::text[])${where === undefined ? sql`` : sql` and ${sql.raw(where)}`}`;
  const found = sql`returning ${sql.raw(of)} as "orderId"`;
  if (columns.some(([, { fate }]) => fate === 'row'))
    return sql`delete from ${sql.table(table)} where ${rows} ${found}`;
  const left = columns.map(([column, { fate }]) => [sql.ref(column), leftOf[fate](column)] as const);
  const sets = sql.join(left.map(([column, value]) => sql`${column} = ${value}`));
  const differs = sql.join(
    left.map(([column, value]) => sql`${column} is distinct from ${value}`),
    sql` or `,
  );
  return sql`update ${sql.table(table)} set ${sets} where ${rows} and (${differs}) ${found}`;
}

const leftOf: Record<Fate, (column: string) => RawBuilder<unknown>> = {
  word: (column) => sql`case when ${sql.ref(column)} is not null then erased_word() end`,
  null: () => sql`null`,
  empty: () => sql`'{}'::jsonb`,
  country: (column) =>
    sql`case when ${sql.ref(column)} is not null then jsonb_strip_nulls(jsonb_build_object('country', ${sql.ref(column)} -> 'country')) end`,
  fields: (column) => sql`without_words(${sql.ref(column)})`,
  event: (column) => sql`event_without_words(event_type, ${sql.ref(column)})`,
  answer: (column) => sql`answer_without_words(${sql.ref(column)})`,
  // The whole row goes: see above.
  row: () => sql`null`,
};
