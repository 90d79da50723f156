// A PostgreSQL of the run's own, with fsync on. One for orders and one for Temporal: what each costs is seen apart.
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { postgresProgram, postgresUrl, preparePostgres } from '../../src/local/embedded-postgres.ts';
import { startProcess, type Folders, type ManagedProcess } from '../../src/local/managed-process.ts';
import { choosePort } from '../../src/local/ports.ts';
import { waitUntil } from '../wait-until.ts';
import type { Closing } from './closing.ts';

export type PostgresServer = {
  process: ManagedProcess;
  port: number;
  password: string;
  urlOf: (database: string) => string;
  /** What decides about durability, as the server says it, and which it is. */
  settings: Readonly<Record<string, string>>;
};

const SETTINGS = ['server_version', 'fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers'] as const;
const STOP_MS = 15_000;

export async function startPostgres(
  name: string,
  { folders, closing }: { folders: Folders; closing: Closing },
): Promise<PostgresServer> {
  const home = await preparePostgres({ directory: join('/var/tmp', `durable-orders-bench-${process.pid}-${name}`) });
  const port = await choosePort(0);
  const running = await startProcess({ ...postgresProgram(home, port), name: `postgres-${name}` }, folders);
  closing.push(async () => {
    await running.stop(STOP_MS);
    await rm(dirname(home.dataDir), { recursive: true, force: true });
  });
  const urlOf = (database: string): string => postgresUrl(home, port, database);
  const settings = await waitUntil(`PostgreSQL (${name})`, () =>
    onDatabase(urlOf('postgres'), async (client) => {
      const found: Record<string, string> = {};
      for (const one of SETTINGS) found[one] = await show(client, one);
      return found;
    }),
  );
  for (const must of ['fsync', 'synchronous_commit', 'full_page_writes'])
    if (settings[must] !== 'on') throw new Error(`Expected ${must} to be on; found ${settings[must] ?? 'nothing'}`);
  return { process: running, port, password: home.password, urlOf, settings };
}

async function show(client: pg.Client, setting: string): Promise<string> {
  const { rows } = await client.query<Record<string, string>>(`show ${setting}`);
  return rows[0]?.[setting] ?? '';
}

export async function onDatabase<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
