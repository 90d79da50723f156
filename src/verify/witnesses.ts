// Asks the witnesses of a run what they know; decides nothing. Read-only.
import { readFile } from 'node:fs/promises';
import { defaultPayloadConverter } from '@temporalio/common';
import { DefaultLogger, makeTelemetryFilterString, Runtime, Worker } from '@temporalio/worker';
import type { OrderOutcome } from '../contracts/process-order.ts';
import type { Attention, OrderStatus, Waiting } from '../domain/order.ts';
import type { DriftName, DriftOutcome } from '../domain/drift.ts';
import type { ClientEntry } from './client-log.ts';
import { askForDisputes, type DisputeFacts } from './dispute-witness.ts';
import { checkEvents } from './event-rules.ts';
import { parkedQuery, rowRules, type JournalItem, type ParkedRow, type Violation } from './invariants.ts';
import type { VerifyStack } from './stack.ts';
import type { ToldFacts } from './subscriber.ts';

/** A shipment as our rows have it, and the labels that the carrier has made for it. */
export type ShipmentFact = {
  reference: string;
  status: string;
  /** By our rows: the carrier has, or has had, its parcel. */
  hasLeft: boolean;
  parcels: readonly { id: string; status: string }[];
};
export type OrderRow = {
  id: string;
  status: OrderStatus;
  isClosed: boolean;
  attention: Attention | null;
  waiting: Waiting | null;
  rejectionCode: string | null;
  key: string | null;
  answerStatus: number | null;
  answerBody: string | null;
  /** Of every try, and of the payments of others that name the order. */
  providerIds: readonly string[];
  paymentMethod: string;
  isMarked: boolean;
};
export type EventRow = { orderId: string; type: string; at: number };
/**
 * `workflowId` is the order's for its own story, and begins with it for business beside it; comparisons of the books have names of
 * their own. `outcome` is null while it goes on, `terminated` where somebody has ended it in Temporal,
 * `stopped` where the workflow that began it did.
 */
export type HistoryFact = { workflowId: string; outcome: string | null; refused: string | null };
/** What the provider has told the api, or would have: `kept` says whether it came in, `isDone` whether somebody has dealt with it. */
export type NoticeFact = { eventId: string; type: string; kept: boolean; isDone: boolean };

/** The report of a comparison, as far as it matters here. */
export type Comparison = {
  id: string;
  state: string;
  failure: string | null;
  truncated: boolean;
  drifts: readonly { name: DriftName; object: string; found: string; outcome: DriftOutcome }[];
};

/** A comparison of the books: what it did, as often as it did. */
export type ComparisonFact = {
  id: string;
  isOver: boolean;
  failure: string | null;
  did: Readonly<Record<string, number>>;
};

/** What a run knows by itself. */
export type OwnFacts = Pick<Witnesses, 'client' | 'lastComparison' | 'terminated' | 'told'>;

export type Witnesses = {
  orders: readonly OrderRow[];
  parkedSteps: readonly ParkedRow[];
  events: readonly EventRow[];
  unnumberedEvents: number;
  ledger: readonly { orderId: string; balance: number }[];
  brokenRows: Readonly<Record<string, readonly Violation[]>>;
  journal: readonly JournalItem[];
  shipments: readonly ShipmentFact[];
  /** Parcels of no shipment of ours. */
  strangeParcels: readonly { id: string; reference: string }[];
  histories: readonly HistoryFact[];
  notices: readonly NoticeFact[];
  disputes: DisputeFacts;
  comparisons: readonly ComparisonFact[];
  /** The last comparison of the books, made when all was settled; null where none was asked for. */
  lastComparison: Comparison | null;
  /** Orders whose workflow somebody has ended in Temporal. */
  terminated: readonly string[];
  client: readonly ClientEntry[];
  /** What a subscriber was told; null where there is none. */
  told: ToldFacts | null;
  deadlocks: number;
};

const FETCHED_TOGETHER = 8;

/** What the witnesses know: our rows, the provider, Temporal's histories, the client, and the last comparison of the books. */
export async function askWitnesses(stack: VerifyStack, own: OwnFacts): Promise<Witnesses> {
  const rows = await askDatabase(stack);
  return {
    ...rows,
    journal: await askProvider(stack),
    ...(await askCarrier(stack)),
    notices: await askForNotices(stack),
    histories: await askTemporal(
      stack,
      rows.orders.map(({ id }) => id),
    ),
    disputes: await askForDisputes(stack),
    comparisons: await askForComparisons(stack),
    ...own,
    deadlocks: await countDeadlocks(stack),
  };
}

async function askDatabase({ db }: VerifyStack) {
  const { rows: orders } = await db.query<OrderRow>(`
    select o.id, o.status, o.closed_at is not null as "isClosed", o.attention, o.waiting,
           o.ending -> 'rejection' ->> 'code' as "rejectionCode", k.key,
           k.answer_status as "answerStatus", k.answer_body as "answerBody",
           array(select provider_id from payments where order_id = o.id and provider_id is not null) as "providerIds",
           p.payment_method as "paymentMethod", o.launch_after is not null as "isMarked"
    from orders o left join idempotency_keys k on k.order_id = o.id
    left join lateral (select * from payments where order_id = o.id and not stray order by ordinal desc limit 1) p on true`);
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
  Object.assign(brokenRows, await checkEvents(async <T>(query: string) => (await db.query(query)).rows as T[]));
  return { orders, parkedSteps, events, ledger, brokenRows, unnumberedEvents: unnumbered[0]?.count ?? Number.NaN };
}

async function askProvider({ simulatorUrl }: VerifyStack): Promise<JournalItem[]> {
  const answer = await fetch(`${simulatorUrl}/_simulator/journal`);
  return ((await answer.json()) as { items: JournalItem[] }).items;
}

async function askCarrier({ db, carrierUrl }: VerifyStack): Promise<Pick<Witnesses, 'shipments' | 'strangeParcels'>> {
  const answer = await fetch(`${carrierUrl}/_simulator/parcels`);
  const { items } = (await answer.json()) as { items: { id: string; reference: string; status: string }[] };
  const { rows } = await db.query<Omit<ShipmentFact, 'parcels'>>(`
    select order_id || ':shipment:' || number as reference, status, dispatched_at is not null as "hasLeft" from shipments`);
  const known = new Set(rows.map(({ reference }) => reference));
  return {
    shipments: rows.map((row) => ({ ...row, parcels: items.filter(({ reference }) => reference === row.reference) })),
    strangeParcels: items.filter(({ reference }) => !known.has(reference)),
  };
}

// Those that the api reads; the others it only says thank you for.
const READ_BY_US =
  /^(payment_intent\.(succeeded|payment_failed|canceled|amount_capturable_updated)|refund\.|charge\.dispute\.)/;
const PAGE = 100;

async function askForNotices({ db, simulatorUrl }: VerifyStack): Promise<NoticeFact[]> {
  const { rows } = await db.query<{ eventId: string; isDone: boolean }>(
    'select event_id as "eventId", outcome is not null as "isDone" from payment_notices',
  );
  const kept = new Map(rows.map(({ eventId, isDone }) => [eventId, isDone]));
  const told: NoticeFact[] = [];
  for (let after = ''; ;) {
    const answer = await fetch(`${simulatorUrl}/v1/events?limit=${PAGE}${after}`, {
      headers: { Authorization: 'Bearer sk_test_local' },
    });
    const { data, has_more } = (await answer.json()) as { data: { id: string; type: string }[]; has_more: boolean };
    for (const { id: eventId, type } of data.filter((event) => READ_BY_US.test(event.type)))
      told.push({ eventId, type, kept: kept.has(eventId), isDone: kept.get(eventId) ?? false });
    if (!has_more) return told;
    after = `&starting_after=${data.at(-1)?.id ?? ''}`;
  }
}

async function askForComparisons({ db }: VerifyStack): Promise<ComparisonFact[]> {
  const { rows } = await db.query<ComparisonFact>(`
    select r.id, r.finished_at is not null as "isOver", r.failure, coalesce((
             select jsonb_object_agg(what, times) from (
               select name || ' ' || outcome as what, count(*) as times
               from reconciliation_drifts d where d.reconciliation_id = r.id group by 1
             ) counted), '{}') as did
    from reconciliations r order by r.accepted_at`);
  return rows;
}

type History = Parameters<typeof Worker.runReplayHistory>[1];
type Fetched = { workflowId: string; history: History; outcome: string | null };

async function askTemporal(stack: VerifyStack, orderIds: readonly string[]): Promise<HistoryFact[]> {
  const workflowIds = new Set(orderIds);
  for await (const { workflowId } of stack.temporal.workflow.list()) workflowIds.add(workflowId);
  const fetched = await fetchHistories(stack, [...workflowIds]);
  const refused = await replay(stack.bundlePath, fetched);
  return fetched.map(({ workflowId, outcome }) => ({
    workflowId,
    outcome,
    refused: refused.get(workflowId) ?? null,
  }));
}

async function fetchHistories({ temporal }: VerifyStack, workflowIds: readonly string[]): Promise<Fetched[]> {
  const left = [...workflowIds];
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
    | {
        workflowExecutionCompletedEventAttributes?: { result?: { payloads?: object[] | null } | null } | null;
        workflowExecutionTerminatedEventAttributes?: object | null;
        workflowExecutionCanceledEventAttributes?: object | null;
      }[]
    | null;
};

/** What the workflow says became of the order; null when it has not come to its end. */
function outcomeOf(history: RawHistory): string | null {
  const last = history.events?.at(-1);
  if (last?.workflowExecutionTerminatedEventAttributes) return 'terminated';
  // As an order that is cancelled does with what looks after its shipments.
  if (last?.workflowExecutionCanceledEventAttributes) return 'stopped';
  const completed = last?.workflowExecutionCompletedEventAttributes;
  if (!completed) return null;
  const payload = completed.result?.payloads?.[0];
  // Business beside an order has nothing to say at its end.
  return (payload && defaultPayloadConverter.fromPayload<OrderOutcome | undefined>(payload)?.status) ?? 'done';
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
