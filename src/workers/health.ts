import type { HealthMonitor } from '../runtime/health.ts';
import { json, type Page } from '../runtime/side-server.ts';

/** The worker's own pages: /healthz (it lives), /readyz (it polls for orders), /health (every part). */
export const healthPages = ({
  monitor,
  isReady,
}: {
  monitor: HealthMonitor;
  isReady: () => boolean;
}): Readonly<Record<string, Page>> => ({
  '/healthz': () => json(200, { status: 'ok' }),
  '/readyz': () => (isReady() ? json(200, { status: 'ok' }) : json(503, { status: 'not polling yet' })),
  '/health': async () => json(200, { parts: await monitor.check() }),
});
