// The command that makes, lists and revokes keys, as people run it; and what the table of keys lets nobody do.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { createApiKeys } from '../../src/adapters/postgres/api-key.ts';
import { openDatabase, STEP_PATIENCE, type Database } from '../../src/adapters/postgres/database.ts';
import { silent } from '../support/database.ts';
import { testDatabase, type TestDatabase } from '../support/servers.ts';

const command = fileURLToPath(new URL('../../dist/adapters/postgres/keys-main.js', import.meta.url));
const { NODE_OPTIONS: _forJest, ...env } = process.env;

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await testDatabase();
  const options = { connectionString: database.url, poolSize: 2, patience: STEP_PATIENCE, applicationName: 'test' };
  db = openDatabase({ ...options, logger: silent });
});
afterAll(async () => {
  await db.destroy();
  await database.close();
});

type Outcome = { code: number; stdout: string; stderr: string };
const run = (args: string[], settings: Record<string, string> = { DATABASE_URL: database.url }): Promise<Outcome> =>
  new Promise((resolve) => {
    execFile(process.execPath, [command, ...args], { env: { ...env, ...settings } }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
const create = (tenant: string, name: string, scopes: string): Promise<Outcome> =>
  run(['create', '--tenant', tenant, '--name', name, '--scopes', scopes]);

test('makes a key that works, shows it once, and keeps nothing that could be turned into it', async () => {
  const made = await create('shop', 'checkout', 'orders:write,orders:read');
  expect(made.code).toBe(0);
  expect(made.stdout).toMatch(/^dok_[0-9a-f]{12}_[A-Za-z0-9_-]{43}\n$/);
  expect(made.stderr).toContain('shown only now');

  const secretKey = made.stdout.trim();
  const secret = secretKey.slice('dok_'.length + 13);
  expect(await createApiKeys({ db }).find(secretKey)).toMatchObject({
    tenant: 'shop',
    name: 'checkout',
    scopes: ['orders:write', 'orders:read'],
  });
  const { rows } = await sql<{ secret_hash: Buffer }>`select * from api_keys where name = 'checkout'`.execute(db);
  expect(rows[0]?.secret_hash).toEqual(createHash('sha256').update(secret).digest());
  expect(JSON.stringify(rows)).not.toContain(secret);

  const listed = await run(['list']);
  expect(listed.stdout).toContain(`dok_${secretKey.slice(4, 16)}`);
  expect(listed.stdout + made.stderr).not.toContain(secret);
});

test('revokes by id, for ever, and says so again when asked again', async () => {
  const keys = createApiKeys({ db });
  const { apiKey, secretKey } = await keys.create({ tenant: 'shop', name: 'old', scopes: ['admin'] });
  const first = await run(['revoke', '--id', apiKey.id]);
  const again = await run(['revoke', '--id', apiKey.id]);
  expect([first.code, again.code]).toEqual([0, 0]);
  expect(again.stderr).toBe(first.stderr);
  expect(await keys.find(secretKey)).toBeNull();
  expect((await keys.list()).find(({ id }) => id === apiKey.id)?.revokedAt).toMatch(/Z$/);
});

test.each([
  ['no command', [], 'Usage'],
  ['an unknown command', ['remove'], 'There is no command remove'],
  ['a missing option', ['create', '--tenant', 'a'], 'create needs --name and --scopes'],
  ['an unknown option', ['list', '--all'], "Unknown option '--all'"],
  ['an unknown scope', ['create', '--tenant', 'a', '--name', 'b', '--scopes', 'orders:read,root'], 'not a scope: root'],
  ['no scope', ['create', '--tenant', 'a', '--name', 'b', '--scopes', ','], 'not a scope'],
  ['a tenant with a space', ['create', '--tenant', 'A b', '--name', 'b', '--scopes', 'admin'], '--tenant'],
  ['a name with a line break', ['create', '--tenant', 'a', '--name', 'b\nc', '--scopes', 'admin'], '--name'],
  ['an unknown id', ['revoke', '--id', 'key_nobody'], 'No key has the id key_nobody'],
])('refuses %s with a clear sentence, and changes nothing', async (_name, args, message) => {
  const before = await createApiKeys({ db }).list();
  const { code, stdout, stderr } = await run(args);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain(message);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(await createApiKeys({ db }).list()).toEqual(before);
});

test('says what is wrong with the database', async () => {
  expect((await run(['list'], { DATABASE_URL: '' })).stderr).toContain('DATABASE_URL');
  expect((await run(['list'], { DATABASE_URL: 'postgres://u:p@127.0.0.1:1/d' })).stderr).toContain('does not answer');
  const unmigrated = new URL(database.url);
  unmigrated.pathname = '/postgres';
  expect((await run(['list'], { DATABASE_URL: unmigrated.href })).stderr).toContain('run the migrations first');
});

test('a key is never changed, forgotten or brought back', async () => {
  const { apiKey } = await createApiKeys({ db }).create({ tenant: 'shop', name: 'fixed', scopes: ['orders:read'] });
  const only = sql`where id = ${apiKey.id}`;
  for (const change of [
    sql`update api_keys set scopes = array['admin'] ${only}`,
    sql`update api_keys set tenant = 'other' ${only}`,
    sql`update api_keys set revoked_at = now(), scopes = array['admin'] ${only}`,
    sql`delete from api_keys ${only}`,
    sql`truncate api_keys`,
  ])
    await expect(change.execute(db)).rejects.toThrow(/refused/);
  await createApiKeys({ db }).revoke({ id: apiKey.id });
  await expect(sql`update api_keys set revoked_at = null ${only}`.execute(db)).rejects.toThrow(/refused/);
});
