// What the chaos page calls green, red and unknown.
import { beforeEach, describe, expect, test } from '@jest/globals';
import { createLatencies, LATENCY_WINDOW_MS, percentile } from '../../../src/chaos/latency.ts';
import {
  allUnknown,
  createJudge,
  invariantNames,
  type Judge,
  type JournalView,
  type Seen,
} from '../../../src/chaos/judge.ts';
import type { Look } from '../../../src/chaos/look.ts';

const look = (over: Partial<Look> = {}): Look => ({
  counters: { placed: 2, confirmed: 2, rejected: 0, cancelled: 0, inFlight: 0, parked: 0 },
  rates: { placedPerSecond: 0, confirmedPerSecond: 0 },
  latency: { orders: 0, p50Ms: null, p95Ms: null },
  orders: new Set(['a', 'b']),
  misfits: {
    'a closed order is worth exactly what was taken': [],
    'closed orders hold nothing': [],
    'a confirmed order sold exactly its lines': [],
    'sequences are gap-free': [],
  },
  oversold: [],
  settled: [settled('a'), settled('b')],
  accepted: { lookedAt: new Set(['a']), missing: [] },
  roundMs: 1_000,
  isWhole: true,
  ...over,
});
const settled = (id: string, over: Partial<Look['settled'][number]> = {}): Look['settled'][number] => ({
  ...{ id, balanceMinor: 1_000, captures: 1, payments: 1, isPaidInParts: false },
  ...over,
});
const journal = (took: Record<string, { times: number; netMinor: number }> = {}, isWhole = true): JournalView => ({
  isThere: true,
  isWhole,
  of: (id) => took[id] ?? { times: 1, netMinor: 1_000 },
  knows: (id) => id !== 'forgotten',
});
const load = { accepted: 1, twice: [], remembered: 1 };
/** Those in a row that make red. */
const LOOKS = 3;

let judge: Judge;
beforeEach(() => {
  judge = createJudge();
});
const states = (seen: Partial<Seen>): string[] =>
  judge.judge({ look: look(), journal: journal(), load, ...seen }).map(({ state }) => state);
const stateOf = (name: (typeof invariantNames)[number], seen: Partial<Seen>): string =>
  states(seen)[invariantNames.indexOf(name)] ?? 'none';

test('all hold where everything fits', () => {
  expect(states({})).toEqual(invariantNames.map(() => 'holds'));
});

test('nothing is green without the rows; money is not green without the whole journal', () => {
  expect(new Set(allUnknown().map(({ state }) => state))).toEqual(new Set(['unknown']));
  for (const view of [{ isThere: false } as const, journal({}, false)]) {
    const found = judge.judge({ look: look(), journal: view, load });
    const unknown = found.filter(({ state }) => state === 'unknown').map(({ name }) => name);
    expect(unknown).toEqual(['What was taken is what the order is worth', 'Every order is charged once']);
    expect(found.find(({ name }) => name === unknown[0])?.says).toContain(
      view.isThere ? 'still being read' : 'can not be read',
    );
  }
});

test.each<[(typeof invariantNames)[number], Partial<Seen>]>([
  ['What was accepted is there', { look: look({ accepted: { lookedAt: new Set(['a']), missing: ['a'] } }) }],
  ['Stock is never oversold', { look: look({ oversold: ['book'] }) }],
  [
    'No closed order holds stock',
    { look: look({ misfits: { ...look().misfits, 'closed orders hold nothing': ['a'] } }) },
  ],
  [
    'What was taken is what the order is worth',
    { look: look({ misfits: { ...look().misfits, 'a closed order is worth exactly what was taken': ['a'] } }) },
  ],
  ['What was taken is what the order is worth', { journal: journal({ a: { times: 1, netMinor: 999 } }) }],
  ['Every order is charged once', { journal: journal({ a: { times: 2, netMinor: 1_000 } }) }],
  ['Events are gap-free', { look: look({ misfits: { ...look().misfits, 'sequences are gap-free': ['a'] } }) }],
])('%s: red when it does not fit in three looks in a row, unknown before, green when it fits again', (name, seen) => {
  for (let time = 1; time < LOOKS; time += 1) expect(stateOf(name, seen)).toBe('unknown');
  expect(stateOf(name, seen)).toBe('broken');
  expect(stateOf(name, {})).toBe('holds');
});

describe('what did not fit', () => {
  const wrong = { journal: journal({ a: { times: 1, netMinor: 0 } }) };
  const name = 'What was taken is what the order is worth';

  test('is looked at again, stays red while it is not, and while the journal is away', () => {
    for (let time = 0; time < LOOKS; time += 1) stateOf(name, wrong);
    expect(judge.again()).toEqual(['a']);
    expect(stateOf(name, { look: look({ orders: new Set(['b']), settled: [settled('b')] }) })).toBe('broken');
    expect(stateOf(name, { journal: { isThere: false } })).toBe('broken');
    expect(stateOf(name, {})).toBe('holds');
    expect(judge.again()).toEqual([]);
  });

  test('is not what the journal has forgotten', () => {
    const forgotten = look({ settled: [settled('forgotten', { balanceMinor: 5, captures: 0 })] });
    for (let time = 0; time < LOOKS; time += 1) expect(stateOf(name, { look: forgotten })).toBe('holds');
  });
});

test('two captures of an order that was paid once are too many, also where both are in the ledger; of two payments they are not', () => {
  const twice = journal({ a: { times: 2, netMinor: 1_000 } });
  const judged = (over: Partial<Look['settled'][number]>): string => {
    judge = createJudge();
    const seen = { look: look({ settled: [settled('a', over)] }), journal: twice };
    for (let time = 1; time < LOOKS; time += 1) states(seen);
    return stateOf('Every order is charged once', seen);
  };
  expect(judged({ captures: 2 })).toBe('broken');
  expect(judged({ captures: 2, payments: 2 })).toBe('holds');
  expect(judged({ captures: 1, payments: 2 })).toBe('broken');
  expect(judged({ captures: 2, isPaidInParts: true })).toBe('holds');
});

test('the witness of the load says nothing before it has placed anything, and two orders under one key at once', () => {
  const name = 'What was accepted is there';
  expect(stateOf(name, { load: { accepted: 0, twice: [], remembered: 0 } })).toBe('unknown');
  expect(stateOf(name, { load: { ...load, twice: ['load-1'] } })).toBe('broken');
});

describe('latency', () => {
  test('percentiles are values that were seen', () => {
    const sorted = Array.from({ length: 20 }, (_, index) => index + 1);
    expect([percentile(sorted, 0.5), percentile(sorted, 0.95), percentile([7], 0.95), percentile([], 0.5)]).toEqual([
      10,
      19,
      7,
      null,
    ]);
  });

  test('is of the last seconds only, and null of nothing', () => {
    const latencies = createLatencies();
    latencies.add(0, 5_000);
    latencies.add(10_000, 100);
    expect(latencies.read(10_000)).toEqual({ orders: 2, p50Ms: 100, p95Ms: 5_000 });
    expect(latencies.read(LATENCY_WINDOW_MS + 1)).toEqual({ orders: 1, p50Ms: 100, p95Ms: 100 });
    expect(latencies.read(100_000)).toEqual({ orders: 0, p50Ms: null, p95Ms: null });
  });
});
