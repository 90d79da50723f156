// `npm test`: installs what is missing, then runs jest on everything, or on what the arguments name. With an outer time limit:
// a server that never answers must not hold a machine for hours.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from './ensure-installed.mjs';

const LIMIT_MS = 22 * 60_000;
const root = fileURLToPath(new URL('..', import.meta.url));

export function runTests(args, env = {}, limitMs = LIMIT_MS) {
  ensureInstalled();
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const child = spawn(
    process.execPath,
    ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', jest, ...args],
    {
      cwd: root,
      stdio: 'inherit',
      detached: true,
      env: { ...process.env, ...env, NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning' },
    },
  );
  const end = (signal) => {
    try {
      process.kill(-child.pid, signal);
    } catch {
      // It is gone already.
    }
  };
  const limit = setTimeout(() => {
    process.stderr.write(`\nThe tests took longer than ${limitMs / 60_000} minutes and were ended.\n`);
    process.exitCode = 1;
    end('SIGKILL');
  }, limitMs);
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => end(signal));
  child.on('exit', (code) => {
    clearTimeout(limit);
    process.exitCode ||= code ?? 1;
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) runTests(process.argv.slice(2));
