// The pictures of a run. Pure.
import type { Spread } from '../statistics.ts';
import { drawChart, type Bar, type Group } from './chart.ts';
import type { CellSummary, Report } from './report.ts';

export type Picture = { file: string; title: string; svg: string };

/** Those that the run has figures for. */
export function drawRun({ cells }: Report): Picture[] {
  const pictures = [
    closedLoops(
      cells,
      'accept',
      'accepted-per-second',
      'Accepted by concurrency',
      'orders/s',
      (cell) => cell.acceptedPerSecond,
    ),
    closedLoops(
      cells,
      'life',
      'confirmed-per-second',
      'Confirmed by concurrency',
      'orders/s',
      (cell) => cell.confirmedPerSecond,
    ),
    closedLoops(
      cells,
      'life',
      'placed-to-confirmed',
      'Placed to confirmed, p50, by concurrency',
      'ms',
      (cell) => cell.lifeP50Ms,
    ),
    cpu(cells),
  ];
  return pictures.flatMap((picture) => picture ?? []);
}

type Figure = (cell: CellSummary) => Spread | null;

function closedLoops(
  cells: readonly CellSummary[],
  kind: 'accept' | 'life',
  ...[file, title, unit, figure]: [string, string, string, Figure]
): Picture | null {
  const wanted = cells.filter(({ cell }) => cell.load.kind === kind && cell.providerDelayMs === 0);
  const groups = [...new Set(wanted.map(concurrencyOf))].map((label): Group => {
    const bars = wanted.filter((cell) => concurrencyOf(cell) === label).flatMap((one) => barOf(one, figure(one)));
    return { label, bars };
  });
  return pictureOf(file, title, drawChart({ title, unit, groups }), groups);
}

const concurrencyOf = ({ cell: { load } }: CellSummary): string =>
  load.kind === 'open' ? `${load.perSecond}/s` : `c = ${load.concurrency}`;

const barOf = ({ cell }: CellSummary, spread: Spread | null): Bar[] =>
  spread ? [{ series: cell.variant, value: spread.median, min: spread.min, max: spread.max }] : [];

/** Of the one concurrency that most bars are about; what measures is not what is measured. */
function cpu(cells: readonly CellSummary[]): Picture | null {
  const title = 'CPU of an order to its end, c = 16, by process';
  const wanted = cells.filter(
    ({ cell: { load, providerDelayMs } }) => load.kind === 'life' && load.concurrency === 16 && providerDelayMs === 0,
  );
  const groups = wanted.map(({ cell, cpuMs }) => ({
    label: cell.variant,
    bars: Object.entries(cpuMs)
      .filter(([process]) => process !== 'harness')
      .map(([series, value]) => ({ series, value })),
  }));
  return pictureOf('cpu-per-order', title, drawChart({ title, unit: 'ms', groups, stacked: true }), groups);
}

const pictureOf = (name: string, title: string, svg: string, groups: readonly Group[]): Picture | null =>
  groups.every(({ bars }) => bars.length === 0) ? null : { file: `${name}.svg`, title, svg };
