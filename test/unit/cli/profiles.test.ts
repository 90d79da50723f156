// Which api, and with which key; and `orders setup`, which writes both down.
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { emptyFolder, fakeIo, orders } from '../../support/cli.ts';
import { resolveTarget, type Globals } from '../../../src/cli/session.ts';
import { problem, scriptedServer, type Asked, type Reply } from '../../support/scripted-server.ts';

let config: string;
let server: Awaited<ReturnType<typeof scriptedServer>>;
const file = (): string => join(config, 'durable-orders', 'profiles.json');

/** An api that wants the key dok_good. */
const locked: Reply = (res, asked) => {
  const open = asked.path === '/healthz' || asked.path === '/health';
  if (!open && asked.headers.authorization !== 'Bearer dok_good') return problem(401, 'invalid-api-key')(res, asked);
  const body = { '/healthz': { status: 'ok' }, '/health': { status: 'ok', parts: {} } }[asked.path];
  res.writeHead(200, { 'Content-Type': 'application/json' });
  res.end(JSON.stringify(body ?? { items: [], nextCursor: null }));
};

beforeEach(async () => {
  config = emptyFolder();
  server = await scriptedServer(locked);
});
afterEach(async () => {
  rmSync(config, { recursive: true });
  await server.close();
});

const setup = (input: string, more: string[] = []) =>
  orders(null, ['setup', '--url', server.url, '--api-key-file', '-', ...more], { XDG_CONFIG_HOME: config }, { input });

test('setup checks what it is told, and writes it where only its owner reads it', async () => {
  expect(await setup('dok_good\n', ['--profile', 'shop'])).toMatchObject({ code: 0, out: '' });
  expect(JSON.parse(readFileSync(file(), 'utf8'))).toEqual({
    profiles: { shop: { url: server.url, key: 'dok_good' } },
  });
  expect(statSync(file()).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(file())).mode & 0o777).toBe(0o700);
  const env = { XDG_CONFIG_HOME: config };
  expect((await orders(null, ['list', '--profile', 'shop'], env)).code).toBe(0);
  expect((await orders(null, ['list'], { ...env, ORDERS_PROFILE: 'shop' })).code).toBe(0);

  expect((await setup('dok_good')).code).toBe(0);
  expect(Object.keys((JSON.parse(readFileSync(file(), 'utf8')) as { profiles: object }).profiles)).toEqual([
    'shop',
    'default',
  ]);
});

test('setup writes nothing that does not work, and never shows a key', async () => {
  const ran = await setup('dok_bad');
  expect(ran).toMatchObject({ code: 1, said: expect.stringContaining('The key is wrong, or revoked') });
  expect(ran.out + ran.said).not.toContain('dok_bad');
  expect((await orders(null, ['setup', '--url', 'http://127.0.0.1:1'], { XDG_CONFIG_HOME: config })).code).toBe(1);
  expect((await orders(null, ['setup'], { XDG_CONFIG_HOME: config })).code).toBe(2);
  expect(existsSync(file())).toBe(false);
});

test('setup asks a person, and does not show what is secret', async () => {
  const asked: [string, boolean][] = [];
  const askPerson = (question: string, { secret = false } = {}): Promise<string> => {
    asked.push([question, secret]);
    return Promise.resolve(secret ? 'dok_good' : server.url);
  };
  const ran = await orders(null, ['setup'], { XDG_CONFIG_HOME: config }, { canAsk: true, askPerson });
  expect(ran.code).toBe(0);
  expect(asked.map(([, secret]) => secret)).toEqual([false, true]);
  expect(readFileSync(file(), 'utf8')).toContain('dok_good');
});

const write = (profiles: object): void => {
  mkdirSync(dirname(file()), { recursive: true });
  writeFileSync(file(), JSON.stringify({ profiles }), { mode: 0o600 });
};

test('a file of keys that others can read is not used', async () => {
  write({ default: { url: server.url, key: 'dok_good' } });
  chmodSync(file(), 0o644);
  expect(await orders(null, ['list'], { XDG_CONFIG_HOME: config })).toMatchObject({
    code: 2,
    said: expect.stringContaining('chmod 600'),
  });
  expect(server.asked).toEqual([]);
});

test('flags win over the environment, that over the profile, that over what runs here', async () => {
  write({ default: { url: 'http://default', key: 'of-default' }, shop: { url: 'http://shop', key: 'of-shop' } });
  const home = join(config, 'home');
  mkdirSync(join(home, '.local'), { recursive: true });
  writeFileSync(join(home, '.local', 'npm-start.json'), JSON.stringify({ stack: { apiUrl: 'http://running' } }));
  const keyFile = join(config, 'key');
  writeFileSync(keyFile, 'of-file\n');
  const target = async (flags: Partial<Globals>, env: Record<string, string>, folder = config) => {
    const { io } = fakeIo({ XDG_CONFIG_HOME: folder, ...env }, { home });
    const { url, key } = await resolveTarget(io, { output: 'table', color: true, ...flags });
    return [url, key];
  };
  const both = { ORDERS_API_URL: 'http://env', ORDERS_API_KEY: 'of-env' };
  expect(await target({ url: 'http://flag', apiKeyFile: keyFile }, both)).toEqual(['http://flag', 'of-file']);
  expect(await target({}, both)).toEqual(['http://env', 'of-env']);
  expect(await target({ profile: 'shop' }, both)).toEqual(['http://shop', 'of-shop']);
  expect(await target({}, { ORDERS_PROFILE: 'shop' })).toEqual(['http://shop', 'of-shop']);
  expect(await target({}, {})).toEqual(['http://default', 'of-default']);
  expect(await target({}, {}, home)).toEqual(['http://running', undefined]);
  // A key goes to the address that it belongs to, and nowhere else.
  expect(await target({ url: 'http://flag' }, {})).toEqual(['http://flag', undefined]);
  expect(await target({}, { ORDERS_API_URL: 'http://env' })).toEqual(['http://env', undefined]);
});

test('the key goes in a header, and a wrong one is told with what helps', async () => {
  const ran = await orders(server.url, ['list'], { ORDERS_API_KEY: 'dok_bad' });
  expect(ran).toMatchObject({ code: 3, said: expect.stringContaining('orders setup') });
  expect((await orders(server.url, ['list'], { ORDERS_API_KEY: 'dok_good' })).code).toBe(0);
  expect(server.asked.map(({ headers }: Asked) => headers.authorization)).toEqual([
    'Bearer dok_bad',
    'Bearer dok_good',
  ]);
});
