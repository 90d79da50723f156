// What was measured, as a page's tables and as JSON.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const PAGE = fileURLToPath(new URL('../../docs/scaling.md', import.meta.url));
const RESULTS = fileURLToPath(new URL('../results/', import.meta.url));
/** A table of fewer rows than this does not grow with the orders. */
const SMALL = 5_000;
/** More rows on a page have more pages; beyond that, a few levels of an index and some luck. */
const PER_ROW = 25;
const grows = ({ small, large }) =>
  large.pages > small.pages * 1.5 + 60 + PER_ROW * Math.max(0, large.rows - small.rows);

/** Of each query: its pages on both databases, and what is to be looked at. */
export function judge({ plans, rowsOf }) {
  return Object.entries(plans.small).map(([name, small]) => {
    const large = plans.large[name];
    const whole = large.whole.filter((table) => (rowsOf[table] ?? 0) > SMALL);
    return { name, small, large, whole, isGrowing: grows({ small, large }) };
  });
}

export async function write(name, result) {
  await mkdir(RESULTS, { recursive: true });
  await writeFile(`${RESULTS}${name}.json`, `${JSON.stringify(result, null, 2)}\n`);
}

/** Replaces what stands between the markers of this name in docs/scaling.md. */
export async function replacePart(name, text) {
  const [begin, end] = [`<!-- ${name}: written by \`node bench/large.mjs\` -->`, `<!-- ${name}: end -->`];
  const page = await readFile(PAGE, 'utf8');
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`Expected the markers of ${name} in ${PAGE}; found none`);
  await writeFile(PAGE, `${page.slice(0, from)}${begin}\n\n${text}\n\n${page.slice(to)}`);
}

export function queriesTable(judged, { small, large }) {
  const count = new Intl.NumberFormat('en');
  const rows = judged.map(({ name, small: few, large: many, whole, isGrowing }) => [
    name,
    count.format(few.pages),
    count.format(many.pages),
    count.format(many.ms),
    [...(isGrowing ? ['grows'] : []), ...whole.map((table) => `reads all of ${table}`)].join('; ') || '–',
  ]);
  return table(
    ['query', `pages, ${count.format(small)} orders`, `pages, ${count.format(large)} orders`, 'ms', 'to look at'],
    rows,
  );
}

export function sizesTable(sizes, orders) {
  const bytes = (value) => Math.round(value / orders);
  const rows = sizes
    .filter(({ total }) => total / orders >= 1)
    .map(({ table: name, rows: count, heap, indexes, total }) => [
      `\`${name}\``,
      (count / orders).toFixed(2),
      bytes(heap),
      bytes(indexes),
      bytes(total),
    ]);
  const sum = (of) => bytes(sizes.reduce((all, size) => all + size[of], 0));
  return table(
    ['table', 'rows per order', 'rows, bytes', 'indexes, bytes', 'bytes per order'],
    [...rows, ['all', '', sum('heap'), sum('indexes'), sum('total')]],
  );
}

export function indexesTable(indexes, orders) {
  return table(
    ['index', 'bytes per order'],
    indexes.slice(0, 16).map(({ index, bytes }) => [`\`${index}\``, Math.round(bytes / orders)]),
  );
}

/** As prettier has it. */
function table(head, rows) {
  const all = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_cell, column) => Math.max(3, ...all.map((row) => row[column].length)));
  const line = (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  return [line(all[0]), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...all.slice(1).map(line)].join(
    '\n',
  );
}
