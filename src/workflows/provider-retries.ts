// When a provider call whose outcome is unknown is tried again: a few quick tries for a hiccup, then slow ones at a fixed
// pace for an outage, until the order parks. Pure, so that a test can count the calls over any policy.
import type { ProviderPauses } from '../contracts/process-order.ts';

/**
 * Quick: 1 s, 3 s, 9 s, 27 s. Slow: 45 s. Together 17 tries in ten minutes of outage, below the 20 calls that an order may
 * cost a provider that is ill; and when it is well again the last order comes back within 45 s, below the 60 s in which all
 * have to go on.
 */
export const PROVIDER_PAUSES: ProviderPauses = { firstMs: 1_000, slowMs: 45_000 };

const GROWTH = 3;

/** The retry policy with these pauses; unbounded, unless `maximumAttempts` is added. */
export const retryWith = ({ firstMs, slowMs }: ProviderPauses) =>
  ({ initialInterval: firstMs, backoffCoefficient: GROWTH, maximumInterval: Math.max(firstMs, slowMs) }) as const;

/** How many tries begin within `limitMs` when each fails at once: at least two, or a bound would forbid any retry. */
export function triesWithin(limitMs: number, pauses: ProviderPauses): number {
  const { initialInterval, backoffCoefficient, maximumInterval } = retryWith(pauses);
  let tries = 1;
  let at = 0;
  for (let pause: number = initialInterval; pause < maximumInterval; pause *= backoffCoefficient) {
    if (at + pause > limitMs) return Math.max(tries, 2);
    at += pause;
    tries += 1;
  }
  return Math.max(tries + Math.floor((limitMs - at) / maximumInterval), 2);
}
