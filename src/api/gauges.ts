import type { Metrics } from '../runtime/metrics.ts';

/** What the process says of how much it has to do. */
export function showLoad(metrics: Pick<Metrics, 'gauge'>, load: { waiting: () => number; lagMs: () => number }): void {
  metrics.gauge({
    name: 'orders_waiting_for_launch',
    help: 'Accepted orders that wait for their workflow; above LAUNCH_BACKLOG_LIMIT new ones are refused',
    read: () => [{ value: load.waiting() }],
  });
  metrics.gauge({
    name: 'api_event_loop_lag_seconds',
    help: 'How late this process is; above EVENT_LOOP_LAG_LIMIT_MS new orders are refused',
    read: () => [{ value: load.lagMs() / 1_000 }],
  });
}
