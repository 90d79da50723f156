// The product as it runs: api, worker and simulator as processes of compiled code, on a database and a Temporal namespace of
// the test file's own. Every process can be killed and started again.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import pg from 'pg';
import { startProcess, type ManagedProcess } from '../../src/local/managed-process.ts';
import { choosePort } from '../../src/local/ports.ts';
import { withoutTemporal } from '../../src/local/temporal-env.ts';
import { createCarrierSimulator } from '../../src/simulator/carrier/server.ts';
import { createPaymentSimulator, type PaymentSimulator } from '../../src/simulator/payment/server.ts';
import { sharedServers, testDatabase, testNamespace, type TestDatabase } from './servers.ts';
import { until } from './until.ts';

const WEBHOOK_SECRET = 'whsec_test';
const CARRIER_SECRET = 'carrier-secret';
const root = fileURLToPath(new URL('../../', import.meta.url));

export type OrderBody = Record<string, unknown> & {
  id: string;
  status: string;
  attention: { step: string; reason: string; since: string } | null;
  waiting: { for: string; until: string | null } | null;
  payment: { state: string; capturedMinor: number; refundedMinor: number; disputedMinor: number; declineCode?: string };
  rejection: { code: string; message: string } | null;
};
export type JournalItem = {
  operation: string;
  effect: string;
  amountMinor: number;
  replayed: boolean;
  idempotencyKey: string | null;
  orderId: string | null;
  at: string;
};
export type Stack = Awaited<ReturnType<typeof startTestStack>>;

/** Starts simulator (in this process) and, unless told otherwise, one api and one worker. */
export async function startTestStack(
  options: {
    api?: boolean;
    worker?: boolean;
    webhooks?: boolean;
    /** After which payments in processing and pending refunds come to their end. */
    settleAfterMs?: number;
    env?: Record<string, string>;
    /** How the test itself reads what the processes tell Temporal. */
    dataConverter?: DataConverter;
  } = {},
) {
  const { temporalAddress, bundlePath } = await sharedServers();
  const database = await testDatabase();
  const namespace = await testNamespace();
  const directory = await mkdtemp(join(tmpdir(), 'durable-orders-stack-'));
  const folders = { logs: join(directory, 'logs'), run: join(directory, 'run') };
  const simulatorPort = await choosePort(0);
  const apiPort = await choosePort(0);
  const openSimulator = (settleAfterMs = options.settleAfterMs): Promise<PaymentSimulator> =>
    createPaymentSimulator({
      ...(settleAfterMs === undefined ? {} : { settleAfterMs }),
      dataDir: join(directory, 'simulator'),
      host: '127.0.0.1',
      port: simulatorPort,
      webhookEndpoints: options.webhooks
        ? [{ url: `http://127.0.0.1:${apiPort}/payment-webhooks/stripe`, secret: WEBHOOK_SECRET }]
        : [],
    });
  let simulator = await openSimulator();
  const carrier = await createCarrierSimulator({
    dataDir: join(directory, 'carrier'),
    host: '127.0.0.1',
    port: 0,
    webhookEndpoints: options.webhooks
      ? [{ url: `http://127.0.0.1:${apiPort}/carrier-webhooks/generic`, secret: CARRIER_SECRET }]
      : [],
  });
  const db = new pg.Pool({ connectionString: database.url, max: 3, types: { getTypeParser: parserOf } });
  // Tests cut the database's connections: the next query makes a new one.
  db.on('error', () => undefined);
  const connection = await Connection.connect({ address: temporalAddress });
  const temporal = new Client({ connection, namespace, dataConverter: options.dataConverter ?? {} });
  const running = new Set<ManagedProcess>();
  const { NODE_OPTIONS: _forJest, ...inherited } = process.env;
  const env = {
    ...withoutTemporal(inherited),
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: temporalAddress,
    TEMPORAL_NAMESPACE: namespace,
    STRIPE_API_BASE: simulator.url,
    STRIPE_API_KEY: 'sk_test_local',
    STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
    CARRIER_API_BASE: carrier.url,
    CARRIER_API_KEY: 'test_local',
    CARRIER_WEBHOOK_SECRET: CARRIER_SECRET,
    CARRIER_REQUESTS_PER_SECOND: '10000',
    WEBHOOK_LOOPBACK: 'allowed',
    PAYMENTS_PER_SECOND: '10000',
    PROVIDER_TIMEOUT_MS: '3000',
    // Tests that compare the books ask for it.
    RECONCILE_EVERY_MS: '0',
    WORKFLOW_BUNDLE_PATH: bundlePath,
    LOG_LEVEL: 'info',
    ...options.env,
  };

  async function start(name: string, file: string, extra: Record<string, string>): Promise<ManagedProcess> {
    const managed = await startProcess(
      { name, command: process.execPath, args: ['--enable-source-maps', join(root, file)], env: { ...env, ...extra } },
      folders,
    );
    running.add(managed);
    void managed.ended.then(() => running.delete(managed));
    return managed;
  }

  async function startApi(
    extra: Record<string, string> = {},
    port = apiPort,
    readyPath = '/readyz',
  ): Promise<ManagedProcess & { url: string; metricsUrl: string }> {
    const url = `http://127.0.0.1:${port}`;
    const metricsPort = String(await choosePort(0));
    const managed = await start('api', 'dist/api/main.js', { PORT: String(port), METRICS_PORT: metricsPort, ...extra });
    await until(async () => (await fetch(`${url}${readyPath}`)).ok, 'the api is ready');
    return { ...managed, url, metricsUrl: `http://127.0.0.1:${metricsPort}/metrics` };
  }

  async function startWorker(
    extra: Record<string, string> = {},
    readyPath = '/readyz',
  ): Promise<ManagedProcess & { healthUrl: string }> {
    const port = String(await choosePort(0));
    const managed = await start('worker', 'dist/workers/main.js', { WORKER_HEALTH_PORT: port, ...extra });
    const healthUrl = `http://127.0.0.1:${port}`;
    await until(async () => (await fetch(`${healthUrl}${readyPath}`)).ok, 'the worker is ready');
    return { ...managed, healthUrl };
  }

  const url = `http://127.0.0.1:${apiPort}`;
  const worker = options.worker === false ? null : await startWorker();
  const api = options.api === false ? null : await startApi();

  return {
    url,
    db,
    database,
    temporal,
    namespace,
    directory,
    folders,
    env,
    worker,
    api,
    startApi,
    startWorker,
    /** A worker that kills itself the first time it comes to the point. */
    startCrashingWorker: (point: string): Promise<ManagedProcess> => startWorker({ CRASH_POINTS: `${point}@1` }),
    /** The same, where it may come to the point before it is ready. */
    startDoomedWorker: (point: string): Promise<ManagedProcess> =>
      start('worker', 'dist/workers/main.js', { CRASH_POINTS: `${point}@1`, WORKER_HEALTH_PORT: '0' }),
    simulatorUrl: simulator.url,
    carrierUrl: carrier.url,
    restartSimulator: async (settleAfterMs?: number): Promise<void> => {
      await simulator.close();
      simulator = await openSimulator(settleAfterMs);
    },
    closeSimulator: () => simulator.close(),
    fault: (fault: Record<string, unknown>): Promise<Response> =>
      fetch(`${simulator.url}/_simulator/faults`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(fault),
      }),
    journal: async (orderId?: string): Promise<JournalItem[]> => {
      const answer = await fetch(`${simulator.url}/_simulator/journal${orderId ? `?orderId=${orderId}` : ''}`);
      return ((await answer.json()) as { items: JournalItem[] }).items;
    },
    close: async (): Promise<void> => {
      await Promise.all([...running].map((managed) => managed.stop(12_000)));
      await simulator.close().catch(() => undefined);
      await carrier.close();
      await terminateAll(temporal);
      await connection.close();
      await db.end();
      await closeQuietly(database);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Counts and amounts as numbers. */
export const parserOf: typeof pg.types.getTypeParser = (oid: number, format?: string) =>
  // eslint-disable-next-line @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-enum-assignment -- the driver types its parsers as `any`
  oid === 20 ? (text: string) => Number(text) : pg.types.getTypeParser(oid, format as 'text');

async function terminateAll(temporal: Client): Promise<void> {
  for await (const { workflowId } of temporal.workflow.list({ query: `ExecutionStatus='Running'` })) {
    await temporal.workflow
      .getHandle(workflowId)
      .terminate('the test is over')
      .catch(() => undefined);
  }
}

const closeQuietly = (database: TestDatabase): Promise<void> => database.close().catch(() => undefined);
