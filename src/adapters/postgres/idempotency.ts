// What binds a client's key. What must stay true: the key is claimed in the transaction of what it stands for, so a
// request that is refused or rolled back binds nothing, and a concurrent duplicate waits for the first to end.
import { sql } from 'kysely';
import type { Accepted, RecordedAnswer } from '../../ports/acceptance.ts';
import type { Database, Tx } from './database.ts';

type Key = { tenant: string; idempotencyKey: string };
type KeyRow = {
  requestHash: string;
  orderId: string | null;
  status: number | null;
  body: string | null;
  location: string | null;
  dueInMs: number | null;
};
export type BoundKey = { requestHash: string; orderId: string | null; answer: RecordedAnswer | null; dueInMs: number };

/** True when the key is now ours; false when it is bound (after waiting for a transaction that was binding it). */
export async function claimKey(
  tx: Tx,
  { tenant, idempotencyKey, requestHash, orderId }: Key & { requestHash: string; orderId: string | null },
): Promise<boolean> {
  const { rows } = await sql`
    insert into idempotency_keys (tenant, key, request_hash, order_id)
    values (${tenant}, ${idempotencyKey}, ${requestHash}, ${orderId})
    on conflict (tenant, key) do nothing returning key`.execute(tx);
  return rows.length > 0;
}

/** Writes the first answer, or until when it is due, in the claiming transaction. */
export async function recordAnswer(tx: Tx, key: Key, answer: RecordedAnswer): Promise<void> {
  await sql`
    update idempotency_keys
    set answer_status = ${answer.status}, answer_body = ${answer.body}, answer_location = ${answer.location}
    where tenant = ${key.tenant} and key = ${key.idempotencyKey}`.execute(tx);
}

/** Promises the first answer within `withinMs`, by the database's clock. */
export async function promiseAnswer(tx: Tx, key: Key, { withinMs }: { withinMs: number }): Promise<void> {
  await sql`
    update idempotency_keys set answer_due_at = clock_timestamp() + ${withinMs} * interval '1 millisecond'
    where tenant = ${key.tenant} and key = ${key.idempotencyKey}`.execute(tx);
}

/** Whoever first writes the answer decides it; everybody gets what stands. */
export async function settleAnswer(db: Database, key: Key, answer: RecordedAnswer): Promise<RecordedAnswer> {
  await sql`
    update idempotency_keys
    set answer_status = ${answer.status}, answer_body = ${answer.body}, answer_location = ${answer.location}
    where tenant = ${key.tenant} and key = ${key.idempotencyKey} and answer_body is null`.execute(db);
  const bound = await findKey(db, key);
  if (!bound?.answer) throw new Error('Expected an answer to stand under the key; found none');
  return bound.answer;
}

/** What stands under the key, or null when nothing binds it. */
export async function findKey(db: Database | Tx, { tenant, idempotencyKey }: Key): Promise<BoundKey | null> {
  const { rows } = await sql<KeyRow>`
    select request_hash as "requestHash", order_id as "orderId", answer_status as status, answer_body as body,
           answer_location as location,
           greatest(0, ceil(extract(epoch from answer_due_at - clock_timestamp()) * 1000))::int as "dueInMs"
    from idempotency_keys where tenant = ${tenant} and key = ${idempotencyKey}`.execute(db);
  const [row] = rows;
  if (!row) return null;
  const { requestHash, orderId, status, body, location, dueInMs } = row;
  const answer = status === null || body === null ? null : { status, body, location };
  return { requestHash, orderId, answer, dueInMs: dueInMs ?? 0 };
}

/** The bound key as the acceptance port shows it. */
export function toAccepted({ orderId, answer, dueInMs }: BoundKey): Accepted {
  if (orderId === null) throw new Error('Expected the key of an order; found the key of another request');
  return answer ? { orderId, answer } : { orderId, answerDueInMs: dueInMs };
}
