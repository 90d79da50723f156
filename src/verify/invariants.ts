// What must hold whatever happened, computed from rows and from the provider's journal. The one home of these rules: the
// e2e and chaos tests assert them at their end, and so does `npm run verify`.
import { type Attention, type OrderStatus } from '../domain/order.ts';

export type Violation = Record<string, unknown>;

/** A line of the provider's journal, as far as it matters here. */
export type JournalItem = {
  operation: string;
  effect: string;
  amountMinor: number;
  replayed: boolean;
  idempotencyKey: string | null;
  orderId: string | null;
  paymentIntentId?: string | null;
  fault?: string | null;
  at?: string;
};

/** Of a line `l` of order `o`: how many of its units are on the shelf again, since their shipment never went. */
const givenBack = `
  select coalesce(sum(x.quantity), 0) as units from shipments h join shipment_lines x using (order_id, number)
  where h.order_id = o.id and x.sku = l.sku and h.replaces is null and h.given_back_at is not null`;

// By name, a query that answers with the rows that break the rule. The chaos page asks some of them about a few orders, by queries of the
// same names before them: nothing may be grouped by a key alone.
export const rowRules: Readonly<Record<string, string>> = {
  'a closed order is worth exactly what was taken': `
    select o.id, o.status, o.total_minor, coalesce(sum(l.amount_minor), 0) as taken from orders o left join ledger l on l.order_id = o.id
      -- What an amendment under way has charged is not the order's yet.
      and not exists (select 1 from payments y join amendments m on m.order_id = y.order_id and m.number = y.amendment
                      where y.order_id = l.order_id and y.ordinal = l.ordinal and m.state = 'pending')
    where o.status not in ('placed', 'reserved') and (o.ending is null or o.closed_at is not null)
      -- Somebody else moved its money, and an operator has been told, or has taken it as it stands.
      and not exists (select 1 from parked_steps p where p.order_id = o.id and p.step = 'follow-payment' and p.closed_at is null)
      and not exists (
        select 1 from payments p where p.order_id = o.id and p.acknowledged_at >= (
          select max(at) from ledger m where m.order_id = p.order_id and m.ordinal = p.ordinal)
      )
    group by o.id, o.status, o.total_minor, o.reduced_minor
    having coalesce(sum(l.amount_minor), 0) <> case when o.status in ('confirmed', 'shipped', 'delivered') then case
      -- Paid as it ships: so far what was handed over, or was about to be before its authorization ended.
      when exists (select 1 from payments a where a.order_id = o.id and a.authorized_at is not null and not a.stray) then (
        select coalesce(sum(amount_minor), 0) from payment_captures where order_id = o.id and state = 'captured')
      else o.total_minor + o.reduced_minor end - (
      select coalesce(sum(amount_minor), 0) from refund_parts where order_id = o.id and refund_id is not null) else 0 end`,
  'what was handed over of an order that is paid as it ships is captured, or about to be': `
    select s.order_id, s.number from shipments s join orders o on o.id = s.order_id and o.capture = 'per-shipment' and o.ending is null
    where s.dispatched_at is not null and s.replaces is null
      and exists (select 1 from payments a where a.order_id = o.id and a.authorized_at is not null and not a.stray)
      and not exists (select 1 from payment_captures c where c.order_id = s.order_id and (c.is_rest or c.shipment = s.number))`,
  'captures come to no more than was taken of their payment, and with what is due to no more than was authorized': `
    select p.order_id, p.ordinal, p.amount_minor, c.captured, c.due, l.taken from payments p
    cross join lateral (
      select coalesce(sum(amount_minor) filter (where state = 'captured'), 0) as captured,
             coalesce(sum(amount_minor) filter (where state = 'due'), 0) as due
      from payment_captures where order_id = p.order_id and ordinal = p.ordinal) c
    cross join lateral (
      select coalesce(sum(amount_minor), 0) as taken from ledger where order_id = p.order_id and ordinal = p.ordinal and kind = 'captured') l
    where p.authorized_at is not null and (c.captured + c.due > p.amount_minor or c.captured > l.taken)`,
  'what is authorized of an order that is over is about to be captured or released': `
    select o.id, o.status, p.ordinal from orders o join payments p on p.order_id = o.id and p.state = 'authorized' and not p.stray
    where o.closed_at is not null and p.capture_after is null`,
  'all captures of an order that has shipped as it was sold come to its total': `
    select o.id, o.total_minor, c.asked from orders o cross join lateral (
      select sum(amount_minor) as asked from payment_captures where order_id = o.id) c
    where o.status = 'delivered' and o.capture = 'per-shipment' and c.asked <> o.total_minor
      and not exists (select 1 from backorders where order_id = o.id and state <> 'filled')
      and not exists (select 1 from shipments where order_id = o.id and withdrawn_at is not null)`,
  'refunds that were asked for come to no more than was taken': `
    select r.order_id, sum(r.amount_minor) as asked, c.taken from refunds r cross join lateral (
      select coalesce(sum(l.amount_minor), 0) as taken from ledger l join payments p using (order_id, ordinal)
      where l.order_id = r.order_id and l.kind = 'captured' and not p.stray) c
    where r.state <> 'abandoned' group by r.order_id, c.taken having sum(r.amount_minor) > c.taken`,
  'a refund is done with all of its parts, and given up with none': `
    select r.order_id, r.number, r.state from refunds r join refund_parts t using (order_id, number)
    left join ledger l on l.provider_object = t.refund_id and l.kind = 'refunded'
    group by r.order_id, r.number
    having sum(t.amount_minor) <> r.amount_minor or count(t.refund_id) <> count(l.id) filter (where -l.amount_minor = t.amount_minor)
      or (r.state = 'completed') <> (count(t.refund_id) = count(*)) or (r.state = 'abandoned' and count(t.refund_id) > 0)`,
  'of no line more units are refunded than were sold': `
    select l.order_id, l.sku, l.quantity, sum(x.quantity) as refunded from order_lines l join refund_lines x using (order_id, sku)
    join refunds r using (order_id, number) where r.state <> 'abandoned'
    group by l.order_id, l.sku having sum(x.quantity) > l.quantity`,
  'of no line more units come back than were shipped, or sold': `
    select l.order_id, l.sku, sum(case when t.received_at is null then l.quantity else l.restocked + l.written_off end) as returned
    from return_lines l join returns t using (order_id, number) join orders o on o.id = l.order_id
    where t.status not in ('rejected', 'expired')
    group by l.order_id, l.sku, o.ships
    having sum(case when t.received_at is null then l.quantity else l.restocked + l.written_off end) > case
      when o.ships then (
        select coalesce(sum(x.quantity), 0) from shipments s join shipment_lines x using (order_id, number)
        where s.order_id = l.order_id and x.sku = l.sku and s.status in ('dispatched', 'lost', 'delivered', 'returned')
          and not exists (select 1 from shipments r where r.order_id = s.order_id and r.replaces = s.number))
      else (select coalesce(sum(quantity), 0) from reservations where order_id = l.order_id and sku = l.sku and state = 'sold') end`,
  'what came back and was restocked is in the movements': `
    select l.order_id, l.sku, sum(l.restocked) as restocked, m.moved from return_lines l cross join lateral (
      select coalesce(sum(on_hand_delta), 0) as moved from stock_movements
      where order_id = l.order_id and sku = l.sku and kind = 'restocked' and reason like 'return %') m
    group by l.order_id, l.sku, m.moved having sum(l.restocked) <> m.moved`,
  'a completed return has its refund, of exactly what came, or says why there is none': `
    select t.order_id, t.number, t.status, f.state, t.no_refund from returns t
    left join refunds f on f.order_id = t.order_id and f.number = t.refund_number
    where (t.status = 'completed' and not coalesce(f.state = 'completed' or (t.no_refund ->> 'isFinal')::boolean, false))
       or (f.state <> 'abandoned' and exists (
         select 1 from return_lines l left join refund_lines x
           on x.order_id = l.order_id and x.sku = l.sku and x.number = f.number
         where (l.order_id, l.number) = (t.order_id, t.number) and coalesce(x.quantity, 0) <> l.restocked + l.written_off))`,
  'a return has at most one order in exchange, of the same customer and tenant': `
    select o.id, o.exchange_of_order, o.exchange_of_return from orders o join orders b on b.id = o.exchange_of_order
    where b.customer_id <> o.customer_id or b.tenant <> o.tenant or 1 < (
      select count(*) from orders x where (x.exchange_of_order, x.exchange_of_return) = (o.exchange_of_order, o.exchange_of_return)
        and x.status not in ('rejected', 'cancelled'))`,
  'nothing is refunded beyond what was left, and a dispute leaves less': `
    select order_id, ordinal, provider_object, left_minor from (
      select *, sum(case when kind = 'captured' then amount_minor else 0 end) over (partition by order_id, ordinal)
        + sum(case when kind = 'captured' then 0 else amount_minor end) over (partition by order_id, ordinal order by id) as left_minor
      from ledger) as running where kind = 'refunded' and left_minor < 0`,
  'an open dispute of an ended order is in front of somebody': `
    select o.id, d.dispute_id from orders o join disputes d on d.order_id = o.id join payments p using (order_id, ordinal)
    where d.state = 'open' and o.status not in ('placed', 'reserved') and o.attention is null
      and (p.acknowledged_at is null or p.acknowledged_at < d.known_at)`,
  'on hand = opening + adjusted + restocked − sold': `
    select * from (
      select s.sku, s.on_hand, coalesce(max(c.moved), 0) + coalesce(sum(m.on_hand_delta) filter (where m.id > coalesce(c.upto_id, 0)), 0) as moved
      from stock s left join stock_sums c using (tenant, warehouse, sku) left join stock_movements m using (tenant, warehouse, sku)
      group by s.tenant, s.warehouse, s.sku) s where on_hand <> moved`,
  '0 ≤ reserved ≤ on hand': 'select sku, on_hand, reserved from stock where reserved < 0 or reserved > on_hand',
  'reserved = sum of what is held': `
    select s.sku, s.reserved, coalesce(sum(r.quantity) filter (where r.state = 'held'), 0) as held from stock s
    left join reservations r using (tenant, warehouse, sku) group by s.tenant, s.warehouse, s.sku
    having s.reserved <> coalesce(sum(r.quantity) filter (where r.state = 'held'), 0)`,
  'closed orders hold nothing': `
    select o.id, o.status, r.sku from orders o join reservations r on r.order_id = o.id
    where o.status not in ('placed', 'reserved') and r.state = 'held' and not exists (
      select 1 from amendments m where m.order_id = r.order_id and m.number = r.amendment and m.state = 'pending')`,
  'a payment counts for the order exactly when its amendment is applied': `
    select p.order_id, p.ordinal, p.state, m.state as amendment from payments p
    join amendments m on m.order_id = p.order_id and m.number = p.amendment
    where p.stray = (m.state = 'applied') or (m.state = 'applied' and p.state not in ('captured', 'refunded'))
      or (m.state = 'refused' and (p.fenced_at is null or p.state in ('pending', 'authorized')))`,
  'what is to be sent of an order is what it has bought': `
    select o.id, l.sku, l.quantity, s.planned from orders o join order_lines l on l.order_id = o.id
    left join lateral (
      select sum(t.quantity) as planned from shipments h join shipment_lines t using (order_id, number)
      where h.order_id = o.id and t.sku = l.sku and (h.status <> 'cancelled' or h.withdrawn_at is not null)
        and not exists (select 1 from shipments r where r.order_id = h.order_id and r.replaces = h.number)
    ) s on true
    where o.status in ('confirmed', 'shipped', 'delivered') and o.ending is null and o.on_shortage = 'reject'
      and exists (select 1 from shipments where order_id = o.id) and s.planned is distinct from l.quantity`,
  // What it waits for, or has waited for in vain, apart; and what was to be sent and never is.
  'a confirmed order sold exactly its lines': `
    select o.id, l.sku from orders o join order_lines l on l.order_id = o.id
    left join lateral (
      select sum(quantity) as sold from reservations where order_id = o.id and sku = l.sku and state = 'sold'
    ) r on true
    left join backorders b on b.order_id = o.id and b.sku = l.sku
    left join lateral (${givenBack}) g on true
    where o.status in ('confirmed', 'shipped', 'delivered')
      and coalesce(r.sold, 0) <> l.quantity - coalesce(b.quantity - b.filled, 0) - g.units`,
  'held + sold + waiting + expired + cancelled = ordered, where an order may wait for stock': `
    select l.order_id, l.sku, l.quantity, r.units, b.quantity as missing, b.filled from order_lines l
    join orders o on o.id = l.order_id and o.on_shortage <> 'reject' and o.status <> 'placed'
    left join lateral (select sum(quantity) as units from reservations where order_id = o.id and sku = l.sku) r on true
    left join backorders b on b.order_id = l.order_id and b.sku = l.sku
    left join lateral (${givenBack}) g on true
    where (r.units is not null or b.order_id is not null)
      and coalesce(r.units, 0) + coalesce(b.quantity - b.filled, 0) + g.units <> l.quantity`,
  'what was given back of a shipment that never went is on the shelf again, once': `
    select s.order_id, s.number, l.sku, l.quantity, m.moved from shipments s join shipment_lines l using (order_id, number)
    cross join lateral (
      select coalesce(sum(on_hand_delta), 0) as moved from stock_movements
      where order_id = s.order_id and sku = l.sku and kind = 'restocked' and reason = 'shipment ' || s.number || ' is not sent') m
    where m.moved <> case when s.given_back_at is null then 0 else l.quantity end`,
  'no closed order waits for stock, and none is closed before what came for it is planned': `
    select o.id, b.sku, b.state from orders o join backorders b on b.order_id = o.id
    where o.closed_at is not null and (b.state = 'waiting' or b.news_at is not null)`,
  'first come, first served: nobody gets stock while somebody waits who came before': `
    select later.order_id, earlier.order_id as before, later.sku from backorders later
    join backorders earlier on earlier.tenant = later.tenant and earlier.sku = later.sku and earlier.position < later.position
    where later.first_filled_at < coalesce(earlier.ended_at, 'infinity')`,
  'nobody waits for stock that is there, unless somebody is about to look': `
    select b.tenant, b.sku, sum(s.on_hand - s.reserved) as available from stock s
    join warehouses w on w.tenant = s.tenant and w.id = s.warehouse and w.ships
    join (select distinct tenant, sku from backorders where state = 'waiting') b on b.tenant = s.tenant and b.sku = s.sku
    left join stock_marks m on m.tenant = b.tenant and m.sku = b.sku
    where m.sku is null group by b.tenant, b.sku having sum(s.on_hand - s.reserved) > 0`,
  'what is sold of a closed order that was shipped stands in its shipments, once': `
    select r.order_id, r.warehouse, r.sku, r.quantity, p.planned from reservations r join orders o on o.id = r.order_id
    left join lateral (
      select sum(l.quantity) as planned from shipments s join shipment_lines l using (order_id, number)
      where s.order_id = r.order_id and s.replaces is null and s.given_back_at is null and s.warehouse = r.warehouse and l.sku = r.sku
    ) p on true
    where o.ships and o.status = 'delivered' and r.state = 'sold' and p.planned is distinct from r.quantity`,
  'a row of an order belongs to the tenant of its order': `
    select o.id, o.tenant, r.tenant as found from orders o join (
      select order_id, tenant from order_lines union all select order_id, tenant from payments
      union all select order_id, tenant from reservations union all select order_id, tenant from ledger
      union all select order_id, tenant from events union all select order_id, tenant from stock_movements
      union all select order_id, tenant from idempotency_keys union all select order_id, tenant from parked_steps
      union all select order_id, tenant from disputes union all select order_id, tenant from reviews union all select order_id, tenant from refunds
      union all select order_id, tenant from backorders
      union all select order_id, tenant from returns
      union all select order_id, tenant from amendments
      union all select order_id, tenant from payment_captures
    ) r on r.order_id = o.id where r.tenant <> o.tenant`,
  'an order waits for a review exactly while one is pending, and no charge has begun by then': `
    select o.id, o.status, o.waiting, r.state, p.provider_id from orders o left join reviews r on r.order_id = o.id
    left join payments p on p.order_id = o.id and p.provider_id is not null
    where coalesce(o.waiting ->> 'for' = 'review', false) <> coalesce(r.state = 'pending', false)
       or (r.state = 'pending' and (p.provider_id is not null or o.status <> 'reserved'))`,
  'sequences are gap-free': `
    select o.id, o.event_count, count(e.*) as events, max(e.sequence) as last from orders o left join events e on e.order_id = o.id
    group by o.id, o.event_count having o.event_count <> count(e.*) or o.event_count <> max(e.sequence)`,
  'instants and deadlines are those of the database': `
    select o.id, e."timestamp", r.expires_at, p.fenced_at from orders o
    join events e on e.order_id = o.id and e.event_type = 'inventory.reserved'
    left join reservations r on r.order_id = o.id left join payments p on p.order_id = o.id left join reviews v on v.order_id = o.id
    where r.expires_at <= e."timestamp" or r.expires_at > greatest(v.until, clock_timestamp()) + interval '48 hours'
       or e."timestamp" > clock_timestamp() or o.updated_at > clock_timestamp() or p.updated_at > clock_timestamp()`,
  'positions are dense and follow the sequences': `
    select order_id, sequence, position from (
      select *, lag(position) over (partition by order_id order by sequence) as before, row_number() over (order by position) as place
      from events where position is not null
    ) as numbered where before > position
      -- A recovery leaves a gap behind what the lost database had given.
      or place <> position - (select coalesce(sum(feed_to - feed_from), 0) from recoveries where feed_to < position)`,
  'the database is not taken for one that is behind': `
    select epoch, behind_since, evidence from database_epoch where behind_since is not null`,
};

/** What is parked, by the rows of the parkings. */
export type ParkedRow = { orderId: string; workflowId: string; step: string; reason: string; since: string };

/** Reads every `ParkedRow`, the longest parked first. */
export const parkedQuery = `
  select order_id as "orderId", workflow_id as "workflowId", step, reason,
         to_char(since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as since
  from parked_steps where closed_at is null order by parked_steps.since, id`;

type MarkedOrder = { id: string; status: OrderStatus; isClosed: boolean; attention: Attention | null };

/** Orders whose mark is not the oldest of their parked steps. */
export const wronglyMarked = (orders: readonly MarkedOrder[], parked: readonly ParkedRow[]): Violation[] =>
  orders.flatMap(({ id, attention }) => {
    const expected = parked.find(({ orderId }) => orderId === id) ?? null;
    const isRight =
      attention?.step === expected?.step &&
      attention?.reason === expected?.reason &&
      attention?.since === expected?.since;
    return isRight ? [] : [{ id, attention, expected }];
  });

/** Closed orders whose own story has a parked step: nobody waits for a decision about it. */
export const parkedThoughClosed = (orders: readonly MarkedOrder[], parked: readonly ParkedRow[]): Violation[] =>
  orders
    .filter(({ id, isClosed }) => isClosed && parked.some(({ workflowId }) => workflowId === id))
    .map(({ id, status }) => ({ id, status }));

/** What the effects of the journal that move money do to what is ours; others do nothing. */
export const signs: Readonly<Record<string, 1 | -1>> = { captured: 1, refunded: -1, disputed: -1, reinstated: 1 };

/** What the provider's journal and our ledger say was taken for an order, where they differ. */
export function compareWithJournal(
  ledger: readonly { orderId: string; balance: number }[],
  journal: readonly JournalItem[],
): Violation[] {
  const taken = new Map<string, number>();
  for (const { effect, amountMinor, orderId } of journal) {
    const sign = signs[effect] ?? 0;
    if (sign !== 0) taken.set(orderId ?? 'no order', (taken.get(orderId ?? 'no order') ?? 0) + sign * amountMinor);
  }
  const recorded = new Map(ledger.map(({ orderId, balance }) => [orderId, balance]));
  const ids = new Set([...taken.keys(), ...recorded.keys()]);
  return [...ids]
    .map((id) => ({ id, provider: taken.get(id) ?? 0, ledger: recorded.get(id) ?? 0 }))
    .filter(({ provider, ledger: ours }) => provider !== ours);
}

const keyGrammar =
  /^order_[0-9a-z]{26}:((create|confirm|void|refund|capture|release|customer):\d+|refundPart:\d+\.\d+)(:r([2-9]|[1-9]\d+))?$/;

/** Keys under which more than one thing happened, and keys that are not ours to use. */
export function repeatedEffects(journal: readonly JournalItem[]): Violation[] {
  const seen = new Map<string, number>();
  for (const { effect, idempotencyKey } of journal) {
    if (effect !== 'none' && idempotencyKey !== null) seen.set(idempotencyKey, (seen.get(idempotencyKey) ?? 0) + 1);
  }
  const keys = [...new Set(journal.flatMap(({ idempotencyKey }) => idempotencyKey ?? []))];
  return [
    ...[...seen].filter(([, count]) => count > 1).map(([key, count]) => ({ key, count })),
    ...keys.filter((key) => !keyGrammar.test(key)).map((key) => ({ key, problem: 'not of the grammar of keys' })),
  ];
}

/** Ids that were answered with 2xx and are not in the database. */
export function lostOrders(accepted: readonly string[], known: readonly string[]): Violation[] {
  const ids = new Set(known);
  return accepted.filter((id) => !ids.has(id)).map((id) => ({ id }));
}
