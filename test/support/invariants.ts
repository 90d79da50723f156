// What must hold whatever happened (the rules are those of src/verify/invariants.ts), asserted at the end of every e2e and
// chaos test.
import { expect } from '@jest/globals';
import { checkEvents } from '../../src/verify/event-rules.ts';
import {
  compareWithJournal,
  lostOrders,
  parkedQuery,
  parkedThoughClosed,
  repeatedEffects,
  rowRules,
  wronglyMarked,
  type ParkedRow,
  type Violation,
} from '../../src/verify/invariants.ts';
import type { OrderRow } from '../../src/verify/witnesses.ts';
import type { Stack } from './stack.ts';

/** Checks every invariant, and closes the stack whatever came of it: what stays open would hold up the run. */
export async function closeChecked(stack: Stack, { accepted = [] as readonly string[] } = {}): Promise<void> {
  try {
    await expectInvariants(stack, { accepted });
  } finally {
    await stack.close();
  }
}

/** Fails with every violated invariant and the rows that violate it. `accepted`: ids that were answered with 2xx. */
export async function expectInvariants(
  stack: Pick<Stack, 'db' | 'journal'>,
  { accepted = [] as readonly string[] } = {},
): Promise<void> {
  const found: Record<string, Violation[]> = {};
  for (const [name, query] of Object.entries(rowRules)) found[name] = (await stack.db.query<Violation>(query)).rows;
  Object.assign(found, await checkEvents(async <T>(query: string) => (await stack.db.query(query)).rows as T[]));
  const journal = await stack.journal();
  const { rows: ledger } = await stack.db.query<{ orderId: string; balance: number }>(
    'select order_id as "orderId", sum(amount_minor)::bigint as balance from ledger group by order_id',
  );
  found['provider journal = ledger, order by order'] = compareWithJournal(ledger, journal);
  found['one effect per idempotency key'] = repeatedEffects(journal);
  const { rows } = await stack.db.query<Pick<OrderRow, 'id' | 'status' | 'isClosed' | 'attention'>>(
    'select id, status, closed_at is not null as "isClosed", attention from orders',
  );
  const { rows: parked } = await stack.db.query<ParkedRow>(parkedQuery);
  found['attention is the oldest parked step that is open'] = wronglyMarked(rows, parked);
  found['no closed order is parked at a step of its own story'] = parkedThoughClosed(rows, parked);
  found['every 2xx order exists'] = lostOrders(
    accepted,
    rows.map(({ id }) => id),
  );
  expect(Object.fromEntries(Object.entries(found).filter(([, violations]) => violations.length > 0))).toEqual({});
}
