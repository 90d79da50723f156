// What an order's total is made of, and how a part of the order shares in it. What must stay true: every amount is an exact
// integer, the parts of an order come to the whole of it to the last cent, and nothing here is ever computed anew for an order
// that was placed: its amounts are frozen with it.

/**
 * The amounts beside the lines, in minor units, none negative: `totalMinor = linesMinor − discountMinor + shippingMinor`, and
 * `+ taxMinor` where tax comes on top. `taxIncluded`: the tax is a part of the prices, and is only said.
 */
export type Totals = {
  linesMinor: number;
  discountMinor: number;
  shippingMinor: number;
  taxMinor: number;
  taxIncluded: boolean;
};

/** For one currency and country (ISO 3166-1, or `*` for every other one, and for orders that name no address). */
export type ShippingFee = { currency: string; country: string; amountMinor: number };
/** `hundredths`: of a percent, so 1900 is 19 %. */
export type TaxRate = { country: string; hundredths: number };
export type PricingTerms = { shippingFees: readonly ShippingFee[]; taxRates: readonly TaxRate[]; taxIncluded: boolean };

/** Nothing configured: the total is the sum of the lines. */
export const noTerms: PricingTerms = { shippingFees: [], taxRates: [], taxIncluded: true };

const EVERY_OTHER = '*';
const WHOLE = 10_000n;

export const totalOf = ({ linesMinor, discountMinor, shippingMinor, taxMinor, taxIncluded }: Totals): number =>
  linesMinor - discountMinor + shippingMinor + (taxIncluded ? 0 : taxMinor);

export const plainTotals = (linesMinor: number): Totals => ({
  linesMinor,
  discountMinor: 0,
  shippingMinor: 0,
  taxMinor: 0,
  taxIncluded: true,
});

/**
 * By configured terms. `country`: where it is shipped to, null when nothing is to be shipped: then there is no fee. The tax is that of
 * lines and shipping together, computed once for the order and rounded half up to the minor unit.
 */
export function totalsBy(
  { shippingFees, taxRates, taxIncluded }: PricingTerms,
  { linesMinor, currency, country }: { linesMinor: number; currency: string; country: string | null },
): Totals {
  const fees = shippingFees.filter((fee) => fee.currency === currency);
  const shippingMinor = country === null ? 0 : (applying(fees, country)?.amountMinor ?? 0);
  const rate = applying(taxRates, country)?.hundredths ?? 0;
  const taxMinor = taxOf(linesMinor + shippingMinor, { rate, taxIncluded });
  return { linesMinor, discountMinor: 0, shippingMinor, taxMinor, taxIncluded };
}

const applying = <T extends { country: string }>(entries: readonly T[], country: string | null): T | undefined =>
  entries.find((entry) => entry.country === country) ?? entries.find((entry) => entry.country === EVERY_OTHER);

function taxOf(amountMinor: number, { rate, taxIncluded }: { rate: number; taxIncluded: boolean }): number {
  const hundredths = BigInt(rate);
  return roundHalfUp(BigInt(amountMinor) * hundredths, taxIncluded ? WHOLE + hundredths : WHOLE);
}

/** What is wrong with totals that somebody else made; null when nothing is. */
export function flawOf(totals: Totals, { linesMinor }: { linesMinor: number }): string | null {
  const { discountMinor, shippingMinor, taxMinor, taxIncluded } = totals;
  const amounts = Object.entries({ linesMinor: totals.linesMinor, discountMinor, shippingMinor, taxMinor });
  const odd = amounts.find(([, amount]) => !Number.isSafeInteger(amount) || amount < 0);
  if (odd) return `${odd[0]} must be a non-negative integer; found ${odd[1]}`;
  if (totals.linesMinor !== linesMinor) return `the lines come to ${linesMinor}; found ${totals.linesMinor}`;
  if (discountMinor > linesMinor) return `a discount of ${discountMinor} is more than the lines come to`;
  if (taxIncluded && taxMinor > totalOf(totals)) return `a tax of ${taxMinor} is more than the total that includes it`;
  return null;
}

/**
 * A stretch of the order, in what it weighs: the value of its lines, or its units where all lines are free. `from` is what went
 * before (has been given back already), so that stretches that touch come to the same as one over both.
 */
export type Stretch = { from: number; to: number; whole: number };

/** What a stretch of the order was paid for, in its amounts: all stretches together are the order, to the last cent. */
export function shareOf(totals: Totals, stretch: Stretch): Totals & { amountMinor: number } {
  const { from, to, whole } = stretch;
  if (!(0 <= from && from <= to && to <= whole && whole > 0))
    throw new Error(`Expected a stretch of the order; found ${from} to ${to} of ${whole}`);
  const share = (amountMinor: number): number => upTo(amountMinor, to, whole) - upTo(amountMinor, from, whole);
  const gross = {
    linesMinor: share(totals.linesMinor),
    discountMinor: 0,
    shippingMinor: share(totals.shippingMinor),
    taxMinor: share(totals.taxMinor),
    taxIncluded: totals.taxIncluded,
  };
  if (totals.discountMinor === 0) return { ...gross, amountMinor: totalOf(gross) };
  // The discount is what is left: rounded by itself, it could be more than the small stretch that it is a part of.
  const amountMinor = share(totalOf(totals));
  return { ...gross, discountMinor: totalOf(gross) - amountMinor, amountMinor };
}

const upTo = (amountMinor: number, weight: number, whole: number): number =>
  roundHalfUp(BigInt(amountMinor) * BigInt(weight), BigInt(whole));

/** Of non-negative amounts; in big integers, because products of two amounts are larger than an exact number. */
const roundHalfUp = (dividend: bigint, divisor: bigint): number => Number((2n * dividend + divisor) / (2n * divisor));
