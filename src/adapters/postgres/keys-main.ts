// The command that makes, lists and revokes API keys. The key itself is the only line on stdout, so that a script can take
// it; everything that is said about it goes to stderr.
import { parseArgs } from 'node:util';
import { isScope, scopes as allScopes, type Scope } from '../../domain/scope.ts';
import type { ApiKey, ApiKeys } from '../../ports/api-key.ts';
import { ConfigurationError, loadKeysConfig } from '../../runtime/config.ts';
import { tableLines } from '../../runtime/text-table.ts';
import { createLogger } from '../../runtime/logger.ts';
import { createApiKeys } from './api-key.ts';
import { openDatabase, STEP_PATIENCE } from './database.ts';

const usage = `Usage: npm run keys -- <command>, with DATABASE_URL set
  create --tenant <tenant> --name <name> --scopes <scope,…>   makes a key and shows it, this once
  list                                                        every key, without its secret
  revoke --id <id>                                            refused everywhere within seconds, for ever
Scopes: ${allScopes.join(', ')} (admin includes all; operate includes orders:read and orders:cancel; orders:write includes orders:cancel).`;

const tenantPattern = /^[a-z0-9][a-z0-9-]{0,62}$/;
const MAX_NAME = 64;

/** What was asked for can not be done; the message says why. */
class Refusal extends Error {}

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const answer = (text: string): void => void process.stdout.write(`${text}\n`);

type Options = { tenant?: string; name?: string; scopes?: string; id?: string };
const optionsOf: Record<string, readonly (keyof Options)[]> = {
  create: ['tenant', 'name', 'scopes'],
  list: [],
  revoke: ['id'],
};

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  if (args.includes('--help')) return (answer(usage), 0);
  try {
    const work = parse(args);
    const { DATABASE_URL: connectionString } = loadKeysConfig();
    const logger = createLogger({ name: 'keys', level: 'silent' });
    const patience = STEP_PATIENCE;
    const db = openDatabase({
      connectionString,
      poolSize: 1,
      patience,
      applicationName: 'durable-orders-keys',
      logger,
    });
    try {
      await work(createApiKeys({ db }));
    } finally {
      await db.destroy();
    }
    return 0;
  } catch (error) {
    say(explain(error));
    return 1;
  }
}

function parse(args: string[]): (keys: ApiKeys) => Promise<void> {
  const [command = '', ...rest] = args;
  const known = optionsOf[command];
  if (!known) throw new Refusal(`${command === '' ? 'No command' : `There is no command ${command}`}.\n${usage}`);
  const options = readOptions(rest, known);
  const missing = known.filter((name) => !options[name]);
  if (missing.length > 0) throw new Refusal(`${command} needs --${missing.join(' and --')}.\n${usage}`);
  const { tenant = '', name = '', scopes = '', id = '' } = options;
  if (command === 'create')
    return create({ tenant: checkTenant(tenant), name: checkName(name), scopes: toScopes(scopes) });
  return command === 'list' ? list : revoke(id);
}

function readOptions(args: string[], known: readonly string[]): Options {
  try {
    const options = Object.fromEntries(known.map((name) => [name, { type: 'string' as const }]));
    return parseArgs({ args, options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new Refusal(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
}

function checkTenant(tenant: string): string {
  if (tenantPattern.test(tenant)) return tenant;
  throw new Refusal('--tenant: 1 to 63 of a–z, 0–9 and -, the first a letter or digit');
}

function checkName(name: string): string {
  if (/^[\P{C}]+$/u.test(name) && name.length <= MAX_NAME) return name;
  throw new Refusal(`--name: 1 to ${MAX_NAME} printable characters`);
}

function toScopes(list: string): Scope[] {
  const names = [...new Set(list.split(',').map((name) => name.trim()))];
  const unknown = names.filter((name) => !isScope(name));
  if (unknown.length > 0)
    throw new Refusal(`--scopes: not a scope: ${unknown.join(', ')}. There are ${allScopes.join(', ')}`);
  return names.filter(isScope);
}

function create(request: Parameters<ApiKeys['create']>[0]): (keys: ApiKeys) => Promise<void> {
  return async (keys) => {
    const { apiKey, secretKey } = await keys.create(request);
    say(
      `Key ${apiKey.id} of tenant ${apiKey.tenant} may: ${apiKey.scopes.join(', ')}. It is shown only now; keep it well.`,
    );
    answer(secretKey);
  };
}

async function list(keys: ApiKeys): Promise<void> {
  const found = await keys.list();
  if (found.length === 0) return say('There are no keys yet.');
  const rows = [['id', 'tenant', 'name', 'begins with', 'scopes', 'created', 'revoked'], ...found.map(toRow)];
  for (const line of tableLines(rows)) answer(line);
}

function toRow({ id, tenant, name, prefix, scopes, createdAt, revokedAt }: ApiKey): string[] {
  return [id, tenant, name, `dok_${prefix}`, scopes.join(','), createdAt, revokedAt ?? '-'];
}

function revoke(id: string): (keys: ApiKeys) => Promise<void> {
  return async (keys) => {
    const apiKey = await keys.revoke({ id });
    if (!apiKey) throw new Refusal(`No key has the id ${id}; "list" shows the ids (they begin with key_)`);
    say(`Key ${apiKey.id} (${apiKey.name}, tenant ${apiKey.tenant}) is revoked since ${apiKey.revokedAt ?? 'now'}.`);
  };
}

function explain(error: unknown): string {
  if (error instanceof Refusal || error instanceof ConfigurationError) return error.message;
  const { code, message } = error as { code?: string; message?: string };
  if (code === '42P01') return 'This database has no table of keys: run the migrations first.';
  if (code === '08001') return 'The database does not answer: is DATABASE_URL right, and is it running?';
  return `It failed, and nothing was changed: ${message ?? String(error)}`;
}
