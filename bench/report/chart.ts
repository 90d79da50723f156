// Bars as SVG, without a library: side by side with the spread of their repeats, or on top of each other. Pure.

export type Bar = { series: string; value: number; min?: number; max?: number };
export type Group = { label: string; bars: readonly Bar[] };
export type Chart = { title: string; unit: string; groups: readonly Group[]; stacked?: boolean };

/** Told apart by people who see colours differently, too. */
const COLOURS = ['#4477aa', '#ee6677', '#228833', '#ccbb44', '#66ccee', '#aa3377', '#777777'];
const WIDTH = 760;
const HEIGHT = 340;
const PLOT = { left: 64, right: 16, top: 64, bottom: 44 };
const TICKS = 5;

export function drawChart({ title, unit, groups, stacked = false }: Chart): string {
  const series = [...new Set(groups.flatMap(({ bars }) => bars.map((bar) => bar.series)))];
  const tops = groups.flatMap(({ bars }) =>
    stacked
      ? [bars.reduce((sum, { value }) => sum + value, 0)]
      : bars.map(({ value, max }) => Math.max(value, max ?? 0)),
  );
  const step = niceStep(Math.max(...tops, 0) / TICKS);
  const most = step * TICKS;
  const y = (value: number): number => HEIGHT - PLOT.bottom - (value / most) * (HEIGHT - PLOT.top - PLOT.bottom);
  const colourOf = (name: string): string => COLOURS[series.indexOf(name) % COLOURS.length] ?? '#000000';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" role="img" aria-label="${escaped(title)}">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    text(PLOT.left, 22, `${title} (${unit})`, 'font-size="15"'),
    ...legend(series, colourOf),
    ...Array.from({ length: TICKS + 1 }, (_, index) => tick(index * step, y(index * step))),
    ...groups.flatMap((group, index) =>
      drawGroup({ group, series, stacked, y, colourOf, ...placeOf(index, groups.length) }),
    ),
    '</svg>',
    '',
  ].join('\n');
}

/** 1, 2 or 5 times a power of ten; never below what is wanted. */
export function niceStep(wanted: number): number {
  if (wanted <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(wanted));
  return ([1, 2, 5].find((factor) => factor * power >= wanted) ?? 10) * power;
}

function placeOf(index: number, count: number): { left: number; width: number } {
  const width = (WIDTH - PLOT.left - PLOT.right) / count;
  return { left: PLOT.left + index * width, width };
}

type Drawing = {
  group: Group;
  series: readonly string[];
  stacked: boolean;
  left: number;
  width: number;
  y: (value: number) => number;
  colourOf: (series: string) => string;
};

function drawGroup({ group, series, stacked, left, width, y, colourOf }: Drawing): string[] {
  const room = width * 0.8;
  const each = stacked ? Math.min(room, 70) : Math.min(room / series.length, 48);
  const from = left + (width - (stacked ? each : each * series.length)) / 2;
  let below = 0;
  const bars = group.bars.flatMap((bar) => {
    const x = stacked ? from : from + series.indexOf(bar.series) * each;
    const base = stacked ? below : 0;
    below += bar.value;
    const [top, bottom] = [y(base + bar.value), y(base)];
    const middle = x + each / 2;
    return [
      `<rect x="${fixed(x + 1)}" y="${fixed(top)}" width="${fixed(each - 2)}" height="${fixed(bottom - top)}" fill="${colourOf(bar.series)}"><title>${escaped(`${group.label}, ${bar.series}: ${bar.value.toPrecision(3)}`)}</title></rect>`,
      ...(bar.min === undefined || bar.max === undefined
        ? []
        : [line(middle, y(bar.min), middle, y(bar.max), '#222222')]),
    ];
  });
  return [...bars, text(left + width / 2, HEIGHT - PLOT.bottom + 18, group.label, 'text-anchor="middle"')];
}

const tick = (value: number, at: number): string =>
  line(PLOT.left, at, WIDTH - PLOT.right, at, '#dddddd') +
  text(PLOT.left - 6, at + 4, String(Number(value.toPrecision(6))), 'text-anchor="end"');

const legend = (series: readonly string[], colourOf: (name: string) => string): string[] =>
  series.map((name, index) => {
    const x = PLOT.left + index * Math.min(130, (WIDTH - PLOT.left) / series.length);
    return `<rect x="${fixed(x)}" y="36" width="10" height="10" fill="${colourOf(name)}"/>${text(x + 14, 45, name)}`;
  });

const line = (x1: number, y1: number, x2: number, y2: number, colour: string): string =>
  `<line x1="${fixed(x1)}" y1="${fixed(y1)}" x2="${fixed(x2)}" y2="${fixed(y2)}" stroke="${colour}"/>`;
const text = (x: number, y: number, content: string, more = ''): string =>
  `<text x="${fixed(x)}" y="${fixed(y)}" ${more}>${escaped(content)}</text>`;
const fixed = (value: number): string => String(Number(value.toFixed(1)));
const escaped = (content: string): string =>
  content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
