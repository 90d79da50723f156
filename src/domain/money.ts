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
