// What a look reads of the database. What must stay true: its cost does not grow with the number of orders. It looks at orders that have
// changed since the last look, at those that did not fit, at the newest, and at a slice of all the others, so that each has its turn.
import type { PoolClient } from 'pg';
import { rowRules } from '../verify/invariants.ts';

const MOST_EVENTS = 2_000;
const NEWEST = 100;
const SLICE = 300;
/** A movement can appear behind a younger one only while its transaction lasts, which is seconds. */
const MOVEMENTS_REST_AFTER = '30 seconds';

export type Change = { orderId: string; type: string; atMs: number; tookMs: number | null };
export type Settled = { id: string; balanceMinor: number; captures: number; payments: number; isPaidInParts: boolean };

/** Rules of the checker that are about one order, and can be asked about a few. */
export const orderRules = [
  'a closed order is worth exactly what was taken',
  'closed orders hold nothing',
  'a confirmed order sold exactly its lines',
  'sequences are gap-free',
] as const;
export type OrderRule = (typeof orderRules)[number];

/** What a rule takes for all orders becomes these; its other tables it reads by the index of the order. */
const aboutOrders = `with orders as (select orders.* from unnest($1::text[]) as wanted (id) join orders using (id)) `;
/** What is held has an index of its own: what is released or sold is not read. */
const aboutHeld = `with reservations as (select * from reservations where state = 'held') `;

const ruleText = (name: string): string => {
  const text = rowRules[name];
  if (text === undefined) throw new Error(`Expected a rule of the checker; found ${name}`);
  return text;
};

export async function readBase(
  db: PoolClient,
): Promise<{ position: number; placed: number; confirmed: number; rejected: number; cancelled: number }> {
  const { rows } = await db.query<{
    position: string;
    placed: string;
    confirmed: string;
    rejected: string;
    cancelled: string;
  }>(`
    with base as (select coalesce(max(position), 0) as position from events)
    select base.position, ${['placed', 'confirmed', 'rejected', 'cancelled']
      .map(
        (what) =>
          `(select count(*) from events where event_type = 'order.${what}' and position <= base.position) as ${what}`,
      )
      .join(', ')} from base`);
  const [row] = rows;
  const number = (text: string | undefined): number => Number(text ?? 0);
  return {
    ...{ position: number(row?.position), placed: number(row?.placed), confirmed: number(row?.confirmed) },
    ...{ rejected: number(row?.rejected), cancelled: number(row?.cancelled) },
  };
}

/** What happened behind a position, in order; at most so much that a look stays short. */
export async function readChanges(
  db: PoolClient,
  after: number,
): Promise<{ changes: Change[]; position: number; isWhole: boolean }> {
  const { rows } = await db.query<Change & { position: number }>(
    `select e.position::float8 as position, e.order_id as "orderId", e.event_type as type, (extract(epoch from e."timestamp") * 1000)::float8 as "atMs",
       case when e.event_type = 'order.confirmed' then (extract(epoch from e."timestamp" - o.placed_at) * 1000)::float8 end as "tookMs"
     from events e join orders o on o.id = e.order_id where e.position > $1 order by e.position limit ${MOST_EVENTS}`,
    [after],
  );
  return { changes: rows, position: rows.at(-1)?.position ?? after, isWhole: rows.length < MOST_EVENTS };
}

export async function readNow(db: PoolClient): Promise<{ inFlight: number; parked: number }> {
  const { rows } = await db.query<{ inFlight: number; parked: number }>(`
    select (select count(*) from orders where tenant = 'local' and status in ('placed', 'reserved'))::int as "inFlight",
           (select count(*) from parked_steps where tenant = 'local' and closed_at is null)::int as parked`);
  return rows[0] ?? { inFlight: 0, parked: 0 };
}

export const readNewest = async (db: PoolClient): Promise<string[]> =>
  ids(await db.query(`select id from orders where tenant = 'local' order by placed_at desc, id desc limit ${NEWEST}`));

/** The next ones in the round of all; fewer than a slice: the round is over. */
export async function readSlice(db: PoolClient, after: string): Promise<{ ids: string[]; isLast: boolean }> {
  const found = ids(await db.query(`select id from orders where id > $1 order by id limit ${SLICE}`, [after]));
  return { ids: found, isLast: found.length < SLICE };
}

const ids = ({ rows }: { rows: unknown[] }): string[] => (rows as { id: string }[]).map(({ id }) => id);

/** Which of these orders break a rule. */
export const readMisfits = async (db: PoolClient, rule: OrderRule, orderIds: readonly string[]): Promise<string[]> => [
  ...new Set(ids(await db.query(aboutOrders + ruleText(rule), [orderIds]))),
];

/** Products whose numbers can not be: sold or held beyond what there is, or held without anybody who holds it. */
export async function readOversold(db: PoolClient): Promise<string[]> {
  const beyond = await db.query<{ sku: string }>(ruleText('0 ≤ reserved ≤ on hand'));
  const unheld = await db.query<{ sku: string }>(aboutHeld + ruleText('reserved = sum of what is held'));
  return [...beyond.rows, ...unheld.rows].map(({ sku }) => sku);
}

/** What is taken of orders that are over and about whose money nothing is under way. */
export async function readSettled(db: PoolClient, orderIds: readonly string[]): Promise<Settled[]> {
  const { rows } = await db.query<Settled>(
    `select o.id, coalesce(l.balance, 0)::float8 as "balanceMinor", coalesce(l.captures, 0)::int as captures,
       (select count(*) from payments where order_id = o.id)::int as payments,
       exists (select 1 from payment_captures where order_id = o.id) as "isPaidInParts"
     from orders o left join lateral (
       select sum(amount_minor) as balance, count(*) filter (where kind = 'captured') as captures from ledger where order_id = o.id) l on true
     where o.id = any ($1) and o.closed_at is not null
       and not exists (select 1 from refunds where order_id = o.id and state = 'requested')
       and not exists (select 1 from amendments where order_id = o.id and state = 'pending')
       and not exists (select 1 from returns where order_id = o.id and closed_at is null)
       and not exists (select 1 from disputes where order_id = o.id)
       and not exists (select 1 from parked_steps where order_id = o.id and closed_at is null)`,
    [orderIds],
  );
  return rows;
}

/** Which of what was accepted is not there. */
export const readMissing = async (db: PoolClient, accepted: readonly string[]): Promise<string[]> =>
  ids(
    await db.query(
      'select t.id from unnest($1::text[]) as t (id) where not exists (select 1 from orders o where o.id = t.id)',
      [accepted],
    ),
  );

/** Of each shelf, what its movements up to one of them come to. */
export type StockSums = { upTo: number; sums: ReadonlyMap<string, number> };
export const noSums: StockSums = { upTo: 0, sums: new Map() };

/** Products on whose shelf is not what the movements say; and the sums to go on with, so that old movements are added up once. */
export async function readMisplaced(db: PoolClient, base: StockSums): Promise<{ skus: string[]; sums: StockSums }> {
  const { rows: cuts } = await db.query<{ upTo: number | null }>(
    `select greatest(
       (select max(id) from stock_movements where id > $1 and at < clock_timestamp() - interval '${MOVEMENTS_REST_AFTER}'),
       (select max(upto_id) from stock_sums where $1 = 0)
     )::float8 as "upTo"`,
    [base.upTo],
  );
  const upTo = cuts[0]?.upTo ?? base.upTo;
  const { rows } = await db.query<{ place: string; sku: string; onHand: number; moved: number; rests: number }>(
    `select s.tenant || ' ' || s.warehouse || ' ' || s.sku as place, s.sku, s.on_hand::float8 as "onHand",
       (coalesce(max(c.moved), 0) + coalesce(sum(m.on_hand_delta), 0))::float8 as moved,
       (coalesce(max(c.moved), 0) + coalesce(sum(m.on_hand_delta) filter (where m.id <= $2), 0))::float8 as rests
     from stock s
     -- What is archived stands in its sum alone.
     left join stock_sums c on $1 = 0 and (c.tenant, c.warehouse, c.sku) = (s.tenant, s.warehouse, s.sku)
     left join stock_movements m on (m.tenant, m.warehouse, m.sku) = (s.tenant, s.warehouse, s.sku) and m.id > greatest($1, coalesce(c.upto_id, 0))
     group by s.tenant, s.warehouse, s.sku`,
    [base.upTo, upTo],
  );
  const before = (place: string): number => base.sums.get(place) ?? 0;
  return {
    skus: rows.filter(({ place, onHand, moved }) => onHand !== before(place) + moved).map(({ sku }) => sku),
    sums: { upTo, sums: new Map(rows.map(({ place, rests }) => [place, before(place) + rests])) },
  };
}
