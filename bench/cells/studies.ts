// What is measured once in a run, of `ours` alone.
import { setTimeout as sleep } from 'node:timers/promises';
import { askCell, checkCell, type Broken } from '../invariants.ts';
import { createOrderClient, type OrderClient } from '../load/client.ts';
import { watchCompletions, type Completions } from '../load/completions.ts';
import { closedLoop, drain, openLoop, type Sent } from '../load/loops.ts';
import { historyLengths } from '../meters/life.ts';
import { readMemory } from '../meters/meters.ts';
import { noteWritingCommits } from '../meters/writing-commits.ts';
import type { Servers } from '../servers/servers.ts';
import { latenciesOf, spreadOf, type Latencies, type Spread } from '../statistics.ts';
import { openGround, type Ground } from './ground.ts';
import { waitUntilListed } from './run-cell.ts';

const DRAIN_MS = 600_000;
const COUNTED_ORDERS = 100;
const STARTS = 5;
const MEMORY_CONCURRENCY = 32;
const OUTAGE_ARRIVALS_PER_SECOND = 20;

/** Counted, not timed, by triggers that would slow a measurement: writing commits, provider calls and history events of each order. */
export type Counted = {
  orders: number;
  commits: number;
  providerCalls: number;
  historyEvents: Spread;
  broken: readonly Broken[];
};

export function count(servers: Servers): Promise<Counted> {
  return onGround(servers, async ({ ground, client, completions }) => {
    await ground.db.query(noteWritingCommits);
    const sent = await closedLoop(
      { client, completions },
      { concurrency: 4, seconds: 120, untilEnded: true, stopAt: COUNTED_ORDERS },
    );
    const broken = await check(ground, completions, [sent]);
    const { rows } = await ground.db.query<{ count: number }>('select count(*) as count from writing_commits');
    const answer = await fetch(`${ground.simulatorUrl}/_simulator/journal`);
    const { items } = (await answer.json()) as { items: unknown[] };
    const orders = sent.orders.length;
    const lengths = await historyLengths(
      ground,
      sent.orders.map(({ orderId }) => orderId),
    );
    const commits = (rows[0]?.count ?? 0) / orders;
    return { orders, commits, providerCalls: items.length / orders, historyEvents: spreadOf(lengths), broken };
  });
}

/** From the start of a process until it is ready, in ms. */
export type Starts = { api: Spread; worker: Spread };

export async function measureStarts(servers: Servers): Promise<Starts> {
  const found: Ground['startMs'][] = [];
  for (let time = 0; time < STARTS; time += 1) {
    const ground = await openGround(servers, 'ours');
    found.push(ground.startMs);
    await ground.close();
  }
  const of = (name: 'api' | 'worker'): Spread => spreadOf(found.flatMap((one) => one[name] ?? []));
  return { api: of('api'), worker: of('worker') };
}

/** Memory before the first order, and after the last. */
export type Memory = {
  orders: number;
  before: Readonly<Record<string, number | null>>;
  after: Readonly<Record<string, number | null>>;
  broken: readonly Broken[];
};

export function measureMemory(servers: Servers, orders: number): Promise<Memory> {
  return onGround(servers, async ({ ground, client, completions }) => {
    const before = await readMemory(ground);
    const sent = await closedLoop(
      { client, completions },
      { concurrency: MEMORY_CONCURRENCY, seconds: 3_600, untilEnded: true, stopAt: orders },
    );
    const after = await readMemory(ground);
    return { orders: sent.orders.length, before, after, broken: await check(ground, completions, [sent]) };
  });
}

/** Acceptance before and while Temporal is away, and how long until all of it was confirmed. */
export type Outage = {
  seconds: number;
  perSecond: number;
  normal: Latencies;
  during: Latencies;
  refused: number;
  settledAfterSeconds: number;
  broken: readonly Broken[];
};

/** Null where Temporal was given: it is not ours to end. */
export function measureOutage(servers: Servers, seconds: number): Promise<Outage | null> {
  const { own } = servers.temporal;
  if (!own) return Promise.resolve(null);
  const arriving = { perSecond: OUTAGE_ARRIVALS_PER_SECOND, seconds };
  return onGround(servers, async ({ ground, client, completions }) => {
    const warm = await openLoop({ client, completions }, { ...arriving, seconds: Math.min(seconds, 10) });
    const normal = await openLoop({ client, completions }, arriving);
    await drain(completions, DRAIN_MS);
    await own.kill();
    // Killed, and known to be: the first calls that fail are part of the outage.
    const during = await openLoop({ client, completions }, arriving);
    await own.start();
    const back = performance.now();
    await drain(completions, DRAIN_MS);
    const settledAfterSeconds = (performance.now() - back) / 1_000;
    const broken = await check(ground, completions, [warm, normal, during], true);
    return {
      ...{ seconds, perSecond: arriving.perSecond, settledAfterSeconds, broken },
      normal: acceptMsOf(normal),
      during: acceptMsOf(during),
      refused: normal.refused.length + during.refused.length,
    };
  });
}

function acceptMsOf({ orders, refused }: Sent): Latencies {
  const found = latenciesOf(orders.map(({ intendedAt, answeredAt }) => answeredAt - intendedAt));
  if (!found) throw new Error(`No order was accepted: ${refused[0]?.why ?? 'none was placed'}`);
  return found;
}

type Standing = { ground: Ground; client: OrderClient; completions: Completions };

async function onGround<T>(servers: Servers, work: (standing: Standing) => Promise<T>): Promise<T> {
  const ground = await openGround(servers, 'ours');
  const client = createOrderClient({ url: ground.apiUrl, connections: 128 });
  if (!ground.finished) throw new Error('Expected orders of ours to end');
  const completions = watchCompletions(ground.finished);
  try {
    return await work({ ground, client, completions });
  } finally {
    client.close();
    await completions.close();
    await ground.close();
  }
}

async function check(
  ground: Ground,
  completions: Completions,
  sent: readonly Sent[],
  mayRunAgain = false,
): Promise<Broken[]> {
  await drain(completions, DRAIN_MS);
  const accepted = sent.flatMap(({ orders }) => orders.map(({ orderId }) => orderId));
  await waitUntilListed(ground, accepted.length);
  await sleep(100);
  return checkCell(await askCell(ground, accepted, { mayRunAgain }));
}
