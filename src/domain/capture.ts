// When the money of an order is taken, and how much of it with which shipment. What must stay true: every unit is captured for once, and
// all captures of an order together are what it was sold for, to the last cent, less what is never shipped.
import { shareOfUnits, type Units } from './share.ts';
import type { Totals } from './totals.ts';

/** `per-shipment`: it is authorized when the order is placed, and captured as its shipments are handed over. */
export const capturePolicies = ['at-confirm', 'per-shipment'] as const;
export type CapturePolicy = (typeof capturePolicies)[number];

/** An order as far as its captures go; the same sku may be there several times. */
export type Capturable = {
  lines: readonly (Units & { unitPriceMinor: number })[];
  totals: Totals;
  /** Units that are captured for, are to be, or were given up: in the order in which they left. */
  asked: readonly Units[];
  /** Units that are sold, or waited for, and stand in none of those. */
  toCome: readonly Units[];
};

/** What is captured for units that leave now. */
export const captureFor = (units: readonly Units[], { lines, totals, asked }: Capturable): number =>
  shareOfUnits(units, { lines, totals, before: asked });

/** What is captured at once where there is no other time for it: for all that is still to come. */
export const captureForRest = (order: Capturable): number => captureFor(order.toCome, order);

/** Whether the provider may release what is left after it: nothing of the order is still to be captured. */
export const isLastCapture = ({ toCome }: Pick<Capturable, 'toCome'>): boolean =>
  toCome.every(({ quantity }) => quantity === 0);
