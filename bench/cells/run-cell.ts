// One cell, once: fresh processes on a fresh database, a warm-up, the load between two readings of the meters, then the invariants.
import { setTimeout as sleep } from 'node:timers/promises';
import { askCell, checkCell, type Broken } from '../invariants.ts';
import { createOrderClient } from '../load/client.ts';
import { watchCompletions } from '../load/completions.ts';
import { closedLoop, drain, openLoop, type Sent } from '../load/loops.ts';
import { historyLengths, lifeTimes } from '../meters/life.ts';
import { costsOf, readMemory, readMeters, type Costs } from '../meters/meters.ts';
import type { Servers } from '../servers/servers.ts';
import { latenciesOf, median, type Latencies } from '../statistics.ts';
import { cellName, type Cell, type Load } from './cell.ts';
import { openGround, type Ground } from './ground.ts';

// What was accepted at most takes this long: an order that has not ended by then is lost, as far as the cell goes.
const DRAIN_MS = 240_000;
/** Temporal lists a workflow as closed a moment after it is. */
const LISTED_WITHIN_MS = 20_000;
/** PostgreSQL's processes and Temporal tell their counts every second. */
const COUNTS_LAG_MS = 1_500;
const CONNECTIONS_OF_OPEN_LOOP = 256;

export type CellResult = {
  cell: Cell;
  name: string;
  repeat: number;
  /** Of the load, without warm-up. */
  orders: number;
  refused: { count: number; example: string | null };
  acceptedPerSecond: number;
  /** Ended within the time of the load; null where orders have no end of their own. */
  confirmedPerSecond: number | null;
  acceptMs: Latencies | null;
  lifeMs: Latencies | null;
  costs: Costs;
  memoryMb: Readonly<Record<string, number | null>>;
  historyEvents: number | null;
  /** Empty: it counts. */
  broken: readonly Broken[];
};

export type Timing = { seconds: number; warmUpSeconds: number };

export async function runCell(servers: Servers, cell: Cell, repeat: number, timing: Timing): Promise<CellResult> {
  const ground = await openGround(servers, cell.variant, cell.providerDelayMs);
  try {
    return await measure({ servers, ground, cell, repeat, timing });
  } finally {
    await ground.close();
  }
}

type Measuring = { servers: Servers; ground: Ground; cell: Cell; repeat: number; timing: Timing };

async function measure({ servers, ground, cell, repeat, timing }: Measuring): Promise<CellResult> {
  const completions = ground.finished && watchCompletions(ground.finished);
  const client = createOrderClient({ url: ground.apiUrl, connections: connectionsOf(cell.load) });
  try {
    const warm = await load({ client, completions }, cell.load, timing.warmUpSeconds);
    await drain(completions, DRAIN_MS);
    await sleep(COUNTS_LAG_MS);
    const before = await readMeters(servers, ground, 'before');
    const sent = await load({ client, completions }, cell.load, timing.seconds);
    await drain(completions, DRAIN_MS);
    await sleep(COUNTS_LAG_MS);
    const after = await readMeters(servers, ground, 'after');
    const memoryMb = await readMemory(ground);
    const accepted = [...warm.orders, ...sent.orders].map(({ orderId }) => orderId);
    await waitUntilListed(ground, accepted.length);
    const broken = checkCell(await askCell(ground, accepted, { mayRunAgain: false }));
    return {
      ...(await figuresOf(ground, sent)),
      cell,
      name: cellName(cell),
      repeat,
      memoryMb,
      broken,
      costs: costsOf(before, after, sent.orders.length),
    };
  } finally {
    client.close();
    await completions?.close();
  }
}

const connectionsOf = (wanted: Load): number =>
  wanted.kind === 'open' ? CONNECTIONS_OF_OPEN_LOOP : wanted.concurrency;

type Parts = Parameters<typeof closedLoop>[0];

const load = (parts: Parts, wanted: Load, seconds: number): Promise<Sent> =>
  wanted.kind === 'open'
    ? openLoop(parts, { perSecond: wanted.perSecond, seconds })
    : closedLoop(parts, { concurrency: wanted.concurrency, seconds, untilEnded: wanted.kind === 'life' });

type Figures = Pick<
  CellResult,
  'orders' | 'refused' | 'acceptedPerSecond' | 'confirmedPerSecond' | 'acceptMs' | 'lifeMs' | 'historyEvents'
>;

export async function figuresOf(ground: Ground, sent: Sent): Promise<Figures> {
  const { orders, refused, begunAt, seconds } = sent;
  if (orders.length === 0) throw new Error(`No order was accepted: ${refused[0]?.why ?? 'none was placed'}`);
  const until = begunAt + seconds * 1_000;
  const inTime = (at: number | null): boolean => at !== null && at <= until;
  const lengths = ground.finished
    ? await historyLengths(
        ground,
        orders.map(({ orderId }) => orderId),
      )
    : [];
  return {
    orders: orders.length,
    refused: {
      count: refused.length,
      example: refused[0] ? `${refused[0].status ?? 'no answer'}: ${refused[0].why}` : null,
    },
    acceptedPerSecond: orders.filter(({ answeredAt }) => inTime(answeredAt)).length / seconds,
    confirmedPerSecond: ground.finished && orders.filter(({ endedAt }) => inTime(endedAt)).length / seconds,
    acceptMs: latenciesOf(orders.map(({ intendedAt, answeredAt }) => answeredAt - intendedAt)),
    lifeMs: latenciesOf(await lifeTimes(ground, orders)),
    historyEvents: lengths.length === 0 ? null : median(lengths),
  };
}

/** Resolves all the same when they are not: that is what the invariants then say. */
export async function waitUntilListed({ temporal, finished }: Ground, accepted: number): Promise<void> {
  for (const until = Date.now() + LISTED_WITHIN_MS; finished && Date.now() < until; await sleep(100)) {
    const { count } = await temporal.workflow.count(`ExecutionStatus = 'Completed'`);
    if (count >= accepted) return;
  }
}
