// The facts of an order's explanation, read in one statement: parts from different moments could contradict each other.
import { sql } from 'kysely';
import { PAYMENT_INFIX } from '../../contracts/follow-payment.ts';
import { EventType } from '../../contracts/events.ts';
import { REFUND_INFIX } from '../../contracts/refund-order.ts';
import { RETURN_INFIX } from '../../contracts/return-order.ts';
import type { Attempt } from '../../domain/explanation-facts.ts';
import { sentenceOf } from '../../domain/happening.ts';
import type { OrderRecords, RecordedFacts } from '../../ports/explanation.ts';
import { toInstant, type Database } from './database.ts';
import { authorizedOf } from './order-reading.ts';
import { sinceOf } from './parked-steps.ts';

// An order that parks again and again must not fill an answer; the newest tell most.
const MAX_HAPPENED = 50;
const MAX_ATTEMPTS = 20;

type Row = Omit<RecordedFacts, 'payment' | 'stock' | 'happened' | 'attempts'> & {
  paymentState: RecordedFacts['payment']['state'];
  capturedMinor: number;
  refundedMinor: number;
  disputedMinor: number;
  strayMinor: number;
  authorizedMinor: number;
  dueMinor: number;
  heldUnits: number;
  soldUnits: number;
  holdUntil: string | null;
  events: { at: string; type: string; data: Record<string, unknown> }[];
  attempts: Attempt[];
};

export const createOrderRecords = ({ db }: { db: Database }): OrderRecords => ({
  find: async (request) => {
    const { rows } = await select(request).execute(db);
    return rows[0] ? toFacts(rows[0]) : null;
  },
});

// Of order `o`, in the form of RefundFact.
const refunds = sql`(
    select coalesce(json_agg(json_build_object('number', number, 'amountMinor', amount_minor, 'state', state, 'reason', reason,
             'movedMinor', (
               select coalesce(sum(amount_minor), 0) from refund_parts t
               where t.order_id = refunds.order_id and t.number = refunds.number and refund_id is not null
             )) order by number), '[]')
    from refunds where order_id = o.id
  )`;

// Of order `o`, in the form of WaitingUnits.
const backorders = sql`(
    select coalesce(json_agg(json_build_object('sku', sku, 'quantity', quantity - filled, 'since', created_at) order by position), '[]')
    from backorders where order_id = o.id and state = 'waiting'
  )`;

// Of order `o`, in the form of ReturnFact.
const returns = sql`(
    select coalesce(json_agg(json_build_object('number', t.number, 'status', t.status, 'reason', t.reason, 'units', u.units,
             'worthMinor', u.worth, 'until', case when t.status in ('requested', 'approved') then t.wait_until end) order by t.number), '[]')
    from returns t cross join lateral (
      select sum(q.quantity) as units, sum(q.quantity * l.unit_price_minor) as worth
      from return_lines r join order_lines l using (order_id, sku)
      cross join lateral (
        select case when t.received_at is null then r.quantity else r.restocked + r.written_off end as quantity
      ) q
      where r.order_id = t.order_id and r.number = t.number
    ) u where t.order_id = o.id
  )`;

// Of order `o`, in the form of ParkedFact.
const parkedSteps = sql`(
    select coalesce(json_agg(json_build_object('step', s.step, 'reason', s.reason, 'since', ${sinceOf('s')},
             'workflowId', s.workflow_id, 'payment', f.payment, 'refund', (
               select number from refunds where order_id = s.order_id and s.workflow_id = order_id || ${REFUND_INFIX} || number
             ), 'return', (
               select number from returns where order_id = s.order_id and s.workflow_id = order_id || ${RETURN_INFIX} || number
             )) order by s.since, s.id), '[]') as parked
    from parked_steps s
    left join lateral (
      select json_build_object('isOwn', not f.stray, 'amountMinor', f.amount_minor,
               'capturedMinor', coalesce(sum(l.amount_minor) filter (where l.kind = 'captured'), 0),
               'refundedMinor', coalesce(-sum(l.amount_minor) filter (where l.kind = 'refunded'), 0),
               'dueMinor', coalesce(sum(l.amount_minor) filter (where l.kind = 'captured'), 0) - (
                 select coalesce(sum(t.amount_minor), 0) from refund_parts t
                 where t.order_id = f.order_id and t.ordinal = f.ordinal and t.refund_id is not null
               ),
               'lostMinor', coalesce(-sum(l.amount_minor) filter (where d.state = 'lost'), 0),
               'heldMinor', coalesce(-sum(l.amount_minor) filter (where d.state = 'open'), 0),
               'askedMinor', (
                 select coalesce(sum(greatest(0, q.amount_minor + (
                          select coalesce(sum(amount_minor), 0) from ledger where dispute_id = q.dispute_id))), 0)
                 from disputes q where q.order_id = f.order_id and q.ordinal = f.ordinal and q.state = 'open'
               )) as payment
      from payments f left join ledger l on l.order_id = f.order_id and l.ordinal = f.ordinal
      left join disputes d on d.dispute_id = l.dispute_id
      where f.order_id = o.id and s.workflow_id = o.id || ${PAYMENT_INFIX} || f.provider_id
      group by f.order_id, f.ordinal
    ) f on true
    where s.order_id = o.id and s.closed_at is null
  )`;

const select = ({ tenant, orderId }: { tenant: string; orderId: string }) => sql<Row>`
  select o.id as "orderId", o.status, o.closed_at is not null as "isClosed", o.waiting, (${pendingReview}) as review, o.ending,
         o.event_count = 1 as "awaitsLaunch", o.currency, o.total_minor as "totalMinor", p.state as "paymentState", m.captured as "capturedMinor",
         m.refunded as "refundedMinor", m.disputed as "disputedMinor", m.stray as "strayMinor", ${authorizedOf('o')} as "authorizedMinor", (
           select coalesce(sum(amount_minor), 0)::bigint from payment_captures where order_id = o.id and state = 'due') as "dueMinor", d.disputes, ${refunds} as refunds, ${backorders} as backorders, ${returns} as returns, (${openAmendment}) as amendment, s.held as "heldUnits",
         s.sold as "soldUnits", s.until as "holdUntil", k.parked, e.events, a.attempts
  from orders o
  cross join lateral (select state from payments where order_id = o.id and not stray order by ordinal desc limit 1) p
  cross join lateral (
    select coalesce(sum(l.amount_minor) filter (where kind = 'captured'), 0)::bigint as captured,
           coalesce(-sum(l.amount_minor) filter (where kind = 'refunded'), 0)::bigint as refunded,
           coalesce(-sum(l.amount_minor) filter (where kind in ('disputed', 'reinstated')), 0)::bigint as disputed,
           coalesce(sum(l.amount_minor) filter (where y.stray and not exists (
             select 1 from amendments m where m.order_id = y.order_id and m.number = y.amendment and m.state = 'pending')), 0)::bigint as stray
    from ledger l join payments y using (order_id, ordinal) where l.order_id = o.id
  ) m
  cross join lateral (
    select coalesce(json_agg(json_build_object('disputeId', dispute_id, 'state', state, 'reason', reason, 'amountMinor', amount_minor,
                                               'evidenceDueAt', evidence_due_at) order by evidence_due_at, dispute_id), '[]') as disputes
    from disputes where order_id = o.id and state <> 'won'
  ) d
  cross join lateral (
    select coalesce(sum(quantity) filter (where state = 'held'), 0)::bigint as held,
           coalesce(sum(quantity) filter (where state = 'sold'), 0)::bigint as sold,
           max(expires_at) filter (where state = 'held') as until
    from reservations where order_id = o.id
  ) s
  cross join lateral ${parkedSteps} k
  cross join lateral (
    select coalesce(json_agg(json_build_object('at', "timestamp", 'type', event_type, 'data', data) order by sequence), '[]') as events
    from (
      select * from events where order_id = o.id and event_type <> ${EventType.orderParkedReminder}
      order by sequence desc limit ${MAX_HAPPENED}
    ) newest
  ) e
  cross join lateral (
    select coalesce(json_agg(json_build_object('step', step, 'attempt', attempt, 'at', at, 'message', message,
                                               'nextTryAt', next_try_at) order by id desc), '[]') as attempts
    from (select * from step_attempts where order_id = o.id order by id desc limit ${MAX_ATTEMPTS}) newest
  ) a
  where o.id = ${orderId} and o.tenant = ${tenant}`;

// Of order `o`, in the form of AmendmentFact.
const openAmendment = sql`
  select json_build_object('number', m.number, 'reason', m.reason, 'chargeMinor', m.charge_minor, 'fromMinor', m.before -> 'totalMinor',
                           'toMinor', m.after -> 'totalMinor')
  from amendments m where m.order_id = o.id and m.state = 'pending'`;

// Of order `o`: the review that it waits for.
const pendingReview = sql`
  select json_build_object('reasons', (select json_agg(reason ->> 'message') from jsonb_array_elements(reasons) reason),
                           'until', until, 'escalatesAt', case when escalated_at is null then escalate_at end,
                           'isEscalated', escalated_at is not null, 'onExpiry', on_expiry) as review
  from reviews where order_id = o.id and state = 'pending'`;

function toFacts({
  paymentState,
  capturedMinor,
  refundedMinor,
  disputedMinor,
  strayMinor,
  authorizedMinor,
  dueMinor,
  heldUnits,
  soldUnits,
  holdUntil,
  ...row
}: Row): RecordedFacts {
  const { events, attempts, disputes, review, returns: returned, ...facts } = row;
  return {
    ...facts,
    review: review && {
      ...review,
      until: toInstant(review.until),
      escalatesAt: review.escalatesAt && toInstant(review.escalatesAt),
    },
    payment: {
      state: paymentState,
      capturedMinor,
      refundedMinor,
      disputedMinor,
      strayMinor,
      authorizedMinor,
      dueMinor,
    },
    returns: returned.map(({ until, ...one }) => ({ ...one, until: until && toInstant(until) })),
    disputes: disputes.map(({ evidenceDueAt, ...dispute }) => ({
      ...dispute,
      evidenceDueAt: evidenceDueAt && toInstant(evidenceDueAt),
    })),
    backorders: facts.backorders.map((units) => ({ ...units, since: toInstant(units.since) })),
    stock: { heldUnits, soldUnits, holdUntil: holdUntil && toInstant(holdUntil) },
    happened: events.map(({ at, ...event }) => ({ at: toInstant(at), sentence: sentenceOf(event) })),
    attempts: attempts.map((attempt) => ({
      ...attempt,
      at: toInstant(attempt.at),
      nextTryAt: attempt.nextTryAt && toInstant(attempt.nextTryAt),
    })),
  };
}
