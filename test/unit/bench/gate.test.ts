import { describe, expect, test } from '@jest/globals';
import { judge, missed } from '../../../bench/gate.ts';
import type { CellResult } from '../../../bench/cells/run-cell.ts';
import type { Report } from '../../../bench/report/report.ts';
import { spreadOf } from '../../../bench/statistics.ts';
import { goodResults, reportOf } from './reports.ts';

const good = reportOf(goodResults());
const { counted, starts, memory, outage } = good;
if (!counted || !starts || !memory || !outage) throw new Error('Expected all studies');

const changed = (name: string, change: Partial<CellResult>): CellResult[] =>
  goodResults().map((result) => (result.name === name ? { ...result, ...change } : result));
const namesOf = (report: Report): string[] => missed(judge(report)).map(({ bar }) => bar);
const slow = { p50: 11, p90: 11, p99: 11, max: 11, count: 1 };
const lost = [{ rule: 'no accepted order is lost', count: 1, examples: [{ id: 'order_1' }] }];

describe('the gate', () => {
  test('opens for a run that just reaches every bar', () => {
    expect(missed(judge(good))).toEqual([]);
    expect(judge(good)).toHaveLength(13);
  });

  const misses: [string, Report][] = [
    ['accepted/s at c = 16: ≥ 0.5 × floor', reportOf(changed('accept/ours/c16', { acceptedPerSecond: 99 }))],
    ['accept p50 at c = 16: ≤ 2.5 × floor', reportOf(changed('accept/ours/c16', { acceptMs: slow }))],
    ['confirmed/s at c = 16: ≥ 0.55 × empty', reportOf(changed('life/empty/c16', { confirmedPerSecond: 81 }))],
    ['confirmed/s at c = 16: ≥ 1.4 × naive', reportOf(changed('life/naive/c16', { confirmedPerSecond: 32 }))],
    [
      'placed → confirmed p50 at c = 1: ≤ 0.6 × naive',
      reportOf(changed('life/ours/c1', { lifeMs: { ...slow, p50: 61 } })),
    ],
    ['a happy order: ≤ 14 history events', { ...good, counted: { ...counted, historyEvents: spreadOf([14, 14, 15]) } }],
    ['a happy order: ≤ 5 commits of ours', { ...good, counted: { ...counted, commits: 5.01 } }],
    ['a happy order: 2 provider calls', { ...good, counted: { ...counted, providerCalls: 2.01 } }],
    [
      'memory of the api after 20,000 orders: ≤ 150 MB',
      { ...good, memory: { ...memory, after: { ...memory.after, api: 151 } } },
    ],
    [
      'memory of the worker after 20,000 orders: ≤ 350 MB',
      { ...good, memory: { ...memory, after: { ...memory.after, worker: 351 } } },
    ],
    [
      'accept p99 while Temporal is away for a minute: ≤ 2 × normal, none refused',
      { ...good, outage: { ...outage, during: { ...outage.during, p99: 41 } } },
    ],
    [
      'accept p99 while Temporal is away for a minute: ≤ 2 × normal, none refused',
      { ...good, outage: { ...outage, refused: 1 } },
    ],
    ['start of the api: ≤ 1 s', { ...good, starts: { ...starts, api: spreadOf([1_001]) } }],
    ['start of the worker, its bundle built: ≤ 3 s', { ...good, starts: { ...starts, worker: spreadOf([3_001]) } }],
  ];
  test.each(misses)('names the one that is missed: %s', (bar, report) => {
    expect(namesOf(report)).toEqual([bar]);
  });

  test('stays shut for what was not measured, also for a memory of few orders, or an outage of seconds', () => {
    const few = { ...good, memory: { ...memory, orders: 19_999 }, outage: { ...outage, seconds: 59 } };
    expect(missed(judge(few)).map(({ bar, outcome }) => [bar.slice(0, 10), outcome])).toEqual([
      ['memory of ', 'not measured'],
      ['memory of ', 'not measured'],
      ['accept p99', 'not measured'],
    ]);
    const nothing = { ...good, cells: [], counted: null, starts: null, memory: null, outage: null };
    expect(missed(judge(nothing))).toHaveLength(13);
  });

  test('stays shut for a cell that lost an order, and takes no figure from it', () => {
    const report = reportOf(changed('life/ours/c16', { broken: lost, confirmedPerSecond: 1_000 }));
    expect(missed(judge(report))).toEqual([
      { bar: 'confirmed/s at c = 16: ≥ 0.55 × empty', outcome: 'not measured', found: '–' },
      { bar: 'confirmed/s at c = 16: ≥ 1.4 × naive', outcome: 'not measured', found: '–' },
      { bar: 'life/ours/c16 counts', outcome: 'missed', found: '1 of 1 void: no accepted order is lost (1)' },
    ]);
  });

  test('stays shut for one void repeat among sound ones', () => {
    const repeat = goodResults().filter(({ name }) => name === 'life/ours/c16');
    const broken = repeat.map((result) => ({ ...result, repeat: 1, broken: lost, confirmedPerSecond: 1_000 }));
    const report = reportOf([...goodResults(), ...broken]);
    expect(report.cells.find(({ name }) => name === 'life/ours/c16')).toMatchObject({
      ...{ repeats: 2, voids: 1, orders: 100, confirmedPerSecond: { median: 44, count: 1 } },
    });
    expect(namesOf(report)).toEqual([
      'confirmed/s at c = 16: ≥ 0.55 × empty',
      'confirmed/s at c = 16: ≥ 1.4 × naive',
      'life/ours/c16 counts',
    ]);
  });

  test('stays shut for a study that lost an order', () => {
    expect(namesOf({ ...good, outage: { ...outage, broken: lost } })).toEqual(['outage counts']);
    expect(namesOf({ ...good, memory: { ...memory, broken: lost } })).toEqual(['memory counts']);
    expect(namesOf({ ...good, counted: { ...counted, broken: lost } })).toEqual(['counted counts']);
  });
});
