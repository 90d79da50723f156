// The simulator's HTTP face: Stripe's API under /v1, and what tests and demos need under /_simulator.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler, type Express } from 'express';
import { createCommit } from './commit.ts';
import { controlRouter } from './control.ts';
import { createFaults } from './faults.ts';
import { createHandling } from './handling.ts';
import { openLog } from './log.ts';
import { settleInTime } from './settling.ts';
import { apply, emptyState, type Endpoint } from './state.ts';
import { stripeRouter } from './stripe-routes.ts';
import { createWebhooks } from './webhooks.ts';

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];
// What Stripe's search lags behind, roughly; never decide on one.
const SEARCH_LAG_MS = 60_000;
const SETTLE_AFTER_MS = 2_000;

export type PaymentSimulator = { url: string; port: number; close: () => Promise<void> };
export type PaymentSimulatorOptions = {
  dataDir: string;
  host: string;
  port: number;
  /** How long a search does not find a new payment. */
  searchLagMs?: number;
  /** How long a payment is processing, and a refund pending. */
  settleAfterMs?: number;
  /** How long every call under /v1 takes at least. */
  latencyMs?: number;
  webhookEndpoints?: readonly Endpoint[];
};

/**
 * Starts the simulator on a loopback address (port 0: any) with its state in `dataDir`. Rejects for any other address:
 * whoever reaches it can inject faults.
 */
export async function createPaymentSimulator(options: PaymentSimulatorOptions): Promise<PaymentSimulator> {
  const { dataDir, host, port, searchLagMs = SEARCH_LAG_MS, settleAfterMs = SETTLE_AFTER_MS, latencyMs = 0 } = options;
  if (!LOOPBACK.includes(host)) throw new Error(`The simulator runs on loopback only; found ${host}`);
  const state = emptyState();
  const log = await openLog(dataDir, (entry) => apply(state, entry));
  for (const endpoint of options.webhookEndpoints ?? []) state.endpoints.set(endpoint.url, endpoint);

  const faults = createFaults();
  const webhooks = createWebhooks({
    state,
    faults,
    ended: async (delivery) => {
      apply(state, { ended: [delivery] });
      await log.append({ ended: [delivery] });
    },
  });
  const commit = createCommit({ state, log, webhooks });
  const handle = createHandling({ state, commit, faults, searchLagMs });

  const app = createApp(latencyMs);
  app.use('/_simulator', controlRouter({ state, log, faults, webhooks, commit }));
  app.use('/v1', stripeRouter({ state, log, handle }));
  app.use((_req, res) => void res.status(404).json({ error: 'there is nothing here' }));
  app.use(answerErrors);

  const server = createServer(app);
  await listen(server, { host, port }).catch(async (error: unknown) => {
    await log.close();
    throw error;
  });
  const stopSettling = settleInTime({ state, commit, afterMs: settleAfterMs });
  webhooks.deliver([...state.owed.values()]);
  const { port: chosen } = server.address() as AddressInfo;
  return {
    port: chosen,
    url: `http://${host === '::1' ? '[::1]' : host}:${chosen}`,
    close: async () => {
      await stopSettling();
      const closed = new Promise((resolve) => void server.close(resolve));
      server.closeAllConnections();
      await closed;
      await webhooks.close();
      await log.close();
    },
  };
}

function createApp(latencyMs: number): Express {
  const app = express();
  app.disable('x-powered-by');
  // Nested names (`created[gte]=…`) in a query as in a body.
  app.set('query parser', 'extended');
  if (latencyMs > 0) app.use('/v1', (_req, _res, next) => void setTimeout(next, latencyMs).unref());
  return app;
}

const listen = (server: Server, { host, port }: { host: string; port: number }): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });

const answerErrors: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (res.headersSent) return next(error);
  const status = error instanceof Error && 'status' in error ? Number(error.status) : 500;
  res.status(status).json({ error: error instanceof Error ? error.message : String(error) });
};
