import type { Metrics } from './metrics.ts';

/** The connections of a pool now: lent, at rest, and who waits for one. */
export type PoolReading = { lent: number; idle: number; waiting: number; size: number };
/** By the name of the pool. */
export type Pools = Readonly<Record<string, () => PoolReading>>;

/** Shows the pools of this process. */
export function showPools(metrics: Pick<Metrics, 'gauge'>, pools: Pools): void {
  const each = <T>(read: (pool: string, reading: PoolReading) => readonly T[]): T[] =>
    Object.entries(pools).flatMap(([pool, reading]) => read(pool, reading()));
  metrics.gauge({
    name: 'database_pool_connections',
    help: 'Connections to the database, by what they do',
    labelNames: ['pool', 'state'],
    read: () =>
      each((pool, { lent, idle }) => [
        { labels: { pool, state: 'lent' }, value: lent },
        { labels: { pool, state: 'idle' }, value: idle },
      ]),
  });
  metrics.gauge({
    name: 'database_pool_size',
    help: 'Connections that the pool may have',
    labelNames: ['pool'],
    read: () => each((pool, { size }) => [{ labels: { pool }, value: size }]),
  });
  metrics.gauge({
    name: 'database_pool_waiting',
    help: 'Who waits for a connection',
    labelNames: ['pool'],
    read: () => each((pool, { waiting }) => [{ labels: { pool }, value: waiting }]),
  });
}
