import { showEventLoopLag } from '../runtime/event-loop.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { showPools, type Pools } from '../runtime/pool-gauges.ts';

/** What the process says of itself: how late it is, how much it has lent, and whether it may work. */
export function showProcess(
  metrics: Pick<Metrics, 'gauge'>,
  process: { lagMs: () => number; backlogLimit: number; isBehind: () => boolean; pools: Pools },
): void {
  metrics.gauge({
    name: 'orders_waiting_for_launch_limit',
    help: 'LAUNCH_BACKLOG_LIMIT: when more accepted orders wait for their workflow, new ones are refused',
    read: () => [{ value: process.backlogLimit }],
  });
  showEventLoopLag(metrics, 'api', process);
  metrics.gauge({
    name: 'database_behind',
    help: '1 while the database is known to have been restored from a backup, and nothing is worked on',
    read: () => [{ value: process.isBehind() ? 1 : 0 }],
  });
  showPools(metrics, process.pools);
}
