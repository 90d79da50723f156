// Writes what the commands say of themselves into docs/cli.md; `--check` writes nothing, and fails when the page says something else.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pageWithCommands } from './page.ts';

const PAGE = join('docs', 'cli.md');
const text = readFileSync(PAGE, 'utf8');
const wanted = pageWithCommands(text);
if (wanted === null) throw new Error(`Expected ${PAGE} to have the marks of the commands; found none`);
if (!process.argv.includes('--check')) writeFileSync(PAGE, wanted);
else if (wanted !== text) {
  process.stderr.write(`${PAGE} is not what the commands say: npm run client\n`);
  process.exitCode = 1;
}
