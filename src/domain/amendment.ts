// Changing an order that is sold and not packed yet: what it would be then, and what that means for stock. What must stay true: lines
// that stay keep their price, and no more comes back than was bought.
import type { Allocated } from './allocation.ts';
import {
  compareSkus,
  mergeLines,
  priceLines,
  type CatalogueEntry,
  type PricedLine,
  type PricedLines,
  type Pricing,
  type RequestedLine,
} from './pricing.ts';
import { RejectionCode, type Rejection } from './rejection.ts';
import type { Totals } from './totals.ts';

export const amendmentStates = ['pending', 'applied', 'refused'] as const;
export type AmendmentState = (typeof amendmentStates)[number];

/** What an order is made of, and what it costs; amounts in minor units. */
export type AmendedOrder = { totalMinor: number; totals: Totals; items: readonly PricedLine[] };

/** The order with other lines: those that it has already at the price they were sold for, the others at the catalogue's. */
export function amendLines(
  wanted: readonly RequestedLine[],
  { items, currency }: { items: readonly PricedLine[]; currency: string },
  catalogue: readonly CatalogueEntry[],
): Pricing<PricedLines> {
  const kept = items.map(({ sku, name, unitPriceMinor }) => ({ sku, name, priceMinor: unitPriceMinor, currency }));
  const known = new Set(kept.map(({ sku }) => sku));
  const priced = priceLines(mergeLines(wanted), [...kept, ...catalogue.filter(({ sku }) => !known.has(sku))]);
  if ('priced' in priced && priced.priced.currency !== currency)
    return { refused: { reason: 'mixed-currencies', currencies: [currency, priced.priced.currency].sort() } };
  return priced;
}

/** Units that are to be bought beside those there are, and units that are to come back; by sku, in its order. */
export function changesBetween(
  before: readonly RequestedLine[],
  after: readonly RequestedLine[],
): { added: RequestedLine[]; removed: RequestedLine[] } {
  const unitsIn = (lines: readonly RequestedLine[], sku: string): number =>
    lines.find((line) => line.sku === sku)?.quantity ?? 0;
  const skus = [...new Set([...before, ...after].map(({ sku }) => sku))].sort(compareSkus);
  const changed = skus.map((sku) => ({ sku, quantity: unitsIn(after, sku) - unitsIn(before, sku) }));
  return {
    added: changed.filter(({ quantity }) => quantity > 0),
    removed: changed.filter(({ quantity }) => quantity < 0).map(({ sku, quantity }) => ({ sku, quantity: -quantity })),
  };
}

/** Units of a product that the order has from a warehouse; of warehouses with a higher `priority` number less is wanted. */
export type Sold = Allocated & { priority: number };

/** Where units go back to: the warehouse that comes last first, so that its parcel may be spared. Throws when too few were sold. */
export function takeBack(removed: readonly RequestedLine[], sold: readonly Sold[]): Allocated[] {
  const lastFirst = [...sold].sort(
    (one, other) => other.priority - one.priority || compareSkus(other.warehouse, one.warehouse),
  );
  return removed.flatMap(({ sku, quantity }) => {
    let missing = quantity;
    const back = lastFirst
      .filter((row) => row.sku === sku)
      .map(({ warehouse, quantity: there }) => {
        const taken = Math.min(missing, there);
        missing -= taken;
        return { warehouse, sku, quantity: taken };
      });
    if (missing > 0) throw new Error(`Expected ${quantity} units of ${sku} to be sold; found ${quantity - missing}`);
    return back.filter((row) => row.quantity > 0);
  });
}

/** The order has moved on: it is not what it was when the amendment was asked for. */
export const movedOn = (message: string): Rejection => ({ code: RejectionCode.orderMovedOn, message });
