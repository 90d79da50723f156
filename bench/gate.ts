// The bars of a run, and whether it reached them. Pure, over its report. Only ratios within one run, counts, and limits that a machine
// of any speed has to keep stand here.
import type { CellSummary, Report } from './report/report.ts';
import { relativeSpread } from './statistics.ts';

export type Verdict = {
  bar: string;
  /** `not measured`: the run had not what it takes. It is not reached, either. */
  outcome: 'reached' | 'missed' | 'not measured';
  found: string;
};

type Bar = { bar: string; judge: (report: Report) => { reached: boolean; found: string } | null };

/** Every bar with what the run says about it, and every cell or study that is void. */
export const judge = (report: Report): Verdict[] => [...bars.map((bar) => verdictOf(bar, report)), ...voids(report)];

export const missed = (verdicts: readonly Verdict[]): Verdict[] =>
  verdicts.filter(({ outcome }) => outcome !== 'reached');

function verdictOf({ bar, judge: ask }: Bar, report: Report): Verdict {
  const found = ask(report);
  if (!found) return { bar, outcome: 'not measured', found: '–' };
  return { bar, outcome: found.reached ? 'reached' : 'missed', found: found.found };
}

const bars: readonly Bar[] = [
  atLeast(
    'accepted/s at c = 16: ≥ 0.5 × floor',
    0.5,
    'accept/ours/c16',
    'accept/floor/c16',
    ({ acceptedPerSecond }) => acceptedPerSecond,
  ),
  atMost(
    'accept p50 at c = 16: ≤ 2.5 × floor',
    2.5,
    'accept/ours/c16',
    'accept/floor/c16',
    ({ acceptP50Ms }) => acceptP50Ms,
  ),
  atLeast(
    'confirmed/s at c = 16: ≥ 0.55 × empty',
    0.55,
    'life/ours/c16',
    'life/empty/c16',
    ({ confirmedPerSecond }) => confirmedPerSecond,
  ),
  atLeast(
    'confirmed/s at c = 16: ≥ 1.4 × naive',
    1.4,
    'life/ours/c16',
    'life/naive/c16',
    ({ confirmedPerSecond }) => confirmedPerSecond,
  ),
  atMost(
    'placed → confirmed p50 at c = 1: ≤ 0.6 × naive',
    0.6,
    'life/ours/c1',
    'life/naive/c1',
    ({ lifeP50Ms }) => lifeP50Ms,
  ),
  limit('a happy order: ≤ 14 history events', 14, '', ({ counted }) => counted?.historyEvents.max),
  limit('a happy order: ≤ 5 commits of ours', 5, '', ({ counted }) => counted?.commits),
  {
    bar: 'a happy order: 2 provider calls',
    judge: ({ counted }) =>
      counted && { reached: counted.providerCalls === 2, found: String(round(counted.providerCalls)) },
  },
  limit('memory of the api after 20,000 orders: ≤ 150 MB', 150, ' MB', (report) => memoryOf(report, 'api')),
  limit('memory of the worker after 20,000 orders: ≤ 350 MB', 350, ' MB', (report) => memoryOf(report, 'worker')),
  {
    bar: 'accept p99 while Temporal is away for a minute: ≤ 2 × normal, none refused',
    judge: ({ outage }) => {
      if (!outage || outage.seconds < 60) return null;
      const ratio = outage.during.p99 / outage.normal.p99;
      const found = `${round(ratio)} × (${round(outage.during.p99)} to ${round(outage.normal.p99)} ms), ${outage.refused} refused`;
      return { reached: ratio <= 2 && outage.refused === 0, found };
    },
  },
  limit('start of the api: ≤ 1 s', 1_000, ' ms', ({ starts }) => starts?.api.median),
  limit('start of the worker, its bundle built: ≤ 3 s', 3_000, ' ms', ({ starts }) => starts?.worker.median),
];

type Figure = (cell: CellSummary) => { median: number; min: number; max: number; count: number } | null;

function ratio(name: string, base: string, figure: Figure, reaches: (ratio: number) => boolean): Bar['judge'] {
  return ({ cells }) => {
    const [one, other] = [name, base].map((wanted) => cells.find((cell) => cell.name === wanted && cell.voids === 0));
    const [above, below] = [one && figure(one), other && figure(other)];
    if (!above || !below || below.median === 0) return null;
    const found = above.median / below.median;
    const apart = [above, below].map((spread) => `±${Math.round(50 * relativeSpread(spread))}%`).join(', ');
    return {
      reached: reaches(found),
      found: `${round(found)} × (${round(above.median)} to ${round(below.median)}; ${apart})`,
    };
  };
}

function atLeast(bar: string, factor: number, name: string, base: string, figure: Figure): Bar {
  return { bar, judge: ratio(name, base, figure, (found) => found >= factor) };
}

function atMost(bar: string, factor: number, name: string, base: string, figure: Figure): Bar {
  return { bar, judge: ratio(name, base, figure, (found) => found <= factor) };
}

function limit(bar: string, most: number, unit: string, figure: (report: Report) => number | null | undefined): Bar {
  return {
    bar,
    judge: (report) => {
      const found = figure(report) ?? null;
      return found === null ? null : { reached: found <= most, found: `${round(found)}${unit}` };
    },
  };
}

/** After fewer orders it says nothing about this bar. */
const memoryOf = ({ memory }: Report, name: string): number | null =>
  memory && memory.orders >= 20_000 ? (memory.after[name] ?? null) : null;

function voids({ cells, counted, memory, outage }: Report): Verdict[] {
  const ofCells = cells
    .filter((cell) => cell.voids > 0)
    .map((cell) => ({
      bar: `${cell.name} counts`,
      found: `${cell.voids} of ${cell.repeats} void: ${cell.broken.join('; ')}`,
    }));
  const ofStudies = Object.entries({ counted, memory, outage }).flatMap(([name, study]) =>
    study && study.broken.length > 0
      ? [{ bar: `${name} counts`, found: `void: ${study.broken.map(({ rule }) => rule).join('; ')}` }]
      : [],
  );
  return [...ofCells, ...ofStudies].map((one) => ({ ...one, outcome: 'missed' as const }));
}

const round = (value: number): number => Number(value.toPrecision(3));
