// `npm run bench`: every variant under the same loads on the same servers in one run; figures, bars and pictures of it.
import { mkdir, writeFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { parseBenchArguments, USAGE, type BenchOptions } from './arguments.ts';
import { cellName, type Study } from './cells/cell.ts';
import { rotated } from './cells/plan.ts';
import { runCell, type CellResult } from './cells/run-cell.ts';
import { count, measureMemory, measureOutage, measureStarts } from './cells/studies.ts';
import { judge, missed } from './gate.ts';
import { replacePart } from './report/page.ts';
import { drawRun } from './report/plots.ts';
import { summarise, type Report } from './report/report.ts';
import { describeRun } from './report/tables.ts';
import { factsOf } from './run-facts.ts';
import { closeAll, type Closing } from './servers/closing.ts';
import { dist, openServers, type Servers } from './servers/servers.ts';

const root = join(dist, '..');
const begun = Date.now();
const say = (text: string): void =>
  void process.stdout.write(`${((Date.now() - begun) / 1_000).toFixed(0).padStart(5)} s  ${text}\n`);

async function main(args: readonly string[]): Promise<number> {
  const parsed = parseBenchArguments(args);
  if ('problem' in parsed) {
    process.stderr.write(`${parsed.problem}\n\n${USAGE}\n`);
    return 2;
  }
  if (!('options' in parsed)) {
    process.stdout.write(`${'list' in parsed ? list(parsed.list) : USAGE}\n`);
    return 0;
  }
  const { options } = parsed;
  const closing: Closing = [];
  let hasFailed = false;
  const stopEarly = (): void => void closeAll(closing).finally(() => process.exit(130));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stopEarly);
  try {
    const servers = await openServers({ closing, say, onlyTried: options.isQuick, keepFiles: () => hasFailed });
    return await finish(await run(servers, options), options);
  } catch (error) {
    hasFailed = true;
    process.stderr.write(`${describeError(error)}\n`);
    return 1;
  } finally {
    await closeAll(closing);
  }
}

/** Down to what it came from. */
const describeError = (error: unknown): string =>
  error instanceof Error
    ? `${error.message}${error.cause === undefined ? '' : `\n  because: ${describeError(error.cause)}`}`
    : String(error);

async function run(servers: Servers, options: BenchOptions): Promise<Report> {
  const facts = await factsOf(servers, options, root);
  const { plan, seconds, warmUpSeconds, repeats } = options;
  // Studies first: the rest of the run has the servers as it leaves them, whatever the cells.
  const studied = await study(servers, options);
  const results: CellResult[] = [];
  const order = rotated(plan.cells, repeats);
  for (const [index, { cell, repeat }] of order.entries()) {
    const result = await runCell(servers, cell, repeat, { seconds, warmUpSeconds });
    results.push(result);
    say(`${index + 1}/${order.length}  ${describe(result)}`);
  }
  // In the order of the plan, wherever the rotation began.
  const cells = summarise(plan.cells.flatMap((cell) => results.filter(({ name }) => name === cellName(cell))));
  return { run: facts, cells, ...studied };
}

type Studied = Pick<Report, 'counted' | 'starts' | 'memory' | 'outage'>;

async function study(servers: Servers, { plan, orders, outageSeconds }: BenchOptions): Promise<Studied> {
  const when = async <T>(name: Study, work: () => Promise<T>): Promise<T | null> => {
    if (!plan.studies.includes(name)) return null;
    const found = await work();
    say(`${name}: ${JSON.stringify(found)}`);
    return found;
  };
  return {
    counted: await when('counted', () => count(servers)),
    starts: await when('starts', () => measureStarts(servers)),
    memory: await when('memory', () => measureMemory(servers, orders)),
    outage: await when('outage', () => measureOutage(servers, outageSeconds)),
  };
}

function describe({
  name,
  repeat,
  orders,
  acceptedPerSecond,
  confirmedPerSecond,
  acceptMs,
  lifeMs,
  broken,
}: CellResult): string {
  const figures = [
    `${orders} orders`,
    `${acceptedPerSecond.toFixed(1)} accepted/s`,
    ...(confirmedPerSecond === null ? [] : [`${confirmedPerSecond.toFixed(1)} confirmed/s`]),
    ...(acceptMs ? [`accept p50 ${acceptMs.p50.toFixed(1)} ms`] : []),
    ...(lifeMs ? [`placed → confirmed p50 ${lifeMs.p50.toFixed(1)} ms`] : []),
  ];
  const verdict = broken.length === 0 ? '' : `\n         VOID: ${JSON.stringify(broken)}`;
  return `${name} #${repeat + 1}: ${figures.join(', ')}${verdict}`;
}

/** Keeps the report, shows it, and answers with how the process ends. */
async function finish(report: Report, options: BenchOptions): Promise<number> {
  const verdicts = judge(report);
  // Otherwise what stands in the documents would be a part of it.
  const isWhole = options.isThorough && verdicts.every(({ outcome }) => outcome !== 'not measured');
  const folder = isWhole ? join(root, 'bench', 'results') : join(root, '.local', 'bench');
  await mkdir(folder, { recursive: true });
  const pictures = drawRun(report);
  for (const { file, svg } of pictures) await writeFile(join(folder, file), svg);
  await writeFile(join(folder, 'latest.json'), `${JSON.stringify({ ...report, verdicts }, null, 2)}\n`);
  const textFor = (base: string): string =>
    describeRun(
      report,
      verdicts,
      pictures.map(({ title, file }) => ({ title, path: `${base}${file}` })),
    );
  await writeFile(join(folder, 'latest.md'), await formatted(textFor('')));
  if (isWhole) {
    const page = join(root, 'docs', 'performance.md');
    await writeFile(page, await formatted(replacePart(await readFile(page, 'utf8'), textFor('../bench/results/'))));
  }
  process.stdout.write(`\n${await formatted(textFor(''))}\n`);
  say(`report: ${folder}`);
  const bad = missed(verdicts);
  if (!options.gate) return 0;
  for (const { bar, outcome, found } of bad) process.stderr.write(`${outcome}: ${bar}: ${found}\n`);
  return bad.length === 0 ? 0 : 1;
}

/** As the formatter of the documents wants it. */
const formatted = async (text: string): Promise<string> =>
  format(text, { ...(await resolveConfig(join(root, 'docs', 'performance.md'))), parser: 'markdown' });

function list({ plan, repeats, seconds, warmUpSeconds, orders, outageSeconds }: BenchOptions): string {
  // Beside its load a cell takes about this long: processes, a drain, invariants.
  const overhead = 8;
  const cells = plan.cells.length * repeats * (seconds + warmUpSeconds + overhead);
  const outage = plan.studies.includes('outage') ? 2 * outageSeconds + 70 : 0;
  const memory = plan.studies.includes('memory') ? orders / 50 : 0;
  const minutes = Math.ceil((cells + outage + memory + 90) / 60);
  return [...plan.cells.map(cellName), ...plan.studies, '', `about ${minutes} minutes on two cores`].join('\n');
}

process.exit(await main(process.argv.slice(2)));
