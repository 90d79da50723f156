// A run as Markdown. Pure.
import type { Verdict } from '../gate.ts';
import { relativeSpread, type Spread } from '../statistics.ts';
import type { CellSummary, Report } from './report.ts';

/** All tables of a run, and how it was made. `plots`: paths of its pictures, seen from where the text stands. */
export const describeRun = (report: Report, verdicts: readonly Verdict[], plots: readonly Plot[]): string =>
  [
    ...describeMachine(report),
    '### Bars',
    '',
    ...table(
      ['bar', 'found', 'verdict'],
      verdicts.map(({ bar, found, outcome }) => [bar, found, outcome]),
    ),
    '',
    ...section('Accepting (closed loop: the next order once one is accepted)', report, 'accept', acceptColumns),
    ...section('To the end (closed loop: the next order once one is confirmed)', report, 'life', lifeColumns),
    ...section('At a rate (open loop: latencies from when an order was meant to come)', report, 'open', openColumns),
    '### What an order costs',
    '',
    ...table(costHeader, report.cells.map(costRow)),
    '',
    ...processTable(report.cells),
    ...describeStudies(report),
    ...plots.flatMap(({ title, path }) => [`![${title}](${path})`, '']),
  ].join('\n');

export type Plot = { title: string; path: string };

function describeMachine({ run }: Report): string[] {
  const { machine, versions, timing } = run;
  const named = (entries: Readonly<Record<string, string | number>>): string =>
    Object.entries(entries)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ');
  return [
    `${run.date}, \`${run.command}\`${run.commit === null ? '' : ` at ${run.commit}`}. ${machine.cpus} × ${machine.model}, ${Math.round(machine.memoryMb / 1_000)} GB, ${machine.platform}; ` +
      `load before: ${run.loadBefore.toFixed(2)}. ${named(versions)}. ${named(timing)}.`,
    '',
    'Medians of the repeats; behind them how far the repeats lie apart (largest less smallest, as a share of the median, halved).',
    '',
  ];
}

type Column = { title: string; of: (cell: CellSummary) => string };

const nameColumn: Column = {
  title: 'cell',
  of: ({ name, voids, repeats }) => (voids > 0 ? `${name} (**${voids} of ${repeats} void**)` : name),
};
const spreadColumn = (title: string, figure: (cell: CellSummary) => Spread | null): Column => ({
  title,
  of: (cell) => spreadText(figure(cell)),
});
const acceptedRate = spreadColumn('accepted/s', ({ acceptedPerSecond }) => acceptedPerSecond);
const confirmedRate = spreadColumn('confirmed/s', ({ confirmedPerSecond }) => confirmedPerSecond);
const acceptTimes = [
  spreadColumn('accept p50 ms', ({ acceptP50Ms }) => acceptP50Ms),
  spreadColumn('p99 ms', ({ acceptP99Ms }) => acceptP99Ms),
];
const lifeTimes = [
  spreadColumn('placed → confirmed p50 ms', ({ lifeP50Ms }) => lifeP50Ms),
  spreadColumn('p99 ms', ({ lifeP99Ms }) => lifeP99Ms),
];
const refusedColumn: Column = { title: 'refused', of: ({ refused }) => String(refused) };
const acceptColumns = [nameColumn, acceptedRate, ...acceptTimes, refusedColumn];
const lifeColumns = [nameColumn, confirmedRate, ...lifeTimes, ...acceptTimes, refusedColumn];
const openColumns = [nameColumn, ...acceptTimes, ...lifeTimes, refusedColumn];

function section(title: string, { cells }: Report, kind: string, columns: readonly Column[]): string[] {
  const rows = cells.filter(({ cell }) => cell.load.kind === kind);
  if (rows.length === 0) return [];
  const lines = table(
    columns.map((column) => column.title),
    rows.map((row) => columns.map(({ of }) => of(row))),
  );
  return [`### ${title}`, '', ...lines, ''];
}

const costHeader = [
  'cell',
  'history events',
  'gRPC calls',
  'writing transactions of ours',
  'WAL of ours, kB',
  'writing transactions of Temporal',
  'WAL of Temporal, kB',
];

const costRow = ({ name, historyEvents, costs }: CellSummary): string[] => [
  name,
  number(historyEvents),
  number(costs.grpcCalls),
  number(costs.writes),
  number(costs.walBytes === null ? null : costs.walBytes / 1_000),
  number(costs.temporalWrites),
  number(costs.temporalWalBytes === null ? null : costs.temporalWalBytes / 1_000),
];

function processTable(cells: readonly CellSummary[]): string[] {
  const processes = [...new Set(cells.flatMap(({ cpuMs }) => Object.keys(cpuMs)))];
  if (processes.length === 0) return ['CPU is counted on Linux only.', ''];
  const rows = cells.map(({ name, cpuMs }) => [name, ...processes.map((process) => number(cpuMs[process] ?? null))]);
  return ['CPU milliseconds per order:', '', ...table(['cell', ...processes], rows), ''];
}

function describeStudies({ counted, starts, memory, outage }: Report): string[] {
  const rows: string[][] = [];
  if (counted)
    rows.push(
      [`history events of ${counted.orders} happy orders`, spreadText(counted.historyEvents)],
      ['commits of ours that write, each', number(counted.commits)],
      ['provider calls, each', number(counted.providerCalls)],
    );
  if (starts)
    rows.push(['start of the api, ms', spreadText(starts.api)], ['start of the worker, ms', spreadText(starts.worker)]);
  if (memory)
    for (const name of ['api', 'worker'])
      rows.push([
        `memory (PSS) of the ${name} before and after ${memory.orders} orders, MB`,
        `${number(memory.before[name] ?? null)}, ${number(memory.after[name] ?? null)}`,
      ]);
  if (outage)
    rows.push(
      [`accept p50, p99 at ${outage.perSecond}/s, ms`, `${number(outage.normal.p50)}, ${number(outage.normal.p99)}`],
      [
        `the same during ${outage.seconds} s without Temporal`,
        `${number(outage.during.p50)}, ${number(outage.during.p99)}; ${outage.refused} refused`,
      ],
      ['all confirmed so many seconds after it was back', number(outage.settledAfterSeconds)],
    );
  return rows.length === 0 ? [] : ['### Measured once, of ours', '', ...table(['what', 'found'], rows), ''];
}

const table = (header: readonly string[], rows: readonly (readonly string[])[]): string[] =>
  [header, header.map(() => '---'), ...rows].map((row) => `| ${row.map(escaped).join(' | ')} |`);

const escaped = (text: string): string => text.replaceAll('|', '\\|');

const spreadText = (spread: Spread | null): string =>
  spread === null
    ? '–'
    : `${number(spread.median)}${spread.count > 1 ? ` ±${Math.round(50 * relativeSpread(spread))}%` : ''}`;

/** Three digits that count: more were never measured. */
const number = (value: number | null): string => {
  if (value === null) return '–';
  return Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
};
