// What may be given back of a sold order, and how it is split over what was taken for it. What must stay true: together no more than
// what is left of the payments, and of a line no more units than were sold.
import { lineTotalMinor } from './money.ts';
import { shareOf, type Totals } from './totals.ts';

/** `abandoned`: given up, and nothing of it went back. */
export const refundStates = ['requested', 'completed', 'abandoned'] as const;
export type RefundState = (typeof refundStates)[number];

type Units = { sku: string; quantity: number };

/** What is asked for: an amount, units of lines, or (neither) all that is left. */
export type RefundWish = { amountMinor?: number | undefined; items?: readonly Units[] | undefined };

/** What is known of the order when it is asked. Amounts in minor units. */
export type Refundable = {
  lines: readonly (Units & { unitPriceMinor: number })[];
  /** What its total is made of, frozen when it was placed. */
  totals: Totals;
  /** Units that earlier refunds, those that were given up apart, asked for. */
  refundedUnits: readonly Units[];
  /** The order's captured payments: what is ours of each now, less what accepted refunds have not moved yet. */
  payments: readonly { ordinal: number; leftMinor: number }[];
};

export type RefundPlan = {
  amountMinor: number;
  items: readonly Units[] | null;
  /** Each payment once, in the order of their ordinals; together the amount. */
  parts: readonly { ordinal: number; amountMinor: number }[];
};

export type RefundRefusal =
  | { refused: 'amount'; wantedMinor: number; leftMinor: number }
  | { refused: 'units'; sku: string; wanted: number; sold: number; refunded: number };

/** What is to be given back of which payment, or why that is not possible. */
export function planRefund(wish: RefundWish, order: Refundable): RefundPlan | RefundRefusal {
  const items = wish.items ? merged(wish.items) : null;
  const tooMany = items?.map((item) => exceeding(item, order)).find((refusal) => refusal !== null);
  if (tooMany) return tooMany;
  const leftMinor = sumOf(order.payments.map((payment) => Math.max(0, payment.leftMinor)));
  const amountMinor = items ? priceOf(items, order) : (wish.amountMinor ?? leftMinor);
  if (amountMinor <= 0 || amountMinor > leftMinor) return { refused: 'amount', wantedMinor: amountMinor, leftMinor };
  return { amountMinor, items, parts: split(amountMinor, order.payments) };
}

/**
 * What the customer has paid for units of the order: their price, with their share of discount, shipping and tax. Behind the units that
 * went before, so that all units together come to what the order cost, to the last cent.
 */
function priceOf(items: readonly Units[], { lines, totals, refundedUnits }: Refundable): number {
  // Where all lines are free (and shipping is not) every unit weighs the same.
  const isFree = totals.linesMinor === 0;
  const weightOf = (units: readonly Units[]): number =>
    sumOf(
      units.map(({ sku, quantity }) => {
        const unitPriceMinor = lines.find((line) => line.sku === sku)?.unitPriceMinor ?? 0;
        return isFree ? quantity : lineTotalMinor({ quantity, unitPriceMinor });
      }),
    );
  const from = weightOf(refundedUnits);
  return shareOf(totals, { from, to: from + weightOf(items), whole: weightOf(lines) }).amountMinor;
}

function exceeding({ sku, quantity }: Units, { lines, refundedUnits }: Refundable): RefundRefusal | null {
  const sold = unitsOf(lines, sku);
  const refunded = unitsOf(refundedUnits, sku);
  return quantity <= sold - refunded ? null : { refused: 'units', sku, wanted: quantity, sold, refunded };
}

/** Of these units, those that no earlier refund has asked for. */
export const stillToRefund = (items: readonly Units[], { lines, refundedUnits }: Refundable): Units[] =>
  items
    .map(({ sku, quantity }) => ({
      sku,
      quantity: Math.min(quantity, unitsOf(lines, sku) - unitsOf(refundedUnits, sku)),
    }))
    .filter(({ quantity }) => quantity > 0);

/** The first payment first, as far as it goes: the fewest refunds. */
function split(amountMinor: number, payments: Refundable['payments']): RefundPlan['parts'] {
  const parts: { ordinal: number; amountMinor: number }[] = [];
  let missingMinor = amountMinor;
  for (const { ordinal, leftMinor } of [...payments].sort((one, other) => one.ordinal - other.ordinal)) {
    const partMinor = Math.min(missingMinor, Math.max(0, leftMinor));
    if (partMinor > 0) parts.push({ ordinal, amountMinor: partMinor });
    missingMinor -= partMinor;
  }
  return parts;
}

/** The same sku on several lines is one line, as when an order is placed. */
function merged(items: readonly Units[]): Units[] {
  const units = new Map<string, number>();
  for (const { sku, quantity } of items) units.set(sku, (units.get(sku) ?? 0) + quantity);
  return [...units].map(([sku, quantity]) => ({ sku, quantity })).sort((one, other) => (one.sku < other.sku ? -1 : 1));
}

const unitsOf = (items: readonly Units[], sku: string): number =>
  sumOf(items.filter((item) => item.sku === sku).map(({ quantity }) => quantity));

const sumOf = (amounts: readonly number[]): number => amounts.reduce((sum, amount) => sum + amount, 0);

/** What a sold order is worth now: what it was sold for, less what operators have had given back. */
export const worthNowMinor = (totalMinor: number, refunds: readonly { movedMinor: number }[]): number =>
  totalMinor - sumOf(refunds.map(({ movedMinor }) => movedMinor));
