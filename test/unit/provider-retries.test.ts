import { describe, expect, test } from '@jest/globals';
import { PROVIDER_PAUSES, retryWith, triesWithin } from '../../src/workflows/provider-retries.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** When each try begins if every one fails at once, as Temporal computes it from the policy. */
function startsOf(policy: ReturnType<typeof retryWith>, untilMs: number): number[] {
  const starts: number[] = [];
  for (let at = 0, tries = 0; at <= untilMs; tries += 1) {
    starts.push(at);
    at += Math.min(policy.initialInterval * policy.backoffCoefficient ** tries, policy.maximumInterval);
  }
  return starts;
}

describe('the retries of a provider call', () => {
  test('begin quickly, and cost at most 20 calls in ten minutes of outage', () => {
    const starts = startsOf(retryWith(PROVIDER_PAUSES), 10 * MINUTE);
    expect(starts.slice(0, 5)).toEqual([0, SECOND, 4 * SECOND, 13 * SECOND, 40 * SECOND]);
    // One more than tries: the first may get as far as its second call.
    expect(starts.length + 1).toBeLessThanOrEqual(20);
  });

  test('come back soon enough for all to go on within a minute', () => {
    expect(retryWith(PROVIDER_PAUSES).maximumInterval).toBeLessThan(MINUTE);
  });

  test.each([
    [0, PROVIDER_PAUSES],
    [3 * SECOND, PROVIDER_PAUSES],
    [4 * SECOND, PROVIDER_PAUSES],
    [8 * SECOND, PROVIDER_PAUSES],
    [41 * SECOND, PROVIDER_PAUSES],
    [12 * 60 * MINUTE, PROVIDER_PAUSES],
    [20 * SECOND, { firstMs: 500, slowMs: 500 }],
    [20 * SECOND, { firstMs: 500, slowMs: 100 }],
  ])('are counted for an undo as they fit into %d ms', (limitMs, pauses) => {
    expect(triesWithin(limitMs, pauses)).toBe(Math.max(startsOf(retryWith(pauses), limitMs).length, 2));
  });
});
