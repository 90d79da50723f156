/** The largest amount an order may have: Stripe's own ceiling for a charge (eight digits). */
export const MAX_TOTAL_MINOR = 99_999_999;

/** Unit price times quantity. Throws when the result is not an exact integer: money is never rounded by accident. */
export function lineTotalMinor({ unitPriceMinor, quantity }: { unitPriceMinor: number; quantity: number }): number {
  const total = unitPriceMinor * quantity;
  if (!Number.isSafeInteger(total) || total < 0) {
    throw new Error(
      `A line total must be a safe, non-negative integer; found ${unitPriceMinor} × ${quantity} = ${total}`,
    );
  }
  return total;
}

// As the provider counts them, which is not what Intl shows by itself: that has none for HUF, and our amounts have two.
const withoutMinor = new Set('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' '));
const withThousandths = new Set('BHD JOD KWD OMR TND'.split(' '));

/** How many digits of an amount are behind the point. ISK and UGX have none, and are counted in hundredths all the same. */
export const minorDigits = (currency: string): number =>
  withoutMinor.has(currency) ? 0 : withThousandths.has(currency) ? 3 : 2;

/** The amount as people of the locale write it. */
export function formatMoney(amountMinor: number, currency: string, locale: string): string {
  const digits = minorDigits(currency);
  const options = {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  } as const;
  return new Intl.NumberFormat(locale, options).format(amountMinor / 10 ** digits);
}
