// What must hold whatever happened, computed from rows and from the provider's journal. The one home of these rules: every
// e2e and chaos test asserts them at its end.
import { expect } from '@jest/globals';
import type { Stack } from './stack.ts';

type Violation = Record<string, unknown>;

/** Checks every invariant, and closes the stack whatever came of it: what stays open would hold up the run. */
export async function closeChecked(stack: Stack, { accepted = [] as readonly string[] } = {}): Promise<void> {
  try {
    await expectInvariants(stack, { accepted });
  } finally {
    await stack.close();
  }
}

/** Fails with every violated invariant and the rows that violate it. `accepted`: ids that were answered with 2xx. */
async function expectInvariants(
  stack: Pick<Stack, 'db' | 'journal'>,
  { accepted = [] as readonly string[] } = {},
): Promise<void> {
  const found: Record<string, Violation[]> = {};
  for (const [name, query] of Object.entries(queries)) {
    const { rows } = await stack.db.query<Violation>(query);
    if (rows.length > 0) found[name] = rows;
  }
  const journal = await stack.journal();
  found['provider journal = ledger, order by order'] = await compareWithJournal(stack, journal);
  found['one effect per idempotency key'] = repeatedEffects(journal);
  const { rows } = await stack.db.query<{ id: string }>('select id from orders');
  const known = new Set(rows.map(({ id }) => id));
  found['every 2xx order exists'] = accepted.filter((id) => !known.has(id)).map((id) => ({ id }));
  expect(Object.fromEntries(Object.entries(found).filter(([, violations]) => violations.length > 0))).toEqual({});
}

const queries: Record<string, string> = {
  'a closed order is worth exactly what was taken': `
    select o.id, o.status, o.total_minor, coalesce(sum(l.amount_minor), 0) as taken from orders o left join ledger l on l.order_id = o.id
    where o.status in ('confirmed', 'rejected', 'cancelled')
      -- Somebody else moved its money, and an operator has been told.
      and o.attention ->> 'step' is distinct from 'follow-payment' group by o.id
    having coalesce(sum(l.amount_minor), 0) <> case when o.status = 'confirmed' then o.total_minor else 0 end`,
  'on hand = opening + adjusted + restocked − sold': `
    select s.sku, s.on_hand, coalesce(sum(m.on_hand_delta), 0) as moved from stock s
    left join stock_movements m using (tenant, warehouse, sku) group by s.tenant, s.warehouse, s.sku
    having s.on_hand <> coalesce(sum(m.on_hand_delta), 0)`,
  '0 ≤ reserved ≤ on hand': 'select sku, on_hand, reserved from stock where reserved < 0 or reserved > on_hand',
  'reserved = sum of what is held': `
    select s.sku, s.reserved, coalesce(sum(r.quantity) filter (where r.state = 'held'), 0) as held from stock s
    left join reservations r using (tenant, warehouse, sku) group by s.tenant, s.warehouse, s.sku
    having s.reserved <> coalesce(sum(r.quantity) filter (where r.state = 'held'), 0)`,
  'closed orders hold nothing': `
    select o.id, o.status, r.sku from orders o join reservations r on r.order_id = o.id
    where o.status in ('confirmed', 'rejected', 'cancelled') and r.state = 'held'`,
  'a confirmed order sold exactly its lines': `
    select o.id, l.sku from orders o join order_lines l on l.order_id = o.id
    left join reservations r on r.order_id = o.id and r.sku = l.sku and r.state = 'sold' and r.quantity = l.quantity
    where o.status = 'confirmed' and r.sku is null`,
  'a row of an order belongs to the tenant of its order': `
    select o.id, o.tenant, r.tenant as found from orders o join (
      select order_id, tenant from order_lines union all select order_id, tenant from payments
      union all select order_id, tenant from reservations union all select order_id, tenant from ledger
      union all select order_id, tenant from events union all select order_id, tenant from stock_movements
      union all select order_id, tenant from idempotency_keys
    ) r on r.order_id = o.id where r.tenant <> o.tenant`,
  'sequences are gap-free': `
    select o.id, o.event_count, count(e.*) as events, max(e.sequence) as last from orders o left join events e on e.order_id = o.id
    group by o.id having o.event_count <> count(e.*) or o.event_count <> max(e.sequence)`,
  'positions are dense and follow the sequences': `
    select order_id, sequence, position from (
      select *, lag(position) over (partition by order_id order by sequence) as before, row_number() over (order by position) as place
      from events where position is not null
    ) as numbered where before > position or place <> position`,
};

async function compareWithJournal(
  stack: Pick<Stack, 'db'>,
  journal: Awaited<ReturnType<Stack['journal']>>,
): Promise<Violation[]> {
  const taken = new Map<string, number>();
  for (const { effect, amountMinor, orderId } of journal) {
    const sign = effect === 'captured' ? 1 : effect === 'refunded' ? -1 : 0;
    if (sign !== 0) taken.set(orderId ?? 'no order', (taken.get(orderId ?? 'no order') ?? 0) + sign * amountMinor);
  }
  const { rows } = await stack.db.query<{ order_id: string; balance: number }>(
    'select order_id, sum(amount_minor)::bigint as balance from ledger group by order_id',
  );
  const recorded = new Map(rows.map((row) => [row.order_id, row.balance]));
  const ids = new Set([...taken.keys(), ...recorded.keys()]);
  return [...ids]
    .map((id) => ({ id, provider: taken.get(id) ?? 0, ledger: recorded.get(id) ?? 0 }))
    .filter(({ provider, ledger }) => provider !== ledger);
}

const keyGrammar = /^order_[0-9a-z]{26}:(create|confirm|void|refund):\d+(:r[2-9]\d*)?$/;

function repeatedEffects(journal: Awaited<ReturnType<Stack['journal']>>): Violation[] {
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
