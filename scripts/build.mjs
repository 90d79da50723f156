// Compiles src/ to dist/ and bundles the workflows, when a source is newer than the last build.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from './ensure-installed.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const marker = join(root, 'dist', '.built');

export function build() {
  ensureInstalled();
  const begun = new Date();
  if (existsSync(marker) && statSync(marker).mtimeMs >= newestSource()) return;
  process.stdout.write('Building …\n');
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  // The command line speaks through it: it has to be there before src/ is compiled.
  run(tsc, '-p', join(root, 'clients', 'typescript'), '--outDir', join(root, 'dist', 'client'));
  run(tsc, '-p', join(root, 'tsconfig.build.json'));
  run(join(root, 'dist', 'workers', 'build-bundle.js'));
  writeFileSync(marker, begun.toISOString());
  // What was saved while we built may have been read before: it is newer than this.
  utimesSync(marker, begun, begun);
}

function newestSource() {
  const files = ['src', 'types', 'clients/typescript/src'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const others = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'clients/typescript/tsconfig.json'].map(
    (name) => join(root, name),
  );
  return Math.max(...[...files, ...others].map((file) => statSync(file).mtimeMs));
}

function run(...args) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) process.exit(status ?? 1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) build();
