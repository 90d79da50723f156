// Capturing what is authorized, in our books. What must stay true: nothing is sent of an order that ends, a capture is done together with
// its ledger row, and one of a payment comes after the other.
import { sql } from 'kysely';
import { EventType } from '../../contracts/events.ts';
import { isLastCapture } from '../../domain/capture.ts';
import { isSold } from '../../domain/order.ts';
import type { PaymentState } from '../../domain/payment.ts';
import type { CaptureRecords, CaptureStanding, DueCapture } from '../../ports/capture.ts';
import { AUTHORIZATION_MARGIN_MS, enterReceived } from './authorization.ts';
import { askForRest, dropCaptures, findCapturable } from './capture-rows.ts';
import { after, one, type Cause } from '../../events/causes.ts';
import { inTransaction, type Database, type Tx } from './database.ts';
import { enterLedger } from './ledger.ts';
import { lockOrder, recordChange, type LockedOrder } from './order-change.ts';
import { nextOrdinal } from './order-numbers.ts';

// While something is to be captured: when a workflow that somebody has ended is missed.
const LOOK_AFTER = '1 hour';

type Named = { orderId: string; number: number };
type Payment = { orderId: string; ordinal: number };

export const createCaptureRecords = ({
  db,
  authorizationMarginMs = AUTHORIZATION_MARGIN_MS,
}: {
  db: Database;
  authorizationMarginMs?: number | undefined;
}): CaptureRecords => ({
  begin: (request) => inTransaction(db, (tx) => begin(tx, request, authorizationMarginMs)),

  allowSending: ({ revision, isFinal, ...named }) =>
    inTransaction(db, async (tx) => {
      const { ending } = await lockOrder(tx, named.orderId);
      if (ending) return null;
      // A key stands for one request: as it was first sent under this revision, it stays.
      const { rows } = await sql<{ isFinal: boolean }>`
        update payment_captures c set sent_at = clock_timestamp(), is_final = coalesce(c.is_final, ${isFinal}) from payments p
        where c.order_id = ${named.orderId} and c.number = ${named.number} and c.state = 'due' and c.revision = ${revision}
          and p.order_id = c.order_id and p.ordinal = c.ordinal and p.state = 'authorized' and p.fenced_at is null
        returning c.is_final as "isFinal"`.execute(tx);
      return rows[0] ?? null;
    }),

  raiseRevision: ({ from, ...named }) =>
    inTransaction(db, async (tx) => {
      await lockOrder(tx, named.orderId);
      await sql`
        update payment_captures set revision = ${from + 1}, is_final = null
        where order_id = ${named.orderId} and number = ${named.number} and state = 'due' and revision = ${from}`.execute(
        tx,
      );
    }),

  settle: ({ number, ...received }) =>
    inTransaction(db, async (tx) => {
      const order = await lockOrder(tx, received.orderId);
      await enterReceived(tx, order, received, asked(number));
      await complete(tx, order, { orderId: received.orderId, number });
    }),

  adopt: (request) => inTransaction(db, (tx) => adopt(tx, request)),

  findMeant: async ({ orderId, parked: { workflowId, parking } }) => {
    const { rows } = await sql<{ number: number | null }>`
      select (
        select min(number) from payment_captures where order_id = k.order_id and requested_at <= k.since
          and (settled_at is null or settled_at >= k.since)
      ) as number from parked_steps k
      where workflow_id = ${workflowId} and run_id = ${parking.runId} and k.number = ${parking.number} and order_id = ${orderId}`.execute(
      db,
    );
    return rows[0] ?? null;
  },

  isCounted: async ({ orderId, providerId }) => {
    const { rows } = await sql`
      select 1 from payment_captures c join payments p using (order_id, ordinal)
      where c.order_id = ${orderId} and p.provider_id = ${providerId} and c.state = 'captured' limit 1`.execute(db);
    return rows.length > 0;
  },

  giveUp: (request) => inTransaction(db, (tx) => giveUp(tx, request)),
});

type Row = {
  providerId: string | null;
  currency: string;
  state: PaymentState;
  capturesMany: boolean;
  isFenced: boolean;
  isNearItsEnd: boolean;
  releaseRevision: number;
  settledMinor: number;
};

async function findRow(tx: Tx, { orderId, ordinal }: Payment, marginMs: number): Promise<Row> {
  const { rows } = await sql<Row>`
    select p.provider_id as "providerId", p.currency, p.state, p.captures_many as "capturesMany", p.fenced_at is not null as "isFenced",
           coalesce(p.authorized_until - ${marginMs} * interval '1 millisecond' <= clock_timestamp(), false) as "isNearItsEnd",
           p.release_revision as "releaseRevision", (
             select coalesce(sum(amount_minor), 0)::bigint from payment_captures
             where order_id = p.order_id and ordinal = p.ordinal and state = 'captured'
           ) as "settledMinor"
    from payments p where p.order_id = ${orderId} and p.ordinal = ${ordinal} and p.authorized_at is not null`.execute(
    tx,
  );
  const [row] = rows;
  if (!row) throw new Error(`Expected payment ${ordinal} of order ${orderId} to have been authorized; it was not`);
  return row;
}

async function begin(tx: Tx, payment: Payment, marginMs: number): Promise<CaptureStanding> {
  const order = await lockOrder(tx, payment.orderId);
  const row = await findRow(tx, payment, marginMs);
  if (order.ending) await dropCaptures(tx, order);
  const next = order.ending ? null : await findNext(tx, order, { ...payment, ...row });
  await sql`
    update payments set capture_after = case
      when ${next !== null} then clock_timestamp() + ${LOOK_AFTER}::interval
      -- One that is not sold yet may be about to end all the same.
      when state = 'authorized' and authorized_until is not null and ${!order.ending}
        then greatest(authorized_until - ${marginMs} * interval '1 millisecond', clock_timestamp() + ${LOOK_AFTER}::interval) end
    where order_id = ${payment.orderId} and ordinal = ${payment.ordinal}`.execute(tx);
  const { providerId, currency, state, settledMinor } = row;
  return { providerId, currency, state, settledMinor, next };
}

async function findNext(tx: Tx, order: LockedOrder, row: Payment & Row): Promise<CaptureStanding['next']> {
  const due = await findDue(tx, row);
  const isOpen = row.state === 'authorized' && !row.isFenced && isSold(order.status);
  if (due.length === 0 && !isOpen) return null;
  const isLast = order.isClosed || isLastCapture(await findCapturable(tx, order.id));
  const [first, ...others] = due;
  if (first) return { capture: { ...first, isFinal: !row.capturesMany || (others.length === 0 && isLast) } };
  if (isLast) return { release: { revision: row.releaseRevision } };
  if (!row.isNearItsEnd) return null;
  await askForRest(tx, order, row.ordinal);
  const [rest] = await findDue(tx, row);
  return rest ? { capture: { ...rest, isFinal: true } } : null;
}

async function findDue(tx: Tx, { orderId, ordinal }: Payment): Promise<Omit<DueCapture, 'isFinal'>[]> {
  const { rows } = await sql<Omit<DueCapture, 'isFinal'>>`
    select number, amount_minor as "amountMinor", revision,
           (extract(epoch from clock_timestamp() - sent_at) * 1000)::bigint as "sentAgoMs"
    from payment_captures where order_id = ${orderId} and ordinal = ${ordinal} and state = 'due' order by number`.execute(
    tx,
  );
  return rows;
}

async function giveUp(
  tx: Tx,
  { actor, reason, orderId, number }: Parameters<CaptureRecords['giveUp']>[0],
): Promise<void> {
  const { currency } = await lockOrder(tx, orderId);
  const { rows } = await sql<{ amountMinor: number }>`
    update payment_captures
    set state = 'given_up', settled_at = clock_timestamp(), outcome = ${JSON.stringify({ actor, reason })}::jsonb
    where order_id = ${orderId} and number = ${number} and state = 'due'
    returning amount_minor as "amountMinor"`.execute(tx);
  for (const { amountMinor } of rows) {
    const data = { capture: number, currency, amountMinor, actor, reason };
    await recordChange(tx, { orderId, type: EventType.paymentCaptureGivenUp, data });
  }
}

async function complete(tx: Tx, { currency }: LockedOrder, { orderId, number }: Named): Promise<void> {
  const { rows } = await sql<{ amountMinor: number; shipment: number | null }>`
    update payment_captures set state = 'captured', settled_at = clock_timestamp()
    where order_id = ${orderId} and number = ${number} and state = 'due' returning amount_minor as "amountMinor", shipment`.execute(
    tx,
  );
  for (const row of rows)
    await recordChange(tx, {
      orderId,
      type: EventType.paymentCaptureCompleted,
      data: { capture: number, currency, ...row },
    });
}

/** What is captured was asked for by a capture. */
const asked = (capture: number): Cause => after(one(EventType.paymentCaptureRequested, { capture }));

async function adopt(
  tx: Tx,
  { orderId, number, providerId, amountMinor, currency }: Parameters<CaptureRecords['adopt']>[0],
): ReturnType<CaptureRecords['adopt']> {
  const order = await lockOrder(tx, orderId);
  const { rows: owners } = await sql<{ orderId: string; isOurs: boolean }>`
    select p.order_id as "orderId", c.number is not null as "isOurs" from payments p
    left join payment_captures c on c.order_id = p.order_id and c.ordinal = p.ordinal and c.number = ${number} and c.order_id = ${orderId}
    where p.provider_id = ${providerId}
    union all select order_id, false from ledger where provider_object = ${providerId} limit 1`.execute(tx);
  const [owner] = owners;
  if (owner?.isOurs) return { adopted: true };
  if (owner) return { usedBy: owner.orderId };
  const { rows } = await sql<{ ordinal: number }>`
    insert into payments (order_id, ordinal, tenant, state, amount_minor, currency, payment_method, provider_id)
    select ${orderId}, ${nextOrdinal(orderId)}, ${order.tenant}, 'captured', ${amountMinor}, ${currency}, 'unknown', ${providerId}
    returning ordinal`.execute(tx);
  const ordinal = rows[0]?.ordinal;
  if (ordinal === undefined)
    throw new Error(`Expected a row for payment ${providerId} of order ${orderId}; found none`);
  const entry = { tenant: order.tenant, orderId, ordinal, providerObject: providerId, currency };
  await enterLedger(tx, { ...entry, kind: 'captured', amountMinor });
  const data = { ordinal, providerId, amountMinor, currency };
  await recordChange(tx, { orderId, type: EventType.paymentCaptured, data, cause: asked(number) });
  await sql`
    update payment_captures set ordinal = ${ordinal}
    where order_id = ${orderId} and number = ${number} and state = 'due'`.execute(tx);
  await complete(tx, order, { orderId, number });
  return { adopted: true };
}
