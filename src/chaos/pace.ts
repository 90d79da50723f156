// When the next orders are due.

/** Above it nothing new is sent: what is not answered yet is sent again instead. */
export const MOST_UNANSWERED = 200;
/** A dev server of Temporal that has hundreds of orders to catch up with, on few cores, catches up with none. */
export const MOST_IN_FLIGHT = 150;

export type Pace = {
  set: (perSecond: number, nowMs: number) => void;
  /** How many are due now; what is missed while too many have no answer, or are in flight, is not made up for. */
  take: (nowMs: number, open: { unanswered: number; inFlight: number }) => number;
};

export function createPace(): Pace {
  let perSecond = 0;
  let due = 0;
  let last = 0;
  return {
    set: (wanted, nowMs) => {
      perSecond = wanted;
      due = 0;
      last = nowMs;
    },
    take: (nowMs, { unanswered, inFlight }) => {
      due += (Math.max(0, nowMs - last) / 1_000) * perSecond;
      last = nowMs;
      const room = inFlight >= MOST_IN_FLIGHT ? 0 : Math.max(0, MOST_UNANSWERED - unanswered);
      // A clock that jumps, or a machine that slept, must not send a minute's worth at once.
      const count = Math.min(Math.floor(due), room, Math.max(1, perSecond));
      due = count < Math.floor(due) ? 0 : due - count;
      return count;
    },
  };
}
