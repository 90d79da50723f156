import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { lineTotalMinor } from '../../src/domain/money.ts';
import { mergeLines, priceLines, priceOrder } from '../../src/domain/pricing.ts';
import { plainTotals } from '../../src/domain/totals.ts';

const catalogue = [
  { sku: 'a', name: 'A', priceMinor: 100, currency: 'EUR' },
  { sku: 'b', name: 'B', priceMinor: 250, currency: 'EUR' },
  { sku: 'c', name: 'C', priceMinor: 1, currency: 'USD' },
  { sku: 'gold', name: 'Gold', priceMinor: 99_999_999, currency: 'EUR' },
];

describe('pricing', () => {
  test('sums exact integers of the catalogue’s prices', () => {
    const lines = [
      { sku: 'a', quantity: 3 },
      { sku: 'b', quantity: 2 },
    ];
    expect(priceLines(lines, catalogue)).toMatchObject({ priced: { currency: 'EUR', linesMinor: 800 } });
  });

  test.each([
    ['unknown-sku', [{ sku: 'x', quantity: 1 }]],
    [
      'mixed-currencies',
      [
        { sku: 'a', quantity: 1 },
        { sku: 'c', quantity: 1 },
      ],
    ],
    ['quantity-too-large', [{ sku: 'a', quantity: 10_001 }]],
    ['total-too-large', [{ sku: 'gold', quantity: 2 }]],
  ])('refuses %s', (reason, lines) => expect(priceLines(lines, catalogue)).toMatchObject({ refused: { reason } }));

  test('refuses a total that is too large only with what comes on top of the lines', () => {
    const priced = { currency: 'EUR', linesMinor: 99_999_999, lines: [] };
    const totals = plainTotals(99_999_999);
    expect(priceOrder(priced, totals)).toMatchObject({ priced: { totalMinor: 99_999_999 } });
    expect(priceOrder(priced, { ...totals, shippingMinor: 1 })).toMatchObject({
      refused: { reason: 'total-too-large', totalMinor: 100_000_000 },
    });
  });

  test('merges lines of one sku in one order of skus, whatever order they came in', () => {
    const line = fc.record({
      sku: fc.constantFrom('a', 'b', 'B', 'ä', 'a-1'),
      quantity: fc.integer({ min: 1, max: 100 }),
    });
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const merged = mergeLines(lines);
        const sum = (all: { quantity: number }[]): number => all.reduce((total, { quantity }) => total + quantity, 0);
        expect(sum(merged)).toBe(sum(lines));
        expect(merged).toEqual(mergeLines([...lines].reverse()));
        expect(new Set(merged.map(({ sku }) => sku)).size).toBe(merged.length);
      }),
    );
  });

  test('throws rather than round', () => {
    expect(() => lineTotalMinor({ unitPriceMinor: Number.MAX_SAFE_INTEGER, quantity: 2 })).toThrow('safe');
    expect(() => lineTotalMinor({ unitPriceMinor: 1.5, quantity: 1 })).toThrow('safe');
  });
});
