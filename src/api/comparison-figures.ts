// What the last comparison of the books says. What must stay true: "nothing is oversold" is only said by one that has looked at the
// stock, and not too long ago; what was found stays shown until somebody has looked again.
import type { Comparison } from '../ports/figures.ts';
import type { Family, Sample } from '../runtime/metric-text.ts';

// A comparison that fails now and then is made up for by the next. As the alert BooksNotCompared has it.
const INTERVALS = 3;
const SLACK_SECONDS = 600;
// Where nobody compares by a schedule, what was asked for is good for a day.
const DAY_SECONDS = 86_400;

/** Whether it can say that what it has not found is not there. */
export function isComparisonKnown({ completeSeconds, isTruncated, intervalSeconds }: Comparison): boolean {
  const limit = intervalSeconds === null ? DAY_SECONDS : INTERVALS * intervalSeconds + SLACK_SECONDS;
  return completeSeconds !== null && !isTruncated && completeSeconds <= limit;
}

export function comparisonFamilies(comparison: Comparison): Family[] {
  const { hasFailed, completeSeconds, isTruncated, drifts, unsoundProducts } = comparison;
  const { intervalSeconds, scheduledSeconds } = comparison;
  const ageSeconds = completeSeconds ?? scheduledSeconds;
  const saysStock = completeSeconds !== null && (unsoundProducts > 0 || isComparisonKnown(comparison));
  return [
    ...shown('reconciliation_interval_seconds', 'How often the books are to be compared', intervalSeconds),
    ...shown(
      'reconciliation_failed',
      'Whether the last comparison of the books could not be finished',
      hasFailed === null ? null : Number(hasFailed),
    ),
    ...shown(
      'reconciliation_age_seconds',
      'How long ago the books were last compared to the end; where they never were, since when they are to be',
      ageSeconds,
    ),
    ...(completeSeconds === null
      ? []
      : [
          gauge('reconciliation_truncated', 'Whether it found more than a report holds, and left the rest out', [
            { value: Number(isTruncated) },
          ]),
          gauge(
            'reconciliation_drifts',
            'What did not agree then, and what became of it',
            drifts.map(({ name, outcome, count }) => ({ labels: { name, outcome }, value: count })),
          ),
        ]),
    ...shown(
      'stock_unsound_products',
      'Products of a warehouse whose rows did not add up then; while it is 0 nothing is oversold',
      saysStock ? unsoundProducts : null,
    ),
  ];
}

const gauge = (name: string, help: string, samples: readonly Sample[]): Family => ({
  ...{ name, help, samples },
  type: 'gauge',
});

/** Absent where it is not known. */
const shown = (name: string, help: string, value: number | null): Family[] =>
  value === null ? [] : [gauge(name, help, [{ value }])];
