// What becomes of the orders: counts, and three charts of the last minute and a half. Each chart is told in words as well, and all as a table.
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { duration } from '../../lib/format.ts';
import { describeSeries, SHOWN_SECONDS, type Point } from '../../lib/series.ts';
import { Card, Table } from '../../ui/parts.tsx';
import type { Live } from './control.ts';
import type { Strike } from './control.ts';

type Line = { key: Exclude<keyof Point, 'at'>; name: string; colour: string; dash?: number[] };
type Chart = { title: string; unit: string; lines: [Line, Line]; isNamed?: boolean };

const charts: readonly Chart[] = [
  {
    title: 'Orders a second',
    isNamed: true,
    unit: 'a second',
    lines: [
      { key: 'placed', name: 'placed', colour: '--accent' },
      { key: 'confirmed', name: 'confirmed', colour: '--good-ink', dash: [6, 3] },
    ],
  },
  {
    title: 'In flight and parked',
    unit: 'orders',
    lines: [
      { key: 'inFlight', name: 'in flight', colour: '--accent' },
      { key: 'parked', name: 'parked', colour: '--bad-ink', dash: [6, 3] },
    ],
  },
  {
    title: 'From placed to confirmed',
    unit: 's',
    lines: [
      { key: 'p50', name: 'half of them (p50)', colour: '--accent' },
      { key: 'p95', name: 'nearly all (p95)', colour: '--alert-ink', dash: [6, 3] },
    ],
  },
];

export function Charts({ points, strikes }: { points: readonly Point[]; strikes: readonly Strike[] }) {
  return (
    <div>
      <Card title="The last minute and a half">
        {charts.map((chart) => (
          <Figure key={chart.title} chart={chart} points={points} strikes={strikes} />
        ))}
        <details>
          <summary>The last ten seconds as numbers</summary>
          <Table
            caption="Second by second, the newest first"
            head={['At', 'Placed', 'Confirmed', 'In flight', 'Parked', 'p50', 'p95']}
          >
            {points
              .slice(-10)
              .reverse()
              .map((point) => (
                <tr key={point.at}>
                  <th scope="row">{new Date(point.at * 1_000).toLocaleTimeString()}</th>
                  {(['placed', 'confirmed', 'inFlight', 'parked'] as const).map((key) => (
                    <td key={key} class="number">
                      {point[key]?.toFixed(0) ?? 'not known'}
                    </td>
                  ))}
                  {(['p50', 'p95'] as const).map((key) => (
                    <td key={key} class="number">
                      {point[key] === null ? 'none' : duration(point[key] * 1_000)}
                    </td>
                  ))}
                </tr>
              ))}
          </Table>
        </details>
      </Card>
    </div>
  );
}

const counted = [
  ['placed', 'placed'],
  ['confirmed', 'confirmed'],
  ['rejected', 'rejected'],
  ['cancelled', 'cancelled'],
  ['inFlight', 'in flight'],
  ['parked', 'parked'],
] as const;

export const Counts = ({ live: { counters } }: { live: Live }) => (
  <dl class="tally">
    {counted.map(([key, name]) => (
      <div key={key}>
        <dt>{name}</dt>
        <dd>{counters === null ? '?' : counters[key].toLocaleString()}</dd>
      </div>
    ))}
  </dl>
);

const HEIGHT = 165;
/** Above the first chart: three rows of what somebody did. */
const WORDS = 44;
const ROWS = 3;
const heightOf = ({ isNamed }: Chart): number => HEIGHT + (isNamed ? WORDS : 0);

function Figure({ chart, points, strikes }: { chart: Chart; points: readonly Point[]; strikes: readonly Strike[] }) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const struck = useRef(strikes);
  struck.current = strikes;
  const scheme = useScheme();
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const made = new uPlot(
      optionsOf(chart, element, () => struck.current),
      dataOf(chart, points),
      element,
    );
    plot.current = made;
    const resizing = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: heightOf(chart) }));
    resizing.observe(element);
    return () => {
      resizing.disconnect();
      made.destroy();
    };
  }, [chart, scheme]);
  useEffect(() => plot.current?.setData(dataOf(chart, points)), [points, strikes]);
  const told = chart.lines.map(({ key, name }) =>
    describeSeries(
      name,
      points.map((point) => point[key]),
      chart.unit,
    ),
  );
  return (
    <figure>
      <figcaption>
        <b>{chart.title}</b>
        {chart.lines.map(({ key, name, dash }) => (
          <span key={name} class="key">
            <span aria-hidden="true" class={`line-${key}`}>
              {dash ? '┄┄' : '━━'}
            </span>{' '}
            {name}
          </span>
        ))}
      </figcaption>
      <div ref={place} class="plot" role="img" aria-label={`${chart.title}. ${told.join('. ')}.`} />
    </figure>
  );
}

const dataOf = ({ lines }: Chart, points: readonly Point[]): uPlot.AlignedData => [
  points.map(({ at }) => at),
  ...lines.map(({ key }) => points.map((point) => point[key])),
];

function optionsOf(chart: Chart, element: HTMLElement, strikes: () => readonly Strike[]): uPlot.Options {
  const { lines, isNamed = false } = chart;
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const axis = {
    ...{ stroke: colour('--soft'), font: `12px ${style.fontFamily}` },
    ...{ grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false } },
  };
  return {
    ...{ width: element.clientWidth || 300, height: heightOf(chart), legend: { show: false }, cursor: { show: false } },
    ...(isNamed ? { padding: [WORDS, null, null, null] as uPlot.Padding } : {}),
    scales: {
      x: { range: (_plot, _min, max) => [(max || Date.now() / 1_000) - SHOWN_SECONDS, max || Date.now() / 1_000] },
      // From zero, and never flat: one order a second is not to look like nothing.
      y: { range: (_plot, _min, max) => [0, Math.max(1, (max || 0) * 1.1)] },
    },
    axes: [
      {
        ...axis,
        size: 22,
        space: 70,
        values: (_plot, ticks) => ticks.map((at) => new Date(at * 1_000).toLocaleTimeString()),
      },
      { ...axis, size: 44, space: 28 },
    ],
    series: [
      {},
      ...lines.map(({ name, colour: of, dash }) => ({
        ...{ label: name, stroke: colour(of), width: 2, points: { show: false } },
        ...(dash ? { dash } : {}),
      })),
    ],
    hooks: { draw: [(plot) => drawStrikes(plot, strikes(), isNamed)] },
  };
}

/** Where somebody struck: a line through every chart, with a word in the first. */
function drawStrikes(plot: uPlot, strikes: readonly Strike[], isNamed: boolean): void {
  const { ctx, bbox, root } = plot;
  const style = getComputedStyle(root);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const pixel = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = colour('--edge');
  ctx.font = `${11 * pixel}px ${style.fontFamily}`;
  ctx.textBaseline = 'top';
  ctx.textAlign = 'left';
  ctx.fillStyle = colour('--ink');
  ctx.setLineDash([2, 3]);
  // How far each row of words is taken.
  const taken: number[] = [];
  for (const { at, what } of strikes) {
    if (at < (plot.scales['x']?.min ?? 0)) continue;
    const x = plot.valToPos(at, 'x', true);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    if (!isNamed) continue;
    const width = ctx.measureText(what).width + 6 * pixel;
    const left = Math.min(x + pixel, bbox.left + bbox.width - width);
    const free = taken.findIndex((end) => end <= left);
    const row = free < 0 ? taken.length % ROWS : free;
    taken[row] = left + width;
    ctx.fillText(what, left + 3 * pixel, bbox.top - (WORDS - row * 14) * pixel);
  }
  ctx.restore();
}

/** Light or dark: canvas has no custom properties of its own. */
function useScheme(): boolean {
  const [isDark, setDark] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches);
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const hear = (): void => setDark(query.matches);
    query.addEventListener('change', hear);
    return () => query.removeEventListener('change', hear);
  }, []);
  return isDark;
}
