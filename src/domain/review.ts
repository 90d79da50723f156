// Which orders a person looks at before they are charged, by rules that a shop configures. Pure: who calls brings the facts.
import { sayAmount, sayUnits } from './sentence.ts';

/** What a reviewer can say. */
export const reviewDecisions = ['approve', 'reject'] as const;
export type ReviewDecision = (typeof reviewDecisions)[number];

/** `expired`: nobody decided in time; `cancelled`: the order ended before anybody did. */
export const reviewStates = ['pending', 'approved', 'rejected', 'expired', 'cancelled'] as const;
export type ReviewState = (typeof reviewStates)[number];

export const reviewRules = ['amount', 'first-order', 'units', 'velocity'] as const;
export type ReviewRule = (typeof reviewRules)[number];
/** Why an order is reviewed, in words that name nobody. */
export type ReviewReason = { rule: ReviewRule; message: string };

/** Amounts in minor units by currency: a currency that is not named has no limit. */
export type AmountLimits = Readonly<Record<string, number>>;

/** A rule that is null asks about nothing. */
export type ReviewRules = {
  /** More than this. */
  aboveMinor: AmountLimits | null;
  /** The first order of a customer: any, or above an amount. Who has never had one confirmed is new. */
  firstOrder: 'any' | AmountLimits | null;
  /** More units than this, of all lines together. */
  unitsAbove: number | null;
  /** More than `orders` of one customer within `windowMs`, this one counted. */
  velocity: { orders: number; windowMs: number } | null;
};

/** What the rules look at; `isFirst` and `recentOrders` (this one among them) only where a rule asks, else null. */
export type ReviewFacts = {
  currency: string;
  totalMinor: number;
  units: number;
  isFirst: boolean | null;
  recentOrders: number | null;
};

/** How long a review may take, and what its end comes to when nobody decides. */
export type ReviewTimes = {
  /** After this a second group decides; at or above `limitMs`: never. */
  escalateMs: number;
  limitMs: number;
  onExpiry: ReviewDecision;
};

/** For an order that was accepted by an api that did not know of reviews yet. */
export const DEFAULT_REVIEW_TIMES: ReviewTimes = {
  escalateMs: 24 * 3_600_000,
  limitMs: 72 * 3_600_000,
  onExpiry: 'reject',
};

/** A review as the order shows it. Instants are ISO strings. */
export type Review = {
  state: ReviewState;
  reasons: readonly ReviewReason[];
  requestedAt: string;
  until: string;
  escalatedAt: string | null;
  decidedAt: string | null;
  decidedBy: string | null;
  reason: string | null;
};

/** Which of the facts about the customer a rule asks for, given what is known of the order itself. */
export const asksFor = (
  { firstOrder, velocity }: ReviewRules,
  { currency, totalMinor }: Pick<ReviewFacts, 'currency' | 'totalMinor'>,
): { isFirst: boolean; recentWithinMs: number | null } => ({
  isFirst: firstOrder === 'any' || isAbove(firstOrder, { currency, totalMinor }),
  recentWithinMs: velocity?.windowMs ?? null,
});

/** Why somebody has to look at the order; none: nobody has to. */
export function reasonsToReview(facts: ReviewFacts, rules: ReviewRules): ReviewReason[] {
  const { currency, totalMinor, units, isFirst, recentOrders } = facts;
  const { aboveMinor, firstOrder, unitsAbove, velocity } = rules;
  const reasons: ReviewReason[] = [];
  if (isAbove(aboveMinor, facts)) {
    const limit = sayAmount(aboveMinor?.[currency] ?? 0, currency);
    reasons.push({ rule: 'amount', message: `${sayAmount(totalMinor, currency)} is more than ${limit}` });
  }
  if (isFirst === true && (firstOrder === 'any' || isAbove(firstOrder, facts)))
    reasons.push({ rule: 'first-order', message: 'The customer has had no order confirmed before' });
  if (unitsAbove !== null && units > unitsAbove)
    reasons.push({ rule: 'units', message: `${sayUnits(units)} are more than ${unitsAbove}` });
  if (velocity && recentOrders !== null && recentOrders > velocity.orders) {
    const span = `${Math.round(velocity.windowMs / 1_000)} s`;
    reasons.push({
      rule: 'velocity',
      message: `More than ${velocity.orders} orders of the customer within ${span}`,
    });
  }
  return reasons;
}

function isAbove(
  limits: AmountLimits | 'any' | null,
  { currency, totalMinor }: Pick<ReviewFacts, 'currency' | 'totalMinor'>,
): boolean {
  if (limits === null || limits === 'any') return false;
  const limit = limits[currency];
  return limit !== undefined && totalMinor > limit;
}
