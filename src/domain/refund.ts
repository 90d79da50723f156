// What may be given back of a sold order, and how it is split over what was taken for it. What must stay true: together no more than
// what is left of the payments, and of a line no more units than were sold.
import { shareOfUnits, type Units } from './share.ts';
import type { Totals } from './totals.ts';

/** `abandoned`: given up, and nothing of it went back. */
export const refundStates = ['requested', 'completed', 'abandoned'] as const;
export type RefundState = (typeof refundStates)[number];

/** What is asked for: an amount, units of lines, or (neither) all that is left. */
export type RefundWish = { amountMinor?: number | undefined; items?: readonly Units[] | undefined };

/** What is known of the order when it is asked. Amounts in minor units. */
export type Refundable = {
  lines: readonly (Units & { unitPriceMinor: number })[];
  /** What its total is made of, frozen when it was placed. */
  totals: Totals;
  /** Units that earlier refunds, those that were given up apart, asked for. */
  refundedUnits: readonly Units[];
  /** Units whose money is captured so far; null: all of them, the order is not paid as it ships. */
  capturedUnits?: readonly Units[] | null;
  /** The order's captured payments: what is ours of each now, less what accepted refunds have not moved yet. */
  payments: readonly { ordinal: number; leftMinor: number }[];
};

/** What is known besides when we ask ourselves. Amounts in minor units, of the order's own payments. */
export type Owing = Refundable & {
  /** Accepted, and not moved yet. */
  underWayMinor: number;
  /** With a bank that has not decided for us. */
  disputedMinor: number;
  /** Units that are not with the customer, by our rows: never sent, never come, or sent back. Refunds of others are a person's. */
  absentUnits: readonly Units[];
  /** Given back by somebody else, or in a time that a restored database does not know: for what, our books do not say. */
  elsewhereMinor: number;
};

export type RefundPlan = {
  amountMinor: number;
  items: readonly Units[] | null;
  /** Each payment once, in the order of their ordinals; together the amount. */
  parts: readonly { ordinal: number; amountMinor: number }[];
};

export type RefundRefusal =
  | { refused: 'amount'; wantedMinor: number; leftMinor: number }
  | { refused: 'units'; sku: string; wanted: number; sold: number; refunded: number }
  /** Their money is authorized, and not captured before they ship: nothing can be given back of it. */
  | { refused: 'not-captured'; sku: string; wanted: number; captured: number };

/** What is to be given back of which payment, or why that is not possible. */
export function planRefund(wish: RefundWish, order: Refundable): RefundPlan | RefundRefusal {
  const items = wish.items ? merged(wish.items) : null;
  const tooMany = items?.map((item) => exceeding(item, order)).find((refusal) => refusal !== null);
  if (tooMany) return tooMany;
  const leftMinor = sumOf(order.payments.map((payment) => Math.max(0, payment.leftMinor)));
  const amountMinor = items
    ? shareOfUnits(items, { ...order, before: order.refundedUnits })
    : (wish.amountMinor ?? leftMinor);
  if (amountMinor <= 0 || amountMinor > leftMinor) return { refused: 'amount', wantedMinor: amountMinor, leftMinor };
  return { amountMinor, items, parts: split(amountMinor, order.payments) };
}

function exceeding(
  { sku, quantity }: Units,
  { lines, refundedUnits, capturedUnits }: Refundable,
): RefundRefusal | null {
  const sold = unitsOf(lines, sku);
  const refunded = unitsOf(refundedUnits, sku);
  if (quantity > sold - refunded) return { refused: 'units', sku, wanted: quantity, sold, refunded };
  const captured = capturedUnits ? unitsOf(capturedUnits, sku) - refunded : sold;
  return quantity <= captured ? null : { refused: 'not-captured', sku, wanted: quantity, captured };
}

/** Of these units, those that no earlier refund has asked for. */
const stillToRefund = (items: readonly Units[], { lines, refundedUnits }: Refundable): Units[] =>
  items
    .map(({ sku, quantity }) => ({
      sku,
      quantity: Math.min(quantity, unitsOf(lines, sku) - unitsOf(refundedUnits, sku)),
    }))
    .filter(({ quantity }) => quantity > 0);

/**
 * What is to be given back for units that do not come: never twice for the same unit, and no more than is left. Null where nothing is owed;
 * `undecided`: whether it was given back already, or will be, is for a person to say.
 */
export function planOwed(items: readonly Units[], order: Owing): RefundPlan | { undecided: string } | null {
  const unclear = items.find(({ sku }) => unitsOf(order.refundedUnits, sku) > unitsOf(order.absentUnits, sku));
  const open = stillToRefund(items, order);
  if (open.length === 0) return null;
  if (unclear) return { undecided: `units of ${unclear.sku} were refunded before, and whether for these is not known` };
  if (order.elsewhereMinor > 0)
    return { undecided: `${order.elsewhereMinor} were given back by others, and for what is not known` };
  const plan = planRefund({ items: open }, order);
  if (!('refused' in plan)) return plan;
  if (plan.refused === 'units') throw new Error(`Expected units that are still to be refunded; found ${plan.sku}`);
  if (plan.refused === 'not-captured')
    return {
      undecided: `${plan.wanted} units of ${plan.sku} were paid for, and the money of ${plan.captured} is captured so far`,
    };
  const { wantedMinor, leftMinor } = plan;
  if (wantedMinor === 0) return null;
  const why = `${wantedMinor} are to be given back, and ${leftMinor} are left`;
  if (order.disputedMinor > 0) return { undecided: `${why}: a bank holds ${order.disputedMinor}` };
  if (order.underWayMinor > 0) return { undecided: `${why}: refunds of ${order.underWayMinor} are under way` };
  return { undecided: `${why}: an amount was given back before, and whether for these units is not known` };
}

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
