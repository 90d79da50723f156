// Compiles src/ to dist/, bundles the workflows, the processes and the console, each when a source of it is newer than its last build.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { ensureInstalled } from './ensure-installed.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
// What a person on a slow line waits for before anything is shown.
const CONSOLE_LIMIT_BYTES = 60 * 1024;

export function build() {
  ensureInstalled();
  const configs = ['tsconfig.json', 'tsconfig.build.json', 'clients/typescript/tsconfig.json'];
  unlessBuilt('.built', ['src', 'types', 'clients/typescript/src'], configs, () => {
    process.stdout.write('Building …\n');
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    // The command line speaks through it: it has to be there before src/ is compiled.
    run(tsc, '-p', join(root, 'clients', 'typescript'), '--outDir', join(root, 'dist', 'client'));
    run(tsc, '-p', join(root, 'tsconfig.build.json'));
    run(join(root, 'dist', 'workers', 'build-bundle.js'));
    run(join(root, 'scripts', 'join-modules.mjs'));
  });
  unlessBuilt('.built-console', ['console'], [], () => {
    process.stdout.write('Building the console …\n');
    const config = join(root, 'console', 'vite.config.mjs');
    run(join(root, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', '--config', config, '--logLevel', 'warn');
    expectSmall();
  });
}

function unlessBuilt(name, folders, others, work) {
  const marker = join(root, 'dist', name);
  const begun = new Date();
  if (existsSync(marker) && statSync(marker).mtimeMs >= newestSource(folders, others)) return;
  work();
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(marker, begun.toISOString());
  // What was saved while we built may have been read before: it is newer than this.
  utimesSync(marker, begun, begun);
}

function newestSource(folders, others) {
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const named = ['package-lock.json', ...others].map((name) => join(root, name));
  return Math.max(...[...files, ...named].map((file) => statSync(file).mtimeMs));
}

function expectSmall() {
  const folder = join(root, 'dist', 'console', 'assets');
  const sizes = readdirSync(folder).map((name) => gzipSync(readFileSync(join(folder, name))).length);
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  if (bytes <= CONSOLE_LIMIT_BYTES) return;
  process.stderr.write(`The console is ${bytes} bytes when compressed; expected ${CONSOLE_LIMIT_BYTES} at most.\n`);
  process.exit(1);
}

function run(...args) {
  const { status } = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    // Also where a test builds it: the console is another one, and larger, in any other environment.
    env: { ...process.env, NODE_ENV: 'production' },
  });
  if (status !== 0) process.exit(status ?? 1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) build();
