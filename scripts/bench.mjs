// `npm run bench`: builds what is measured and what measures, each when it is not up to date, and runs it.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = (...args) =>
  spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env: { ...process.env, NODE_ENV: 'production' } })
    .status ?? 1;

build();
const compiled = run(
  join(root, 'node_modules', 'typescript', 'bin', 'tsc'),
  '-p',
  join(root, 'bench', 'tsconfig.json'),
);
process.exitCode =
  compiled || run('--enable-source-maps', join(root, 'dist', 'bench', 'bench', 'main.js'), ...process.argv.slice(2));
