// Pricings with one mistake each.
import { setTimeout as sleep } from 'node:timers/promises';
import { plainTotals } from '../../src/domain/totals.ts';
import type { OrderPricing } from '../../src/ports/pricing.ts';

let last = 0;

export const badPricings: Readonly<Record<string, { pricing: OrderPricing; fails: readonly string[] }>> = {
  'counts in fractions': {
    pricing: {
      totalsOf: ({ linesMinor }) => Promise.resolve({ ...plainTotals(linesMinor), taxMinor: linesMinor * 0.19 }),
    },
    fails: ['totals.sound'],
  },
  'takes minor units for whole ones': {
    pricing: {
      totalsOf: ({ linesMinor }) => Promise.resolve({ ...plainTotals(linesMinor), shippingMinor: 490_000_000 }),
    },
    fails: ['totals.chargeable', 'totals.no-fee-without-address'],
  },
  'counts its orders': {
    pricing: {
      totalsOf: ({ linesMinor }) =>
        Promise.resolve({ ...plainTotals(linesMinor), taxMinor: 0, shippingMinor: (last += 1) }),
    },
    fails: ['totals.no-fee-without-address', 'totals.own', 'totals.same-again'],
  },
  'asks somebody who is slow': {
    pricing: {
      totalsOf: async ({ country, currency, linesMinor }) => {
        if (country === 'US' && currency === 'BHD' && linesMinor === 1) await sleep(700);
        return plainTotals(linesMinor);
      },
    },
    fails: ['totals.quick'],
  },
  'takes a discount off an order that is free': {
    pricing: { totalsOf: ({ linesMinor }) => Promise.resolve({ ...plainTotals(linesMinor), discountMinor: 100 }) },
    fails: ['totals.sound'],
  },
};
