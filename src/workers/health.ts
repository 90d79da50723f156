import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HealthMonitor } from '../runtime/health.ts';

const CHECK_PATHS = ['/healthz', '/readyz', '/health'];

/** The worker's own small server: /healthz (it lives), /readyz (it polls for orders), /health (every part). */
export async function serveHealth(options: {
  host: string;
  port: number;
  monitor: HealthMonitor;
  isReady: () => boolean;
}): Promise<{ port: number; close: () => Promise<void> }> {
  const { monitor, isReady } = options;
  const server = createServer((req, res) => {
    const send = (status: number, body: object): void =>
      void res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
    if (req.method !== 'GET' || !CHECK_PATHS.includes(req.url ?? '')) return send(404, { status: 'not found' });
    if (req.url === '/healthz') return send(200, { status: 'ok' });
    if (req.url === '/readyz')
      return isReady() ? send(200, { status: 'ok' }) : send(503, { status: 'not polling yet' });
    void monitor.check().then((parts) => send(200, { parts }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
