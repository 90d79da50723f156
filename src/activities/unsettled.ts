/**
 * How long after it was allowed a request may still reach a partner: its own limit (10 s at most), that of an attempt which nobody has ended
 * (40 s), and something for a process that hangs. What the partner does not show after that was not made.
 */
export const UNSETTLED_MS = 60_000;
