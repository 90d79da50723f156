// Installs the dependencies when they are missing or older than the lock file. Plain Node: it runs before anything is there.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const MINIMUM = [20, 19];

/** Exits with 1 and a plain sentence when Node is too old or the installation fails. */
export function ensureInstalled() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < MINIMUM[0] || (major === MINIMUM[0] && minor < MINIMUM[1])) {
    fail(`durable-orders needs Node ${MINIMUM.join('.')} or newer; this is ${process.versions.node}.`);
  }
  if (isInstalled(root)) return;
  process.stdout.write('Installing the dependencies (once, and after the lock file changes) …\n');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) fail('npm ci failed: see above. Without access to the npm registry nothing can be installed.');
}

/** npm writes this file last: without it, or with an older one, the folder is not what the lock file says. */
export function isInstalled(folder) {
  const marker = `${folder}/node_modules/.package-lock.json`;
  return existsSync(marker) && statSync(marker).mtimeMs >= statSync(`${folder}/package-lock.json`).mtimeMs;
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
