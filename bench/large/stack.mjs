// The stack whose orders are multiplied, and afterwards its PostgreSQL alone: both of `npm start`, in a folder of their own.
import { mkdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { createDisplay } from '../../dist/local/display.js';
import { postgresProgram, postgresUrl, preparePostgres } from '../../dist/local/embedded-postgres.js';
import { startProcess } from '../../dist/local/managed-process.js';
import { choosePort } from '../../dist/local/ports.js';
import { startStack } from '../../dist/local/stack.js';

const STOP_MS = 15_000;

/** Starts everything, gives it to `work`, and stops it. The parcels of its carrier move when they are told to. */
export async function withStack(directory, work) {
  const parts = [];
  const folders = foldersOf(directory);
  const display = createDisplay({ out: process.stderr, colours: false });
  const events = {
    onRestart: (name, why) => display.note(`${name}: ${why}`),
    onGiveUp: (_name, why) => display.problem(why),
  };
  const env = { ...process.env, CARRIER_SIMULATOR_PACE_MS: '3600000' };
  try {
    const stack = await startStack({ directory, folders, display, env, parts, events });
    return await work(stack);
  } finally {
    for (const names of [['api'], ['worker'], ['simulator', 'carrier', 'temporal', 'postgres']])
      await Promise.all(parts.filter(({ name }) => names.includes(name)).map((part) => part.stop(STOP_MS)));
  }
}

/** PostgreSQL alone. `settings`: those for loading give up durability, which nothing that is measured may. */
export async function startPostgres(directory, settings = {}) {
  const home = await preparePostgres({ directory: join(directory, 'postgres') });
  const port = await choosePort(0);
  const program = postgresProgram(home, port);
  const more = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const running = await startProcess({ ...program, args: [...program.args, ...more] }, foldersOf(directory));
  const url = (database) => postgresUrl(home, port, database);
  for (let tries = 0; ; tries += 1) {
    const client = new pg.Client({ connectionString: url('postgres') });
    try {
      await client.connect();
      await client.end();
      break;
    } catch (error) {
      if (tries > 600) throw error;
      await sleep(100);
    }
  }
  return { url, stop: () => running.stop(120_000) };
}

export const foldersOf = (directory) => ({ logs: join(directory, 'logs'), run: join(directory, 'run') });

/** Removes what a run has left, also PostgreSQL's data where they had to lie elsewhere. */
export async function removeStack(directory) {
  const { dataDir } = await preparePostgres({ directory: join(directory, 'postgres') });
  await rm(dirname(dataDir), { recursive: true, force: true });
  await rm(directory, { recursive: true, force: true });
}

/** A subscriber that takes everything. */
export async function startSubscriber() {
  const server = createServer((request, response) => request.resume().on('end', () => response.writeHead(204).end()));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

export const LOADING = {
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '8GB',
  autovacuum: 'off',
  maintenance_work_mem: '512MB',
};

export async function makeFolder(directory) {
  await mkdir(directory, { recursive: true });
}
