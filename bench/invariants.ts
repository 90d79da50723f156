// What must hold after a cell: the rules of `npm run verify`, and that every accepted order has come to its end. A cell that breaks one
// measured something else than orders, and is void.
import {
  compareWithJournal,
  lostOrders,
  repeatedEffects,
  rowRules,
  type JournalItem,
  type Violation,
} from '../src/verify/invariants.ts';
import type { Variant } from './cells/cell.ts';
import type { Ground } from './cells/ground.ts';
import { UNITS_PER_ORDER } from './load/client.ts';

export type Broken = { rule: string; count: number; examples: readonly Violation[] };

/** What is known of the orders of a cell when it is over. */
export type CellFacts = {
  variant: Variant;
  accepted: readonly string[];
  orders: readonly { id: string; status: string }[];
  brokenRows: Readonly<Record<string, readonly Violation[]>>;
  ledger: readonly { orderId: string; balance: number }[];
  journal: readonly JournalItem[];
  workflows: readonly { id: string; status: string }[];
  unitsSold: number;
  /**
   * Whether an order may have been run more than once: a start whose answer was lost with Temporal is made again, and where the first run has
   * come to its end by then, a second one finds everything done.
   */
  mayRunAgain: boolean;
};

const EXAMPLES = 5;

/** Asks the witnesses. */
export async function askCell(
  ground: Ground,
  accepted: readonly string[],
  { mayRunAgain }: Pick<CellFacts, 'mayRunAgain'>,
): Promise<CellFacts> {
  const { db, variant } = ground;
  const brokenRows: Record<string, Violation[]> = {};
  for (const [name, query] of Object.entries(rowRules)) brokenRows[name] = (await db.query<Violation>(query)).rows;
  const orders = await db.query<{ id: string; status: string }>('select id, status from orders');
  const ledger = await db.query<{ orderId: string; balance: number }>(
    'select order_id as "orderId", sum(amount_minor)::bigint as balance from ledger group by order_id',
  );
  const sold = await db.query<{ units: number }>(
    `select coalesce(-sum(on_hand_delta), 0)::bigint as units from stock_movements where kind = 'sold'`,
  );
  const answer = await fetch(`${ground.simulatorUrl}/_simulator/journal`);
  const { items: journal } = (await answer.json()) as { items: JournalItem[] };
  return {
    ...{ variant, accepted, mayRunAgain, brokenRows, journal, orders: orders.rows, ledger: ledger.rows },
    workflows: runsWorkflows(variant) ? await listWorkflows(ground) : [],
    unitsSold: sold.rows[0]?.units ?? 0,
  };
}

async function listWorkflows({ temporal }: Ground): Promise<CellFacts['workflows']> {
  const found: { id: string; status: string }[] = [];
  for await (const { workflowId, status } of temporal.workflow.list({ pageSize: 1_000 }))
    found.push({ id: workflowId, status: status.name });
  return found;
}

/** Every rule that is broken, and by what; none: the cell counts. */
export function checkCell(facts: CellFacts): Broken[] {
  const rules: Record<string, readonly Violation[]> = {
    'no accepted order is lost': lost(facts),
    'every accepted order has one workflow, and it has completed': withoutWorkflow(facts),
    'every order was accepted, and once': strangers(facts),
    ...(facts.variant === 'floor' ? {} : moneyRules(facts)),
    'as many units are sold as were ordered': wronglySold(facts),
    ...facts.brokenRows,
  };
  return Object.entries(rules)
    .filter(([, violations]) => violations.length > 0)
    .map(([rule, violations]) => ({ rule, count: violations.length, examples: violations.slice(0, EXAMPLES) }));
}

const keepsOrders = (variant: Variant): boolean => variant !== 'empty';
const runsWorkflows = (variant: Variant): boolean => variant !== 'floor' && variant !== 'accept';
/** Nobody takes an order further that was only accepted. */
const endOf = (variant: Variant): string => (variant === 'accept' ? 'placed' : 'confirmed');

function lost({ variant, accepted, orders }: CellFacts): Violation[] {
  if (!keepsOrders(variant)) return [];
  const ids = new Set(accepted);
  const unfinished = orders.filter(({ id, status }) => ids.has(id) && status !== endOf(variant));
  return [
    ...lostOrders(
      accepted,
      orders.map(({ id }) => id),
    ),
    ...unfinished,
  ];
}

function withoutWorkflow({ variant, accepted, workflows, mayRunAgain }: CellFacts): Violation[] {
  if (!runsWorkflows(variant)) return [];
  const statuses = new Map<string, string[]>();
  for (const { id, status } of workflows) statuses.set(id, [...(statuses.get(id) ?? []), status]);
  return accepted
    .map((id) => ({ id, workflows: statuses.get(id) ?? [] }))
    .filter(
      ({ workflows: runs }) =>
        runs.length === 0 || (runs.length > 1 && !mayRunAgain) || runs.some((status) => status !== 'COMPLETED'),
    );
}

/** An answer that was lost on its way may leave an order that nobody counts: then the cell's figures are not those of its orders. */
function strangers({ variant, accepted, orders }: CellFacts): Violation[] {
  if (!keepsOrders(variant)) return [];
  const ids = new Set(accepted);
  const repeated = accepted.length === ids.size ? [] : [{ accepted: accepted.length, distinct: ids.size }];
  return [...repeated, ...orders.filter(({ id }) => !ids.has(id))];
}

function moneyRules({ variant, accepted, ledger, journal }: CellFacts): Record<string, readonly Violation[]> {
  const captures = new Map<string, number>();
  for (const { effect, orderId } of journal)
    if (effect === 'captured') captures.set(orderId ?? '', (captures.get(orderId ?? '') ?? 0) + 1);
  const expected = variant === 'accept' || variant === 'empty' ? 0 : 1;
  return {
    'every order is captured once': accepted
      .map((id) => ({ id, captures: captures.get(id) ?? 0 }))
      .filter((one) => one.captures !== expected),
    'the provider’s journal and the ledger agree': compareWithJournal(ledger, journal),
    'one effect for each key': repeatedEffects(journal),
  };
}

function wronglySold({ variant, accepted, unitsSold }: CellFacts): Violation[] {
  const expected = variant === 'accept' || variant === 'empty' ? 0 : accepted.length * UNITS_PER_ORDER;
  return unitsSold === expected ? [] : [{ unitsSold, expected }];
}
