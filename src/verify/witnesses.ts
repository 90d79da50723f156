// Asks the witnesses of a run what they know; decides nothing. Read-only.
import { readFile } from 'node:fs/promises';
import { defaultPayloadConverter } from '@temporalio/common';
import { DefaultLogger, makeTelemetryFilterString, Runtime, Worker } from '@temporalio/worker';
import type { OrderOutcome } from '../contracts/process-order.ts';
import type { Attention, OrderStatus } from '../domain/order.ts';
import type { ClientEntry } from './client-log.ts';
import { parkedQuery, rowRules, type JournalItem, type ParkedRow, type Violation } from './invariants.ts';
import type { VerifyStack } from './stack.ts';

export type OrderRow = {
  id: string;
  status: OrderStatus;
  attention: Attention | null;
  rejectionCode: string | null;
  key: string | null;
  answerStatus: number | null;
  answerBody: string | null;
  providerId: string | null;
  paymentMethod: string;
  isMarked: boolean;
};
export type EventRow = { orderId: string; type: string; at: number };
export type HistoryFact = { orderId: string; outcome: string | null; refused: string | null };

export type Witnesses = {
  orders: readonly OrderRow[];
  parkedSteps: readonly ParkedRow[];
  events: readonly EventRow[];
  unnumberedEvents: number;
  ledger: readonly { orderId: string; balance: number }[];
  brokenRows: Readonly<Record<string, readonly Violation[]>>;
  journal: readonly JournalItem[];
  histories: readonly HistoryFact[];
  workflowIds: readonly string[];
  client: readonly ClientEntry[];
  deadlocks: number;
};

const FETCHED_TOGETHER = 8;

/** What the four witnesses know: our rows, the provider's journal, Temporal's histories, and the client. */
export async function askWitnesses(stack: VerifyStack, client: readonly ClientEntry[]): Promise<Witnesses> {
  const rows = await askDatabase(stack);
  return {
    ...rows,
    journal: await askProvider(stack),
    ...(await askTemporal(
      stack,
      rows.orders.map(({ id }) => id),
    )),
    client,
    deadlocks: await countDeadlocks(stack),
  };
}

async function askDatabase({ db }: VerifyStack) {
  const { rows: orders } = await db.query<OrderRow>(`
    select o.id, o.status, o.attention, o.ending -> 'rejection' ->> 'code' as "rejectionCode", k.key,
           k.answer_status as "answerStatus", k.answer_body as "answerBody", p.provider_id as "providerId",
           p.payment_method as "paymentMethod", o.launch_after is not null as "isMarked"
    from orders o left join idempotency_keys k on k.order_id = o.id
    left join lateral (select * from payments where order_id = o.id order by ordinal desc limit 1) p on true`);
  const { rows: parkedSteps } = await db.query<ParkedRow>(parkedQuery);
  const { rows: events } = await db.query<EventRow>(`
    select order_id as "orderId", event_type as type, (extract(epoch from "timestamp") * 1000)::bigint as at
    from events order by order_id, sequence`);
  const { rows: ledger } = await db.query<{ orderId: string; balance: number }>(
    'select order_id as "orderId", sum(amount_minor)::bigint as balance from ledger group by order_id',
  );
  const { rows: unnumbered } = await db.query<{ count: number }>(
    'select count(*)::int as count from events where position is null',
  );
  const brokenRows: Record<string, readonly Violation[]> = {};
  for (const [name, query] of Object.entries(rowRules)) brokenRows[name] = (await db.query<Violation>(query)).rows;
  return { orders, parkedSteps, events, ledger, brokenRows, unnumberedEvents: unnumbered[0]?.count ?? Number.NaN };
}

async function askProvider({ simulatorUrl }: VerifyStack): Promise<JournalItem[]> {
  const answer = await fetch(`${simulatorUrl}/_simulator/journal`);
  return ((await answer.json()) as { items: JournalItem[] }).items;
}

type History = Parameters<typeof Worker.runReplayHistory>[1];
type Fetched = { workflowId: string; history: History; outcome: string | null };

async function askTemporal(
  stack: VerifyStack,
  orderIds: readonly string[],
): Promise<{ histories: HistoryFact[]; workflowIds: string[] }> {
  const fetched = await fetchHistories(stack, orderIds);
  const refused = await replay(stack.bundlePath, fetched);
  const workflowIds: string[] = [];
  for await (const { workflowId } of stack.temporal.workflow.list()) workflowIds.push(workflowId);
  const histories = fetched.map(({ workflowId, outcome }) => ({
    orderId: workflowId,
    outcome,
    refused: refused.get(workflowId) ?? null,
  }));
  return { histories, workflowIds };
}

async function fetchHistories({ temporal }: VerifyStack, orderIds: readonly string[]): Promise<Fetched[]> {
  const left = [...orderIds];
  const fetched: Fetched[] = [];
  const take = async (): Promise<void> => {
    for (let id = left.pop(); id !== undefined; id = left.pop()) {
      const workflowId = id;
      const history = await temporal.workflow
        .getHandle(workflowId)
        .fetchHistory()
        .catch(() => null);
      if (history) fetched.push({ workflowId, history, outcome: outcomeOf(history) });
    }
  };
  await Promise.all(Array.from({ length: FETCHED_TOGETHER }, take));
  return fetched;
}

type RawHistory = {
  events?:
    { workflowExecutionCompletedEventAttributes?: { result?: { payloads?: object[] | null } | null } | null }[] | null;
};

/** What the workflow says became of the order; null when it has not come to its end. */
function outcomeOf(history: RawHistory): string | null {
  const payload = history.events?.at(-1)?.workflowExecutionCompletedEventAttributes?.result?.payloads?.[0];
  return payload ? defaultPayloadConverter.fromPayload<OrderOutcome>(payload).status : null;
}

/** The histories that the worker's own bundle refuses to replay, and why. */
async function replay(bundlePath: string, fetched: readonly Fetched[]): Promise<Map<string, string>> {
  Runtime.install({
    logger: new DefaultLogger('ERROR', () => undefined),
    telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) } },
  });
  const code = await readFile(bundlePath, 'utf8');
  const refused = new Map<string, string>();
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle: { code } }, [...fetched]))
    if (error) refused.set(workflowId, error.message);
  return refused;
}

/** By PostgreSQL's counter, and by its log: the counter starts anew when the server was killed. */
async function countDeadlocks({ db, slots }: VerifyStack): Promise<number> {
  const { rows } = await db.query<{ deadlocks: number }>(
    'select deadlocks from pg_stat_database where datname = current_database()',
  );
  const log = await readFile(slots.postgres.logFile(), 'utf8');
  return Math.max(rows[0]?.deadlocks ?? 0, log.split('deadlock detected').length - 1);
}
