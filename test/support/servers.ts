// The servers that tests share: one PostgreSQL and one Temporal dev server for a whole run, a database of its own for
// every file. They are started by the first test that asks, and ended by global-teardown.
import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { checkEvents } from '../../src/verify/event-rules.ts';
import { NAMESPACES, type SharedServers } from './global-setup.ts';

/** What global-setup has started. */
export async function sharedServers(): Promise<SharedServers> {
  const file = process.env['TEST_SERVERS'];
  if (!file) throw new Error('The shared servers are not there: run the tests through `npm test`');
  return JSON.parse(await readFile(file, 'utf8')) as SharedServers;
}

export type TestDatabase = {
  url: string;
  /** Refuses connections and cuts those there are, as if the server were away for this database; or allows them again. */
  setReachable: (reachable: boolean) => Promise<void>;
  /** Keeps a copy; whoever is connected loses the connection. `restore` puts it in the place of the database. */
  backUp: () => Promise<{ restore: () => Promise<void> }>;
  close: () => Promise<void>;
};

/** A fresh, migrated database (a copy of the template that global-setup made); gone after `close`. */
export async function testDatabase(): Promise<TestDatabase> {
  const { postgresUrl } = await sharedServers();
  const name = `test_${randomBytes(6).toString('hex')}`;
  // Copying is exclusive: two files that start together take turns.
  await onServer(postgresUrl, async (client) => {
    await client.query('select pg_advisory_lock(1)');
    await client.query(`create database ${name} template orders_template`);
  });
  const url = new URL(postgresUrl);
  url.pathname = `/${name}`;
  const setReachable = (reachable: boolean): Promise<void> =>
    onServer(postgresUrl, async (client) => {
      await client.query(`alter database ${name} allow_connections ${String(reachable)}`);
      if (reachable) return;
      await client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
    });
  const copy = (from: string, to: string): Promise<void> =>
    onServer(postgresUrl, async (client) => {
      await client.query(`drop database if exists ${to} with (force)`);
      // A connection that was told to end may take a moment.
      for (let attempt = 1; ; attempt += 1) {
        try {
          return void (await client.query(`create database ${to} template ${from}`));
        } catch (error) {
          if (attempt === 20) throw error;
          await sleep(100);
        }
      }
    });
  const backup = `${name}_backup`;
  return {
    url: url.href,
    setReachable,
    backUp: async () => {
      await setReachable(false);
      await copy(name, backup);
      await setReachable(true);
      return { restore: () => copy(backup, name) };
    },
    close: async () => {
      const broken = await brokenEvents(url.href);
      await onServer(postgresUrl, async (client) => {
        await client.query(`drop database if exists ${backup} with (force)`);
        await client.query(`drop database ${name} with (force)`);
      });
      if (broken !== null) throw new Error(`Events that are not as published: ${broken}`);
    },
  };
}

/** Whatever a test has written is what consumers would read. Null where it may stand. */
async function brokenEvents(url: string): Promise<string | null> {
  let found: Record<string, unknown[]> = {};
  await onServer(url, async (client) => {
    found = await checkEvents(async <T>(query: string) => (await client.query(query)).rows as T[]);
  });
  const broken = Object.entries(found).filter(([, violations]) => violations.length > 0);
  return broken.length === 0 ? null : JSON.stringify(Object.fromEntries(broken), null, 2).slice(0, 10_000);
}

/** A Temporal namespace that no other test file uses. */
export async function testNamespace(): Promise<string> {
  const { directory } = await sharedServers();
  for (let index = 0; index < NAMESPACES; index += 1) {
    // Making a directory is atomic: of two files that want the same one, one gets it.
    const taken = await mkdir(join(directory, `namespace-${index}`)).then(
      () => false,
      () => true,
    );
    if (!taken) return `test-${index}`;
  }
  throw new Error(`All ${NAMESPACES} namespaces are in use: raise NAMESPACES in global-setup.ts`);
}

async function onServer(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
