// Where the Temporal server comes from that runs over PostgreSQL: our cache, or built into it from its Go module. The dev server is one
// SQLite connection: fine to try things, never to measure.
import { spawn } from 'node:child_process';
import { access, constants, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Newer patches want a newer Go than most machines have. */
export const TEMPORAL_VERSION = '1.31.2';
const MODULE = 'go.temporal.io/server';
const BUILD_LIMIT_MS = 20 * 60_000;

export type TemporalBinaries = { server: string; sql: string };
type Environment = Readonly<Record<string, string | undefined>>;

/** The server and the tool that makes its tables. `say` is told when it has to be built: that takes minutes, once. */
export async function provideTemporalServer(env: Environment, say: (text: string) => void): Promise<TemporalBinaries> {
  const base = join(env['XDG_CACHE_HOME'] ?? join(env['HOME'] ?? homedir(), '.cache'), 'durable-orders');
  const home = join(base, `temporal-server-${TEMPORAL_VERSION}`);
  const binaries = { server: join(home, 'server'), sql: join(home, 'sql') };
  if (await areExecutable(binaries)) return binaries;
  say(`building Temporal ${TEMPORAL_VERSION} with Go into ${home}: about four minutes, once`);
  await mkdir(base, { recursive: true });
  const building = await mkdtemp(`${home}.`);
  try {
    await build(env, building);
    await rm(home, { recursive: true, force: true });
    // Renamed when it is whole: a build that is broken off leaves nothing that looks like one.
    await rename(building, home);
  } catch (error) {
    await rm(building, { recursive: true, force: true });
    throw new Error(howElse(error), { cause: error });
  }
  return binaries;
}

const howElse = (error: unknown): string =>
  `No Temporal server over PostgreSQL: ${error instanceof Error ? error.message : String(error)}\n` +
  `Install Go (https://go.dev/dl, 1.26.4 or newer), or give TEMPORAL_ADDRESS of a server where namespaces may be made.\n` +
  `Temporal's dev server will not do: it is one SQLite connection.`;

function build(env: Environment, into: string): Promise<void> {
  const packages = ['cmd/server', 'cmd/tools/sql'].map((path) => `${MODULE}/${path}@v${TEMPORAL_VERSION}`);
  return new Promise((resolve, reject) => {
    const child = spawn('go', ['install', ...packages], {
      env: { ...env, GOBIN: into, GOFLAGS: '-buildvcs=false' },
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: BUILD_LIMIT_MS,
    });
    let last = '';
    child.stderr.on('data', (data: Buffer) => (last = data.toString().trim().split('\n').at(-1) ?? last));
    child.once('error', (error) => reject(new Error(`go could not be run (${error.message})`)));
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`go install failed: ${last}`))));
  });
}

async function areExecutable({ server, sql }: TemporalBinaries): Promise<boolean> {
  try {
    for (const path of [server, sql]) await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
