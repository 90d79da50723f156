// Reports as runs make them, for tests of what is made of them.
import type { Cell, Load, Variant } from '../../../bench/cells/cell.ts';
import { cellName } from '../../../bench/cells/cell.ts';
import type { CellResult } from '../../../bench/cells/run-cell.ts';
import { summarise, type Report } from '../../../bench/report/report.ts';
import { spreadOf, type Latencies } from '../../../bench/statistics.ts';

const latencies = (p50: number): Latencies => ({ p50, p90: p50, p99: 2 * p50, max: 2 * p50, count: 10 });

/** A sound repeat of a cell; `more` is what is otherwise. */
export function resultOf(variant: Variant, load: Load, more: Partial<CellResult> = {}): CellResult {
  const cell: Cell = { variant, load, providerDelayMs: 0 };
  return {
    ...{ cell, name: cellName(cell), repeat: 0, orders: 100, refused: { count: 0, example: null }, broken: [] },
    ...{ acceptedPerSecond: 100, confirmedPerSecond: 50, acceptMs: latencies(10), lifeMs: latencies(100) },
    costs: {
      ...{ cpuMs: { api: 10, worker: 20.5 }, writes: 6.2, commits: 12, walBytes: 21_000 },
      ...{ temporalWrites: 17, temporalWalBytes: 98_000, grpcCalls: 4, grpcCallsByOperation: {} },
    },
    ...{ memoryMb: {}, historyEvents: 14 },
    ...more,
  };
}

const closed = (kind: 'accept' | 'life', concurrency: number): Load => ({ kind, concurrency });

/** A run that just reaches every bar. */
export const goodResults = (): CellResult[] => [
  resultOf('floor', closed('accept', 16), { acceptedPerSecond: 200, acceptMs: latencies(4), confirmedPerSecond: null }),
  resultOf('ours', closed('accept', 16), { acceptedPerSecond: 100, acceptMs: latencies(10) }),
  resultOf('empty', closed('life', 16), { confirmedPerSecond: 80 }),
  resultOf('naive', closed('life', 16), { confirmedPerSecond: 30 }),
  resultOf('ours', closed('life', 16), { confirmedPerSecond: 44 }),
  resultOf('naive', closed('life', 1), { lifeMs: latencies(100) }),
  resultOf('ours', closed('life', 1), { lifeMs: latencies(60) }),
];

export const reportOf = (results: readonly CellResult[], more: Partial<Report> = {}): Report => ({
  run: {
    ...{ date: '2026-11-27', command: 'npm run bench', commit: 'abc1234', loadBefore: 0.1 },
    machine: { cpus: 2, model: 'Some CPU', memoryMb: 25_000, platform: 'linux 6.1' },
    versions: { Node: '20.20.2', PostgreSQL: '18.4', fsync: 'on' },
    timing: { repeats: 3, 'seconds each': 8 },
  },
  cells: summarise(results),
  counted: { orders: 100, commits: 5, providerCalls: 2, historyEvents: spreadOf([14, 14]), broken: [] },
  starts: { api: spreadOf([900, 1_000, 1_100]), worker: spreadOf([2_900, 3_000]) },
  memory: { orders: 20_000, before: { api: 100, worker: 180 }, after: { api: 150, worker: 350 }, broken: [] },
  outage: {
    ...{ seconds: 60, perSecond: 20, refused: 0, settledAfterSeconds: 20, broken: [] },
    ...{ normal: latencies(10), during: latencies(20) },
  },
  ...more,
});
