// Disputes in our books. What must stay true: every movement of money by a dispute is one row of the ledger, whoever learns of it
// first and however often; what is decided never turns open again by a look that came late; an order that ends with a dispute
// leaves a mark, by which somebody looks at it afterwards.
import { sql } from 'kysely';
import { EventType } from '../../contracts/events.ts';
import { ORDER_ENDED } from '../../domain/payment-notice.ts';
import type { DataOf } from '../../events/registry.ts';
import type { PaymentRecords, ProviderDispute } from '../../ports/payment.ts';
import { inTransaction, type Database, type Tx } from './database.ts';
import { enterLedger } from './ledger.ts';
import { lockOrder, recordChange } from './order-change.ts';

type Request = Parameters<PaymentRecords['recordDispute']>[0];
/** What a dispute was to us before: null when we did not know of it. */
type Before = { state: ProviderDispute['state'] } | null;

/** The part of the payment records that is about disputes. */
export const createDisputes = ({ db }: { db: Database }): Pick<PaymentRecords, 'recordDispute' | 'acknowledge'> => ({
  recordDispute: (request) => inTransaction(db, (tx) => recordDispute(tx, request)),

  acknowledge: ({ orderId, providerId, parked }) =>
    inTransaction(db, async (tx) => {
      await lockOrder(tx, orderId);
      // As of when it was parked: what moved since, the person who decided has not seen.
      const { rows } = await sql<{ hasMovedSince: boolean }>`
        update payments p set acknowledged_at = coalesce((
          select since from parked_steps
          where workflow_id = ${parked?.workflowId ?? null} and run_id = ${parked?.parking.runId ?? null}
            and number = ${parked?.parking.number ?? null}
        ), clock_timestamp())
        where order_id = ${orderId} and provider_id = ${providerId}
        returning coalesce(acknowledged_at < greatest(
          (select max(at) from ledger l where l.order_id = p.order_id and l.ordinal = p.ordinal),
          (select max(known_at) from disputes d where d.order_id = p.order_id and d.ordinal = p.ordinal)
        ), false) as "hasMovedSince"`.execute(tx);
      return { hasMovedSince: rows[0]?.hasMovedSince ?? false };
    }),
});

async function recordDispute(tx: Tx, { orderId, ordinal, dispute }: Request): Promise<void> {
  const { tenant } = await lockOrder(tx, orderId);
  const before = await keepDispute(tx, { tenant, orderId, ordinal, dispute });
  const moved = { withdrawn: false, reinstated: false };
  for (const { movementId, amountMinor } of dispute.movements) {
    const kind = amountMinor < 0 ? 'disputed' : 'reinstated';
    const { disputeId, currency } = dispute;
    const entry = {
      tenant,
      orderId,
      ordinal,
      kind,
      providerObject: movementId,
      amountMinor,
      currency,
      disputeId,
    } as const;
    if (await enterLedger(tx, entry)) moved[kind === 'disputed' ? 'withdrawn' : 'reinstated'] = true;
  }
  await markSettled(tx, dispute);
  const outcome = dispute.state === 'open' ? null : dispute.state;
  const data = eventData(ordinal, dispute);
  if (!before || moved.withdrawn || (moved.reinstated && outcome === null))
    await recordChange(tx, { orderId, type: EventType.paymentDisputed, data });
  if (outcome !== null && (before?.state !== dispute.state || moved.reinstated))
    await recordChange(tx, {
      orderId,
      type: EventType.paymentDisputeClosed,
      data: { ...data, outcome },
    });
}

async function keepDispute(
  tx: Tx,
  { tenant, orderId, ordinal, dispute }: Request & { tenant: string },
): Promise<Before> {
  const { disputeId, state, reason, amountMinor, currency, evidenceDueAt } = dispute;
  const { rows } = await sql<{ state: ProviderDispute['state'] }>`
    select state from disputes where dispute_id = ${disputeId}`.execute(tx);
  await sql`
    insert into disputes (dispute_id, tenant, order_id, ordinal, state, reason, amount_minor, currency, evidence_due_at)
    values (${disputeId}, ${tenant}, ${orderId}, ${ordinal}, ${state}, ${reason}, ${amountMinor}, ${currency}, ${evidenceDueAt})
    on conflict (dispute_id) do update
    set state = excluded.state, reason = excluded.reason, amount_minor = excluded.amount_minor,
        evidence_due_at = excluded.evidence_due_at, updated_at = clock_timestamp()
    where disputes.state = 'open' or excluded.state <> 'open'`.execute(tx);
  return rows[0] ?? null;
}

/** More is to come while it is not decided, and after a win until the money is back: until then it is compared again and again. */
async function markSettled(tx: Tx, { disputeId }: ProviderDispute): Promise<void> {
  await sql`
    update disputes d set unsettled = s.unsettled
    from (
      select state = 'open' or (state = 'won' and (
        select coalesce(sum(amount_minor), 0) < 0 from ledger where dispute_id = ${disputeId}
      )) as unsettled
      from disputes where dispute_id = ${disputeId}
    ) s
    where d.dispute_id = ${disputeId} and d.unsettled <> s.unsettled`.execute(tx);
}

function eventData(
  ordinal: number,
  { movements, ...dispute }: ProviderDispute,
): DataOf<typeof EventType.paymentDisputed> {
  const { disputeId, reason, amountMinor, currency, evidenceDueAt } = dispute;
  const sumOf = (sign: 1 | -1): number =>
    movements.reduce((sum, { amountMinor: moved }) => sum + Math.max(moved * sign, 0), 0);
  const money = { amountMinor, withdrawnMinor: sumOf(-1), reinstatedMinor: sumOf(1), currency };
  return { ordinal, disputeId, reason, ...money, evidenceDueAt };
}

/**
 * The order's last transaction: whoever records a dispute of an open order does nothing more about it, so that it is looked at once
 * it is known how the order ended.
 */
export async function leaveDisputesToFollow(tx: Tx, orderId: string): Promise<void> {
  await sql`
    insert into payment_notices (event_id, event_type, payment_id, order_id, due_at)
    select distinct p.order_id || ':ended:' || p.provider_id, ${ORDER_ENDED}, p.provider_id, p.order_id, clock_timestamp()
    from disputes d join payments p using (order_id, ordinal) where d.order_id = ${orderId} and p.provider_id is not null
    -- A sale that was taken back ends a second time.
    on conflict (event_id) do update set due_at = clock_timestamp(), outcome = null`.execute(tx);
}
