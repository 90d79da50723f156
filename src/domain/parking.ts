// A reason as a workflow gives it has at most 500 characters, and so have the words of a try; events and cards show both.
const MAX_REASON_LENGTH = 1_000;

/**
 * Why a step is parked. When its last try got lost, Temporal knows only that time ran out: what the try before it said, which is
 * in our rows, is added.
 */
export function withLastWords(reason: string, lastWords: string | null): string {
  if (lastWords === null || reason.includes(lastWords)) return reason;
  return `${reason}; the last failed try on record said: ${lastWords}`.slice(0, MAX_REASON_LENGTH);
}
