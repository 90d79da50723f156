// All that is counted around a load, and what it comes to for each order.
import type { Ground } from '../cells/ground.ts';
import { onDatabase } from '../servers/postgres.ts';
import type { Servers } from '../servers/servers.ts';
import { countDatabase, type DatabaseCounts } from './database.ts';
import { callsBetween, readCalls, sumOf, type Calls } from './grpc-calls.ts';
import { cpuSeconds, pssMb } from './processes.ts';

export type Reading = {
  cpu: Readonly<Record<string, number | null>>;
  orders: DatabaseCounts;
  /** Null where Temporal was given: its database is not ours to ask. */
  temporal: DatabaseCounts | null;
  calls: Calls | null;
};

/** Of a cell, for each of its orders. Null: not to be had here. */
export type Costs = {
  /** Milliseconds of CPU by process; `harness` is what measures. */
  cpuMs: Readonly<Record<string, number | null>>;
  /** Transactions that wrote, background loops included. */
  writes: number;
  commits: number;
  walBytes: number;
  temporalWrites: number | null;
  temporalWalBytes: number | null;
  grpcCalls: number | null;
  grpcCallsByOperation: Calls | null;
};

/** `when`: what is read for the reading's own sake (the pages of Temporal's metrics are long) lies outside of what is counted. */
export async function readMeters(servers: Servers, ground: Ground, when: 'before' | 'after'): Promise<Reading> {
  const pids = Object.fromEntries(Object.entries(ground.processes).map(([name, pid]) => [name, pid()]));
  const first = when === 'after' ? await cpuSeconds(pids) : null;
  const counts = await readCounts(servers, ground);
  return { ...counts, cpu: first ?? (await cpuSeconds(pids)) };
}

async function readCounts({ temporal: { own } }: Servers, ground: Ground): Promise<Omit<Reading, 'cpu'>> {
  return {
    orders: await countDatabase(ground.db),
    temporal: own && (await onDatabase(own.postgres.urlOf('temporal'), countDatabase)),
    calls: own && (await readCalls(own.metricsUrl, ground.namespace)),
  };
}

/** What lies between two readings, for each of the orders. */
export function costsOf(before: Reading, after: Reading, orders: number): Costs {
  const each = (one: number, other: number): number => (other - one) / orders;
  const cpuMs = Object.entries(after.cpu).map(([name, seconds]) => {
    const begun = before.cpu[name] ?? null;
    return [name, seconds === null || begun === null ? null : 1_000 * each(begun, seconds)] as const;
  });
  const temporal = before.temporal && after.temporal && { before: before.temporal, after: after.temporal };
  const calls = before.calls && after.calls && callsBetween(before.calls, after.calls);
  return {
    cpuMs: Object.fromEntries(cpuMs),
    writes: each(before.orders.writes, after.orders.writes),
    commits: each(before.orders.commits, after.orders.commits),
    walBytes: each(before.orders.walBytes, after.orders.walBytes),
    temporalWrites: temporal && each(temporal.before.writes, temporal.after.writes),
    temporalWalBytes: temporal && each(temporal.before.walBytes, temporal.after.walBytes),
    grpcCalls: calls && sumOf(calls) / orders,
    grpcCallsByOperation:
      calls && Object.fromEntries(Object.entries(calls).map(([name, count]) => [name, count / orders])),
  };
}

/** Memory by process, in MB. */
export async function readMemory({ processes }: Ground): Promise<Record<string, number | null>> {
  const memory: Record<string, number | null> = {};
  for (const [name, pid] of Object.entries(processes)) memory[name] = await pssMb(pid());
  return memory;
}
