import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { allocate, allocatePartly, type Available } from '../../src/domain/allocation.ts';

const at = (warehouse: string, priority: number, stock: Record<string, number>): Available[] =>
  Object.entries(stock).map(([sku, available]) => ({ warehouse, priority, sku, available }));
const cart = (quantities: Record<string, number>) =>
  Object.entries(quantities).map(([sku, quantity]) => ({ sku, quantity }));

describe('the choice of warehouses', () => {
  test.each([
    [
      'one that has all, before two by priority',
      [at('a', 1, { x: 5 }), at('b', 2, { y: 5 }), at('c', 3, { x: 5, y: 5 })],
      { x: 1, y: 1 },
      'c:x1 c:y1',
    ],
    [
      'the first by priority among those that have all',
      [at('b', 2, { x: 5 }), at('a', 3, { x: 5 }), at('c', 1, { x: 5 })],
      { x: 2 },
      'c:x2',
    ],
    ['the first by name among equals', [at('b', 1, { x: 5 }), at('a', 1, { x: 5 })], { x: 2 }, 'a:x2'],
    ['a line from two where none has all of it', [at('a', 1, { x: 2 }), at('b', 2, { x: 5 })], { x: 6 }, 'a:x2 b:x4'],
    [
      'a line whole, where a chosen one has all of it',
      [at('a', 1, { x: 2, y: 1 }), at('b', 2, { x: 5 })],
      { x: 5, y: 1 },
      'b:x5 a:y1',
    ],
    [
      'two, the earlier ones by priority',
      [at('a', 1, { x: 1 }), at('b', 2, { y: 1 }), at('c', 3, { x: 1 })],
      { x: 1, y: 1 },
      'a:x1 b:y1',
    ],
    [
      'five, where each has one thing',
      ['a', 'b', 'c', 'd', 'e'].map((name, index) => at(name, index, { [name]: 1 })),
      { a: 1, b: 1, c: 1, d: 1, e: 1 },
      'a:a1 b:b1 c:c1 d:d1 e:e1',
    ],
  ])('is %s', (_what, stock, quantities, expected) => {
    const allocation = allocate(cart(quantities), stock.flat());
    if ('shortages' in allocation) throw new Error('Expected enough');
    expect(allocation.allocated.map(({ warehouse, sku, quantity }) => `${warehouse}:${sku}${quantity}`).join(' ')).toBe(
      expected,
    );
  });

  test('says what there is too little of, over all warehouses', () => {
    const stock = [...at('a', 1, { x: 2, y: 9 }), ...at('b', 2, { x: 1 })];
    expect(allocate(cart({ x: 4, y: 1, z: 1 }), stock)).toEqual({
      shortages: [
        { sku: 'x', requested: 4, available: 3 },
        { sku: 'z', requested: 1, available: 0 },
      ],
    });
  });

  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const stocks = fc
    .array(
      fc.record({
        warehouse: fc.constantFrom(...names),
        sku: fc.constantFrom('x', 'y', 'z'),
        available: fc.integer({ min: 0, max: 6 }),
      }),
      { maxLength: 18 },
    )
    .map((rows) => [
      ...new Map(
        rows.map((row) => [`${row.warehouse} ${row.sku}`, { ...row, priority: names.indexOf(row.warehouse) % 3 }]),
      ).values(),
    ]);
  const carts = fc.uniqueArray(
    fc.record({ sku: fc.constantFrom('x', 'y', 'z'), quantity: fc.integer({ min: 1, max: 8 }) }),
    { minLength: 1, selector: ({ sku }) => sku },
  );

  test('serves all or nothing, never more than there is, and of up to three warehouses the fewest', () => {
    fc.assert(
      fc.property(carts, stocks, (lines, stock) => {
        const total = (rows: readonly { available: number }[]): number =>
          rows.reduce((sum, row) => sum + row.available, 0);
        const enough = lines.every(({ sku, quantity }) => total(stock.filter((row) => row.sku === sku)) >= quantity);
        const allocation = allocate(lines, stock);
        expect('allocated' in allocation).toBe(enough);
        if (!('allocated' in allocation)) return;
        const { allocated } = allocation;
        for (const { sku, quantity } of lines)
          expect(allocated.filter((part) => part.sku === sku).reduce((sum, part) => sum + part.quantity, 0)).toBe(
            quantity,
          );
        for (const { warehouse, sku, quantity } of allocated)
          expect(quantity).toBeLessThanOrEqual(
            stock.find((row) => row.warehouse === warehouse && row.sku === sku)?.available ?? 0,
          );
        expect(new Set(allocated.map(({ warehouse, sku }) => `${warehouse} ${sku}`)).size).toBe(allocated.length);
        const used = new Set(allocated.map(({ warehouse }) => warehouse)).size;
        const least = fewest(lines, stock);
        if (least <= 3) expect(used).toBe(least);
        else expect(used).toBeGreaterThanOrEqual(least);
        expect(allocate(lines, [...stock].reverse())).toEqual(allocation);
      }),
      { numRuns: 1_000 },
    );
  });

  const waiting = fc
    .uniqueArray(fc.record({ sku: fc.constantFrom('x', 'y', 'z'), units: fc.integer({ min: 0, max: 10 }) }), {
      selector: ({ sku }) => sku,
    })
    .map((rows) => new Map<string, number>(rows.map(({ sku, units }) => [sku, units])));
  const unitsOf = (rows: readonly { sku: string; quantity: number }[], sku: string): number =>
    rows.filter((row) => row.sku === sku).reduce((sum, { quantity }) => sum + quantity, 0);
  const thereOf = (stock: readonly Available[], sku: string): number =>
    stock.filter((row) => row.sku === sku).reduce((sum, { available }) => sum + available, 0);

  test('takes nothing that others wait for who came before', () => {
    fc.assert(
      fc.property(carts, stocks, waiting, (lines, stock, awaited) => {
        const left = (sku: string): number => Math.max(0, thereOf(stock, sku) - (awaited.get(sku) ?? 0));
        const allocation = allocate(lines, stock, awaited);
        expect('allocated' in allocation).toBe(lines.every(({ sku, quantity }) => quantity <= left(sku)));
        if ('shortages' in allocation)
          for (const { sku, available } of allocation.shortages) expect(available).toBe(left(sku));
      }),
    );
  });

  test('where it may be less, takes of each line as much as it can have, and says what is missing', () => {
    fc.assert(
      fc.property(carts, stocks, waiting, (lines, stock, awaited) => {
        const { allocated, missing } = allocatePartly(lines, stock, awaited);
        for (const { sku, quantity } of lines) {
          expect(unitsOf(allocated, sku) + unitsOf(missing, sku)).toBe(quantity);
          const left = Math.max(0, thereOf(stock, sku) - (awaited.get(sku) ?? 0));
          expect(unitsOf(allocated, sku)).toBe(Math.min(quantity, left));
        }
        for (const { warehouse, sku, quantity } of allocated)
          expect(quantity).toBeLessThanOrEqual(
            stock.find((row) => row.warehouse === warehouse && row.sku === sku)?.available ?? 0,
          );
        expect([...allocated, ...missing].every(({ quantity }) => quantity > 0)).toBe(true);
        const all = allocate(lines, stock, awaited);
        if ('allocated' in all) expect({ allocated, missing }).toEqual({ ...all, missing: [] });
      }),
      { numRuns: 1_000 },
    );
  });

  /** By trying every choice there is. */
  function fewest(lines: readonly { sku: string; quantity: number }[], stock: readonly Available[]): number {
    let least = Number.POSITIVE_INFINITY;
    for (let choice = 1; choice < 2 ** names.length; choice += 1) {
      const chosen = names.filter((_name, index) => (choice >> index) % 2 === 1);
      const isEnough = lines.every(
        ({ sku, quantity }) =>
          stock
            .filter((row) => row.sku === sku && chosen.includes(row.warehouse))
            .reduce((sum, { available }) => sum + available, 0) >= quantity,
      );
      if (isEnough) least = Math.min(least, chosen.length);
    }
    return least;
  }
});
