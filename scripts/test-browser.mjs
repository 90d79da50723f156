// `npm run test:browser`: drives the console with the Chromium of the distribution (CHROMIUM names another). `PICTURES=1` also takes the
// pictures of docs/console.md.
import { spawnSync } from 'node:child_process';
import { runTests } from './test.mjs';

const LIMIT_MS = 10 * 60_000;
const names = process.env.CHROMIUM ? [process.env.CHROMIUM] : ['chromium', 'chromium-browser', 'google-chrome'];
const found = names
  .map((name) => spawnSync('sh', ['-c', `command -v "${name}"`], { encoding: 'utf8' }))
  .find(({ status }) => status === 0);
if (found) {
  const args = ['--config', 'jest.browser.config.js', ...process.argv.slice(2)];
  runTests(args, { CHROMIUM: found.stdout.trim() }, LIMIT_MS);
} else {
  process.stderr.write(`No browser: expected one of ${names.join(', ')} on the PATH (CHROMIUM names another)\n`);
  process.exitCode = 1;
}
