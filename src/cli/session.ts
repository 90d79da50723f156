// One run of a command: which api it speaks to, under which key, and how it shows what comes.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createOrdersClient, type OrdersClient } from '#client';
import { UsageError, type Io } from './io.ts';
import { createPaint, type Paint } from './paint.ts';
import { profilesFile, readProfiles } from './profiles.ts';

export const forms = ['table', 'json', 'jsonl'] as const;
export type Form = (typeof forms)[number];

/** The options that every command has. */
export type Globals = { output: Form; url?: string; profile?: string; apiKeyFile?: string; color: boolean };
export type Target = {
  url: string;
  key: string | undefined;
  /** What has decided where it goes. */
  from: string;
};
export type Session = { io: Io; form: Form; paint: Paint; target: Target; client: OrdersClient };

const DEFAULT_URL = 'http://127.0.0.1:3000';

/** Flags win over the environment, that over the profile, and that over what runs on this machine. */
export async function openSession(io: Io, globals: Globals): Promise<Session> {
  const target = await resolveTarget(io, globals);
  const client = createOrdersClient({ baseUrl: target.url, apiKey: target.key, repeat: io.repeat ?? {} });
  return { io, form: globals.output, paint: paintOf(io, globals), target, client };
}

/** Colours are for people. */
export const paintOf = (io: Io, { color }: Pick<Globals, 'color'>): Paint =>
  createPaint(color && io.isTerminal && io.settings.NO_COLOR === undefined);

export async function resolveTarget(io: Io, { url, profile, apiKeyFile }: Globals): Promise<Target> {
  const { ORDERS_API_URL, ORDERS_API_KEY, ORDERS_PROFILE } = io.settings;
  const name = profile ?? ORDERS_PROFILE;
  const found = await findProfile(io, name);
  const flagKey = apiKeyFile === undefined ? undefined : await readKey(io, apiKeyFile);
  // A profile that was asked for by a flag is one, also where the environment names another.
  const [address, from] = await firstAddress(io, [
    [url, '--url'],
    [profile === undefined ? undefined : found?.url, `the profile ${name ?? ''}`],
    [ORDERS_API_URL, 'ORDERS_API_URL'],
    [found?.url, `the profile ${name ?? 'default'}`],
  ]);
  const ofProfile = found?.url === address ? found.key : undefined;
  const key = flagKey ?? (profile === undefined ? (ORDERS_API_KEY ?? ofProfile) : ofProfile);
  return { url: address.replace(/\/+$/, ''), key, from };
}

async function firstAddress(
  io: Io,
  candidates: readonly (readonly [string | undefined, string])[],
): Promise<readonly [string, string]> {
  for (const [url, from] of candidates) {
    if (url === undefined) continue;
    if (!/^https?:\/\//.test(url) || !URL.canParse(url))
      throw new UsageError(`${from}: expected an address such as ${DEFAULT_URL}`);
    return [url, from];
  }
  const running = await runningStack(io.home);
  return running ? [running, 'npm start in this folder'] : [DEFAULT_URL, 'the default'];
}

async function findProfile(io: Io, name: string | undefined) {
  const file = profilesFile(io.settings);
  const profiles = await readProfiles(file);
  const found = profiles[name ?? 'default'];
  if (name !== undefined && !found) {
    const known = Object.keys(profiles).join(', ') || 'none';
    throw new UsageError(
      `There is no profile ${name} in ${file} (there are: ${known}): orders setup --profile ${name}`,
    );
  }
  return found;
}

/** In a file, or on stdin: what stands in the arguments is seen by everybody on the machine. */
export async function readKey(io: Io, file: string): Promise<string> {
  const text = file === '-' ? await io.readInput() : await readFileOf(file, '--api-key-file');
  const key = text.trim();
  if (!/^\S+$/.test(key)) throw new UsageError(`--api-key-file: expected one key, dok_…, in ${file}`);
  return key;
}

/** The file's text, or all of stdin for `-`. */
export const readBody = (io: Io, file: string): Promise<string> =>
  file === '-' ? io.readInput() : readFileOf(file, '--file');

async function readFileOf(file: string, option: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new UsageError(`${option}: ${file} can not be read`, { cause });
  }
}

/** Where the stack that was started in this folder listens; null without one. */
async function runningStack(home: string): Promise<string | null> {
  try {
    const lock = JSON.parse(await readFile(join(home, '.local', 'npm-start.json'), 'utf8')) as {
      stack?: { apiUrl?: string };
    };
    return lock.stack?.apiUrl ?? null;
  } catch {
    return null;
  }
}
