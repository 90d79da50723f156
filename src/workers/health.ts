import type { HealthMonitor } from '../runtime/health.ts';
import { json, type Page } from '../runtime/side-server.ts';
import type { WorkerVersion } from './order-worker.ts';

/** The worker's own pages: /healthz (it lives), /readyz (it polls for orders), /health (every part). `version`: null without versions. */
export const healthPages = ({
  monitor,
  isReady,
  version,
}: {
  monitor: HealthMonitor;
  isReady: () => boolean;
  version: WorkerVersion | null;
}): Readonly<Record<string, Page>> => ({
  '/healthz': () => json(200, { status: 'ok' }),
  '/readyz': () =>
    isReady() ? json(200, { status: 'ok', version }) : json(503, { status: 'not polling yet', version }),
  '/health': async () => json(200, { version, parts: await monitor.check() }),
});
