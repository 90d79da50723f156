// What a million orders cost: their bytes, the pages that each of the application's own queries touches (against ten thousand orders), and how
// long accepting takes (against an empty database). Half an hour and 20 GB of disk; writes docs/scaling.md and bench/results/.
//   npm run build && nice node bench/large.mjs [--orders 1000000] [--folder /var/tmp/orders-large] [--keep]
import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { openDatabase } from '../dist/adapters/postgres/database.js';
import { migrateToLatest } from '../dist/adapters/postgres/migrate.js';
import { postgresUrl, preparePostgres } from '../dist/local/embedded-postgres.js';
import { createLogger } from '../dist/runtime/logger.js';
import { compareAccepting } from './large/accept.mjs';
import { load } from './large/load.mjs';
import { listenToPlans, plansOf, telling } from './large/plans.mjs';
import { queriesOf } from './large/queries.mjs';
import { indexesTable, judge, queriesTable, replacePart, sizesTable, write } from './large/report.mjs';
import {
  foldersOf,
  LOADING,
  makeFolder,
  removeStack,
  startPostgres,
  startSubscriber,
  withStack,
} from './large/stack.mjs';
import { recordTemplates } from './large/templates.mjs';

const { values } = parseArgs({
  options: {
    orders: { type: 'string', default: '1000000' },
    folder: { type: 'string', default: '/var/tmp/orders-large' },
    /** Keeps the databases; a run that finds them measures anew without loading. */
    keep: { type: 'boolean', default: false },
  },
});
const SMALL = 10_000;
const large = Number(values.orders);
const databases = { empty: 'large_0', small: `large_${SMALL}`, large: `large_${large}` };
const say = (text) => process.stderr.write(`${text}\n`);

await makeFolder(values.folder);
const templates = await provideTemplates();
await provideLoads(templates);
await measure(templates);
if (!values.keep) await removeStack(values.folder);

async function provideTemplates() {
  const file = join(values.folder, 'templates.json');
  const kept = await readFile(file, 'utf8').catch(() => null);
  if (kept) return JSON.parse(kept);
  say('placing an order of each kind');
  const subscriber = await startSubscriber();
  const found = await withStack(values.folder, async (stack) => {
    const home = await preparePostgres({ directory: join(values.folder, 'postgres') });
    const port = (await readFile(join(home.dataDir, 'postmaster.pid'), 'utf8')).split('\n')[3];
    return recordTemplates({ stack, subscriberUrl: subscriber.url, databaseUrl: postgresUrl(home, port) });
  });
  subscriber.close();
  await writeFile(file, JSON.stringify(found));
  return found;
}

async function provideLoads(found) {
  const postgres = await startPostgres(values.folder, LOADING);
  const admin = await connect(postgres.url('postgres'));
  try {
    for (const [name, count] of Object.entries({ empty: 0, small: SMALL, large })) {
      const database = databases[name];
      const { rows } = await admin.query('select datallowconn from pg_database where datname = $1', [
        `${database}_loaded`,
      ]);
      if (rows.length > 0) continue;
      say(`loading ${count} orders`);
      await admin.query(`drop database if exists ${database}`);
      await admin.query(`create database ${database} template orders`);
      await load({ url: postgres.url(database), templates: found, count });
      const client = await connect(postgres.url(database));
      await client.query('vacuum (analyze)');
      await client.end();
      await admin.query(`alter database ${database} rename to ${database}_loaded`);
    }
  } finally {
    await admin.end();
    await postgres.stop();
  }
}

async function measure(found) {
  listenToPlans();
  // As it runs for everybody: durable, with the settings of `npm start`.
  const postgres = await startPostgres(values.folder);
  const url = (name) => postgres.url(`${databases[name]}_loaded`);
  try {
    for (const name of Object.keys(databases)) await migrateToLatest({ connectionString: url(name) });
    const { sizes, indexes, version } = await sizesOf(url('large'));
    const plans = { small: await plansOn(url('small')), large: await plansOn(url('large')) };
    say('accepting');
    const accept = await compareAccepting({
      empty: url('empty'),
      full: url('large'),
      folders: foldersOf(values.folder),
    });
    say(`p50 full / empty: ${accept.ratio.toFixed(2)}`);
    const rowsOf = Object.fromEntries(sizes.map(({ table, rows }) => [table, rows]));
    const judged = judge({ plans, rowsOf });
    const events = found.reduce((sum, { of1000, rows }) => sum + of1000 * rows.events.length, 0) / 1_000;
    const about = {
      orders: large,
      events: Math.round(events * large),
      postgres: version,
      cores: cpus().length,
      at: new Date().toISOString().slice(0, 10),
    };
    await write('large', { about, sizes, indexes, accept, queries: judged });
    await replacePart('sizes', `${sizesTable(sizes, large)}\n\n${indexesTable(indexes, large)}`);
    await replacePart('queries', queriesTable(judged, { small: SMALL, large }));
    await replacePart('accepting', acceptText(accept, about));
  } finally {
    await postgres.stop();
  }
}

function acceptText({ clients, rounds, p50, ratio }, { orders, cores, at, postgres }) {
  return `${at}, ${cores} cores for everything, PostgreSQL ${postgres}, ${clients} clients, ${rounds.length} rounds in turns: p50 ${p50.empty} ms on an empty database, ${p50.full} ms on one with ${new Intl.NumberFormat('en').format(orders)} orders: **${ratio.toFixed(2)} ×**.`;
}

async function plansOn(url) {
  const patience = { connectMs: 5_000, silenceMs: 600_000, queryMs: 600_000, queueMs: 600_000 };
  const logger = createLogger({ name: 'large', level: 'silent' });
  const db = openDatabase({ connectionString: telling(url), poolSize: 1, patience, applicationName: 'large', logger });
  try {
    const found = {};
    for (const [name, work] of await queriesOf(db)) found[name] = await plansOf(work);
    return found;
  } finally {
    await db.destroy();
  }
}

async function sizesOf(url) {
  const client = await connect(url);
  try {
    const { rows: sizes } = await client.query(`
      select c.relname as table, greatest(c.reltuples, 0)::float8 as rows, (pg_total_relation_size(c.oid) - pg_indexes_size(c.oid))::float8 as heap,
        pg_indexes_size(c.oid)::float8 as indexes, pg_total_relation_size(c.oid)::float8 as total
      from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and c.relkind = 'r' order by total desc`);
    const { rows: indexes } = await client.query(`
      select c.relname as index, pg_relation_size(c.oid)::float8 as bytes
      from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and c.relkind = 'i' order by bytes desc`);
    const { rows } = await client.query('show server_version');
    return { sizes, indexes, version: rows[0].server_version };
  } finally {
    await client.end();
  }
}

async function connect(connectionString) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return client;
}
