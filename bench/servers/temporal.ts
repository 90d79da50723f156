// The Temporal server of a run: one that was given, or one of its own over PostgreSQL, which can be ended and started again.
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { startProcess, type Folders, type ManagedProcess, type Program } from '../../src/local/managed-process.ts';
import { choosePort } from '../../src/local/ports.ts';
import { waitUntil } from '../wait-until.ts';
import type { Closing } from './closing.ts';
import { onDatabase, startPostgres, type PostgresServer } from './postgres.ts';
import { provideTemporalServer, TEMPORAL_VERSION } from './temporal-build.ts';
import { temporalConfig, type TemporalPorts } from './temporal-config.ts';

const run = promisify(execFile);
const STOP_MS = 15_000;
const READY_MS = 90_000;

export type TemporalServer = {
  address: string;
  connection: Connection;
  clientOf: (namespace: string) => Client;
  version: string;
  /** Null where the server was given: then nothing is known of its processes, and it is not ours to end. */
  own: OwnTemporal | null;
};
export type OwnTemporal = {
  pid: () => number;
  postgres: PostgresServer;
  /** A page for Prometheus. */
  metricsUrl: string;
  kill: () => Promise<void>;
  start: () => Promise<void>;
};

/** `closing` grows by what has to be closed in the end, also when a later part fails to start. */
export async function openTemporal(options: {
  env: Readonly<Record<string, string | undefined>>;
  folders: Folders;
  closing: Closing;
  say: (text: string) => void;
  /** Nobody reads its figures: the dev server will do, too. */
  onlyTried: boolean;
}): Promise<TemporalServer> {
  const given = options.env['TEMPORAL_ADDRESS'];
  if (given) return useGiven(given, options);
  const binaries = await provideTemporalServer(options.env, options.say);
  const postgres = await startPostgres('temporal', options);
  await makeTables(binaries.sql, postgres);
  return startOwn(binaries.server, postgres, options);
}

async function useGiven(
  address: string,
  { closing, onlyTried }: { closing: Closing; onlyTried: boolean },
): Promise<TemporalServer> {
  const connection = await Connection.connect({ address });
  closing.push(() => connection.close());
  const { serverVersion, persistenceStore: store } = await connection.workflowService.getClusterInfo({});
  if (store === 'sqlite' && !onlyTried)
    throw new Error(
      `Temporal at ${address} keeps its tables in SQLite, as the dev server does: half the speed, and no figure comes from it`,
    );
  const clientOf = (namespace: string): Client => new Client({ connection, namespace });
  return {
    address,
    connection,
    clientOf,
    version: `${serverVersion} over ${store}, given`,
    own: null,
  };
}

async function startOwn(
  server: string,
  postgres: PostgresServer,
  { folders, closing }: { folders: Folders; closing: Closing },
): Promise<TemporalServer> {
  const ports = await choosePorts();
  const file = join(folders.run, 'temporal.yaml');
  const store = { port: postgres.port, user: 'orders', password: postgres.password };
  await writeFile(file, temporalConfig({ ports, store }), { mode: 0o600 });
  const program: Program = {
    name: 'temporal',
    command: server,
    args: ['--config-file', file, '--allow-no-auth', 'start'],
    env: { HOME: process.env['HOME'], PATH: process.env['PATH'] },
  };
  const address = `127.0.0.1:${ports.grpc}`;
  const connection = Connection.lazy({ address });
  let running: ManagedProcess | null = null;
  const start = async (): Promise<void> => {
    running = await startProcess(program, folders);
    const ask = (): Promise<unknown> => connection.workflowService.getSystemInfo({});
    const look = (): Promise<unknown> => connection.withDeadline(Date.now() + 2_000, ask);
    await waitUntil(`Temporal (${running.logFile})`, look, { withinMs: READY_MS, pollMs: 100 });
  };
  const expectRunning = (): ManagedProcess => {
    if (!running) throw new Error('Expected the Temporal server to run; it was ended');
    return running;
  };
  closing.push(async () => {
    await connection.close();
    await running?.stop(STOP_MS);
  });
  await start();
  return {
    ...{ address, connection, version: TEMPORAL_VERSION },
    clientOf: (namespace) => new Client({ connection, namespace }),
    own: {
      ...{ postgres, start, pid: () => expectRunning().pid, metricsUrl: `http://127.0.0.1:${ports.metrics}/metrics` },
      kill: async () => {
        const ending = expectRunning();
        process.kill(ending.pid, 'SIGKILL');
        await ending.ended;
        running = null;
      },
    },
  };
}

async function choosePorts(): Promise<TemporalPorts> {
  const [grpc, http, metrics, history, matching, worker, ...members] = await distinctPorts(10);
  if (!grpc || !http || !metrics || !history || !matching || !worker) throw new Error('Expected ten free ports');
  return { grpc, http, metrics, history, matching, worker, members };
}

async function distinctPorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  while (found.size < count) found.add(await choosePort(0));
  return [...found];
}

/** The schemas lie within the tool. */
async function makeTables(tool: string, postgres: PostgresServer): Promise<void> {
  const databases = { temporal: 'postgresql/v12/temporal', temporal_visibility: 'postgresql/v12/visibility' };
  for (const [database, schema] of Object.entries(databases)) {
    await onDatabase(postgres.urlOf('postgres'), (client) => client.query(`create database ${database}`));
    const sql = (...args: string[]): Promise<unknown> =>
      run(tool, [
        ...['--plugin', 'postgres12_pgx', '--endpoint', '127.0.0.1', '--port', String(postgres.port)],
        ...['--user', 'orders', '--password', postgres.password, '--database', database, ...args],
      ]);
    await sql('setup-schema', '--version', '0.0');
    await sql('update-schema', '--schema-name', schema);
  }
}
