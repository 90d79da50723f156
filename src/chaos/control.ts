// The control server of the one-machine stack: what the chaos page and `orders demo` break things with, and what they watch.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { Express, Request, Response } from 'express';
import type { Control, PartControl, PartState } from '../local/chaos.ts';
import { closeDoor, createDoor, Refusal } from './door.ts';
import { passOn } from './faults.ts';
import { createLoad, type Load } from './load.ts';
import { createWatch, type Watch } from './watch.ts';

export type ControlServer = Control & { close: () => Promise<void> };
type Options = {
  port: number;
  databaseUrl: string;
  apiUrl: string;
  simulatorUrl: string;
  processes: PartControl;
};

const MOST_PER_SECOND = 50;
const MOST_LISTENERS = 20;
const HEADERS_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;

/** Listens on loopback. Rejects when the port is taken. */
export async function openControlServer(options: Options): Promise<ControlServer> {
  const { port, databaseUrl, apiUrl, simulatorUrl, processes } = options;
  const token = randomBytes(32).toString('base64url');
  const load = createLoad({ apiUrl });
  const watch = createWatch({ databaseUrl, simulatorUrl, load, processes });
  const app = createDoor({ token, consolePort: Number(new URL(apiUrl).port) });
  processRoutes(app, processes);
  faultRoutes(app, { simulatorUrl, processes });
  loadRoutes(app, load, watch);
  liveRoute(app, watch);
  closeDoor(app);
  const server = createServer({ headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS }, app);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${port}`,
    token,
    close: async () => {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      server.closeAllConnections();
      await Promise.all([closed, watch.stop(), load.stop()]);
    },
  };
}

function processRoutes(app: Express, processes: PartControl): void {
  app.get('/processes', async (_req, res) => void res.json({ items: await processes.list() }));
  const deed = (strike: (name: string) => PartState | null, what: string) => (req: Request, res: Response) => {
    const name = String(req.params['name']);
    const found = strike(name);
    if (!found) throw new Refusal(404, 'Nothing here', `There is no process ${name} that can be ${what}`);
    res.status(202).json({ name: found.name, pid: found.pid });
  };
  app.post('/processes/:name/kill', deed(processes.kill, 'killed'));
  app.post('/processes/:name/stop', deed(processes.stop, 'stopped'));
  app.post('/processes/:name/start', deed(processes.start, 'started'));
}

function faultRoutes(
  app: Express,
  { simulatorUrl, processes }: { simulatorUrl: string; processes: PartControl },
): void {
  const pass = async (req: Request, res: Response): Promise<void> => {
    const id = req.params['id'];
    const path = id === undefined ? '' : `/${encodeURIComponent(String(id))}`;
    const { status, body } = await passOn(
      simulatorUrl,
      path,
      req.method,
      req.method === 'POST' ? (req.body ?? {}) : undefined,
    );
    if (body === null) res.status(status).end();
    else res.status(status).json(body);
  };
  app.get('/faults', pass);
  app.post('/faults', pass);
  app.delete('/faults', pass);
  app.delete('/faults/:id', pass);
  // Everything that stays broken until somebody mends it. A simulator that is away has forgotten its faults.
  app.post('/restore', async (_req, res) => {
    await passOn(simulatorUrl, '', 'DELETE').catch(() => null);
    processes.start('temporal');
    res.status(202).json({ restored: true });
  });
}

function loadRoutes(app: Express, load: Load, watch: Watch): void {
  app.get('/load', (_req, res) => void res.json(load.state()));
  app.put('/load', (req, res) => {
    const { ordersPerSecond } = (req.body ?? {}) as { ordersPerSecond?: unknown };
    const isRate = typeof ordersPerSecond === 'number' && Number.isFinite(ordersPerSecond);
    if (!isRate || ordersPerSecond < 0 || ordersPerSecond > MOST_PER_SECOND)
      throw new Refusal(422, 'Not a load', `ordersPerSecond: expected a number from 0 to ${MOST_PER_SECOND}`);
    load.set(ordersPerSecond);
    watch.wake();
    res.json(load.state());
  });
}

function liveRoute(app: Express, watch: Watch): void {
  let listeners = 0;
  app.get('/live', (_req, res) => {
    if (listeners >= MOST_LISTENERS) throw new Refusal(503, 'Too many watch', `${MOST_LISTENERS} at most`);
    listeners += 1;
    res.set('Content-Type', 'text/event-stream').flushHeaders();
    const leave = watch.follow((live) => {
      // Who does not read is told what is then, not what was.
      if (!res.writableNeedDrain) res.write(`event: live\ndata: ${JSON.stringify(live)}\n\n`);
    });
    res.once('close', () => {
      listeners -= 1;
      leave();
    });
  });
}
