import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { amendLines, changesBetween, takeBack } from '../../src/domain/amendment.ts';
import { possibleActions } from '../../src/domain/resolution.ts';

const book = { sku: 'book', name: 'Book', quantity: 2, unitPriceMinor: 900 };
const order = { items: [book], currency: 'EUR' };
const catalogue = [
  { sku: 'book', name: 'Book', priceMinor: 1_000, currency: 'EUR' },
  { sku: 'pen', name: 'Pen', priceMinor: 50, currency: 'EUR' },
  { sku: 'cup', name: 'Cup', priceMinor: 50, currency: 'USD' },
];

describe('the lines of an amended order', () => {
  test('keep the price that they were sold for, others have the catalogue’s', () => {
    const wanted = [
      { sku: 'pen', quantity: 1 },
      { sku: 'book', quantity: 1 },
      { sku: 'book', quantity: 2 },
    ];
    expect(amendLines(wanted, order, catalogue)).toEqual({
      priced: {
        ...{ currency: 'EUR', linesMinor: 2_750 },
        lines: [
          { ...book, quantity: 3 },
          { sku: 'pen', name: 'Pen', quantity: 1, unitPriceMinor: 50 },
        ],
      },
    });
  });

  test('are in the currency of the order, also where all of them are others', () => {
    const refused = { refused: { reason: 'mixed-currencies', currencies: ['EUR', 'USD'] } };
    expect(amendLines([{ sku: 'cup', quantity: 1 }], order, catalogue)).toEqual(refused);
    expect(amendLines([book, { sku: 'cup', quantity: 1 }], order, catalogue)).toEqual(refused);
  });

  test('need not be in the catalogue any more where the order has them', () => {
    expect(amendLines([book], order, [])).toMatchObject({ priced: { linesMinor: 1_800 } });
    expect(amendLines([{ sku: 'pen', quantity: 1 }], order, [])).toMatchObject({ refused: { reason: 'unknown-sku' } });
  });
});

const lines = fc
  .uniqueArray(fc.record({ sku: fc.constantFrom('a', 'b', 'c', 'd'), quantity: fc.integer({ min: 1, max: 9 }) }), {
    selector: ({ sku }) => sku,
  })
  .map((all) => [...all]);
const unitsOf = (all: readonly { sku: string; quantity: number }[], sku: string): number =>
  all.filter((line) => line.sku === sku).reduce((sum, { quantity }) => sum + quantity, 0);

test('what is added and what is removed is exactly what is between before and after', () => {
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const { added, removed } = changesBetween(before, after);
      for (const sku of ['a', 'b', 'c', 'd'])
        expect(unitsOf(before, sku) + unitsOf(added, sku) - unitsOf(removed, sku)).toBe(unitsOf(after, sku));
      for (const { sku, quantity } of [...added, ...removed]) {
        expect(quantity).toBeGreaterThan(0);
        expect(unitsOf(added, sku) * unitsOf(removed, sku)).toBe(0);
      }
    }),
  );
});

describe('units that are removed', () => {
  const sold = [
    { warehouse: 'main', sku: 'book', quantity: 2, priority: 1 },
    { warehouse: 'east', sku: 'book', quantity: 2, priority: 9 },
    { warehouse: 'west', sku: 'pen', quantity: 1, priority: 5 },
  ];

  test('go back to the warehouse that comes last first', () => {
    expect(takeBack([{ sku: 'book', quantity: 3 }], sold)).toEqual([
      { warehouse: 'east', sku: 'book', quantity: 2 },
      { warehouse: 'main', sku: 'book', quantity: 1 },
    ]);
  });

  test('are never more than were sold', () => {
    expect(() => takeBack([{ sku: 'pen', quantity: 2 }], sold)).toThrow('Expected 2 units of pen');
  });
});

test('an operator can have an amendment refused, and its undo only be tried again or made by hand', () => {
  expect(possibleActions('hold-amendment')).toEqual(['retry', 'compensate']);
  expect(possibleActions('charge-amendment')).toEqual(['retry', 'skip', 'compensate']);
  expect(possibleActions('undo-amendment')).toEqual(['retry', 'skip']);
  expect(possibleActions('close-amendment')).toEqual(['retry']);
});
