// When orders of an open loop are meant to come. Pure.

/**
 * The moments (ms from the start) at which they come, evenly over the time. A client's latency counts from them: an order that had to
 * wait for its turn, since those before were slow, has waited.
 */
export const arrivals = ({ perSecond, seconds }: { perSecond: number; seconds: number }): number[] =>
  Array.from({ length: Math.floor(perSecond * seconds) }, (_, index) => (index * 1_000) / perSecond);
