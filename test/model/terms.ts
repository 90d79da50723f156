// The terms of the model's shop. Time passes in whole days, and no wait, or chain of waits, ends within hours of a whole one: so none ends
// while something else is under way, and both sides agree on what is over.
import type { Bounds } from '../../src/contracts/process-order.ts';

const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** More than this is reviewed. */
export const REVIEW_ABOVE_MINOR = 5_000;

/** How long everybody may take, in days. */
export const daysFor = {
  ...{ review: 1.5, customer: 0.1, packing: 2.7, dispatch: 1.6, delivery: 4.5 },
  ...{ backorder: 2.6, answer: 1.65, goods: 3.75 },
};

/** A carrier that says nothing is asked this often, in days; `seen` is somewhere between one look and the next. */
export const looks = { every: 1 / 3, seen: 0.2 };

const ms = (days: number): number => Math.round(days * DAY_MS);

export const bounds: Bounds = {
  providerOutageLimitMs: 12 * HOUR_MS,
  stepOutageLimitMs: 12 * HOUR_MS,
  undoAttempts: 20,
  providerPauses: { firstMs: 1_000, slowMs: 45_000 },
  // Longer than any sequence: reminders change nothing.
  parkedReminderMs: 400 * DAY_MS,
  customerWaitMs: ms(daysFor.customer),
  paymentRetryMs: 0,
  review: { escalateMs: ms(1.2), limitMs: ms(daysFor.review), onExpiry: 'reject' },
  shipping: {
    packingLimitMs: ms(daysFor.packing),
    dispatchLimitMs: ms(daysFor.dispatch),
    deliveryLimitMs: ms(daysFor.delivery),
    firstLookMs: ms(looks.every),
    slowLookMs: ms(looks.every),
  },
  backorderLimitMs: ms(daysFor.backorder),
};

export const limits = { approvalMs: ms(daysFor.answer), goodsMs: ms(daysFor.goods) };
