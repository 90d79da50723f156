// What one cell stands on: a database, a namespace and a provider of its own, and the processes of its variant.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import pg from 'pg';
import type { ManagedProcess } from '../../src/local/managed-process.ts';
import { choosePort } from '../../src/local/ports.ts';
import type { Finished } from '../load/completions.ts';
import { dist, ours, type Servers } from '../servers/servers.ts';
import { SHARDS } from '../servers/temporal-config.ts';
import { expectOk, waitUntil } from '../wait-until.ts';
import type { Variant } from './cell.ts';

const STOP_MS = 15_000;

export type Ground = {
  variant: Variant;
  apiUrl: string;
  simulatorUrl: string;
  db: pg.Pool;
  temporal: Client;
  namespace: string;
  /** What runs, by name, and its id. */
  processes: Readonly<Record<string, () => number>>;
  /** How long api and worker took from their start until they were ready. */
  startMs: Readonly<Record<'api' | 'worker', number | null>>;
  /** Null where orders never end (`accept`), or have ended with the answer (`floor`). */
  finished: Finished | null;
  close: () => Promise<void>;
};

type Entry = { api: string; worker: string | null };
/** Below dist/. */
const entries: Readonly<Record<Variant, Entry>> = {
  ours: { api: 'api/main.js', worker: 'workers/main.js' },
  naive: { api: 'bench/bench/variants/naive/main.js', worker: 'bench/bench/variants/naive/worker.js' },
  empty: { api: 'bench/bench/variants/empty/main.js', worker: 'bench/bench/variants/empty/worker.js' },
  floor: { api: 'bench/bench/variants/floor/main.js', worker: null },
  accept: { api: 'bench/bench/variants/accept/main.js', worker: null },
};
let grounds = 0;

export async function openGround(servers: Servers, variant: Variant, providerDelayMs = 0): Promise<Ground> {
  const name = `cell_${(grounds += 1)}`;
  const databaseUrl = await servers.makeDatabase(name);
  const namespace = await servers.makeNamespace();
  const running: ManagedProcess[] = [];
  const start: Start = async (program) => {
    const managed = await servers.start(program);
    running.push(managed);
    return managed;
  };
  const db = new pg.Pool({ connectionString: databaseUrl, max: 3, types: { getTypeParser: countsAsNumbers } });
  db.on('error', () => undefined);
  const beside = besideOf(servers, variant);
  const close = async (): Promise<void> => {
    await Promise.all(running.map((one) => one.stop(STOP_MS)));
    await Promise.all([db, ...(beside ? [beside] : [])].map((pool) => pool.end()));
    await servers.dropDatabase(name);
    await rm(join(servers.directory, name), { recursive: true, force: true });
  };
  try {
    const simulator = await startSimulator(servers, join(servers.directory, name), start);
    if (providerDelayMs > 0) await delayProvider(simulator.url, providerDelayMs);
    const env = settingsOf(servers, { databaseUrl, namespace, simulatorUrl: simulator.url });
    const worker = await startWorker(variant, env, start);
    const api = await startApi(variant, env, start);
    const temporal = servers.temporal.clientOf(namespace);
    return {
      ...{ variant, db, temporal, namespace, close, apiUrl: api.url, simulatorUrl: simulator.url },
      processes: {
        ...processesOf(servers),
        ...{ api: () => api.pid, simulator: () => simulator.pid },
        ...(worker ? { worker: () => worker.pid } : {}),
      },
      startMs: { api: api.startMs, worker: worker?.startMs ?? null },
      finished: await finishedOf({ servers, variant, db, beside, temporal, namespace }),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

type Start = Servers['start'];

/** As `npm start` sets them. */
const settingsOf = (
  { env, temporal }: Servers,
  own: { databaseUrl: string; namespace: string; simulatorUrl: string },
): Servers['env'] => ({
  ...env,
  DATABASE_URL: own.databaseUrl,
  TEMPORAL_ADDRESS: temporal.address,
  TEMPORAL_NAMESPACE: own.namespace,
  // Else a profile in the user's own configuration folder counts.
  TEMPORAL_CONFIG_FILE: join(dist, 'no-temporal.toml'),
  STRIPE_API_BASE: own.simulatorUrl,
  STRIPE_API_KEY: 'sk_test_local',
  PAYMENTS_PER_SECOND: '10000',
  RECONCILE_EVERY_MS: '0',
});

function processesOf({ postgres, temporal: { own } }: Servers): Ground['processes'] {
  const ofTemporal = own && { temporal: () => own.pid(), 'postgres of temporal': () => own.postgres.process.pid };
  return { 'postgres of orders': () => postgres.process.pid, ...ofTemporal, harness: () => process.pid };
}

async function startSimulator(
  { env }: Servers,
  directory: string,
  start: Start,
): Promise<{ url: string; pid: number }> {
  const port = await choosePort(0);
  const settings = { SIMULATOR_PORT: String(port), SIMULATOR_DATA_DIR: directory };
  const { pid } = await start(ours('simulator', 'simulator/payment/main.js', { ...env, ...settings }));
  const url = `http://127.0.0.1:${port}`;
  await waitUntil('the simulator', () => expectOk(`${url}/_simulator/health`));
  return { url, pid };
}

async function delayProvider(simulatorUrl: string, delayMs: number): Promise<void> {
  const answer = await fetch(`${simulatorUrl}/_simulator/faults`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ operation: 'any', mode: 'delay', times: 'always', delayMs }),
  });
  if (!answer.ok) throw new Error(`Expected the simulator to be slow from now on; found ${answer.status}`);
}

async function startApi(variant: Variant, env: Servers['env'], start: Start) {
  const port = String(await choosePort(0));
  const url = `http://127.0.0.1:${port}`;
  const settings = {
    ...env,
    HOST: '127.0.0.1',
    PORT: port,
    METRICS_PORT: String(await choosePort(0)),
    PUBLIC_URL: url,
  };
  const begun = performance.now();
  const { pid } = await start(ours('api', entries[variant].api, settings));
  // The doors of other variants have no page but that of orders; an answer of any kind means that they are open.
  const ask = variant === 'ours' ? () => expectOk(`${url}/readyz`) : async () => void (await fetch(`${url}/readyz`));
  await waitUntil('the api', ask);
  return { url, pid, startMs: performance.now() - begun };
}

async function startWorker(variant: Variant, env: Servers['env'], start: Start) {
  const file = entries[variant].worker;
  if (file === null) return null;
  const port = String(await choosePort(0));
  const bundle = variant === 'ours' ? { WORKFLOW_BUNDLE_PATH: join(dist, 'workflow-bundle.js') } : {};
  const begun = performance.now();
  const { pid } = await start(ours('worker', file, { ...env, ...bundle, WORKER_HEALTH_PORT: port }));
  await waitUntil('the worker', () => expectOk(`http://127.0.0.1:${port}/readyz`));
  return { pid, startMs: performance.now() - begun };
}

type Seeing = Pick<Ground, 'variant' | 'db' | 'temporal' | 'namespace'> & { servers: Servers; beside: pg.Pool | null };

/** Temporal's own database, where that is ours to read: the end of an empty workflow stands nowhere else. */
function besideOf({ temporal: { own } }: Servers, variant: Variant): pg.Pool | null {
  if (variant !== 'empty' || !own) return null;
  const pool = new pg.Pool({ connectionString: own.postgres.urlOf('temporal'), max: 1 });
  pool.on('error', () => undefined);
  return pool;
}

/** Where it is seen that an order has ended. */
async function finishedOf({ servers, variant, db, beside, temporal, namespace }: Seeing): Promise<Finished | null> {
  if (variant === 'floor' || variant === 'accept') return null;
  if (variant !== 'empty')
    return async (ids) => {
      const query = `select id from orders where id = any($1) and status not in ('placed', 'reserved')`;
      return (await db.query<{ id: string }>(query, [ids])).rows.map(({ id }) => id);
    };
  if (!beside) return closedByList(temporal);
  const { namespaceInfo } = await servers.temporal.connection.workflowService.describeNamespace({ namespace });
  const id = Buffer.from((namespaceInfo?.id ?? '').replaceAll('-', ''), 'hex');
  const shards = Array.from({ length: SHARDS }, (_, index) => index + 1);
  return async (ids) => {
    // By its primary key; 2 is running.
    const query = `select workflow_id as id from current_executions
                   where shard_id = any($1) and namespace_id = $2 and workflow_id = any($3) and state > 2`;
    return (await beside.query<{ id: string }>(query, [shards, id, ids])).rows.map((row) => row.id);
  };
}

const closedByList =
  (temporal: Client): Finished =>
  async (ids) => {
    const wanted = new Set(ids);
    const found: string[] = [];
    for await (const { workflowId } of temporal.workflow.list({ query: `ExecutionStatus = 'Completed'` }))
      if (wanted.has(workflowId)) found.push(workflowId);
    return found;
  };

const countsAsNumbers: typeof pg.types.getTypeParser = (oid: number, format?: string) =>
  // eslint-disable-next-line @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-enum-assignment -- the driver types its parsers as `any`
  oid === 20 ? (text: string) => Number(text) : pg.types.getTypeParser(oid, format as 'text');
