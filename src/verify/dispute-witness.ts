// What the provider and our rows say of disputes. Read-only, and decides nothing.
import type pg from 'pg';
import type { VerifyStack } from './stack.ts';

/** A dispute as the provider has it; `movements`: what it took (negative) and gave again, minor units. */
export type DisputeAtProvider = {
  disputeId: string;
  paymentId: string;
  status: string;
  movements: readonly { movementId: string; amountMinor: number }[];
};

/** Our rows of disputes, of what they moved, and of the payments that have any. */
export type DisputeBooks = {
  disputes: readonly { disputeId: string; paymentId: string; state: string }[];
  movements: readonly { movementId: string; disputeId: string; amountMinor: number }[];
  payments: readonly DisputedPayment[];
};

export type DisputedPayment = {
  paymentId: string;
  orderId: string;
  isEnded: boolean;
  /** What the ledger has of it now, and what the order may keep of it: minor units. */
  leftMinor: number;
  dueMinor: number;
  takenMinor: number;
  refundedMinor: number;
  disputedMinor: number;
  reinstatedMinor: number;
  /** A person has taken its money as it stands since the last that is known of it. */
  isAcknowledged: boolean;
  /** It waits for a person now. */
  isParked: boolean;
};

export type DisputeFacts = { atProvider: readonly DisputeAtProvider[]; books: DisputeBooks };

export const askForDisputes = async ({ db, simulatorUrl }: VerifyStack): Promise<DisputeFacts> => ({
  atProvider: await askProvider(simulatorUrl),
  books: await askBooks(db),
});

const PAGE = 100;
type StripeDispute = {
  id: string;
  payment_intent: string;
  status: string;
  balance_transactions: { id: string; amount: number }[];
};

async function askProvider(simulatorUrl: string): Promise<DisputeAtProvider[]> {
  const disputes: DisputeAtProvider[] = [];
  for (let after = ''; ;) {
    const answer = await fetch(`${simulatorUrl}/v1/disputes?limit=${PAGE}${after}`, {
      headers: { Authorization: 'Bearer sk_test_local' },
    });
    const { data, has_more } = (await answer.json()) as { data: StripeDispute[]; has_more: boolean };
    for (const { id, payment_intent: paymentId, status, balance_transactions } of data) {
      const movements = balance_transactions.map(({ id: movementId, amount }) => ({ movementId, amountMinor: amount }));
      disputes.push({ disputeId: id, paymentId, status, movements });
    }
    if (!has_more) return disputes;
    after = `&starting_after=${data.at(-1)?.id ?? ''}`;
  }
}

async function askBooks(db: pg.Pool): Promise<DisputeBooks> {
  const { rows: disputes } = await db.query<DisputeBooks['disputes'][number]>(`
    select d.dispute_id as "disputeId", p.provider_id as "paymentId", d.state
    from disputes d join payments p using (order_id, ordinal)`);
  const { rows: movements } = await db.query<DisputeBooks['movements'][number]>(`
    select provider_object as "movementId", dispute_id as "disputeId", amount_minor as "amountMinor"
    from ledger where kind in ('disputed', 'reinstated')`);
  const { rows: payments } = await db.query<DisputedPayment>(`
    select p.provider_id as "paymentId", p.order_id as "orderId", o.status not in ('placed', 'reserved') as "isEnded",
           l.left_minor as "leftMinor", (case when o.status in ('confirmed', 'shipped', 'delivered') and not p.stray then l.taken - (
             select coalesce(sum(amount_minor), 0) from refund_parts
             where order_id = o.id and ordinal = p.ordinal and refund_id is not null
           ) else 0 end)::bigint as "dueMinor",
           l.taken as "takenMinor", -l.refunded as "refundedMinor", -l.disputed as "disputedMinor",
           l.reinstated as "reinstatedMinor",
           coalesce(p.acknowledged_at >= greatest(l.moved_at, d.known_at), false) as "isAcknowledged",
           exists (select 1 from parked_steps k where k.closed_at is null
                   and k.workflow_id = p.order_id || ':payment:' || p.provider_id) as "isParked"
    from payments p join orders o on o.id = p.order_id
    cross join lateral (
      select max(known_at) as known_at from disputes where order_id = p.order_id and ordinal = p.ordinal
    ) d
    cross join lateral (
      select max(at) as moved_at, coalesce(sum(amount_minor), 0)::bigint as left_minor,
             coalesce(sum(amount_minor) filter (where kind = 'captured'), 0)::bigint as taken,
             coalesce(sum(amount_minor) filter (where kind = 'refunded'), 0)::bigint as refunded,
             coalesce(sum(amount_minor) filter (where kind = 'disputed'), 0)::bigint as disputed,
             coalesce(sum(amount_minor) filter (where kind = 'reinstated'), 0)::bigint as reinstated
      from ledger where order_id = p.order_id and ordinal = p.ordinal
    ) l
    where p.provider_id is not null`);
  return { disputes, movements, payments };
}
