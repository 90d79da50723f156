// The simulator's HTTP face: Stripe's paths under /v1, and what tests and demos need under /_simulator.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler, type Express, type Request, type Response } from 'express';
import { controlRouter } from './control.ts';
import { createFaults } from './faults.ts';
import { createHandling, type Reply } from './handling.ts';
import { newId } from './intents.ts';
import { openLog } from './log.ts';
import type { Parameters } from './parameters.ts';
import { settleInTime } from './settling.ts';
import { apply, emptyState, type State } from './state.ts';
import { createWebhooks, type Endpoint } from './webhooks.ts';

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];
// What Stripe's search lags behind, roughly; never decide on one.
const SEARCH_LAG_MS = 60_000;
const SETTLE_AFTER_MS = 2_000;

export type PaymentSimulator = { url: string; port: number; close: () => Promise<void> };

/**
 * Starts the simulator on a loopback address (port 0: any) with its state in `dataDir`. Rejects for any other address:
 * whoever reaches it can inject faults.
 */
export async function createPaymentSimulator(options: {
  dataDir: string;
  host: string;
  port: number;
  searchLagMs?: number;
  settleAfterMs?: number;
  latencyMs?: number;
  webhookEndpoints?: readonly Endpoint[];
}): Promise<PaymentSimulator> {
  if (!LOOPBACK.includes(options.host)) throw new Error(`The simulator runs on loopback only; found ${options.host}`);
  const state = emptyState();
  const { entries, log } = await openLog(options.dataDir);
  for (const entry of entries) apply(state, entry);

  const faults = createFaults();
  const webhooks = createWebhooks({ endpoints: [...(options.webhookEndpoints ?? [])], faults });
  const handling = createHandling({ state, log, faults, webhooks, searchLagMs: options.searchLagMs ?? SEARCH_LAG_MS });
  const stopSettling = settleInTime({
    state,
    commit: handling.commit,
    webhooks,
    afterMs: options.settleAfterMs ?? SETTLE_AFTER_MS,
  });

  const app = express();
  app.disable('x-powered-by');
  app.use('/_simulator', controlRouter({ state, faults, webhooks, commit: handling.commit }));
  if (options.latencyMs) app.use((_req, _res, next) => void setTimeout(next, options.latencyMs));
  app.use(express.urlencoded({ extended: true }), checkKey);
  mountStripe(app, handling.handle, state);
  app.use(answerErrors);

  const server = createServer(app);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  }).catch(async (error: unknown) => {
    await stopSettling();
    await log.close();
    throw error;
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://${options.host === '::1' ? '[::1]' : options.host}:${port}`,
    close: async () => {
      await stopSettling();
      webhooks.close();
      const closed = new Promise((resolve) => void server.close(resolve));
      server.closeAllConnections();
      await closed;
      await log.close();
    },
  };
}

const operations: [method: 'get' | 'post', path: string, operation: string][] = [
  ['post', '/v1/payment_intents', 'create'],
  ['get', '/v1/payment_intents', 'list'],
  ['get', '/v1/payment_intents/search', 'search'],
  ['get', '/v1/payment_intents/:id', 'retrieve'],
  ['post', '/v1/payment_intents/:id/confirm', 'confirm'],
  ['post', '/v1/payment_intents/:id/capture', 'capture'],
  ['post', '/v1/payment_intents/:id/cancel', 'cancel'],
  ['post', '/v1/refunds', 'refund'],
  ['get', '/v1/refunds', 'list_refunds'],
  ['get', '/v1/refunds/:id', 'retrieve_refund'],
];

function mountStripe(app: Express, handle: ReturnType<typeof createHandling>['handle'], state: State): void {
  for (const [method, path, operation] of operations) {
    app[method](path, async (req, res) => {
      const parameters = (method === 'get' ? nested(req) : (req.body ?? {})) as Parameters;
      const id = typeof req.params['id'] === 'string' ? req.params['id'] : null;
      const key = method === 'post' ? (req.get('Idempotency-Key') ?? null) : null;
      const fingerprint = createHash('sha256')
        .update(`${req.method} ${req.path}\n${JSON.stringify(parameters)}`)
        .digest('hex');
      send(res, await handle({ call: { operation, method, id, parameters }, key, fingerprint }));
    });
  }
  app.get('/v1/events/:id', (req, res) => {
    const event = state.events.get(req.params.id);
    res
      .status(event ? 200 : 404)
      .json(event ?? { error: { type: 'invalid_request_error', code: 'resource_missing', message: 'No such event' } });
  });
  app.use(
    (req, res) =>
      void res.status(404).json({
        error: { type: 'invalid_request_error', message: `Unrecognized request URL (${req.method}: ${req.path}).` },
      }),
  );
}

/** `created[gte]=1` in a query becomes {created: {gte: '1'}}, as in a body. */
function nested(req: Request): Record<string, unknown> {
  const query: Record<string, unknown> = {};
  for (const [name, value] of new URL(req.originalUrl, 'http://simulator').searchParams) {
    const [, outer, inner] = /^(\w+)\[(\w*)\]$/.exec(name) ?? [];
    if (outer === undefined || inner === undefined) query[name] = value;
    else query[outer] = { ...(query[outer] as object | undefined), [inner]: value };
  }
  return query;
}

/** Writes the reply, or breaks the connection where the fault says so. */
function send(res: Response, { status, body, headers, cut }: Reply): void {
  if (cut === 'before' || cut === 'after') return void res.socket?.destroy();
  const text = JSON.stringify(body, null, 2);
  res.status(status).set({ ...headers, 'Request-Id': newId('req'), 'Content-Type': 'application/json' });
  if (cut !== 'half') return void res.send(text);
  res.set('Content-Length', String(Buffer.byteLength(text)));
  res.write(text.slice(0, text.length / 2), () => void res.socket?.destroy());
}

const checkKey = (req: Request, res: Response, next: () => void): void => {
  const [, key = ''] = /^Bearer (\S+)$/.exec(req.get('Authorization') ?? '') ?? [];
  if (key.startsWith('sk_test_')) return next();
  const message = key.includes('_live_')
    ? 'A live key must never be sent to a simulator.'
    : 'Invalid API Key provided; use one that begins with sk_test_.';
  res.status(401).json({ error: { type: 'invalid_request_error', message } });
};

const answerErrors: ErrorRequestHandler = (error: unknown, _req, res, _next) => {
  const message = error instanceof Error ? error.message : String(error);
  res.status(500).json({ error: { type: 'api_error', message: `The simulator itself failed: ${message}` } });
};
