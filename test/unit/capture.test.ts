import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { captureFor, captureForRest, isLastCapture, type Capturable } from '../../src/domain/capture.ts';
import { planRefund, type Refundable } from '../../src/domain/refund.ts';
import { plainTotals, totalOf, type Totals } from '../../src/domain/totals.ts';

type Line = { sku: string; quantity: number; unitPriceMinor: number };

const price = fc.integer({ min: 0, max: 99_999 });
const lines = fc
  .uniqueArray(
    fc.record({
      sku: fc.constantFrom('a', 'b', 'c', 'd'),
      quantity: fc.integer({ min: 1, max: 9 }),
      unitPriceMinor: price,
    }),
    {
      selector: ({ sku }) => sku,
      minLength: 1,
    },
  )
  .chain((all) => {
    const linesMinor = all.reduce((sum, { quantity, unitPriceMinor }) => sum + quantity * unitPriceMinor, 0);
    return fc.record({
      lines: fc.constant(all),
      totals: fc.record({
        linesMinor: fc.constant(linesMinor),
        discountMinor: fc.integer({ min: 0, max: linesMinor }),
        shippingMinor: price,
        taxMinor: price,
        taxIncluded: fc.constant(false),
      }),
      // Each unit leaves with one of these parcels; the last one is what never leaves.
      parcels: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 36, maxLength: 36 }),
    });
  });

/** The units of an order by the parcel that each leaves with. */
function divide(all: readonly Line[], parcels: readonly number[]): { sku: string; quantity: number }[][] {
  const units = all.flatMap(({ sku, quantity }) => Array.from({ length: quantity }, () => sku));
  return Array.from({ length: 5 }, (_, parcel) =>
    units.filter((_unit, index) => parcels[index] === parcel).map((sku) => ({ sku, quantity: 1 })),
  );
}

/** Captures for the parcels, one after the other; answers with the amounts. */
function captureAll(
  { lines: all, totals }: { lines: readonly Line[]; totals: Totals },
  parcels: readonly (readonly { sku: string; quantity: number }[])[],
): { amounts: number[]; asked: Capturable['asked'] } {
  const amounts: number[] = [];
  let asked: Capturable['asked'] = [];
  for (const units of parcels) {
    amounts.push(captureFor(units, { lines: all, totals, asked, toCome: [] }));
    asked = [...asked, ...units];
  }
  return { amounts, asked };
}

describe('what is captured of an order that is paid as it ships', () => {
  test('comes to its total over all shipments, to the last cent, and is never less than nothing', () => {
    fc.assert(
      fc.property(lines, (order) => {
        const { amounts } = captureAll(order, divide(order.lines, order.parcels));
        expect(Math.min(...amounts)).toBeGreaterThanOrEqual(0);
        expect(amounts.reduce((sum, amount) => sum + amount, 0)).toBe(totalOf(order.totals));
      }),
    );
  });

  test('comes to its total when the rest is captured at once, whatever has left by then', () => {
    fc.assert(
      fc.property(lines, fc.integer({ min: 0, max: 4 }), (order, captured) => {
        const parcels = divide(order.lines, order.parcels);
        const { amounts, asked } = captureAll(order, parcels.slice(0, captured));
        const rest = captureForRest({ ...order, asked, toCome: parcels.slice(captured).flat() });
        expect(rest).toBeGreaterThanOrEqual(0);
        expect(amounts.reduce((sum, amount) => sum + amount, rest)).toBe(totalOf(order.totals));
      }),
    );
  });

  test('is the same for the rest, without what never ships, as for the shipments that it is made of', () => {
    fc.assert(
      fc.property(lines, (order) => {
        const shipped = divide(order.lines, order.parcels).slice(0, 4);
        const { amounts } = captureAll(order, shipped);
        const rest = captureForRest({ ...order, asked: [], toCome: shipped.flat() });
        expect(rest).toBe(amounts.reduce((sum, amount) => sum + amount, 0));
        expect(rest).toBeLessThanOrEqual(totalOf(order.totals));
      }),
    );
  });

  test('is over when nothing is to come', () => {
    expect(isLastCapture({ toCome: [] })).toBe(true);
    expect(isLastCapture({ toCome: [{ sku: 'a', quantity: 1 }] })).toBe(false);
  });
});

describe('a refund of an order that is paid as it ships', () => {
  const order: Refundable = {
    lines: [
      { sku: 'a', quantity: 2, unitPriceMinor: 1_000 },
      { sku: 'b', quantity: 1, unitPriceMinor: 500 },
    ],
    totals: plainTotals(2_500),
    refundedUnits: [],
    capturedUnits: [{ sku: 'a', quantity: 1 }],
    payments: [{ ordinal: 1, leftMinor: 1_000 }],
  };

  test('of units that are not captured yet is refused, also where the money of others would do', () => {
    expect(planRefund({ items: [{ sku: 'b', quantity: 1 }] }, order)).toEqual({
      refused: 'not-captured',
      sku: 'b',
      wanted: 1,
      captured: 0,
    });
    expect(planRefund({ items: [{ sku: 'a', quantity: 2 }] }, order)).toMatchObject({
      refused: 'not-captured',
      captured: 1,
    });
  });

  test('of units that are captured is what they were captured for', () => {
    expect(planRefund({ items: [{ sku: 'a', quantity: 1 }] }, order)).toMatchObject({ amountMinor: 1_000 });
    const refundedUnits = [{ sku: 'a', quantity: 1 }];
    expect(planRefund({ items: [{ sku: 'a', quantity: 1 }] }, { ...order, refundedUnits })).toMatchObject({
      refused: 'not-captured',
      captured: 0,
    });
  });

  test('of all units is possible once all is captured', () => {
    const paid = { ...order, capturedUnits: null, payments: [{ ordinal: 1, leftMinor: 2_500 }] };
    expect(
      planRefund(
        {
          items: [
            { sku: 'a', quantity: 2 },
            { sku: 'b', quantity: 1 },
          ],
        },
        paid,
      ),
    ).toMatchObject({ amountMinor: 2_500 });
  });
});
