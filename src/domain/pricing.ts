import { lineTotalMinor, MAX_TOTAL_MINOR } from './money.ts';
import { totalOf, type Totals } from './totals.ts';

/** What a customer asks for. Prices are never among it: they come from the catalogue. */
export type RequestedLine = { sku: string; quantity: number };
export type CatalogueEntry = { sku: string; name: string; priceMinor: number; currency: string };
export type PricedLine = { sku: string; name: string; quantity: number; unitPriceMinor: number };

/** Why an order can not be priced. `sku` names the first line at fault where there is one. */
export type PricingRefusal =
  | { reason: 'unknown-sku'; skus: readonly string[] }
  | { reason: 'mixed-currencies'; currencies: readonly string[] }
  | { reason: 'quantity-too-large'; sku: string }
  | { reason: 'total-too-large'; totalMinor: number };

export type PricedLines = { currency: string; linesMinor: number; lines: readonly PricedLine[] };
export type PricedOrder = { currency: string; totalMinor: number; totals: Totals; lines: readonly PricedLine[] };
export type Pricing<T> = { priced: T } | { refused: PricingRefusal };

/** The contract's bound for one SKU of an order, also after lines of the same SKU were merged. */
export const MAX_QUANTITY = 10_000;

/**
 * Lines of the same SKU become one, in SKU order. The order matters beyond tidiness: every transaction that locks
 * stock does it in this order, so two carts can not wait for each other.
 */
export function mergeLines(lines: readonly RequestedLine[]): RequestedLine[] {
  const quantities = new Map<string, number>();
  for (const { sku, quantity } of lines) quantities.set(sku, (quantities.get(sku) ?? 0) + quantity);
  return [...quantities].map(([sku, quantity]) => ({ sku, quantity })).sort((a, b) => compareSkus(a.sku, b.sku));
}

/** Code-unit order, the same in every process whatever its locale. */
export const compareSkus = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Prices merged lines from the catalogue: their sum in minor units, or the reason why there is none. */
export function priceLines(
  lines: readonly RequestedLine[],
  catalogue: readonly CatalogueEntry[],
): Pricing<PricedLines> {
  const entries = new Map(catalogue.map((entry) => [entry.sku, entry]));
  const unknown = lines.filter(({ sku }) => !entries.has(sku)).map(({ sku }) => sku);
  if (unknown.length > 0) return { refused: { reason: 'unknown-sku', skus: unknown } };

  const tooMany = lines.find(({ quantity }) => quantity > MAX_QUANTITY);
  if (tooMany) return { refused: { reason: 'quantity-too-large', sku: tooMany.sku } };

  const used = lines.flatMap(({ sku }) => entries.get(sku) ?? []);
  const currencies = [...new Set(used.map(({ currency }) => currency))].sort();
  const [currency] = currencies;
  if (currency === undefined) throw new Error('An order needs at least one line; found none');
  if (currencies.length > 1) return { refused: { reason: 'mixed-currencies', currencies } };

  const priced = lines.flatMap(({ sku, quantity }) => {
    const entry = entries.get(sku);
    return entry ? [{ sku, name: entry.name, quantity, unitPriceMinor: entry.priceMinor }] : [];
  });
  const linesMinor = priced.reduce((sum, line) => sum + lineTotalMinor(line), 0);
  if (linesMinor > MAX_TOTAL_MINOR) return { refused: { reason: 'total-too-large', totalMinor: linesMinor } };
  return { priced: { currency, linesMinor, lines: priced } };
}

/** The order with all that it costs, unless that is more than can be charged. */
export function priceOrder({ currency, lines }: PricedLines, totals: Totals): Pricing<PricedOrder> {
  const totalMinor = totalOf(totals);
  if (totalMinor > MAX_TOTAL_MINOR) return { refused: { reason: 'total-too-large', totalMinor } };
  return { priced: { currency, totalMinor, totals, lines } };
}
