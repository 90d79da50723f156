import { describe, expect, test } from '@jest/globals';
import { latenciesOf, median, percentile, relativeSpread, spreadOf } from '../../../bench/statistics.ts';

describe('figures of a measurement', () => {
  test('have their middle, between two where their number is even, in whatever order they came', () => {
    expect(median([9, 1, 10])).toBe(9);
    expect(median([10, 1, 2, 9])).toBe(5.5);
    expect(() => median([])).toThrow('at least one');
  });

  test('have percentiles that were measured, and none in between', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(percentile(hundred, 0.5)).toBe(50);
    expect(percentile(hundred, 0.99)).toBe(99);
    expect(percentile(hundred, 1)).toBe(100);
    expect(percentile([7], 0.01)).toBe(7);
    expect(percentile([1, 1_000], 0.99)).toBe(1_000);
  });

  test('lie apart by so much', () => {
    expect(spreadOf([10, 8, 12])).toEqual({ median: 10, min: 8, max: 12, count: 3 });
    expect(relativeSpread(spreadOf([10, 8, 12]))).toBeCloseTo(0.4);
    expect(relativeSpread(spreadOf([0, 0]))).toBe(0);
  });

  test('of latencies there are none where nothing was measured', () => {
    expect(latenciesOf([])).toBeNull();
    expect(latenciesOf([3, 1, 2])).toEqual({ p50: 2, p90: 3, p99: 3, max: 3, count: 3 });
  });
});
