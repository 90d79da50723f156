import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  flawOf,
  noTerms,
  plainTotals,
  shareOf,
  totalOf,
  totalsBy,
  type PricingTerms,
} from '../../src/domain/totals.ts';

const terms: PricingTerms = {
  shippingFees: [
    { currency: 'EUR', country: 'DE', amountMinor: 490 },
    { currency: 'EUR', country: '*', amountMinor: 990 },
  ],
  taxRates: [
    { country: 'DE', hundredths: 1_900 },
    { country: '*', hundredths: 500 },
  ],
  taxIncluded: true,
};
const order = { linesMinor: 10_000, currency: 'EUR', country: 'DE' };

describe('what an order costs beside its lines', () => {
  test('is nothing where nothing is configured', () => {
    expect(totalsBy(noTerms, order)).toEqual(plainTotals(10_000));
    expect(totalOf(plainTotals(10_000))).toBe(10_000);
  });

  test.each([
    // 10490 × 19 ÷ 119 = 1674.87, and on top 10490 × 0.19 = 1993.1
    ['tax included', terms, order, { shippingMinor: 490, taxMinor: 1_675 }, 10_490],
    ['tax on top', { ...terms, taxIncluded: false }, order, { shippingMinor: 490, taxMinor: 1_993 }, 12_483],
    ['another country', terms, { ...order, country: 'FR' }, { shippingMinor: 990, taxMinor: 523 }, 10_990],
    ['nothing to ship', terms, { ...order, country: null }, { shippingMinor: 0, taxMinor: 476 }, 10_000],
    ['a currency without a fee', terms, { ...order, currency: 'USD' }, { shippingMinor: 0, taxMinor: 1_597 }, 10_000],
    // 250 × 0.05 = 12.5, which is rounded up.
    [
      'half a unit',
      { ...terms, taxIncluded: false },
      { linesMinor: 250, currency: 'USD', country: null },
      { shippingMinor: 0, taxMinor: 13 },
      263,
    ],
  ])('%s', (_what, given, asked, expected, total) => {
    const totals = totalsBy(given, asked);
    expect(totals).toMatchObject({ ...expected, linesMinor: asked.linesMinor, discountMinor: 0 });
    expect(totalOf(totals)).toBe(total);
  });

  test('included, the tax never changes the total; and net, tax and rate agree within half a unit', () => {
    const amount = fc.integer({ min: 0, max: 99_999_999 });
    fc.assert(
      fc.property(amount, fc.integer({ min: 0, max: 9_999 }), fc.boolean(), (linesMinor, hundredths, taxIncluded) => {
        const totals = totalsBy(
          { shippingFees: [], taxRates: [{ country: '*', hundredths }], taxIncluded },
          { linesMinor, currency: 'EUR', country: null },
        );
        expect(flawOf(totals, { linesMinor })).toBeNull();
        const net = taxIncluded ? linesMinor - totals.taxMinor : linesMinor;
        expect(totalOf(totals)).toBe(taxIncluded ? linesMinor : linesMinor + totals.taxMinor);
        // What is rounded is the tax: by at most half a unit, of the gross amount where that is what is given.
        const scale = taxIncluded ? 1 + hundredths / 10_000 : 1;
        expect(Math.abs(totals.taxMinor - (net * hundredths) / 10_000)).toBeLessThanOrEqual(0.5 * scale + 1e-6);
      }),
    );
  });

  test.each([
    ['a negative amount', { shippingMinor: -1 }],
    ['half a unit', { taxMinor: 0.5 }],
    ['other lines', { linesMinor: 9 }],
    ['more discount than lines', { discountMinor: 11 }],
    ['more tax than the total that includes it', { taxMinor: 11 }],
  ])('is refused with %s', (_what, changed) => {
    expect(flawOf({ ...plainTotals(10), ...changed }, { linesMinor: 10 })).not.toBeNull();
  });
});

describe('what a part of an order was paid for', () => {
  const amount = fc.integer({ min: 0, max: 99_999_999 });
  const anyTotals = fc
    .record({
      linesMinor: amount,
      discount: fc.double({ min: 0, max: 1, noNaN: true }),
      shippingMinor: amount,
      taxMinor: amount,
      taxIncluded: fc.boolean(),
    })
    .map(({ discount, ...totals }) => ({ ...totals, discountMinor: Math.floor(totals.linesMinor * discount) }));
  const quantities = fc.array(fc.integer({ min: 1, max: 50_000 }), { minLength: 1, maxLength: 12 });

  test('comes to the whole order, to the last cent, in whatever parts, and never less than nothing', () => {
    fc.assert(
      fc.property(anyTotals, quantities, (totals, parts) => {
        const whole = parts.reduce((sum, part) => sum + part, 0);
        let from = 0;
        const shares = parts.map((part) => {
          const share = shareOf(totals, { from, to: from + part, whole });
          from += part;
          return share;
        });
        const sum = (pick: (share: (typeof shares)[number]) => number): number =>
          shares.reduce((total, share) => total + pick(share), 0);
        expect(sum(({ amountMinor }) => amountMinor)).toBe(totalOf(totals));
        expect(sum(({ linesMinor }) => linesMinor)).toBe(totals.linesMinor);
        expect(sum(({ discountMinor }) => discountMinor)).toBe(totals.discountMinor);
        expect(sum(({ shippingMinor }) => shippingMinor)).toBe(totals.shippingMinor);
        expect(sum(({ taxMinor }) => taxMinor)).toBe(totals.taxMinor);
        expect(Math.min(...shares.map(({ amountMinor }) => amountMinor))).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test('is never less than nothing, however small it is beside a discount', () => {
    const totals = { ...plainTotals(107_357), discountMinor: 103_543 };
    const whole = 90_399;
    const amounts = Array.from({ length: 10 }, (_, index) =>
      shareOf(totals, { from: 40_394 + index, to: 40_395 + index, whole }),
    );
    expect(Math.min(...amounts.map(({ amountMinor }) => amountMinor))).toBeGreaterThanOrEqual(0);
  });

  test('is what it was worth: by its value, with its part of discount, shipping and tax', () => {
    const totals = { linesMinor: 3_000, discountMinor: 100, shippingMinor: 500, taxMinor: 646, taxIncluded: false };
    expect(shareOf(totals, { from: 0, to: 1_000, whole: 3_000 })).toEqual({
      ...{ linesMinor: 1_000, discountMinor: 33, shippingMinor: 167, taxMinor: 215, taxIncluded: false },
      amountMinor: 1_349,
    });
  });

  test('of free lines is by their units', () => {
    const totals = { ...plainTotals(0), shippingMinor: 490 };
    expect(shareOf(totals, { from: 1, to: 3, whole: 3 }).amountMinor).toBe(327);
  });

  test.each([
    [{ from: 2, to: 1, whole: 3 }],
    [{ from: 0, to: 4, whole: 3 }],
    [{ from: -1, to: 1, whole: 3 }],
    [{ from: 0, to: 0, whole: 0 }],
  ])('refuses %p', (stretch) => {
    expect(() => shareOf(plainTotals(3), stretch)).toThrow('stretch');
  });
});
