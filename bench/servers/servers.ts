// The servers of a run: one PostgreSQL for orders with a migrated template, one Temporal over a PostgreSQL of its own.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createCatalogue } from '../../src/adapters/postgres/catalogue.ts';
import { openDatabase, STEP_PATIENCE } from '../../src/adapters/postgres/database.ts';
import { startProcess, type Folders, type ManagedProcess, type Program } from '../../src/local/managed-process.ts';
import { localSearchAttributes } from '../../src/local/stack.ts';
import { loadVerifyEnvironment } from '../../src/runtime/config.ts';
import { createLogger } from '../../src/runtime/logger.ts';
import { ON_HAND, PRODUCTS, skuOf } from '../load/client.ts';
import { waitUntil } from '../wait-until.ts';
import type { Closing } from './closing.ts';
import { onDatabase, startPostgres, type PostgresServer } from './postgres.ts';
import { openTemporal, type TemporalServer } from './temporal.ts';

// dist/, where the code of the product lies beside that of the measurement (dist/bench/bench/servers).
export const dist = fileURLToPath(new URL('../../../', import.meta.url));
const TEMPLATE = 'orders_template';
const RETENTION_SECONDS = 86_400;
const STOP_MS = 15_000;

export type Servers = {
  postgres: PostgresServer;
  temporal: TemporalServer;
  folders: Folders;
  directory: string;
  /** Without any setting of ours or of Temporal's that the shell happens to have. */
  env: Readonly<Record<string, string | undefined>>;
  /** A fresh database with products; its URL. */
  makeDatabase: (name: string) => Promise<string>;
  dropDatabase: (name: string) => Promise<void>;
  /** A fresh namespace that knows our search attributes. */
  makeNamespace: () => Promise<string>;
  /** Ends with the run at the latest. */
  start: (program: Program) => Promise<ManagedProcess>;
};

/** `closing` grows by what has to be closed in the end, also when a later part fails to start. */
export async function openServers({
  closing,
  say,
  onlyTried,
  keepFiles,
}: {
  closing: Closing;
  say: (text: string) => void;
  onlyTried: boolean;
  /** Asked in the end: whoever looks for what went wrong needs the logs. */
  keepFiles: () => boolean;
}): Promise<Servers> {
  const directory = await mkdtemp(join(tmpdir(), 'durable-orders-bench-'));
  const folders = { logs: join(directory, 'logs'), run: join(directory, 'run') };
  closing.push(async () => {
    if (keepFiles()) say(`logs: ${folders.logs}`);
    else await rm(directory, { recursive: true, force: true });
  });
  for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true });
  const env = { ...loadVerifyEnvironment(), NODE_ENV: 'production' };
  const temporal = await openTemporal({ env: process.env, folders, closing, say, onlyTried });
  const postgres = await startPostgres('orders', { folders, closing });
  await onDatabase(postgres.urlOf('postgres'), (client) => client.query(`create database ${TEMPLATE}`));
  await migrate(env, postgres.urlOf(TEMPLATE), folders);
  await provideProducts(postgres.urlOf(TEMPLATE));
  const onServer = (statement: string): Promise<unknown> =>
    onDatabase(postgres.urlOf('postgres'), (client) => client.query(statement));
  let namespaces = 0;
  return {
    ...{ postgres, temporal, folders, directory, env },
    makeDatabase: async (name) => {
      await onServer(`create database ${name} template ${TEMPLATE}`);
      return postgres.urlOf(name);
    },
    dropDatabase: async (name) => void (await onServer(`drop database ${name} with (force)`)),
    makeNamespace: () => makeNamespace(temporal, `bench-${process.pid}-${(namespaces += 1)}`),
    start: async (program) => {
      const managed = await startProcess(program, folders);
      closing.push(() => managed.stop(STOP_MS));
      return managed;
    },
  };
}

async function migrate(env: Servers['env'], url: string, folders: Folders): Promise<void> {
  const program = ours('migrate', 'adapters/postgres/migrate-main.js', { ...env, DATABASE_URL: url });
  const ended = await (await startProcess(program, folders)).ended;
  if (ended !== 'exit code 0') throw new Error(`The migrations failed (${ended}): see ${folders.logs}/migrate.log`);
}

async function provideProducts(url: string): Promise<void> {
  const logger = createLogger({ name: 'bench', level: 'warn' });
  const db = openDatabase({
    connectionString: url,
    poolSize: 1,
    patience: STEP_PATIENCE,
    applicationName: 'bench',
    logger,
  });
  const catalogue = createCatalogue({ db });
  for (let index = 0; index < PRODUCTS; index += 1) {
    const sku = skuOf(index);
    const product = { sku, name: `Product ${index}`, priceMinor: 1_000 + index, currency: 'EUR', onHand: ON_HAND };
    await catalogue.put({ tenant: 'local', ...product });
  }
  await db.destroy();
}

/** Our workflows are held up by an attribute that is not known: it is waited for until it is. */
async function makeNamespace({ connection }: TemporalServer, namespace: string): Promise<string> {
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: { seconds: RETENTION_SECONDS as unknown as never },
  });
  const types = { Keyword: 2, Int: 3 };
  const attributes = Object.entries(localSearchAttributes).map(([name, type]) => [name, types[type]]);
  await until(() =>
    connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(attributes) as Record<string, number>,
    }),
  );
  await until(() => connection.workflowService.countWorkflowExecutions({ namespace, query: 'OrderTotalMinor = 0' }));
  return namespace;
}

const until = (ask: () => Promise<unknown>): Promise<unknown> =>
  waitUntil('a new namespace', ask, { withinMs: 30_000, pollMs: 200 });

/** One of our own processes, of the compiled code. */
export const ours = (name: string, file: string, env: Servers['env']): Program => ({
  name,
  command: process.execPath,
  args: ['--enable-source-maps', join(dist, file)],
  env: { ...env },
});
