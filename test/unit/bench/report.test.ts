import { describe, expect, test } from '@jest/globals';
import { judge } from '../../../bench/gate.ts';
import { drawChart, niceStep } from '../../../bench/report/chart.ts';
import { replacePart } from '../../../bench/report/page.ts';
import { drawRun } from '../../../bench/report/plots.ts';
import { describeRun } from '../../../bench/report/tables.ts';
import { goodResults, reportOf, resultOf } from './reports.ts';

const repeated = [40, 44, 48].map((confirmedPerSecond, repeat) =>
  resultOf('ours', { kind: 'life', concurrency: 16 }, { confirmedPerSecond, repeat }),
);

describe('a report', () => {
  test('shows medians with their spread, costs, bars, how it was made, and its pictures', () => {
    const report = reportOf(repeated);
    const text = describeRun(report, judge(report), [{ title: 'A picture', path: 'a.svg' }]);
    expect(text).toContain(
      '2026-11-27, `npm run bench` at abc1234. 2 × Some CPU, 25 GB, linux 6.1; load before: 0.10.',
    );
    expect(text).toContain('| life/ours/c16 | 44 ±9% | 100 ±0% | 200 ±0% | 10 ±0% | 20 ±0% | 0 |');
    expect(text).toContain('| life/ours/c16 | 14 | 4 | 6.2 | 21 | 17 | 98 |');
    expect(text).toContain('| cell | api | worker |');
    expect(text).toContain('| life/ours/c16 | 10 | 20.5 |');
    expect(text).toContain('| confirmed/s at c = 16: ≥ 0.55 × empty | – | not measured |');
    expect(text).toContain('| memory (PSS) of the worker before and after 20000 orders, MB | 180, 350 |');
    expect(text).toContain('![A picture](a.svg)');
    expect(text).not.toContain('Accepting (closed loop');
  });

  test('says which cells are void, and gives no figure of theirs', () => {
    const broken = [{ rule: 'no accepted order is lost', count: 2, examples: [] }];
    const report = reportOf(repeated.map((result) => ({ ...result, broken })));
    const text = describeRun(report, judge(report), []);
    expect(text).toContain('| life/ours/c16 (**3 of 3 void**) | – |');
    expect(text).toContain('| life/ours/c16 counts | 3 of 3 void: no accepted order is lost (2) | missed |');
    expect(text).not.toContain('44');
  });

  test('has a picture of each kind of load it measured', () => {
    expect(drawRun(reportOf(goodResults())).map(({ file }) => file)).toEqual([
      ...['accepted-per-second.svg', 'confirmed-per-second.svg', 'placed-to-confirmed.svg', 'cpu-per-order.svg'],
    ]);
    expect(drawRun(reportOf([]))).toEqual([]);
  });
});

describe('a page', () => {
  const page = `# P\n\nbefore\n\n<!-- bench:begin (npm run bench writes what stands between these two lines) -->\n\nold\n\n<!-- bench:end -->\n\nafter\n`;

  test('keeps everything but what stands between its markers', () => {
    const written = replacePart(page, 'new\n');
    expect(written).toBe(page.replace('old', 'new'));
    expect(replacePart(written, 'newer')).toBe(page.replace('old', 'newer'));
  });

  test('without markers is not touched', () => {
    expect(() => replacePart('# P\n', 'new')).toThrow('bench:begin');
  });
});

describe('a chart', () => {
  const groups = [
    { label: 'c = 1', bars: [{ series: 'naive', value: 30, min: 25, max: 40 }] },
    {
      label: 'c <16>',
      bars: [
        { series: 'naive', value: 10 },
        { series: 'ours', value: 50 },
      ],
    },
  ];
  const heightsOf = (svg: string): number[] =>
    [...svg.matchAll(/height="([\d.]+)" fill="[^"]+"><title>/g)].map(([, height]) => Number(height));

  test('draws bars as high as their values, and how far their repeats lie apart', () => {
    const svg = drawChart({ title: 'T & Co', unit: 'orders/s', groups });
    const [one = 0, other = 0, third = 0] = heightsOf(svg);
    expect(one / other).toBeCloseTo(3, 1);
    expect(third / other).toBeCloseTo(5, 1);
    expect(svg.match(/stroke="#222222"/g)).toHaveLength(1);
    expect(svg).toContain('T &amp; Co (orders/s)');
    expect(svg).toContain('c &lt;16&gt;');
  });

  test('puts bars on top of each other', () => {
    const svg = drawChart({ title: 'T', unit: 'ms', groups, stacked: true });
    const tops = [...svg.matchAll(/y="([\d.]+)" width="[\d.]+" height="([\d.]+)" fill="[^"]+"><title>c &lt;16/g)];
    const [below, above] = tops.map(([, y, height]) => ({ y: Number(y), height: Number(height) }));
    expect((above?.y ?? 0) + (above?.height ?? 0)).toBeCloseTo(below?.y ?? NaN, 0);
  });

  test('has ticks that people count in', () => {
    expect([0.3, 1, 1.1, 7, 70, 0].map(niceStep).map((step) => Number(step.toPrecision(3)))).toEqual([
      0.5, 1, 2, 10, 100, 1,
    ]);
  });
});
