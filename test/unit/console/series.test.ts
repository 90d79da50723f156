import { expect, test } from '@jest/globals';
import { describeSeries, pointOf, SHOWN_SECONDS, withPoint, type Point } from '../../../console/src/lib/series.ts';

const told = { at: '2026-11-27T12:00:00.000Z', counters: null, rates: null, latency: null };

test('what nobody can say is a gap, never a zero', () => {
  const { at, ...values } = pointOf(told);
  expect(at).toBe(Date.parse(told.at) / 1_000);
  expect(new Set(Object.values(values))).toEqual(new Set([null]));
  expect(pointOf({ ...told, latency: { p50Ms: 250, p95Ms: null } })).toMatchObject({ p50: 0.25, p95: null });
});

test('points older than the chart is wide are left out', () => {
  let points: Point[] = [];
  for (let second = 0; second < 200; second += 1) points = withPoint(points, { ...pointOf(told), at: second });
  expect(points).toHaveLength(SHOWN_SECONDS + 1);
  expect(points[0]?.at).toBe(199 - SHOWN_SECONDS);
});

test('a chart is told in words, also where the last is not known', () => {
  expect(describeSeries('placed', [1, null, 12.4], 'a second')).toBe('placed: 12 a second, between 1 and 12 lately');
  expect(describeSeries('placed', [1, null], '')).toBe('placed: not known just now, between 1 and 1 lately');
  expect(describeSeries('placed', [null], '')).toBe('placed: nothing known');
});
