// What units of an order were sold for. What must stay true: units that follow each other come to the same as all of them at once.
import { lineTotalMinor } from './money.ts';
import { shareOf, type Totals } from './totals.ts';

export type Units = { sku: string; quantity: number };

/** `before`: the units that went before, so that all units together come to what the order cost, to the last cent. */
type Whole = { lines: readonly (Units & { unitPriceMinor: number })[]; totals: Totals; before: readonly Units[] };

/** Their price, with their share of discount, shipping and tax; minor units. */
export function shareOfUnits(items: readonly Units[], { lines, totals, before }: Whole): number {
  // Where all lines are free (and shipping is not) every unit weighs the same.
  const isFree = totals.linesMinor === 0;
  const weightOf = (units: readonly Units[]): number =>
    units.reduce((sum, { sku, quantity }) => {
      const unitPriceMinor = lines.find((line) => line.sku === sku)?.unitPriceMinor ?? 0;
      return sum + (isFree ? quantity : lineTotalMinor({ quantity, unitPriceMinor }));
    }, 0);
  const from = weightOf(before);
  return shareOf(totals, { from, to: from + weightOf(items), whole: weightOf(lines) }).amountMinor;
}
