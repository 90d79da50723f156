// Settings of reviews: which orders a person looks at before they are charged (the worker's), and how long that may take (the
// api's, because it travels with each order). None by default: then nobody looks at any.
import { z } from 'zod';

const count = z.coerce.number().int().positive();
const milliseconds = z.coerce.number().int().positive();
// Stock is held meanwhile: nobody may keep it from others for ever.
const MAX_LIMIT_MS = 14 * 24 * 3_600_000;
const MAX_WINDOW_MS = 90 * 24 * 3_600_000;
const MAX_ORDERS = 10_000;
const EXPECTED = 'expected amounts in minor units by currency, e.g. EUR:50000,USD:60000';

/** `EUR:50000,USD:60000` as amounts by currency; each currency once. */
const amounts = z.string().transform((text, context): Record<string, number> => {
  const pairs = text.split(',').map((part) => /^([A-Z]{3}):(\d{1,15})$/.exec(part.trim()));
  const entries = pairs.flatMap((pair) => (pair ? [[pair[1] ?? '', Number(pair[2])] as const] : []));
  if (entries.length < pairs.length || new Set(entries.map(([currency]) => currency)).size < entries.length)
    context.addIssue({ code: 'custom', message: `${EXPECTED}, each currency once` });
  return Object.fromEntries(entries);
});

/** Travels in the workflow's input. */
export const reviewBounds = {
  /** After this a second group of reviewers has to decide. */
  REVIEW_ESCALATE_MS: milliseconds.default(24 * 3_600_000),
  REVIEW_LIMIT_MS: milliseconds.max(MAX_LIMIT_MS).default(72 * 3_600_000),
  /** What becomes of an order about which nobody decides in time. */
  REVIEW_ON_EXPIRY: z.enum(['approve', 'reject']).default('reject'),
};

/** Which orders are reviewed; all of them are looked at by every rule that is set. */
export const reviewRules = {
  REVIEW_ABOVE_MINOR: amounts.optional(),
  /** `any`: every customer's first; or the first above an amount. */
  REVIEW_FIRST_ORDER: z.union([z.literal('any'), amounts], { error: `${EXPECTED}, or any` }).optional(),
  REVIEW_UNITS_ABOVE: count.optional(),
  /** More orders of one customer than this within the window. */
  REVIEW_ORDERS_ABOVE: count.max(MAX_ORDERS).optional(),
  REVIEW_ORDERS_WINDOW_MS: milliseconds.max(MAX_WINDOW_MS).default(3_600_000),
};

type Bounds = z.infer<z.ZodObject<typeof reviewBounds>>;
type Rules = z.infer<z.ZodObject<typeof reviewRules>>;

/** What is wrong with the bounds together, or null. */
export const conflictOf = ({ REVIEW_ESCALATE_MS, REVIEW_LIMIT_MS }: Bounds): string | null =>
  REVIEW_ESCALATE_MS < REVIEW_LIMIT_MS
    ? null
    : 'REVIEW_ESCALATE_MS: must be shorter than REVIEW_LIMIT_MS, or nobody would have time to decide after it';

/** The rules as the domain wants them; null when none is set, so that nothing is asked of any order. */
export function toReviewRules(settings: Rules) {
  const { REVIEW_ABOVE_MINOR: above, REVIEW_FIRST_ORDER: first, REVIEW_UNITS_ABOVE: units } = settings;
  const { REVIEW_ORDERS_ABOVE: orders, REVIEW_ORDERS_WINDOW_MS: windowMs } = settings;
  if ([above, first, units, orders].every((setting) => setting === undefined)) return null;
  return {
    aboveMinor: above ?? null,
    firstOrder: first ?? null,
    unitsAbove: units ?? null,
    velocity: orders === undefined ? null : { orders, windowMs },
  };
}
