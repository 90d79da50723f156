// Prometheus's own tool, which knows what a rule means.
import { execFile } from 'node:child_process';
import { access, constants, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const env = process.env;
const cache = join(env['XDG_CACHE_HOME'] ?? join(env['HOME'] ?? homedir(), '.cache'), 'durable-orders', 'bin');

/** Its path, or null where it is not there: `scripts/fetch-promtool.sh` gets it from Debian's packages. */
export async function findPromtool(): Promise<string | null> {
  for (const directory of [...(env['PATH'] ?? '').split(delimiter).filter(Boolean), cache]) {
    const file = join(directory, 'promtool');
    const isThere = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return file;
  }
  return null;
}

/** Where tests that need it must not be left out. */
export const isPromtoolRequired = env['CI'] !== undefined || env['PROMTOOL'] === 'required';

export type Said = { code: number; text: string };

/** Runs it with `input` on its standard input; answers with how it ended and all that it said. */
export const runPromtool = (promtool: string, args: readonly string[], input = ''): Promise<Said> =>
  new Promise((resolve) => {
    const child = execFile(promtool, args, { timeout: 60_000 }, (error, stdout, stderr) => {
      const code = error ? (typeof error.code === 'number' ? error.code : -1) : 0;
      resolve({ code, text: stdout + stderr });
    });
    child.stdin?.end(input);
  });

/** Runs `promtool` with a file of this content behind the arguments. */
export async function withFile(promtool: string, args: readonly string[], content: object): Promise<Said> {
  const directory = await mkdtemp(join(tmpdir(), 'durable-orders-promtool-'));
  try {
    const file = join(directory, 'file.yml');
    // JSON is YAML.
    await writeFile(file, JSON.stringify(content));
    return await runPromtool(promtool, [...args, file]);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
