// `npm run schemas [-- --check]`: the published schemas of events, from what the code says (see docs/events.md).
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';

build();
const root = fileURLToPath(new URL('..', import.meta.url));
const main = fileURLToPath(new URL('../dist/events/schemas-main.js', import.meta.url));
const { status } = spawnSync(process.execPath, [main, ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
process.exit(status ?? 1);
