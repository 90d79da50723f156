// The picture of imports in docs/architecture.md, drawn from the code: rooms are folders of src, an arrow says that files of one
// import files of the other. `--check` writes nothing and fails when the picture is not what the code says.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { cruise } from 'dependency-cruiser';

const page = fileURLToPath(new URL('../docs/architecture.md', import.meta.url));
const BEGIN = '<!-- imports: drawn by `npm run picture` -->\n';
const END = '<!-- imports: end -->\n';

const { output } = await cruise(['src'], { includeOnly: '^src/', tsPreCompilationDeps: true, outputType: 'json' });
const arrows = new Map();
for (const { source, dependencies } of JSON.parse(output).modules) {
  // What wires the processes imports everything: it would only hide the rest.
  if (source.endsWith('main.ts')) continue;
  for (const { resolved, dependencyTypes } of dependencies) {
    const [from, to] = [roomOf(source), roomOf(resolved)];
    if (from === to) continue;
    const name = `${from} ${to}`;
    const isTyped = dependencyTypes.includes('type-only');
    arrows.set(name, (arrows.get(name) ?? true) && isTyped);
  }
}
const lines = [...arrows]
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([name, isTyped]) => name.replace(' ', isTyped ? ' -.-> ' : ' --> '));
const picture = ['```mermaid', 'flowchart LR', ...lines.map((line) => `  ${line}`), '```', ''].join('\n');

const text = readFileSync(page, 'utf8');
const [before, rest] = text.split(BEGIN);
const after = rest?.split(END)[1];
if (after === undefined) throw new Error(`Expected ${page} to have the marks of the picture; found none`);
const drawn = `${before}${BEGIN}\n${picture}\n${END}${after}`;
if (drawn === text) process.exit(0);
if (process.argv.includes('--check')) {
  process.stderr.write('The picture of imports is not what the code says: npm run picture\n');
  process.exit(1);
}
writeFileSync(page, drawn);

function roomOf(file) {
  return file.split('/')[1];
}
