// `npm run schemas`: writes new versions of events to schemas/events and the list of them into docs/events.md. `--check` writes nothing, and
// fails when something is not what the code says. Neither ever breaks what was published.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { comparePublished, tableOfTypes, type Files } from './published.ts';

const FOLDER = join('schemas', 'events');
const PAGE = join('docs', 'events.md');
const BEGIN = '<!-- types: written by `npm run schemas` -->\n';
const END = '<!-- types: end -->\n';

const { breakages, changed, files } = comparePublished(readPublished());
const { text, written } = pageWithTypes();
if (breakages.length > 0)
  fail(
    `These changes break a published version of an event: make a new version of it (docs/events.md)\n${list(breakages)}`,
  );
else if (process.argv.includes('--check')) {
  const stale = [...changed.map((place) => join(FOLDER, place)), ...(text === written ? [] : [PAGE])];
  if (stale.length > 0) fail(`These files are not what the code says: npm run schemas\n${list(stale)}`);
} else {
  for (const place of changed) {
    const file = join(FOLDER, place);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, files[place] ?? '');
  }
  if (text !== written) writeFileSync(PAGE, written);
}

function readPublished(): Files {
  mkdirSync(FOLDER, { recursive: true });
  const found = readdirSync(FOLDER, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    found.map(({ parentPath, name }) => {
      const file = join(parentPath, name);
      return [file.slice(FOLDER.length + 1).replaceAll('\\', '/'), readFileSync(file, 'utf8')];
    }),
  );
}

function pageWithTypes(): { text: string; written: string } {
  const text = readFileSync(PAGE, 'utf8');
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new Error(`Expected ${PAGE} to have the marks of the list; found none`);
  return { text, written: `${before}${BEGIN}\n${tableOfTypes()}\n${END}${after}` };
}

function list(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}\n`).join('');
}

function fail(message: string): void {
  process.stderr.write(message);
  process.exitCode = 1;
}
