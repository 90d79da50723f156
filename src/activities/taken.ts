// What a person has decided about. What must stay true: a decision is about what that person read, and about money as it then
// stood: what came to light afterwards needs another.
import type { Standing } from '../ports/payment.ts';

/**
 * Whether a person was told just this of the payment and took it as it is, and nothing has moved since. By its words, because what
 * contradicts our books (a refund that failed after all) moves nothing in them: time alone would hide what nobody has seen.
 */
export const isTaken = (standing: Standing | null, words: string): boolean =>
  standing?.isAcknowledged === true && standing.acknowledgedReason?.includes(words) === true;
