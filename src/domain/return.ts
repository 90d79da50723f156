// What may come back of a sold order, and what becomes of it. What must stay true: of a line no more units come back than a carrier
// has taken over (or, where nothing is shipped, than were sold), and none for which the money went back already.
import type { RefundRefusal } from './refund.ts';

export const ReturnStatus = {
  /** Somebody has to say whether it may come. */
  requested: 'requested',
  /** It may come: the goods are waited for. */
  approved: 'approved',
  rejected: 'rejected',
  /** The goods did not come in time. */
  expired: 'expired',
  /** They are here. What is to be given back for them is on its way. */
  received: 'received',
  /** It is given back, or it is said why it is not. */
  completed: 'completed',
} as const;
export type ReturnStatus = (typeof ReturnStatus)[keyof typeof ReturnStatus];
export const returnStatuses = Object.values(ReturnStatus);

/** The one table of legal transitions; the database refuses the others too (see the migrations). */
export const returnTransitions: Readonly<Record<ReturnStatus, readonly ReturnStatus[]>> = {
  requested: ['approved', 'rejected'],
  approved: ['received', 'expired'],
  rejected: [],
  expired: [],
  received: ['completed'],
  completed: [],
};

/** Nothing of it changes any more. */
export const isReturnOver = (status: ReturnStatus): boolean => returnTransitions[status].length === 0;

/** The goods are on their way or here: another order may be placed in their place. */
export const isExchangeable = (status: ReturnStatus): boolean =>
  status === 'approved' || status === 'received' || status === 'completed';

/** A customer asks by himself: whoever reads the order reads all of them. */
export const MAX_RETURNS = 100;

export const returnWishes = ['refund', 'exchange'] as const;
export type ReturnWish = (typeof returnWishes)[number];

/** What is done with units that came back: on the shelf again, or not. */
export const dispositions = ['restock', 'write_off'] as const;
export type Disposition = (typeof dispositions)[number];

type Units = { sku: string; quantity: number };
export type ReturnLine = Units & { reason: string | null };

/** What is known of the order when a return is asked for. The same sku may be there several times. */
export type Returnable = {
  sold: readonly Units[];
  /** What carriers have taken over; of an order that ships nothing, what was sold. */
  shipped: readonly Units[];
  /** What other returns ask for, or have brought. */
  returned: readonly Units[];
  /** For what the money went back, or is about to, without a return. */
  refunded: readonly Units[];
};

export type ReturnRefusal =
  | { refused: 'nothing-shipped' }
  | { refused: 'unknown-line'; sku: string }
  | { refused: 'units'; sku: string; wanted: number; left: number };

/** The lines of a return, by sku, each once; or why it is not possible. */
export function planReturn(
  items: readonly (Units & { reason?: string | undefined })[],
  order: Returnable,
): { lines: readonly ReturnLine[] } | ReturnRefusal {
  if (order.shipped.length === 0) return { refused: 'nothing-shipped' };
  const lines = mergeLines(items);
  const unknown = lines.find(({ sku }) => unitsOf(order.sold, sku) === 0);
  if (unknown) return { refused: 'unknown-line', sku: unknown.sku };
  for (const { sku, quantity } of lines) {
    const left = leftToReturn(order, sku);
    if (quantity > left) return { refused: 'units', sku, wanted: quantity, left };
  }
  return { lines };
}

/** How many units of each line may come back now; lines of which none may are left out. */
export const returnableUnits = (order: Returnable): Units[] =>
  [...new Set(order.sold.map(({ sku }) => sku))]
    .sort(byCode)
    .map((sku) => ({ sku, quantity: leftToReturn(order, sku) }))
    .filter(({ quantity }) => quantity > 0);

/** A unit whose money went back may be one that never left: then all that left can still come back. */
function leftToReturn({ sold, shipped, returned, refunded }: Returnable, sku: string): number {
  const paidFor = unitsOf(sold, sku) - unitsOf(refunded, sku);
  return Math.max(0, Math.min(unitsOf(shipped, sku), paidFor) - unitsOf(returned, sku));
}

const MAX_REASON_LENGTH = 500;

function mergeLines(items: readonly (Units & { reason?: string | undefined })[]): ReturnLine[] {
  return [...new Set(items.map(({ sku }) => sku))].sort(byCode).map((sku) => {
    const same = items.filter((item) => item.sku === sku);
    const reasons = [...new Set(same.flatMap(({ reason }) => reason ?? []))].join('; ').slice(0, MAX_REASON_LENGTH);
    return { sku, quantity: unitsOf(same, sku), reason: reasons === '' ? null : reasons };
  });
}

export type ReceivedLine = { sku: string; restocked: number; writtenOff: number };

/** What came of a return, by sku; or why it can not have come with it. Fewer than were asked for may, none more. */
export function planReceipt(
  items: readonly (Units & { disposition: Disposition })[],
  asked: readonly Units[],
): { lines: readonly ReceivedLine[] } | ReturnRefusal {
  const lines = [...new Set(items.map(({ sku }) => sku))].sort(byCode).map((sku) => {
    const as = (wanted: Disposition): number =>
      unitsOf(
        items.filter(({ disposition }) => disposition === wanted),
        sku,
      );
    return { sku, restocked: as('restock'), writtenOff: as('write_off') };
  });
  for (const { sku, restocked, writtenOff } of lines) {
    const left = unitsOf(asked, sku);
    if (left === 0) return { refused: 'unknown-line', sku };
    const wanted = restocked + writtenOff;
    if (wanted > left) return { refused: 'units', sku, wanted, left };
  }
  return { lines };
}

/** Why nothing is given back for what came. Final: and nothing is owed; otherwise a person has to say what is to become of it. */
export type NoRefund = { words: string; isFinal: boolean };

/** `isHeld`: a bank, or a refund that is under way, holds money of the order that may still be there again. */
export function noRefundFor(why: RefundRefusal | { refused: 'status' }, { isHeld }: { isHeld: boolean }): NoRefund {
  switch (why.refused) {
    case 'status':
      return { words: 'The order is not sold any more', isFinal: false };
    case 'units': {
      const { sku, wanted, sold, refunded } = why;
      const words = `${wanted} units of ${sku} came back: ${sold} were sold, ${refunded} of them refunded`;
      return { words, isFinal: false };
    }
    case 'not-captured': {
      const words = `${why.wanted} units of ${why.sku} came back, and the money of ${why.captured} of them is captured so far`;
      return { words, isFinal: false };
    }
    case 'amount': {
      const { wantedMinor, leftMinor } = why;
      if (wantedMinor === 0) return { words: 'What came back had cost nothing', isFinal: true };
      if (isHeld)
        return {
          words: `${wantedMinor} are due, and a bank or another refund holds money of the order`,
          isFinal: false,
        };
      if (leftMinor === 0) return { words: 'Nothing is left of what was paid: all of it went back', isFinal: true };
      return { words: `${wantedMinor} are due, ${leftMinor} are left to be refunded`, isFinal: false };
    }
  }
}

const unitsOf = (items: readonly Units[], sku: string): number =>
  items.filter((item) => item.sku === sku).reduce((sum, { quantity }) => sum + quantity, 0);

const byCode = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
